//! The programs that may use the API: the keys they show, kept as hashes.
//!
//! A key is 256 random bits, so plain SHA-256 is the right hash: nobody can try out keys, and a slow
//! hash, which is for passwords people choose, would only slow every request down.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Read, StoreError, TableDefinition, Tx};
use crate::hidden::Hidden;

/// Name → [`Row`] as JSON; at most [`MOST`].
const KEYS: TableDefinition<&str, &[u8]> = TableDefinition::new("api-keys");

/// More keys than anybody has programs; every request is compared with each.
const MOST: u64 = 100;

/// The longest name.
const NAME_MAX: usize = 64;

/// What keys begin with, so that people and scanners of leaked secrets know what they found.
const PREFIX: &str = "roost_";

/// How old "last used" may become before a request writes it anew: a write costs a commit.
const COARSE: SignedDuration = SignedDuration::from_hours(1);

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// One-time messages.
    Messages,
    /// The stored application configurations.
    Config,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Messages, Self::Config];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Config => "config",
        }
    }

    /// The scope that is written so.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A new key, to be shown once and kept nowhere.
#[derive(Clone, Debug)]
pub struct Token(Hidden<String>);

impl Token {
    /// The key of these bits, which have to be random.
    pub fn of(bits: [u8; 32]) -> Self {
        let hex = |text: String, byte: &u8| format!("{text}{byte:02x}");
        Self(Hidden::new(bits.iter().fold(PREFIX.to_owned(), hex)))
    }

    /// The text, for whoever asked for the key and for nobody else.
    pub fn expose(&self) -> &str {
        self.0.reveal()
    }

    /// What the database keeps of it.
    pub fn hash(&self) -> Hash {
        Hash::of(self.expose())
    }
}

/// SHA-256 of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of whatever somebody shows as a key.
    pub fn of(shown: &str) -> Self {
        Self(Sha256::digest(shown.as_bytes()).into())
    }

    /// Compared in constant time.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// A key as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// What its owner calls it.
    pub name: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, give or take an hour.
    pub used: Option<Timestamp>,
    hash: Hash,
}

impl ApiKey {
    /// Whether it opens `scope`.
    pub fn opens(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether its use at `now` is worth being written down.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.used.is_none_or(|used| now.duration_since(used) >= COARSE)
    }
}

#[derive(Serialize, Deserialize)]
struct Row {
    hash: Hash,
    scopes: Vec<Scope>,
    created: Timestamp,
    used: Option<Timestamp>,
}

/// Why there is no new key.
#[derive(Debug)]
pub enum NotAdded {
    /// The name is no name.
    Name,
    /// Another key has the name.
    Taken,
    /// There are as many as there may be.
    Full,
    /// The database.
    Store(StoreError),
}

impl From<StoreError> for NotAdded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for NotAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => write!(
                f,
                "a key needs a name of at most {NAME_MAX} letters, digits, `.`, `-` and `_`"
            ),
            Self::Taken => f.write_str(
                "there is a key of this name; choose another, or remove it with `roost api-key remove`",
            ),
            Self::Full => write!(f, "there are {MOST} keys already; remove one that nobody uses"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotAdded {}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(KEYS).map(drop)
}

/// Keeps the key with this hash.
pub fn add(
    tx: &Tx,
    name: &str,
    hash: Hash,
    scopes: &[Scope],
    now: Timestamp,
) -> Result<(), NotAdded> {
    if !is_name(name) {
        return Err(NotAdded::Name);
    }
    let keys = tx.table(KEYS)?;
    if keys.get(name)?.is_some() {
        return Err(NotAdded::Taken);
    }
    if keys.len()? >= MOST {
        return Err(NotAdded::Full);
    }
    drop(keys);
    let mut scopes = scopes.to_vec();
    scopes.sort();
    scopes.dedup();
    Ok(save(tx, name, &Row { hash, scopes, created: now, used: None })?)
}

/// All keys, by name.
pub fn all(read: &impl Read) -> Result<Vec<ApiKey>, StoreError> {
    let keys = read.table(KEYS)?;
    keys.iter()?
        .map(|row| {
            let (name, row) = row?;
            let Row { hash, scopes, created, used } = decode(row.value())?;
            Ok(ApiKey { name: name.value().to_owned(), scopes, created, used, hash })
        })
        .collect()
}

/// The key that `shown` is. Every key is looked at, in the same time whether it is the one.
pub fn find(read: &impl Read, shown: &str) -> Result<Option<ApiKey>, StoreError> {
    let hash = Hash::of(shown);
    let mut found = None;
    for key in all(read)? {
        if key.hash.is(&hash) {
            found = Some(key);
        }
    }
    Ok(found)
}

