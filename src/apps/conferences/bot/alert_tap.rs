//! The data of buttons under alerts and warnings.

use std::fmt;

use super::tap::PREFIX;
use crate::apps::conferences::fleet::ServerId;
use crate::telegram::outgoing::{Button, CallbackData};

/// What a button under an alert or a warning does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertTap {
    /// Looks after the outage that began at this second.
    Acknowledge(ServerId, i64),
    /// Silences a server for two hours.
    Mute(ServerId),
    /// Puts off the stop of the conference in this case.
    Snooze(ServerId, u64),
    /// Leaves the conference in this case alone.
    Keep(ServerId, u64),
}

impl AlertTap {
    /// Reads the data of a button.
    pub fn parse(data: &str) -> Option<Self> {
        let parts: Vec<&str> = data.strip_prefix(PREFIX)?.split(':').collect();
        let number = |digits: &str| {
            digits.parse::<u64>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
        };
        Some(match parts[..] {
            ["ack", server, began] => {
                let began = i64::try_from(number(began)?).ok()?;
                Self::Acknowledge(ServerId::parse(server)?, began)
            }
            ["mute", server] => Self::Mute(ServerId::parse(server)?),
            ["more", server, case] => Self::Snooze(ServerId::parse(server)?, number(case)?),
            ["keep", server, case] => Self::Keep(ServerId::parse(server)?, number(case)?),
            _ => return None,
        })
    }

    /// A button that does it.
    pub fn button(self, label: &str) -> Option<Button> {
        CallbackData::new(self.to_string()).map(|data| Button::callback(label, data))
    }
}

impl fmt::Display for AlertTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        match self {
            Self::Acknowledge(server, began) => write!(f, "ack:{server}:{began}"),
            Self::Mute(server) => write!(f, "mute:{server}"),
            Self::Snooze(server, case) => write!(f, "more:{server}:{case}"),
            Self::Keep(server, case) => write!(f, "keep:{server}:{case}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_fits_into_64_bytes_and_is_read_as_it_was_written() {
        let server = ServerId((1 << 48) - 1);
        for tap in [
            AlertTap::Acknowledge(server, i64::MAX),
            AlertTap::Mute(server),
            AlertTap::Snooze(server, u64::MAX),
            AlertTap::Keep(server, 0),
        ] {
            let data = tap.to_string();
            assert!(data.len() <= 64, "{data}");
            assert_eq!(AlertTap::parse(&data), Some(tap), "{data}");
        }
        for data in ["", "c:", "c:ack:1", "c:ack:1:-5", "c:mute:x", "c:more:1:", "c:keep:1:2:3"] {
            assert_eq!(AlertTap::parse(data), None, "{data}");
        }
    }
}
