//! What the bot says of the relay to admins.

mod de;
mod en;
mod es;
mod ru;

pub(super) use de::RELAY as DE;
pub(super) use en::RELAY as EN;
pub(super) use es::RELAY as ES;
pub(super) use ru::RELAY as RU;

use super::Forms;
#[cfg(test)]
use super::sentences::Walk;
use super::sentences::sentences;

sentences! {
    /// What admins are told of the relay.
    Relay {
        /// `/relay` in the menu.
        about_relay: &'static str,
        /// There are no sinks.
        no_sinks: &'static str,
        /// A sink that has everything.
        has_all: &'static str,
        /// A sink that updates wait for.
        waits: &'static str,
        /// A sink that is sent older updates again.
        replaying: &'static str,
        /// A sink's last error, which is in English.
        trouble: &'static str,
        /// How many updates a sink refused for good.
        dead: Forms,
        /// The log has reached half or more.
        fills: &'static str,
        /// The log is full.
        full: &'static str,
        /// A time of some seconds.
        seconds: &'static str,
        /// A time of some minutes.
        minutes: &'static str,
        /// A time of some hours.
        hours: &'static str,
        /// A time of some days.
        days: &'static str,
    }
}
