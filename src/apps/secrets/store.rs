//! The tables of secrets: what is sealed, who may open it, when it ends.
//!
//! Everything a door needs is [`create`], [`claim`], [`burn`] and [`list`]. A *claim* takes the
//! secret out and deletes it in one transaction, so of any number of readers one gets the text, and
//! whoever shows it does so after the commit: at most once, whatever crashes. No table here is part
//! of a backup ([`TABLES`]).

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::seal::{self, Bound, Chance, Stretched};
use super::token::{SecretId, SecretText, Ticket, Token};
use super::tries::{self, Who};
use crate::ids::UserId;
use crate::store::{Read, StoreError, TableDefinition, Tx, fresh_id};

/// Id → what is known without the token, as JSON.
const HEADS: TableDefinition<u64, &[u8]> = TableDefinition::new("secrets/heads");

/// Id → the nonce and the sealed text.
const TEXTS: TableDefinition<u64, &[u8]> = TableDefinition::new("secrets/texts");

/// Second it ends, id, nothing.
const ENDS: TableDefinition<(u64, i64, i64), ()> = TableDefinition::new("secrets/ends");

/// (sender, id) → nothing, to count what somebody has open.
const OF_USER: TableDefinition<(i64, i64), &[u8]> = TableDefinition::new("secrets/of-user");

/// Id → when it ended (s), salt, verifier: what tells whoever brings the right token too late from
/// whoever guesses.
const SPENT: TableDefinition<u64, &[u8]> = TableDefinition::new("secrets/spent");

/// Spent secrets remembered at most; 20,000 are 2 MB.
const SPENT_MOST: u64 = 20_000;

/// And for so long.
const SPENT_FOR: Duration = Duration::from_secs(7 * 86_400);

/// Old ones are looked for whenever there are so many more.
const SPENT_SWEEP: u64 = 256;

/// How the name of every table of this app begins: none of them belongs into a backup.
pub const TABLES: &str = "secrets/";

/// Open secrets of all people together: 5,000 of the longest are 80 MB.
pub const MOST: u64 = 5_000;

/// Wrong passphrases after which a secret is burnt.
pub const PASSPHRASE_TRIES: u8 = 5;

/// The sequence of ids.
const SEQUENCE: &str = "secrets";

/// Limits from the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Code points of a text.
    pub max_length: usize,
    /// Open secrets of one Telegram user.
    pub per_user: usize,
    /// The longest a secret may wait.
    pub max_ttl: Duration,
}

/// Who made a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    /// A Telegram user, who is told what becomes of it.
    User(UserId),
    /// A script with the API key of this name.
    ApiKey(String),
    /// Whoever has the command line.
    Operator,
}

/// Through which door somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// The private chat with the bot.
    Bot,
    /// The page.
    Web,
    /// REST.
    Api,
    /// The command line.
    CommandLine,
}

/// A secret to be made.
#[derive(Clone, Debug)]
pub struct New {
    /// Who makes it.
    pub by: Author,
    /// What is in it, byte for byte.
    pub text: SecretText,
    /// How long it waits.
    pub ttl: Duration,
    /// Who alone may open it; then it opens in the bot only, where people are known.
    pub recipient: Option<UserId>,
    /// The time.
    pub at: Timestamp,
    /// Randomness.
    pub chance: Chance,
    /// The passphrase after [`New::stretch`].
    pub passphrase: Option<Stretched>,
}

/// A secret that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// What opens it, to be told once.
    pub ticket: Ticket,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// Why a secret was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unkept {
    /// There is no text, or only blanks.
    Empty,
    /// It has more code points than this.
    TooLong(usize),
    /// It would wait longer than this, or not at all.
    Ttl(Duration),
    /// The person has as many open as they may.
    TooManyOfYours(usize),
    /// All people together have.
    TooMany,
}

/// Why [`create`] kept nothing.
#[derive(Debug)]
pub enum NotCreated {
    /// A "no".
    Refused(Unkept),
    /// The store failed.
    Store(StoreError),
}

