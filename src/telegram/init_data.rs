//! Who opened a mini app: checks the signed `initData` Telegram hands to the page.
//!
//! Rules: core.telegram.org/bots/webapps, "Validating data received via the Mini App". Everything
//! but `hash` is signed, also `signature` and fields that do not exist yet.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::form;
use crate::hidden::Hidden;
use crate::ids::UserId;

/// Longest initData we look at; real ones have about 700 bytes.
const RAW_MAX: usize = 8 << 10;

/// A login older than this is refused: initData is as good as a password while it is valid.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How far the clocks of Telegram and ours may differ.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(60);

/// Bytes of an HMAC-SHA256.
const HASH_LEN: usize = 32;

/// A login Telegram vouches for, in this bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who it is.
    pub user: User,
    /// When Telegram signed it.
    pub auth_date: Timestamp,
    /// `startapp` of the link that opened the app.
    pub start_param: Option<String>,
    /// Kind of the chat the app was opened from.
    pub chat_type: Option<String>,
    /// Stands for the chat the app was opened from.
    pub chat_instance: Option<String>,
    /// For `answerWebAppQuery`; absent for direct links.
    pub query_id: Option<String>,
}

/// The person of a login (`WebAppUser`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// Telegram id.
    pub id: UserId,
    /// First name; may be empty for deleted accounts.
    #[serde(default)]
    pub first_name: String,
    /// Last name.
    pub last_name: Option<String>,
    /// Name without `@`.
    pub username: Option<String>,
    /// IETF tag of the person's app, such as `pt-br`.
    pub language_code: Option<String>,
    /// Whether the bot may write to this person.
    #[serde(default)]
    pub allows_write_to_pm: bool,
}

/// Why an initData is no login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// Over 8 KiB.
    TooLong,
    /// Not `key=value&…`.
    NotAForm,
    /// A key twice.
    Repeated,
    /// No `hash` of 64 lower-case hex digits.
    NoHash,
    /// Not signed with this bot's token, or changed since.
    Forged,
    /// No `auth_date` in whole seconds.
    NoDate,
    /// Signed more than 24 hours ago.
    Stale,
    /// Signed more than a minute ahead of our clock.
    Early,
    /// No `user` with a numeric id.
    NoUser,
}

impl User {
    /// First and last name, as the person is shown to others.
    pub fn name(&self) -> String {
        let last = self.last_name.as_deref().unwrap_or_default();
        format!("{} {last}", self.first_name).trim().to_owned()
    }
}

/// Checks `raw`, exactly as `WebApp.initData` gave it, for the bot of `token`.
pub fn verify(raw: &str, token: &Hidden<String>, now: Timestamp) -> Result<Login, Rejected> {
    if raw.len() > RAW_MAX {
        return Err(Rejected::TooLong);
    }
    let mut pairs = form::pairs(raw).ok_or(Rejected::NotAForm)?;
    pairs.sort();
    if pairs.windows(2).any(|two| two[0].0 == two[1].0) {
        return Err(Rejected::Repeated);
    }
    let hash = field(&pairs, "hash").and_then(decode_hash).ok_or(Rejected::NoHash)?;
    if !bool::from(digest(&pairs, token).ct_eq(&hash)) {
        return Err(Rejected::Forged);
    }
    login(&pairs, fresh(&pairs, now)?)
}

/// Signs `pairs` as Telegram does and gives the form with its `hash`: for the stand-in and tests.
pub fn sign(pairs: &[(&str, &str)], token: &Hidden<String>) -> String {
    let mut sorted: Vec<(String, String)> =
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    sorted.sort();
    let hash = digest(&sorted, token).iter().fold(String::new(), |hex, b| format!("{hex}{b:02x}"));
    let signed = pairs.iter().copied().chain([("hash", hash.as_str())]);
    let encoded =
        signed.map(|(key, value)| format!("{}={}", form::encode(key), form::encode(value)));
    encoded.collect::<Vec<_>>().join("&")
}

/// The HMAC over all sorted pairs but `hash`, one `key=value` a line.
fn digest(pairs: &[(String, String)], token: &Hidden<String>) -> [u8; HASH_LEN] {
    let signed = pairs.iter().filter(|(key, _)| key != "hash");
    let lines: Vec<String> = signed.map(|(key, value)| format!("{key}={value}")).collect();
    let secret = hmac(b"WebAppData", token.reveal().as_bytes());
    hmac(&secret, lines.join("\n").as_bytes())
}

/// HMAC-SHA-256 (RFC 2104).
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; HASH_LEN] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("hmac takes keys of every length");
    mac.chain_update(message).finalize().into_bytes().into()
}

fn decode_hash(hex: &str) -> Option<[u8; HASH_LEN]> {
    let digits = hex.as_bytes();
    if digits.len() != 2 * HASH_LEN {
        return None;
    }
    let mut hash = [0; HASH_LEN];
    for (byte, two) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = hex_digit(two[0])? << 4 | hex_digit(two[1])?;
    }
    Some(hash)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn fresh(pairs: &[(String, String)], now: Timestamp) -> Result<Timestamp, Rejected> {
    let text = field(pairs, "auth_date").ok_or(Rejected::NoDate)?;
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = all_digits.then(|| text.parse().ok()).flatten().ok_or(Rejected::NoDate)?;
    let signed = Timestamp::from_second(seconds).map_err(|_| Rejected::NoDate)?;
    match now.duration_since(signed) {
        age if age > AGE_MAX => Err(Rejected::Stale),
        age if age < -SKEW_MAX => Err(Rejected::Early),
        _ => Ok(signed),
    }
}

fn login(pairs: &[(String, String)], auth_date: Timestamp) -> Result<Login, Rejected> {
    let user = field(pairs, "user").and_then(|json| serde_json::from_str(json).ok());
    let text = |key| field(pairs, key).map(str::to_owned);
    Ok(Login {
        user: user.ok_or(Rejected::NoUser)?,
        auth_date,
        start_param: text("start_param"),
        chat_type: text("chat_type"),
        chat_instance: text("chat_instance"),
        query_id: text("query_id"),
    })
}

fn field<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "initData is longer than 8 KiB",
            Self::NotAForm => "initData is not form-encoded",
            Self::Repeated => "initData has a key twice",
            Self::NoHash => "initData has no hash",
            Self::Forged => "initData is not signed for this bot; check `bot-token`",
            Self::NoDate => "initData has no date",
            Self::Stale => "initData is older than 24 hours; open the app again",
            Self::Early => "initData is from the future; check the clock of the server",
            Self::NoUser => "initData names no user",
        })
    }
}

impl std::error::Error for Rejected {}

#[cfg(test)]
#[path = "init_data_tests.rs"]
mod tests;
