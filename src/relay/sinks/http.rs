//! A web service: one POST for each update, signed, confirmed by a status of success.
//!
//! What the answer says besides its status and `Retry-After` is read and thrown away, so that the
//! connection can be used again.

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use sha2::Sha256;
use ureq::Agent;
use ureq::http::{HeaderMap, Uri};

use crate::clock;
use crate::hidden::Hidden;
use crate::relay::sink::{Cause, Record, Sink, Trouble};
use crate::relay::{Stop, Watch};
use crate::settings::{parse, relay};
use crate::telegram::{ApiError, Trouble as Network};

/// Connecting takes no longer, so that a stop need not wait for it.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// The most bytes of an answer that are read for the sake of its connection.
const ANSWER_MAX: u64 = 64 << 10;

/// An idle connection is used again for this long; most servers keep theirs for a minute or more.
const IDLE_MAX: Duration = Duration::from_secs(20);

/// A web service.
pub struct Http {
    url: Hidden<String>,
    login: Option<Hidden<String>>,
    secret: Option<Hidden<String>>,
    timeout: Duration,
    agent: Agent,
    // Ends a call under way.
    _watch: Watch,
}

impl Http {
    /// The service of `settings`.
    pub fn new(settings: &relay::Http, stop: &Stop) -> Self {
        let (url, login) = split(settings.url.reveal());
        let agent = agent(&url, settings.timeout);
        let ours = agent.clone();
        Self {
            url: Hidden::new(url),
            login: login.map(Hidden::new),
            secret: settings.secret.clone(),
            timeout: settings.timeout,
            agent,
            _watch: stop.watch(move || ours.shutdown()),
        }
    }

    fn post(&self, record: &Record<'_>) -> Result<(), Cause> {
        let mut request = self.agent.post(self.url.reveal()).content_type(record.content_type);
        if let Some(login) = &self.login {
            request = request.header("Authorization", login.reveal());
        }
        if let Some(secret) = &self.secret {
            request = request
                .header("X-Roost-Signature", signature(secret, record.body))
                .header("X-Telegram-Bot-Api-Secret-Token", secret.reveal());
        }
        let answer = request.send(record.body).map_err(|error| self.network(error))?;
        let verdict = verdict(answer.status().as_u16(), answer.headers());
        let body = answer.into_body().into_with_config().limit(ANSWER_MAX).read_to_vec();
        // The status has said it all; without the rest the connection is just not used again.
        drop(body);
        verdict
    }

    fn network(&self, error: ureq::Error) -> Cause {
        let reason = match ApiError::from(error) {
            ApiError::Network(Network::Address) => "the address cannot be used",
            ApiError::Network(Network::Resolve) => "the name has no address",
            ApiError::Network(Network::Connect) => "connection refused",
            ApiError::Network(Network::Tls) => "no secure connection; is the certificate valid?",
            ApiError::Network(Network::Broken) => "the connection broke",
            ApiError::Network(Network::SlowConnect) => "cannot connect in time",
            ApiError::Network(Network::Deadline) => {
                return Cause::again(format!("no answer for {} seconds", self.timeout.as_secs()));
            }
            _ => "the answer is no HTTP",
        };
        Cause::again(reason)
    }
}

impl Sink for Http {
    fn deliver(&mut self, batch: &[Record<'_>]) -> Result<(), Trouble> {
        for (confirmed, record) in batch.iter().enumerate() {
            self.post(record).map_err(|cause| Trouble { confirmed, cause })?;
        }
        Ok(())
    }

    /// Only looks whether somebody answers: services need not know `HEAD`.
    fn check(&mut self) -> Result<(), Cause> {
        let mut request = self.agent.head(self.url.reveal());
        if let Some(login) = &self.login {
            request = request.header("Authorization", login.reveal());
        }
        request.call().map(drop).map_err(|error| self.network(error))
    }
}

fn agent(url: &str, timeout: Duration) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_age(IDLE_MAX)
        .max_idle_connections(1)
        .timeout_connect(Some(CONNECT_MAX.min(timeout)))
        .timeout_global(Some(timeout))
        .user_agent(concat!("roost/", env!("CARGO_PKG_VERSION")));
    let host = url.parse::<Uri>().ok().and_then(|uri| Some(uri.host()?.to_owned()));
    // A proxy from the environment cannot reach a service on our own machine.
    let is_ours = host.is_some_and(|host| parse::is_loopback(&host));
    if is_ours { config.proxy(None).build().into() } else { config.build().into() }
}

/// The address without user and password, and these as HTTP wants them (RFC 7617).
fn split(url: &str) -> (String, Option<String>) {
    let plain = || (url.to_owned(), None);
    let Some((scheme, rest)) = url.split_once("://") else { return plain() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some(at) = rest[..end].rfind('@') else { return plain() };
    let login = parse::decoded(&rest[..at]).unwrap_or_default();
    let login = format!("Basic {}", STANDARD.encode(login));
    (format!("{scheme}://{}", &rest[at + 1..]), Some(login))
}

/// `sha256=` and the HMAC of the body in hexadecimal, as GitHub signs its webhooks.
fn signature(secret: &Hidden<String>, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes());
    let mut mac = mac.expect("hmac takes keys of every length");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a status means for the update.
fn verdict(status: u16, headers: &HeaderMap) -> Result<(), Cause> {
    let reason = format!("the answer was {status}");
    match status {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500..=599 => {
            let after = headers.get("retry-after").and_then(|value| value.to_str().ok());
            Err(Cause::Again { reason, after: after.and_then(|text| wait(text, clock::now())) })
        }
        300..=399 => {
            Err(Cause::Refused { reason: format!("{reason}; redirects are not followed") })
        }
        _ => Err(Cause::Refused { reason }),
    }
}

/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_confirms_is_tried_again_or_refuses_for_good() {
        let headers = HeaderMap::new();
        for (status, confirmed, again) in [
            (200, true, false),
            (202, true, false),
            (204, true, false),
            (301, false, false),
            (307, false, false),
            (400, false, false),
            (401, false, false),
            (404, false, false),
            (408, false, true),
            (410, false, false),
            (413, false, false),
            (425, false, true),
            (429, false, true),
            (500, false, true),
            (503, false, true),
            (599, false, true),
            (600, false, false),
        ] {
            let verdict = verdict(status, &headers);
            assert_eq!(verdict.is_ok(), confirmed, "{status}");
            assert_eq!(matches!(verdict, Err(Cause::Again { .. })), again, "{status}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (text, expected) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("Fri, 15 Jan 2027 08:00:30 GMT", Some(30)),
            ("Fri, 15 Jan 2027 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(wait(text, now), expected.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn user_and_password_leave_the_address() {
        for (url, plain, login) in [
            ("https://host/a@b", "https://host/a@b", None),
            ("https://u:p%40@host:1/x?k=@", "https://host:1/x?k=@", Some("Basic dTpwQA==")),
        ] {
            assert_eq!(split(url), (plain.to_owned(), login.map(str::to_owned)));
        }
    }

    /// Checked with `printf … | openssl dgst -sha256 -hmac key`.
    #[test]
    fn the_signature_is_the_hmac_of_the_body() {
        let signature = signature(&Hidden::new("key".to_owned()), b"{\"update_id\":1}");
        assert_eq!(
            signature,
            "sha256=308a004ff30457fa1a079f1b87145cfaaa07e47e56fca40f87abea7d8364ad9f"
        );
    }
}
