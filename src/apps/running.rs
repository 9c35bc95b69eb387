//! What apps are given that have threads of their own.

use std::sync::Arc;

use crate::store::{Store, Subject};
use crate::telegram::Client;
use crate::telegram::contact::Contact;

/// Threads of an app, which end when it is dropped.
pub type Threads = Option<Box<dyn Send + Sync>>;

/// What threads of an app may use.
pub struct Running {
    /// Reads, and writes like everybody else.
    pub store: Store,
    /// Asks Telegram something; a client apart from the bot's own.
    pub telegram: Client,
    /// How the contact with Telegram stands, in both directions.
    pub contacts: [Arc<Contact>; 2],
    /// Open pages shall see this anew, though nothing was committed: what the app keeps in memory
    /// has changed.
    pub show: Arc<dyn Fn(Subject) + Send + Sync>,
}