/// Somebody wants to read a secret.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Which, and what opens it.
    pub ticket: Ticket,
    /// The person, where the door knows one: a secret for somebody opens for nobody else.
    pub by: Option<UserId>,
    /// Who is counted when it is wrong: the person, the API key, the address.
    pub who: Vec<Who>,
    /// Through which door.
    pub door: Door,
    /// The passphrase, if they gave one.
    pub passphrase: Option<Given>,
    /// The time.
    pub at: Timestamp,
}

/// A passphrase somebody gave.
#[derive(Clone, Debug)]
pub enum Given {
    /// As it was typed: the slow part is done in the transaction.
    Typed(SecretText),
    /// After the slow part, see [`Claim::stretched`].
    Stretched(Stretched),
}

/// What became of a claim.
#[derive(Clone, Debug)]
pub enum Claimed {
    /// The text; the secret is no more. Boxed, since it is the rare case.
    Opened(Box<Opened>),
    /// A "no".
    No(No),
    /// A "no" like [`No::Closed`], and it was the last wrong passphrase: the secret is no more.
    Burnt(Gone),
}

/// The text of a secret that is no more.
#[derive(Clone, Debug)]
pub struct Opened {
    /// To be shown once, after the commit.
    pub text: SecretText,
    /// Whom to tell.
    pub was: Gone,
}

/// A "no" to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    /// Wrong, expired, burnt, read already, for somebody else, wrong passphrase: always the same.
    Closed,
    /// The token is right and nobody gave a passphrase: only who has the token is told.
    Passphrase,
    /// Too many wrong tries; no further one counts for so long.
    TooMany(Duration),
}

/// A secret that is no more, or was not opened: what may be known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its number.
    pub id: SecretId,
    /// Who made it.
    pub by: Author,
    /// When it was made.
    pub created: Timestamp,
    /// When it would have ended.
    pub expires: Timestamp,
    /// Who alone might have opened it.
    pub recipient: Option<UserId>,
    /// Whether it has a passphrase.
    pub has_passphrase: bool,
}

/// Who burns a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Burner {
    /// Who made it: nobody burns those of others.
    Author(Author),
    /// Whoever has the command line: any.
    Operator,
    /// Who has what opens it.
    Holder(Token),
}

/// The row of [`HEADS`].
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    by: Author,
    created: i64,
    expires: i64,
    recipient: i64,
    salt: [u8; seal::SALT],
    verifier: [u8; seal::VERIFIER],
    passphrase: bool,
    wrong_passphrases: u8,
}

/// Makes the tables exist.
pub fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(HEADS)?;
    tx.table_mut(TEXTS)?;
    tx.table_mut(ENDS)?;
    tx.table_mut(OF_USER)?;
    tx.table_mut(SPENT)?;
    tries::prepare(tx)
}

impl New {
    /// Takes a passphrase: the slow part, best done before the transaction.
    #[must_use]
    pub fn stretch(self, passphrase: &SecretText) -> Self {
        Self { passphrase: Some(Stretched::new(passphrase, &self.chance.salt)), ..self }
    }
}

impl Claim {
    /// Does the slow part of a typed passphrase before the transaction, if it comes to that: only
    /// for who has the right token of a secret that has a passphrase.
    pub fn stretched(mut self, read: &impl Read) -> Result<Self, StoreError> {
        let Some(Given::Typed(typed)) = &self.passphrase else { return Ok(self) };
        if let Some(head) = head(read, self.ticket.id)?
            && head.passphrase
            && seal::verify(&self.ticket.token, &head.salt, &head.verifier)
        {
            self.passphrase = Some(Given::Stretched(Stretched::new(typed, &head.salt)));
        }
        Ok(self)
    }
}

/// Seals a secret and keeps it; the token is in the answer and nowhere else.
pub fn create(tx: &Tx, new: &New, limits: &Limits) -> Result<Created, NotCreated> {
    check(tx, new, limits)?;
    let id = SecretId(fresh_id(tx, SEQUENCE)?);
    let expires = new.at + new.ttl;
    let Chance { token, salt, nonce } = &new.chance;
    let head = Head {
        by: new.by.clone(),
        created: new.at.as_second(),
        expires: expires.as_second(),
        recipient: new.recipient.map_or(0, |user| user.0),
        salt: *salt,
        verifier: seal::verifier(token, salt),
        passphrase: new.passphrase.is_some(),
        wrong_passphrases: 0,
    };
    let sealed = seal::seal(&new.chance, new.passphrase.as_ref(), &head.bound(id), &new.text);
    insert(tx, id, &head, &[&nonce[..], &sealed].concat())?;
    let Gone { created, expires, .. } = head.gone(id);
    Ok(Created { ticket: Ticket { id, token: token.clone() }, created, expires })
}

