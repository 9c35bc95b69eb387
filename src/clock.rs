//! The one place that reads the clock; everything behind the edges gets the time as an argument.

use jiff::Timestamp;

/// The current instant (UTC).
#[expect(clippy::disallowed_methods, reason = "this is the edge")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
