//! What the program stands on, each thing alone.

use std::fmt::Write;
use std::net::ToSocketAddrs;
use std::panic::resume_unwind;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use super::{Check, Seen, words};
use crate::net::files::Files;
use crate::telegram::init_data::hmac;
use crate::thread;

/// RFC 4231 §4.3.
const KEY: &[u8] = b"Jefe";
const MESSAGE: &[u8] = b"what do ya want for nothing?";
const DIGEST: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

/// Noon in summer (UTC), and what clocks showed then.
const NOON: i64 = 1_782_907_200;
const CLOCKS: [(&str, i8, &str); 3] = [
    ("Europe/Berlin", 14, "CEST"),
    ("America/Los_Angeles", 5, "PDT"),
    ("Australia/Lord_Howe", 22, "+1030"),
];

pub(super) fn all() -> [Check; 6] {
    [
        ("random numbers", random()),
        ("signatures", signature()),
        ("panics", panic()),
        ("time zones", zones()),
        ("names", names()),
        ("pages", pages()),
    ]
}

fn random() -> Seen {
    let number = || getrandom::u64().map_err(words);
    if number()? == number()? { Err("twice the same".into()) } else { Ok("two differ".into()) }
}

fn signature() -> Seen {
    let hex = hmac(KEY, MESSAGE).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    if hex == DIGEST {
        Ok("HMAC-SHA-256 as in RFC 4231".into())
    } else {
        Err(format!("HMAC-SHA-256 gives {hex} where RFC 4231 says {DIGEST}"))
    }
}

/// One that is not caught ends the process, which is a failed check, too. The hook stays silent.
fn panic() -> Seen {
    match thread::catch(|| -> () { resume_unwind(Box::new(())) }) {
        None => Ok("one costs only the request it happens in".into()),
        Some(()) => Err("nothing was thrown".into()),
    }
}

/// What is built in, which is what a system without zones of its own has.
fn zones() -> Seen {
    let database = TimeZoneDatabase::bundled();
    let noon = Timestamp::from_second(NOON).map_err(words)?;
    for (name, hour, short) in CLOCKS {
        let seen = noon.to_zoned(database.get(name).map_err(words)?);
        let seen = (seen.hour(), seen.strftime("%Z").to_string());
        if seen != (hour, short.to_owned()) {
            return Err(format!("`{name}` shows {seen:?} instead of {hour} {short}"));
        }
    }
    Ok(format!("{} are built in", database.available().count()))
}

/// Through the C library, whose look-ups are what fails first in a static program.
fn names() -> Seen {
    let unknown = "add the line `127.0.0.1 localhost` to /etc/hosts";
    let found = ("localhost", 0).to_socket_addrs();
    let found = found.map_err(|error| format!("`localhost`: {error}; {unknown}"))?;
    match found.map(|address| address.ip()).find(std::net::IpAddr::is_loopback) {
        Some(address) => Ok(format!("`localhost` is {address}")),
        None => Err(format!("`localhost` is not this machine; {unknown}")),
    }
}

fn pages() -> Seen {
    let (files, bytes) = Files::verify_embedded()
        .map_err(|name| format!("`{name}` is not what was built in; the program is damaged"))?;
    Ok(format!("{files} files, {bytes} bytes, each with its digest"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_it_stands_on_is_well_here() {
        for (name, seen) in all() {
            assert!(seen.is_ok(), "{name}: {seen:?}");
        }
    }
}