fn insert(tx: &Tx, id: SecretId, head: &Head, text: &[u8]) -> Result<(), StoreError> {
    tx.table_mut(TEXTS)?.insert(id.0, text)?;
    put(tx, id, head)?;
    tx.table_mut(ENDS)?.insert(head.end(id), ())?;
    if let Author::User(user) = head.by {
        tx.table_mut(OF_USER)?.insert((user.0, signed(id)), &[][..])?;
    }
    tx.due_changed();
    Ok(())
}

fn check(read: &Tx, new: &New, limits: &Limits) -> Result<(), NotCreated> {
    let refused = |why| Err(NotCreated::Refused(why));
    if new.text.reveal().trim().is_empty() {
        return refused(Unkept::Empty);
    }
    if new.text.chars() > limits.max_length {
        return refused(Unkept::TooLong(limits.max_length));
    }
    if new.ttl < Duration::from_secs(1) || new.ttl > limits.max_ttl {
        return refused(Unkept::Ttl(limits.max_ttl));
    }
    if let Author::User(user) = new.by
        && count_of(read, user)? >= limits.per_user
    {
        return refused(Unkept::TooManyOfYours(limits.per_user));
    }
    if count(read)? >= MOST {
        return refused(Unkept::TooMany);
    }
    Ok(())
}

/// Opens a secret and deletes it, or says no. What it was wrong about is counted, so the
/// transaction has to be kept whatever the answer is.
///
/// A number without a secret takes the same way as one with another token: the same look-ups, the
/// same derivation, the same comparison, the same counting. Who brings the right token too late, or
/// of a secret for somebody else, guesses nothing, and is not counted.
pub fn claim(tx: &Tx, claim: &Claim) -> Result<Claimed, StoreError> {
    let Claim { ticket, at, .. } = claim;
    if let Some(wait) = tries::wait(tx, ticket.id, &claim.who, *at)? {
        return Ok(Claimed::No(No::TooMany(wait)));
    }
    let (found, spent) = (head(tx, ticket.id)?, spent(tx, ticket.id)?);
    let (is_open, is_spent) = (found.is_some(), spent.is_some());
    let head = found.unwrap_or_else(|| spent.unwrap_or_default().head());
    let is_right = seal::verify(&ticket.token, &head.salt, &head.verifier);
    if !is_right || !(is_open || is_spent) {
        tries::count_for(tx, ticket.id, *at)?;
        tries::count_by(tx, &claim.who, *at)?;
        return Ok(Claimed::No(No::Closed));
    }
    let is_for = head.recipient == 0 || claim.by.is_some_and(|user| user.0 == head.recipient);
    if !is_open || head.expires <= at.as_second() || !is_for {
        return Ok(Claimed::No(No::Closed));
    }
    if head.passphrase && claim.passphrase.is_none() {
        return Ok(Claimed::No(No::Passphrase));
    }
    let passphrase = claim.passphrase.as_ref().filter(|_| head.passphrase);
    let stretched = passphrase.map(|given| given.stretched(&head.salt));
    match text(tx, ticket, &head, stretched.as_ref())? {
        Some(text) => {
            remove(tx, ticket.id, &head, *at)?;
            Ok(Claimed::Opened(Box::new(Opened { text, was: head.gone(ticket.id) })))
        }
        None => wrong_passphrase(tx, claim, head),
    }
}

impl Given {
    fn stretched(&self, salt: &[u8; seal::SALT]) -> Stretched {
        match self {
            Self::Typed(typed) => Stretched::new(typed, salt),
            Self::Stretched(stretched) => stretched.clone(),
        }
    }
}

