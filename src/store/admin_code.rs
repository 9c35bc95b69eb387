//! The one-time code whose first sender becomes an admin: its form, its hash, and who guessed wrong.
//!
//! A code is 100 random bits, so plain SHA-256 is the right hash, and nobody can guess it; wrong
//! guesses are counted all the same, so that trying costs more than it can ever give.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::api_keys::Hash;
use super::{Read, StoreError, TableDefinition, Tx};
use crate::hidden::Hidden;
use crate::ids::UserId;

/// The name of the table, which is in no backup: a code that was used must not come back.
pub const TABLE: &str = "admin-code";

/// The only row, under [`ROW`], as JSON: at most [`GUESSES`] people in it.
const CODE: TableDefinition<&str, &[u8]> = TableDefinition::new("admin-code");

const ROW: &str = "code";

/// How long a code counts: a day is enough to find one's telephone.
pub const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Wrong guesses of one person, who is not listened to after them.
const GUESSES_OF_ONE: u32 = 5;

/// Wrong guesses of all people, after which the code is void.
const GUESSES: u32 = 500;

/// What codes begin with, so that a message with one is recognised whatever else the bot does.
const PREFIX: &str = "admin";

/// Letters of the code behind that; five bits each.
const LETTERS: usize = 20;

/// Crockford's digits: no letter looks like another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Longer texts are no code, and are not looked through.
const LONGEST: usize = 64;

/// A code, to be shown once to whoever runs the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(Hidden<String>);

impl Code {
    /// The code of these bits, which have to be random.
    pub fn of(bits: [u8; LETTERS]) -> Self {
        let letters = bits.map(|bits| char::from(ALPHABET[usize::from(bits % 32)]));
        Self(Hidden::new(letters.iter().collect()))
    }

    /// Reads what somebody sent: large letters, other dashes and the likes of `O` for `0` are fine.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST || !text.is_ascii() {
            return None;
        }
        let text = text.to_ascii_lowercase();
        let rest = text.strip_prefix(PREFIX)?;
        let letters = rest.bytes().filter(|byte| *byte != b'-').map(letter);
        let letters: String = letters.collect::<Option<_>>()?;
        (letters.len() == LETTERS).then(|| Self(Hidden::new(letters)))
    }

    /// The text to be shown, which fits a link: `admin-k7m2p-…`.
    pub fn expose(&self) -> String {
        let letters = self.0.reveal().as_bytes();
        let groups = letters.chunks(5).map(String::from_utf8_lossy);
        groups.fold(PREFIX.to_owned(), |text, group| format!("{text}-{group}"))
    }

    /// What the database keeps of it.
    pub fn hash(&self) -> Hash {
        Hash::of(self.0.reveal())
    }
}

fn letter(byte: u8) -> Option<char> {
    let meant = match byte {
        b'o' => b'0',
        b'i' | b'l' => b'1',
        other => other,
    };
    ALPHABET.contains(&meant).then_some(char::from(meant))
}

#[derive(Serialize, Deserialize)]
struct Row {
    hash: Hash,
    until: Timestamp,
    /// Wrong guesses by person.
    #[serde(default)]
    guesses: BTreeMap<i64, u32>,
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(CODE).map(drop)
}

/// From now until `until` the code with this hash counts, and no other.
pub fn keep(tx: &Tx, hash: Hash, until: Timestamp) -> Result<(), StoreError> {
    save(tx, &Row { hash, until, guesses: BTreeMap::new() })
}

/// Whether `code`, sent by `by`, is the one that counts. If so it counts no more; if not, that is a
/// wrong guess.
pub fn redeem(tx: &Tx, code: &Code, by: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let Some(mut row) = find(tx)? else { return Ok(false) };
    if row.until <= now {
        remove(tx)?;
        return Ok(false);
    }
    let guesses = row.guesses.entry(by.0).or_default();
    if *guesses >= GUESSES_OF_ONE {
        return Ok(false);
    }
    if row.hash.is(&code.hash()) {
        remove(tx)?;
        return Ok(true);
    }
    *guesses += 1;
    if row.guesses.values().sum::<u32>() >= GUESSES {
        tx.after(|| log::warn!("too many wrong codes: the one-time code of the admin is void"));
        remove(tx)?;
    } else {
        save(tx, &row)?;
    }
    Ok(false)
}

