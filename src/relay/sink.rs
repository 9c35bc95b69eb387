//! What a sink is: it takes a batch of records, and says `Ok` only when all of them are confirmed.

use std::time::Duration;

/// A target that does not answer for this long counts as gone, unless its settings say otherwise.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// One update on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its place in the log; the same update has the same one when it is sent again.
    pub sequence: u64,
    /// Telegram's `update_id`, by which consumers know a repeat.
    pub update_id: i64,
    /// The name of its field, or `unknown`: letters, digits and `_` only.
    pub kind: &'a str,
    /// Its chat, else its user.
    pub chat: Option<i64>,
    /// What becomes of the sink's template (the topic, the routing key); empty if it has none.
    pub place: &'a str,
    /// What is sent, byte for byte: the update as it came, or its CloudEvents envelope.
    pub body: &'a [u8],
    /// The media type of `body`.
    pub content_type: &'static str,
}

/// A target of updates.
///
/// Making one connects nowhere: that happens at the first delivery, and again at the next one after
/// an error. What a sink holds between deliveries may be stale; it finds that out and connects again
/// at once, without an error. Whatever waits has a deadline ([`PATIENCE`]) and ends soon after
/// [`super::Stop::set`].
pub trait Sink: Send {
    /// Hands over `batch` in its order: at most 500 records, never none. `Ok` means that each of
    /// them was confirmed. After an error the rest is sent again, later.
    fn deliver(&mut self, batch: &[Record<'_>]) -> Result<(), Trouble>;

    /// Whether the target is there, lets us in, and has what the settings name; hands over nothing.
    fn check(&mut self) -> Result<(), Cause>;
}

/// Why a batch was not confirmed as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// How many records at the beginning of the batch were confirmed before that.
    pub confirmed: usize,
    /// What happened to the one behind them.
    pub cause: Cause,
}

/// What happened to a record. Reasons hold no secret and no text of an update; they are short, lower
/// case, and end in no period: `connection refused`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It may go better later.
    Again {
        /// Why, for people.
        reason: String,
        /// What the target asked to wait, if it did.
        after: Option<Duration>,
    },
    /// The target will never take this record: it becomes a dead letter, and the next one is sent.
    Refused {
        /// Why, for people.
        reason: String,
    },
}

impl Trouble {
    /// Everything from the record at `confirmed` has to be sent again later.
    pub fn again(confirmed: usize, reason: impl Into<String>) -> Self {
        Self { confirmed, cause: Cause::again(reason) }
    }

    /// The record at `confirmed` is refused for good.
    pub fn refused(confirmed: usize, reason: impl Into<String>) -> Self {
        Self { confirmed, cause: Cause::Refused { reason: reason.into() } }
    }
}

impl Cause {
    /// It may go better later.
    pub fn again(reason: impl Into<String>) -> Self {
        Self::Again { reason: reason.into(), after: None }
    }

    /// Why, for people.
    pub fn reason(&self) -> &str {
        match self {
            Self::Again { reason, .. } | Self::Refused { reason } => reason,
        }
    }
}