/// Removes the key; whether there was one.
pub fn remove(tx: &Tx, name: &str) -> Result<bool, StoreError> {
    Ok(tx.table_mut(KEYS)?.remove(name)?.is_some())
}

/// Notes that `key` was used at `now`, unless it was removed meanwhile.
pub fn used(tx: &Tx, key: &ApiKey, now: Timestamp) -> Result<(), StoreError> {
    let row: Option<Row> =
        tx.table(KEYS)?.get(&*key.name)?.map(|row| decode(row.value())).transpose()?;
    match row {
        Some(row) if row.hash.is(&key.hash) => save(tx, &key.name, &Row { used: Some(now), ..row }),
        _ => Ok(()),
    }
}

/// A name is one argument of a command line, and one cell of a table.
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=NAME_MAX).contains(&name.chars().count())
        && !name.starts_with('-')
        && name.chars().all(fits)
}

fn save(tx: &Tx, name: &str, row: &Row) -> Result<(), StoreError> {
    let row = serde_json::to_vec(row).map_err(|error| StoreError::Row("api-keys", error))?;
    tx.table_mut(KEYS)?.insert(name, &row[..])?;
    Ok(())
}

fn decode(row: &[u8]) -> Result<Row, StoreError> {
    serde_json::from_slice(row).map_err(|error| StoreError::Row("api-keys", error))
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

    fn add_to(store: &Store, name: &'static str, bits: u8) -> Result<Token, String> {
        let token = Token::of([bits; 32]);
        let hash = token.hash();
        let added = store.write(move |tx| add(tx, name, hash, &[Scope::Messages], now()));
        added.map(|()| token).map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_opens_until_it_is_removed() {
        let (_folder, store) = store();
        let shop = add_to(&store, "shop", 1).unwrap();
        let other = add_to(&store, "Büro.2", 2).unwrap();
        assert_eq!(shop.expose(), format!("roost_{}", "01".repeat(32)));
        let find = |shown: &str| find(&store.snapshot().unwrap(), shown).unwrap();
        let found = find(shop.expose()).unwrap();
        assert_eq!((&*found.name, found.created, found.used), ("shop", now(), None));
        assert!(found.opens(Scope::Messages) && !found.opens(Scope::Config));
        for wrong in ["", "roost_", &shop.expose()[1..], &format!("{}0", shop.expose())] {
            assert_eq!(find(wrong), None, "{wrong}");
        }
        assert!(store.write(|tx| remove(tx, "shop")).unwrap());
        assert!(!store.write(|tx| remove(tx, "shop")).unwrap());
        assert_eq!(find(shop.expose()), None);
        assert!(find(other.expose()).is_some());
    }

    #[test]
    fn use_is_noted_once_an_hour_and_never_brings_a_key_back() {
        let (_folder, store) = store();
        let token = add_to(&store, "shop", 1).unwrap();
        let find = || find(&store.snapshot().unwrap(), token.expose()).unwrap();
        let key = find().unwrap();
        assert!(key.is_stale(now()));
        let write = |key: ApiKey| store.write(move |tx| used(tx, &key, now())).unwrap();
        write(key.clone());
        let key = ApiKey { used: Some(now()), ..key };
        assert_eq!(find(), Some(key.clone()));
        for (minutes, stale) in [(0, false), (59, false), (60, true), (-5, false)] {
            assert_eq!(key.is_stale(now() + SignedDuration::from_mins(minutes)), stale);
        }
        store.write(|tx| remove(tx, "shop")).unwrap();
        write(key.clone());
        assert_eq!(find(), None);
        add_to(&store, "shop", 2).unwrap();
        write(key);
        assert_eq!(all(&store.snapshot().unwrap()).unwrap()[0].used, None, "another key");
    }

    #[test]
    fn names_are_words_given_once_and_not_too_many() {
        let (_folder, store) = store();
        let long: &'static str = "n".repeat(NAME_MAX + 1).leak();
        for wrong in ["", " ", "a b", "-a", "a/b", "a\n", "a\u{202e}", long] {
            let why = add_to(&store, wrong, 1).unwrap_err();
            assert!(why.starts_with("a key needs a name"), "{wrong:?}: {why}");
        }
        for bits in 0..100 {
            add_to(&store, format!("key-{bits}").leak(), bits).unwrap();
        }
        assert!(add_to(&store, "key-0", 100).unwrap_err().contains("of this name"));
        assert!(add_to(&store, "one-more", 100).unwrap_err().starts_with("there are 100 keys"));
    }

    #[test]
    fn a_key_prints_nothing() {
        let token = Token::of([7; 32]);
        assert!(!format!("{token:?}").contains("07"));
    }
}