fn text(
    read: &impl Read,
    ticket: &Ticket,
    head: &Head,
    passphrase: Option<&Stretched>,
) -> Result<Option<SecretText>, StoreError> {
    let texts = read.table(TEXTS)?;
    let Some(row) = texts.get(ticket.id.0)? else { return Ok(None) };
    let Some((nonce, sealed)) = row.value().split_first_chunk() else { return Ok(None) };
    let bound = head.bound(ticket.id);
    Ok(seal::open(&ticket.token, &head.salt, nonce, passphrase, &bound, sealed).ok())
}

fn wrong_passphrase(tx: &Tx, claim: &Claim, mut head: Head) -> Result<Claimed, StoreError> {
    tries::count_by(tx, &claim.who, claim.at)?;
    head.wrong_passphrases += 1;
    if head.wrong_passphrases < PASSPHRASE_TRIES {
        put(tx, claim.ticket.id, &head)?;
        return Ok(Claimed::No(No::Closed));
    }
    remove(tx, claim.ticket.id, &head, claim.at)?;
    Ok(Claimed::Burnt(head.gone(claim.ticket.id)))
}

/// Deletes a secret unread; `None` if there is none, or none of theirs: always the same.
pub fn burn(
    tx: &Tx,
    id: SecretId,
    by: &Burner,
    now: Timestamp,
) -> Result<Option<Gone>, StoreError> {
    let Some(head) = head(tx, id)? else { return Ok(None) };
    let may = match by {
        Burner::Operator => true,
        Burner::Author(author) => *author == head.by,
        Burner::Holder(token) => seal::verify(token, &head.salt, &head.verifier),
    };
    if !may {
        return Ok(None);
    }
    remove(tx, id, &head, now)?;
    Ok(Some(head.gone(id)))
}

/// The secrets of `whose`, or of all, that are open at `now`; oldest first.
pub fn list(
    read: &impl Read,
    whose: Option<&Author>,
    now: Timestamp,
) -> Result<Vec<Gone>, StoreError> {
    let heads = read.table(HEADS)?;
    let mut list = Vec::new();
    for row in heads.iter()? {
        let (id, row) = row?;
        let head = decode(row.value())?;
        if whose.is_none_or(|author| *author == head.by) && head.expires > now.as_second() {
            list.push(head.gone(SecretId(id.value())));
        }
    }
    Ok(list)
}

/// One open secret.
pub fn find(read: &impl Read, id: SecretId) -> Result<Option<Gone>, StoreError> {
    Ok(head(read, id)?.map(|head| head.gone(id)))
}

/// How many secrets are open.
pub fn count(read: &impl Read) -> Result<u64, StoreError> {
    read.table(HEADS)?.len()
}

/// How many `user` has open.
pub fn count_of(read: &impl Read, user: UserId) -> Result<usize, StoreError> {
    let of_user = read.table(OF_USER)?;
    let mut count = 0;
    for row in of_user.range((user.0, i64::MIN)..=(user.0, i64::MAX))? {
        row?;
        count += 1;
    }
    Ok(count)
}

/// When the next secret ends.
pub fn next_end(read: &impl Read) -> Result<Option<Timestamp>, StoreError> {
    let first = read.table(ENDS)?.first()?.map(|(end, _)| end.value().0);
    Ok(first.map(|second| instant(i64::try_from(second).unwrap_or(i64::MAX))))
}

/// Deletes up to `most` secrets whose time is over, and gives them.
pub fn expire(tx: &Tx, now: Timestamp, most: usize) -> Result<Vec<Gone>, StoreError> {
    let second = u64::try_from(now.as_second()).unwrap_or(0);
    let mut over = Vec::new();
    for row in tx.table(ENDS)?.range(..=(second, i64::MAX, i64::MAX))?.take(most) {
        over.push(row?.0.value());
    }
    let mut gone = Vec::new();
    for end in over {
        tx.table_mut(ENDS)?.remove(end)?;
        let id = SecretId(end.1.unsigned_abs());
        if let Some(head) = head(tx, id)? {
            remove(tx, id, &head, now)?;
            gone.push(head.gone(id));
        }
    }
    Ok(gone)
}

