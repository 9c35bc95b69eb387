//! Calendars people subscribe to: who has which address, and the name of this installation in them.
//!
//! An address is as good as a password, so only its hash is kept: who steals the database cannot
//! read anybody's calendar with it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::store::TableDefinition;
use sha2::{Digest, Sha256};

use crate::hidden::Hidden;
use crate::ids::UserId;
use crate::store::{Read, StoreError, Tx};

/// SHA-256 of a token → user. One row per person at most.
const CALENDARS: TableDefinition<&[u8; 32], i64> = TableDefinition::new("events/calendars");

/// User → SHA-256 of their token.
const OF_USER: TableDefinition<i64, &[u8; 32]> = TableDefinition::new("events/calendar-of");

/// The name of this installation, under [`NAME`].
const INSTALLATION: TableDefinition<&str, &str> = TableDefinition::new("events/installation");

const NAME: &str = "name";

/// The end of a calendar's address: 256 random bits in hex.
#[derive(Clone, Debug)]
pub struct Token(Hidden<String>);

impl Token {
    /// The token of these bits, which have to be random.
    pub fn of(bits: [u8; 32]) -> Self {
        Self(Hidden::new(hex(&bits)))
    }

    /// Reads the form [`Token::of`] writes, and no other: lower-case letters, so that an address has
    /// one spelling.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let fits = text.len() == 64 && text.bytes().all(is_hex);
        fits.then(|| Self(Hidden::new(text.to_owned())))
    }

    /// The text, to be put into an address and nowhere else.
    pub fn expose(&self) -> &str {
        self.0.reveal()
    }

    /// What tells this token from others and gives nothing of it away.
    pub fn mark(&self) -> Mark {
        Mark::of(&self.hash())
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.expose().as_bytes()).into()
    }
}

/// The beginning of a token's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(pub u64);

impl Mark {
    /// Reads what it is written as: 16 digits in hex.
    pub fn parse(text: &str) -> Option<Self> {
        let mark = u64::from_str_radix(text, 16).ok().map(Self)?;
        (mark.to_string() == text).then_some(mark)
    }

    fn of(hash: &[u8; 32]) -> Self {
        Self(hash[..8].iter().fold(0, |mark, byte| mark << 8 | u64::from(*byte)))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Makes the tables exist, and names the installation when it is new.
pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(CALENDARS)?;
    tx.table_mut(OF_USER)?;
    let mut names = tx.table_mut(INSTALLATION)?;
    if names.get(NAME)?.is_none() {
        let mut bits = [0; 8];
        getrandom::fill(&mut bits).map_err(no_chance)?;
        names.insert(NAME, &*hex(&bits))?;
    }
    Ok(())
}

fn no_chance(error: getrandom::Error) -> StoreError {
    let error = io::Error::other(error.to_string());
    StoreError::File(PathBuf::from("/dev/urandom"), error)
}

/// What tells the events of this installation from those of others, whatever its address: it stays
/// with the database, so that calendars know their events again after a move.
pub fn installation(read: &impl Read) -> Result<String, StoreError> {
    let name = read.table(INSTALLATION)?.get(NAME)?.map(|name| name.value().to_owned());
    Ok(name.unwrap_or_default())
}

/// Gives `user` the calendar at `token`; the one they had before ends.
/// Says whether there was one.
pub fn renew(tx: &Tx, user: UserId, token: &Token) -> Result<bool, StoreError> {
    let had_one = revoke(tx, user)?;
    let hash = token.hash();
    tx.table_mut(CALENDARS)?.insert(&hash, user.0)?;
    tx.table_mut(OF_USER)?.insert(user.0, &hash)?;
    Ok(had_one)
}

/// Ends the calendar of `user`; whether there was one.
pub fn revoke(tx: &Tx, user: UserId) -> Result<bool, StoreError> {
    let hash = tx.table_mut(OF_USER)?.remove(user.0)?.map(|hash| *hash.value());
    if let Some(hash) = hash {
        tx.table_mut(CALENDARS)?.remove(&hash)?;
    }
    Ok(hash.is_some())
}

/// The mark of the calendar `user` has.
pub fn mark_of(read: &impl Read, user: UserId) -> Result<Option<Mark>, StoreError> {
    Ok(read.table(OF_USER)?.get(user.0)?.map(|hash| Mark::of(hash.value())))
}

/// Whose calendar is at `token`.
pub fn owner(read: &impl Read, token: &Token) -> Result<Option<UserId>, StoreError> {
    let owner = read.table(CALENDARS)?.get(&token.hash())?.map(|user| UserId(user.value()));
    Ok(owner)
}

/// Two lower-case digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[cfg(test)]
mod tests;
