//! Whether our own network is gone: then every server and Telegram are gone at once, and nothing is
//! said about any of them.
//!
//! Pure: what was seen of the others and of Telegram since checks of one server fail goes in.

use jiff::Timestamp;

use crate::trueconf::Fault;

/// How our own network stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Something outside answered: what fails is the server's own.
    There,
    /// Nothing outside answers.
    Gone,
    /// Not everything was tried yet.
    Unclear,
}

/// The last check of another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    /// When.
    pub at: Timestamp,
    /// Whether anything answered there, if only with an error.
    pub answered: bool,
}

/// What is known of Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telegram {
    /// It answered at this time, and nothing is known of later.
    Answered(Timestamp),
    /// It was asked just now, and did not answer.
    Silent,
    /// Nobody has heard of it, and nobody has asked yet.
    NotAsked,
}

/// Whether something answers although the check of it fails: then the way to it is there.
pub fn answers(fault: Fault) -> bool {
    match fault {
        Fault::Resolve
        | Fault::Refused
        | Fault::Unreachable
        | Fault::TimedOut
        | Fault::Broken
        | Fault::Aborted => false,
        Fault::Tls(_)
        | Fault::Credentials
        | Fault::Permission(_)
        | Fault::NotFound
        | Fault::Server(_)
        | Fault::NotOffered
        | Fault::Malformed => true,
    }
}

/// Judges the network while the checks of one server fail since `first`, the last one by `fault`;
/// `others` are the other servers that are checked, each with its last check if there was one.
pub fn judge(
    first: Timestamp,
    fault: Fault,
    others: impl Iterator<Item = Option<Other>>,
    telegram: Telegram,
) -> Network {
    if answers(fault) {
        return Network::There;
    }
    let mut is_unclear = false;
    for other in others {
        match other {
            Some(Other { at, answered: true }) if at >= first => return Network::There,
            // Its last check was before ours began to fail, so it says nothing.
            Some(Other { answered: true, .. }) | None => is_unclear = true,
            Some(Other { answered: false, .. }) => {}
        }
    }
    match telegram {
        Telegram::Answered(at) if at >= first => Network::There,
        Telegram::Answered(_) | Telegram::NotAsked => Network::Unclear,
        Telegram::Silent if is_unclear => Network::Unclear,
        Telegram::Silent => Network::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn our_network_is_gone_only_when_everything_is() {
        use Network::{Gone, There, Unclear};
        use Telegram::{Answered, NotAsked, Silent};
        let good = |second| Some(Other { at: at(second), answered: true });
        let bad = |second| Some(Other { at: at(second), answered: false });
        let rows: [(Fault, &[Option<Other>], Telegram, Network); 13] = [
            // A single server: Telegram decides.
            (Fault::Refused, &[], Answered(at(1)), There),
            (Fault::Refused, &[], Answered(at(-1)), Unclear),
            (Fault::Refused, &[], NotAsked, Unclear),
            (Fault::Refused, &[], Silent, Gone),
            // Another server answers.
            (Fault::TimedOut, &[bad(3), good(2)], Silent, There),
            // All are gone.
            (Fault::TimedOut, &[bad(3), bad(2)], Silent, Gone),
            (Fault::TimedOut, &[bad(3), bad(2)], Answered(at(9)), There),
            // One was not checked since; or has been down for long.
            (Fault::TimedOut, &[good(-5), bad(2)], Silent, Unclear),
            (Fault::TimedOut, &[None, bad(2)], Silent, Unclear),
            (Fault::TimedOut, &[bad(-500)], Silent, Gone),
            // It answers itself, if only with an error.
            (Fault::Server(503), &[bad(3)], Silent, There),
            (Fault::NotFound, &[], Silent, There),
            (Fault::Malformed, &[], NotAsked, There),
        ];
        for (fault, others, telegram, expected) in rows {
            let found = judge(at(0), fault, others.iter().copied(), telegram);
            assert_eq!(found, expected, "{fault:?} {others:?} {telegram:?}");
        }
    }
}