fn remove(tx: &Tx, id: SecretId, head: &Head, now: Timestamp) -> Result<(), StoreError> {
    tx.table_mut(HEADS)?.remove(id.0)?;
    tx.table_mut(TEXTS)?.remove(id.0)?;
    tx.table_mut(ENDS)?.remove(head.end(id))?;
    if let Author::User(user) = head.by {
        tx.table_mut(OF_USER)?.remove((user.0, signed(id)))?;
    }
    tx.due_changed();
    remember(tx, id, head, now)
}

fn remember(tx: &Tx, id: SecretId, head: &Head, now: Timestamp) -> Result<(), StoreError> {
    let mut table = tx.table_mut(SPENT)?;
    let row = [&now.as_second().to_be_bytes()[..], &head.salt, &head.verifier].concat();
    table.insert(id.0, &row[..])?;
    if table.len()? % SPENT_SWEEP == 0 {
        let oldest = (now - SPENT_FOR).as_second();
        table
            .retain(|_, row| row.first_chunk().is_some_and(|s| i64::from_be_bytes(*s) >= oldest))?;
    }
    while table.len()? > SPENT_MOST {
        table.pop_first()?;
    }
    Ok(())
}

/// What is remembered of a secret that is no more.
fn spent(read: &impl Read, id: SecretId) -> Result<Option<Spent>, StoreError> {
    let row = read.table(SPENT)?.get(id.0)?.map(|row| row.value().to_vec());
    Ok(row.and_then(|row| Spent::read(&row)))
}

fn put(tx: &Tx, id: SecretId, head: &Head) -> Result<(), StoreError> {
    let row = serde_json::to_vec(head).map_err(|error| StoreError::Row("secrets/heads", error))?;
    tx.table_mut(HEADS)?.insert(id.0, &row[..])?;
    Ok(())
}

fn head(read: &impl Read, id: SecretId) -> Result<Option<Head>, StoreError> {
    read.table(HEADS)?.get(id.0)?.map(|row| decode(row.value())).transpose()
}

fn decode(row: &[u8]) -> Result<Head, StoreError> {
    serde_json::from_slice(row).map_err(|error| StoreError::Row("secrets/heads", error))
}

/// Salt and verifier of a secret that is no more; by default, of none at all.
struct Spent {
    salt: [u8; seal::SALT],
    verifier: [u8; seal::VERIFIER],
}

impl Default for Spent {
    /// Stands where there never was a secret, so that a wrong number costs what a wrong token does.
    fn default() -> Self {
        Self { salt: [0x5a; seal::SALT], verifier: [0xa5; seal::VERIFIER] }
    }
}

impl Spent {
    fn read(row: &[u8]) -> Option<Self> {
        let (_, rest) = row.split_first_chunk::<8>()?;
        let (salt, verifier) = rest.split_first_chunk()?;
        Some(Self { salt: *salt, verifier: verifier.try_into().ok()? })
    }

    /// A head that opens nothing, read like one from the table.
    fn head(&self) -> Head {
        let row = br#"{"by":{"user":1234567890},"created":1800000000,"expires":0,"recipient":0,
            "salt":[101,2,203,4,105,6,207,8,109,10,211,12,113,14,215,16],"verifier":[101,2,203,4,
            105,6,207,8,109,10,211,12,113,14,215,16,117,18,219,20,121,22,223,24,125,26,227,28,129,
            30,231,32],"passphrase":false,"wrong_passphrases":0}"#;
        let head: Head = serde_json::from_slice(row).expect("it is a constant");
        Head { salt: self.salt, verifier: self.verifier, ..head }
    }
}

impl Head {
    fn bound(&self, id: SecretId) -> Bound {
        Bound { id: id.0, expires: self.expires, recipient: self.recipient }
    }

    fn end(&self, id: SecretId) -> (u64, i64, i64) {
        (u64::try_from(self.expires).unwrap_or(0), signed(id), 0)
    }

    fn gone(&self, id: SecretId) -> Gone {
        Gone {
            id,
            by: self.by.clone(),
            created: instant(self.created),
            expires: instant(self.expires),
            recipient: Some(UserId(self.recipient)).filter(|user| user.0 != 0),
            has_passphrase: self.passphrase,
        }
    }
}

/// Ids count from 1 and never come near the end.
fn signed(id: SecretId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

impl From<StoreError> for NotCreated {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests;
