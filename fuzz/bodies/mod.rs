//! What is fuzzed: one file per kind of bytes from outside, each with what must hold for all of them.
//!
//! A body takes any bytes and panics when something does not hold. `fuzz/run` feeds them for some
//! seconds each, `tests/corpus.rs` feeds the corpus and some thousand changes of it in every test run.

pub mod admin_code;
pub mod api;
pub mod certificate;
pub mod frame;
pub mod head;
pub mod html;
pub mod ics;
pub mod init_data;
pub mod message;
pub mod mqtt;
pub mod picture;
pub mod resp;
pub mod secret;
pub mod servers;
pub mod settings;
pub mod start;
pub mod trueconf;
pub mod update;

/// Takes any bytes; panics when something does not hold.
pub type Body = fn(&[u8]);

/// Every body by the name of its target and of the folder of its corpus.
pub const ALL: [(&str, Body); 18] = [
    ("admin_code", admin_code::run),
    ("api", api::run),
    ("certificate", certificate::run),
    ("frame", frame::run),
    ("head", head::run),
    ("html", html::run),
    ("ics", ics::run),
    ("init_data", init_data::run),
    ("message", message::run),
    ("mqtt", mqtt::run),
    ("picture", picture::run),
    ("resp", resp::run),
    ("secret", secret::run),
    ("servers", servers::run),
    ("settings", settings::run),
    ("start", start::run),
    ("trueconf", trueconf::run),
    ("update", update::run),
];

/// The text of `bytes`, broken characters replaced: a text is never wasted on one wrong byte.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The instant the bodies take for the current one.
fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_795_262_400).expect("2026-11-21T12:00:00Z is a time")
}
