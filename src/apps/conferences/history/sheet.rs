//! A row of the history: an hour of several servers, as many as fit half a page of the file.
//!
//! A B-tree splits a page that is full in two halves, and rows that only ever come at its end leave
//! pages half full behind. Two of these rows fill a page, and a third begins the next.

use super::bits::{push_number, take_number};
use crate::apps::conferences::fleet::ServerId;

/// Bytes of a row, if more than one server is in it: redb's page of 4096, less what it keeps itself,
/// for two.
const SIZE: usize = 1_980;

/// What is known of one server, packed.
pub(super) type Share = (ServerId, Vec<u8>);

/// The rows of these servers, each with the one it begins with.
pub(super) fn rows(mut shares: Vec<Share>) -> Vec<Share> {
    shares.sort_by_key(|(server, _)| server.0);
    let mut rows: Vec<Share> = Vec::new();
    for (server, share) in shares {
        let mut entry = server.0.to_le_bytes().to_vec();
        push_number(share.len() as u64, &mut entry);
        entry.extend(share);
        match rows.last_mut() {
            Some((_, row)) if row.len() + entry.len() <= SIZE => row.extend(entry),
            _ => rows.push((server, entry)),
        }
    }
    rows
}

/// The servers of a row; whatever cannot be read ends it.
pub(super) fn shares(mut row: &[u8]) -> impl Iterator<Item = (ServerId, &[u8])> {
    std::iter::from_fn(move || {
        let (key, rest) = row.split_first_chunk()?;
        row = rest;
        let length = usize::try_from(take_number(&mut row)?).ok()?;
        let (share, rest) = row.split_at_checked(length)?;
        row = rest;
        Some((ServerId(u64::from_le_bytes(*key)), share))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_found_in_the_row_that_begins_before_them() {
        let share =
            |number: u64, length: usize| (ServerId(number), vec![number.to_le_bytes()[0]; length]);
        let all =
            vec![share(9, 900), share(2, 900), share(7, 1_000), share(30, 5_000), share(31, 0)];
        let rows = rows(all.clone());
        let begins: Vec<u64> = rows.iter().map(|(first, _)| first.0).collect();
        assert_eq!(begins, [2, 9, 30, 31], "sorted, and no more in each than fits");
        let mut found: Vec<Share> = rows
            .iter()
            .flat_map(|(_, row)| shares(row).map(|(server, share)| (server, share.to_vec())))
            .collect();
        let mut all = all;
        for list in [&mut found, &mut all] {
            list.sort_by_key(|(server, _)| server.0);
        }
        assert_eq!(found, all);
    }

    #[test]
    fn a_row_that_is_cut_ends_earlier() {
        let (_, row) = rows(vec![(ServerId(1), vec![1; 10]), (ServerId(2), vec![2; 10])]).remove(0);
        for (length, servers) in [(row.len(), 2), (row.len() - 1, 1), (9, 0), (0, 0)] {
            assert_eq!(shares(&row[..length]).count(), servers, "{length} bytes");
        }
    }
}
