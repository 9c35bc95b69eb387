//! The relay in English.

use super::{Forms, Relay};

pub(in crate::i18n) const RELAY: Relay = Relay {
    about_relay: "Where updates are handed on to",
    no_sinks: "Updates are handed on to nobody: the settings name no sink.",
    has_all: "{sink} ({type}): has everything",
    waits: "{sink} ({type}): {count} wait, the oldest for {age}",
    replaying: "is sent older updates again",
    trouble: "last trouble: {reason}",
    dead: Forms::two("{count} update refused for good", "{count} updates refused for good"),
    fills: "The log of updates is {percent} % full: {count} wait for {reader}, the oldest for {age}. When it is full, Telegram keeps further updates, for a day at most. /relay shows who is behind.",
    full: "The log of updates is full: {count} wait for {reader}, the oldest for {age}. Until there is room, Telegram keeps further updates, for a day at most, and I hear nothing. /relay shows who is behind.",
    seconds: "{count} s",
    minutes: "{count} min",
    hours: "{count} h",
    days: "{count} d",
};
