//! The data of buttons: short keys that anybody can make up, so they say what, never who may, and
//! never what opens a secret.

use std::fmt;

use crate::apps::secrets::SecretId;

/// How all data of this app's buttons begin.
pub(super) const PREFIX: &str = "s:";

/// Under what a button stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Under {
    /// What opens the secret.
    Ticket,
    /// The list of one's own.
    List,
}

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tap {
    /// Asks whether to burn a secret.
    Burn(Under, SecretId),
    /// Burns it.
    Sure(Under, SecretId),
    /// Leaves it.
    Keep(Under, SecretId),
    /// Deletes the message it stands under, which shows a text.
    Delete,
    /// Chooses how many seconds the new secret waits.
    Ttl { number: u64, seconds: u64 },
    /// No passphrase.
    NoPassphrase { number: u64 },
    /// Anybody may read.
    Anybody { number: u64 },
    /// Ends the questions.
    Stop { number: u64 },
}

impl Tap {
    /// Reads the data of a button.
    pub fn parse(data: &str) -> Option<Self> {
        let parts: Vec<&str> = data.strip_prefix(PREFIX)?.splitn(4, ':').collect();
        Some(match parts[..] {
            ["burn", under, id] => Self::Burn(Under::parse(under)?, SecretId::parse(id)?),
            ["sure", under, id] => Self::Sure(Under::parse(under)?, SecretId::parse(id)?),
            ["keep", under, id] => Self::Keep(Under::parse(under)?, SecretId::parse(id)?),
            ["del"] => Self::Delete,
            ["ttl", number, seconds] => {
                Self::Ttl { number: number.parse().ok()?, seconds: seconds.parse().ok()? }
            }
            ["none", number] => Self::NoPassphrase { number: number.parse().ok()? },
            ["any", number] => Self::Anybody { number: number.parse().ok()? },
            ["stop", number] => Self::Stop { number: number.parse().ok()? },
            _ => return None,
        })
    }
}

impl Under {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "t" => Some(Self::Ticket),
            "l" => Some(Self::List),
            _ => None,
        }
    }
}

impl fmt::Display for Under {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ticket => "t",
            Self::List => "l",
        })
    }
}

impl fmt::Display for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        match self {
            Self::Burn(under, id) => write!(f, "burn:{under}:{id}"),
            Self::Sure(under, id) => write!(f, "sure:{under}:{id}"),
            Self::Keep(under, id) => write!(f, "keep:{under}:{id}"),
            Self::Delete => f.write_str("del"),
            Self::Ttl { number, seconds } => write!(f, "ttl:{number}:{seconds}"),
            Self::NoPassphrase { number } => write!(f, "none:{number}"),
            Self::Anybody { number } => write!(f, "any:{number}"),
            Self::Stop { number } => write!(f, "stop:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_fits_into_64_bytes_and_is_read_as_it_was_written() {
        let (number, id) = (u64::MAX, SecretId(999_999_999_999_999_999));
        for tap in [
            Tap::Burn(Under::Ticket, id),
            Tap::Sure(Under::List, id),
            Tap::Keep(Under::List, SecretId(1)),
            Tap::Delete,
            Tap::Ttl { number, seconds: u64::MAX },
            Tap::NoPassphrase { number },
            Tap::Anybody { number },
            Tap::Stop { number },
        ] {
            let data = tap.to_string();
            assert!(data.len() <= 64, "{data}");
            assert_eq!(Tap::parse(&data), Some(tap), "{data}");
        }
        for wrong in
            ["", "s:", "e:del", "s:del:1", "s:burn:t", "s:burn:x:1", "s:burn:t:0", "s:ttl:1"]
        {
            assert_eq!(Tap::parse(wrong), None, "{wrong}");
        }
    }
}
