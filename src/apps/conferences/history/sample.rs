//! One check as the history keeps it: when in its hour, for how long it stands, what it gave.

/// Slower answers than this many milliseconds count as this: a check has a deadline of 10 s.
const SLOWEST: u16 = 60_000;

/// What a check gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An answer within so many milliseconds.
    Good(u16),
    /// It failed, and nobody knows yet whether that is an outage.
    Pending,
    /// It failed, but too few did in a row to mean anything.
    Blip,
    /// It failed within an outage.
    Down,
    /// It failed within an outage during maintenance.
    Planned,
    /// It failed because our own network was gone: it says nothing of the server.
    Blind,
}

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Seconds into its hour.
    pub offset: u16,
    /// Seconds it stands for: those since the check before it.
    pub weight: u16,
    /// What it gave.
    pub kind: Kind,
}

impl Kind {
    /// A good answer that took so long.
    pub fn good(took: std::time::Duration) -> Self {
        Self::Good(u16::try_from(took.as_millis()).unwrap_or(SLOWEST).min(SLOWEST))
    }
    /// As it is written out.
    pub(super) fn encoded(self) -> u16 {
        match self {
            Self::Good(milliseconds) => milliseconds.min(SLOWEST),
            Self::Pending => u16::MAX,
            Self::Blip => u16::MAX - 1,
            Self::Down => u16::MAX - 2,
            Self::Planned => u16::MAX - 3,
            Self::Blind => u16::MAX - 4,
        }
    }

    /// What was written out.
    pub(super) fn decoded(value: u16) -> Self {
        match u16::MAX - value {
            0 => Self::Pending,
            1 => Self::Blip,
            2 => Self::Down,
            3 => Self::Planned,
            4 => Self::Blind,
            _ => Self::Good(value.min(SLOWEST)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_was_written() {
        for kind in [
            Kind::Good(0),
            Kind::Good(SLOWEST),
            Kind::Pending,
            Kind::Blip,
            Kind::Down,
            Kind::Planned,
            Kind::Blind,
        ] {
            assert_eq!(Kind::decoded(kind.encoded()), kind);
        }
        assert_eq!(Kind::good(std::time::Duration::from_secs(600)), Kind::Good(SLOWEST));
    }
}
