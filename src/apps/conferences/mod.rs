//! Conferences: watches TrueConf servers, tells who is concerned, tidies up what was forgotten.
//!
//! What is where:
//!
//! * [`fleet`]: the servers of the settings, their ids, and who may do what with each.
//! * [`audience`]: everybody a server concerns.
//! * [`record`] and [`store`]: what is kept about each server. [`audit`]: who did what to them.
//! * [`errands`]: questions to a server that follow a commit, and what is done with the answers.
//! * [`looks`]: what the servers told last of conferences and people, in memory.
//! * [`stops`]: questions whether to stop a conference, and what came of them.
//! * [`outside`]: what the command line did.
//! * [`frame`] and [`input`]: what pages are shown, and what they may ask for.
//! * [`bot`]: commands and buttons. [`words`]: facts in the words of a language.

mod alert;
mod app;
pub mod audience;
pub mod audit;
mod bells;
pub mod board;
pub mod bot;
pub mod errands;
mod expiry;
pub mod fleet;
#[cfg(test)]
pub(crate) mod for_tests;
pub mod frame;
pub mod history;
pub mod input;
pub mod looks;
mod metrics;
pub mod mutes;
mod network;
pub mod outside;
mod page;
mod pulse;
pub mod record;
mod silence;
mod stopping;
pub mod stops;
pub mod store;
pub mod switch;
mod tidy;
mod watch;
pub mod wish;
pub mod words;

pub use app::{Conferences, app};