/// Others could read `code`: if it is the one that counts, it counts no more.
pub fn was_seen(tx: &Tx, code: &Code) -> Result<(), StoreError> {
    match find(tx)? {
        Some(row) if row.hash.is(&code.hash()) => remove(tx),
        _ => Ok(()),
    }
}

fn find(read: &impl Read) -> Result<Option<Row>, StoreError> {
    let table = read.table(CODE)?;
    let row = table.get(ROW)?.map(|row| serde_json::from_slice(row.value()));
    row.transpose().map_err(|error| StoreError::Row(TABLE, error))
}

fn save(tx: &Tx, row: &Row) -> Result<(), StoreError> {
    let row = serde_json::to_vec(row).map_err(|error| StoreError::Row(TABLE, error))?;
    tx.table_mut(CODE)?.insert(ROW, &row[..])?;
    Ok(())
}

fn remove(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(CODE)?.remove(ROW).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("roost.redb"), |_| Ok(()), Box::new(drop));
        (folder, store.unwrap())
    }

    fn code(bits: u8) -> Code {
        Code::of([bits; LETTERS])
    }

    fn keep_in(store: &Store, bits: u8) {
        store.write(move |tx| keep(tx, code(bits).hash(), now() + LIFE)).unwrap();
    }

    fn tries(store: &Store, bits: u8, by: i64, at: Timestamp) -> bool {
        store.write(move |tx| redeem(tx, &code(bits), UserId(by), at)).unwrap()
    }

    #[test]
    fn a_code_is_read_however_somebody_types_it() {
        let code = Code::of(std::array::from_fn(|place| u8::try_from(place).unwrap() + 225));
        let text = code.expose();
        assert_eq!(text, "admin-12345-6789a-bcdef-ghjkm");
        for typed in [
            text.clone(),
            text.to_uppercase(),
            format!(" {text}\n"),
            text.replace('-', ""),
            text.replace('1', "l"),
            text.replace('1', "I"),
        ] {
            assert_eq!(Code::read(&typed).as_ref(), Some(&code), "{typed}");
        }
        let long = format!("admin{}{}", "-".repeat(60), &text[6..]);
        for other in ["", "admin", "admin-12345", "12345-6789a-bcdef-ghjkm", &text[1..], &long] {
            assert_eq!(Code::read(other), None, "{other}");
        }
        for wrong in [format!("{text}0"), text.replace('m', "u"), text.replace('m', "ь")] {
            assert_eq!(Code::read(&wrong), None, "{wrong}");
        }
        assert!(!format!("{code:?}").contains("12345"));
    }

    #[test]
    fn a_code_counts_once_and_for_a_day() {
        let (_folder, store) = store();
        assert!(!tries(&store, 1, 7, now()), "there is none");
        keep_in(&store, 1);
        assert!(!tries(&store, 2, 7, now()));
        assert!(tries(&store, 1, 8, now() + LIFE - SignedDuration::from_secs(1)));
        assert!(!tries(&store, 1, 7, now()), "it was used");
        keep_in(&store, 2);
        assert!(!tries(&store, 2, 7, now() + LIFE), "too late");
        keep_in(&store, 3);
        keep_in(&store, 4);
        assert!(!tries(&store, 3, 7, now()), "a new one replaces it");
        assert!(tries(&store, 4, 7, now()));
    }

    #[test]
    fn whoever_guesses_is_not_listened_to_any_more_and_others_are() {
        let (_folder, store) = store();
        keep_in(&store, 1);
        (0..GUESSES_OF_ONE).for_each(|_| assert!(!tries(&store, 2, 7, now())));
        assert!(!tries(&store, 1, 7, now()), "right, but too late");
        assert!(tries(&store, 1, 8, now()));
    }

    #[test]
    fn a_code_many_people_guess_at_is_void_before_its_row_grows() {
        let (_folder, store) = store();
        keep_in(&store, 1);
        for person in 0..i64::from(GUESSES) {
            assert!(!tries(&store, 2, 100 + person, now()));
        }
        assert!(!tries(&store, 1, 8, now()));
        assert!(find(&store.snapshot().unwrap()).unwrap().is_none());
    }

    #[test]
    fn a_code_that_others_could_read_is_void() {
        let (_folder, store) = store();
        keep_in(&store, 1);
        store.write(|tx| was_seen(tx, &code(2))).unwrap();
        store.write(|tx| was_seen(tx, &code(1))).unwrap();
        assert!(!tries(&store, 1, 7, now()));
    }
}
