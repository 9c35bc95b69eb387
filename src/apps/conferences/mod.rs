//! Conferences: watches TrueConf servers, tells who is concerned, tidies up what was forgotten.
//!
//! What is where:
//!
//! * [`fleet`]: the servers of the settings, their ids, and who may do what with each.
//! * [`record`] and [`store`]: what is kept about each server. [`audit`]: who did what to them.
//! * [`errands`]: questions to a server that follow a commit, and what is done with the answers.
//! * [`looks`]: what the servers told last of conferences and people, in memory.
//! * `bot`: commands and buttons. [`words`]: facts in the words of a language.

mod alert;
mod app;
pub mod audit;
pub mod board;
mod bot;
pub mod errands;
mod expiry;
pub mod fleet;
pub mod history;
pub mod looks;
mod monitoring;
pub mod mutes;
mod network;
mod people;
mod pulse;
pub mod record;
pub mod store;
#[cfg(test)]
mod testing;
pub mod words;

pub use app::{Conferences, app};
