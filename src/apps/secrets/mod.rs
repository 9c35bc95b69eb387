//! Secrets: one-time messages. Whoever brings back `<id>:<token>` first reads the text, once, and
//! nothing of it remains.
//!
//! [`seal`] is the cryptography, [`store`] keeps what was sealed and decides who may open it,
//! [`tries`] counts wrong guesses. The text, the token and the passphrase are in memory only: what
//! reaches the database opens nothing without the token, which is never there.

mod app;
mod bot;
mod chance;
pub mod configs;
pub mod rest;
mod reveal;
mod rules;
pub mod seal;
mod shown;
pub mod sight;
pub mod store;
pub mod token;
pub mod told;
pub mod tries;
mod vault;
pub mod web;
pub mod words;

pub use app::{Secrets, app};
pub use rules::{Makers, Rules};
pub use store::{Author, Claim, Claimed, Created, Door, Limits, New, No, Opened, Unkept};
pub use token::{SecretId, SecretText, Ticket, Token};
