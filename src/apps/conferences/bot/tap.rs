//! The data of buttons: short keys that anybody can make up, so they say what, never who may. No name
//! is ever in them.

use std::fmt;

use crate::apps::conferences::fleet::ServerId;
use crate::apps::conferences::looks::RunId;

/// How all data of this app's buttons begin.
pub const PREFIX: &str = "c:";

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tap {
    /// Shows a page of the servers.
    Servers(usize),
    /// Shows the menu of a server.
    Menu(ServerId),
    /// Checks a server and shows how it is.
    Status(ServerId),
    /// Shows who is online.
    Online(ServerId),
    /// Shows conferences, asked anew.
    List(ServerId, List),
    /// Turns to a page of what was asked a moment ago.
    Turn(ServerId, List),
    /// Asks whether to stop a conference; the list is where that leads back to.
    AskStop(ServerId, RunId, List),
    /// Stops what the question with this number was about.
    Stop(u64),
    /// Switches monitoring: what is wished, not a toggle, so pressing twice does no harm.
    Watch(ServerId, bool),
}

/// A page of a list of conferences, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Everything that runs.
    Running(usize),
    /// Of that, what was forgotten.
    Forgotten(usize),
}

impl List {
    /// The page.
    pub fn page(self) -> usize {
        match self {
            Self::Running(page) | Self::Forgotten(page) => page,
        }
    }

    /// The same list at another page.
    #[must_use]
    pub fn at(self, page: usize) -> Self {
        match self {
            Self::Running(_) => Self::Running(page),
            Self::Forgotten(_) => Self::Forgotten(page),
        }
    }

    /// Reads what [`List`] prints: `r0`, `f3`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(page) = text.strip_prefix('r') {
            return number(page).map(Self::Running);
        }
        number(text.strip_prefix('f')?).map(Self::Forgotten)
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(page) => write!(f, "r{page}"),
            Self::Forgotten(page) => write!(f, "f{page}"),
        }
    }
}

impl Tap {
    /// Reads the data of a button.
    pub fn parse(data: &str) -> Option<Self> {
        let mut parts = data.strip_prefix(PREFIX)?.split(':');
        let verb = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        match (verb, &rest[..]) {
            ("all", [page]) => number(page).map(Self::Servers),
            ("go", [server]) => ServerId::parse(server).map(Self::Menu),
            ("is", [server]) => ServerId::parse(server).map(Self::Status),
            ("who", [server]) => ServerId::parse(server).map(Self::Online),
            ("ls", [server, list]) => {
                Some(Self::List(ServerId::parse(server)?, List::parse(list)?))
            }
            ("pg", [server, list]) => {
                Some(Self::Turn(ServerId::parse(server)?, List::parse(list)?))
            }
            ("end", [server, run, list]) => Some(Self::AskStop(
                ServerId::parse(server)?,
                RunId::parse(run)?,
                List::parse(list)?,
            )),
            ("yes", [number]) => self::number(number).map(Self::Stop),
            ("on", [server]) => Some(Self::Watch(ServerId::parse(server)?, true)),
            ("off", [server]) => Some(Self::Watch(ServerId::parse(server)?, false)),
            _ => None,
        }
    }
}

impl fmt::Display for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        match self {
            Self::Servers(page) => write!(f, "all:{page}"),
            Self::Menu(server) => write!(f, "go:{server}"),
            Self::Status(server) => write!(f, "is:{server}"),
            Self::Online(server) => write!(f, "who:{server}"),
            Self::List(server, list) => write!(f, "ls:{server}:{list}"),
            Self::Turn(server, list) => write!(f, "pg:{server}:{list}"),
            Self::AskStop(server, run, list) => write!(f, "end:{server}:{run}:{list}"),
            Self::Stop(number) => write!(f, "yes:{number}"),
            Self::Watch(server, true) => write!(f, "on:{server}"),
            Self::Watch(server, false) => write!(f, "off:{server}"),
        }
    }
}

/// Digits alone: no sign, no blanks.
fn number<N: std::str::FromStr>(digits: &str) -> Option<N> {
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_fits_into_64_bytes_and_is_read_as_it_was_written() {
        let (server, run) = (ServerId((1 << 48) - 1), RunId((1 << 48) - 1));
        let list = List::Forgotten(usize::MAX);
        for tap in [
            Tap::Servers(usize::MAX),
            Tap::Menu(server),
            Tap::Status(server),
            Tap::Online(server),
            Tap::List(server, list),
            Tap::Turn(server, List::Running(0)),
            Tap::AskStop(server, run, list),
            Tap::Stop(u64::MAX),
            Tap::Watch(server, true),
            Tap::Watch(server, false),
        ] {
            let data = tap.to_string();
            assert!(data.len() <= 64, "{data}");
            assert_eq!(Tap::parse(&data), Some(tap), "{data}");
        }
    }

    #[test]
    fn what_somebody_made_up_is_no_button() {
        for data in [
            "",
            "c:",
            "x:all:0",
            "c:all",
            "c:all:-1",
            "c:all:+1",
            "c:all:1:2",
            "c:go:",
            "c:go:zebra",
            "c:go:1234567890abc",
            "c:ls:1",
            "c:ls:1:x0",
            "c:ls:1:r",
            "c:end:1:2",
            "c:end:1:x:r0",
            "c:yes:",
            "c:yes:x",
            "c:yes:99999999999999999999999",
            "c:on:é",
            "c:toggle:1",
        ] {
            assert_eq!(Tap::parse(data), None, "{data}");
        }
    }
}
