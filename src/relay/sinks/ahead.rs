//! What a broker confirmed although it did not confirm something that comes before it.
//!
//! A topic that does not exist, or a key that leads to no queue, holds up the record that needs it,
//! while those behind it were on their way already. They are not sent again with it.

use std::collections::BTreeSet;

use crate::relay::sink::{Cause, Record, Trouble};

/// What became of records that were handed over.
pub struct Handed {
    /// For each of them, whether it was confirmed.
    pub taken: Vec<bool>,
    /// What happened to the first one that was not.
    pub cause: Option<Cause>,
}

/// Records confirmed ahead of one that waits, by their sequence.
#[derive(Default)]
pub struct Ahead {
    taken: BTreeSet<u64>,
    from: u64,
}

impl Ahead {
    /// Delivers `batch` through `hand_over`, leaving out what is confirmed already. While something
    /// is, the record that waits goes alone: more would get ahead of it otherwise.
    pub fn deliver(
        &mut self,
        batch: &[Record<'_>],
        mut hand_over: impl FnMut(&[Record<'_>]) -> Handed,
    ) -> Result<(), Trouble> {
        self.begin(batch);
        let open = batch.iter().filter(|record| !self.taken.contains(&record.sequence));
        let open: Vec<Record<'_>> = open.copied().collect();
        let alone = usize::from(!self.taken.is_empty()).min(open.len());
        let (first, rest) = open.split_at(alone);
        for part in [first, rest].into_iter().filter(|part| !part.is_empty()) {
            let handed = hand_over(part);
            let taken = part.iter().zip(&handed.taken).filter(|(_, taken)| **taken);
            self.taken.extend(taken.map(|(record, _)| record.sequence));
            if let Some(cause) = handed.cause {
                let is_taken = |record: &&Record<'_>| self.taken.contains(&record.sequence);
                return Err(Trouble {
                    confirmed: batch.iter().take_while(is_taken).count(),
                    cause,
                });
            }
        }
        self.taken.clear();
        Ok(())
    }

    /// Forgets what lies behind, and everything when the log is sent again from an earlier place.
    fn begin(&mut self, batch: &[Record<'_>]) {
        let first = batch.first().map_or(0, |record| record.sequence);
        if first < self.from {
            self.taken.clear();
        }
        self.from = first;
        self.taken = self.taken.split_off(&first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(sequence: u64) -> Record<'static> {
        Record {
            sequence,
            update_id: 0,
            kind: "message",
            chat: None,
            place: "",
            body: b"",
            content_type: "",
        }
    }

    /// Delivers the records from `from` to 5 to a broker that does not take `stuck`; what it was
    /// handed, call by call, and the outcome.
    fn delivers(ahead: &mut Ahead, from: u64, stuck: u64) -> (Vec<Vec<u64>>, Option<usize>) {
        let mut handed = Vec::new();
        let batch: Vec<Record<'_>> = (from..=5).map(record).collect();
        let outcome = ahead.deliver(&batch, |part| {
            handed.push(part.iter().map(|record| record.sequence).collect());
            let taken: Vec<bool> = part.iter().map(|record| record.sequence != stuck).collect();
            let cause = (!taken.iter().all(|taken| *taken)).then(|| Cause::again("stuck"));
            Handed { taken, cause }
        });
        (handed, outcome.err().map(|trouble| trouble.confirmed))
    }

    #[test]
    fn what_is_confirmed_is_not_sent_again_with_what_waits_before_it() {
        let ahead = &mut Ahead::default();
        assert_eq!(delivers(ahead, 1, 2), (vec![vec![1, 2, 3, 4, 5]], Some(1)));
        assert_eq!(delivers(ahead, 2, 2), (vec![vec![2]], Some(0)));
        assert_eq!(delivers(ahead, 2, 0), (vec![vec![2]], None));
        assert_eq!(delivers(ahead, 1, 0), (vec![vec![1, 2, 3, 4, 5]], None));
    }

    #[test]
    fn a_refused_record_is_left_out_and_a_replay_sends_everything() {
        let ahead = &mut Ahead::default();
        assert_eq!(delivers(ahead, 1, 2), (vec![vec![1, 2, 3, 4, 5]], Some(1)));
        assert_eq!(delivers(ahead, 3, 0), (vec![], None), "2 became a dead letter");
        assert_eq!(delivers(ahead, 1, 3), (vec![vec![1, 2, 3, 4, 5]], Some(2)));
        assert_eq!(delivers(ahead, 1, 0), (vec![vec![3]], None));
        assert_eq!(delivers(ahead, 3, 4), (vec![vec![3, 4, 5]], Some(1)));
        assert_eq!(delivers(ahead, 2, 0), (vec![vec![2, 3, 4, 5]], None), "a replay");
    }
}
