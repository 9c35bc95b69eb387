//! What Telegram posts in webhook mode: who may, and what it is answered.
//!
//! The path, the network and the secret are checked before the body is looked at. `200` means
//! committed; `503` makes Telegram keep the update and post it again. The answer never repeats
//! anything of the request, since Telegram carries out answers that look like a call.

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ipnet::IpNet;
use subtle::ConstantTimeEq;

use super::contact::Contact;
use super::intake::Intake;
use crate::clock;
use crate::hidden::Hidden;
use crate::net::address::is_trusted;
use crate::net::{Answer, Request};
use crate::store::StoreError;

/// Longest body; Telegram's updates have far less.
pub const BODY_MAX: u64 = 1 << 20;

/// The header that carries the secret (Bot API `setWebhook`).
const SECRET: &str = "X-Telegram-Bot-Api-Secret-Token";

/// Bytes of chance in a secret and in a random path: more than anybody can guess.
const CHANCE: usize = 24;

/// Seconds until Telegram shall try again: a disk that failed may be back at once, a reader of the
/// log takes a while to catch up.
const RETRY_SOON: &str = "5";
const RETRY_LATER: &str = "60";

/// The webhook's side that is posted to.
pub struct Delivery {
    path: Hidden<String>,
    secret: Hidden<String>,
    subnets: Vec<IpNet>,
    intake: Intake,
    contact: Arc<Contact>,
    refused: AtomicBool,
}

impl Delivery {
    /// Takes in what is posted to `endpoint` (`random`, `token`, or a path) from `subnets`, with a
    /// new secret.
    pub fn new(
        endpoint: &str,
        token: &Hidden<String>,
        subnets: Vec<IpNet>,
        intake: Intake,
        contact: Arc<Contact>,
    ) -> Result<Self, getrandom::Error> {
        let path = match endpoint {
            "random" => chance()?,
            "token" => token.reveal().clone(),
            path => path.trim_matches('/').to_owned(),
        };
        let (path, secret) = (Hidden::new(path), Hidden::new(chance()?));
        Ok(Self { path, secret, subnets, intake, contact, refused: AtomicBool::new(false) })
    }

    /// Where Telegram posts to, below `base`.
    pub fn url(&self, base: &str) -> Hidden<String> {
        Hidden::new(format!("{base}/{}", escaped(self.path.reveal())))
    }

    /// What Telegram has to send with each update.
    pub fn secret(&self) -> &Hidden<String> {
        &self.secret
    }

    /// Whether `path`, decoded, is ours; with or without a slash at its end.
    pub fn is_for(&self, path: &str) -> bool {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        is_same(path, self.path.reveal())
    }

    /// Answers a request for our path.
    pub fn answer(&self, request: &Request) -> Answer {
        if request.method != "POST" {
            return Answer::method_not_allowed("POST");
        }
        if !self.subnets.is_empty() && !is_trusted(request.client, &self.subnets) {
            self.refuse(request.client, "is not in `updates.subnets`; is `trusted-proxies` right?");
            return Answer::detail(403, "forbidden");
        }
        if !is_same(request.headers.get(SECRET).unwrap_or_default(), self.secret.reveal()) {
            self.refuse(request.client, "posted without our secret");
            return Answer::detail(401, "unauthorized");
        }
        match self.intake.take_body(&request.body) {
            Ok(()) => {
                self.contact.succeeded(clock::now());
                Answer::text("OK")
            }
            Err(error) => self.later(&error),
        }
    }

    /// The first refusal is for the operator's eyes; the rest would let anybody fill the log.
    fn refuse(&self, client: IpAddr, why: &str) {
        let first = !self.refused.swap(true, Ordering::Relaxed);
        let level = if first { log::Level::Warn } else { log::Level::Debug };
        log::log!(level, "webhook: {client} {why}");
    }

    fn later(&self, error: &StoreError) -> Answer {
        if !matches!(error, StoreError::Unanswered) {
            self.contact.failed(&format!("updates stay with Telegram: {error}"));
        }
        let wait = match error {
            StoreError::LogFull { .. } => RETRY_LATER,
            _ => RETRY_SOON,
        };
        Answer::detail(503, "try again later").with("Retry-After", wait)
    }
}

/// Compares in a time that tells nothing of where the texts differ.
fn is_same(given: &str, ours: &str) -> bool {
    given.as_bytes().ct_eq(ours.as_bytes()).into()
}

fn chance() -> Result<String, getrandom::Error> {
    let mut bytes = [0; CHANCE];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes every write");
        text
    }))
}

/// Escapes what must not stand in a path (RFC 3986 §3.3); a token's colon may.
fn escaped(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("a string takes every write");
        }
        text
    })
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
