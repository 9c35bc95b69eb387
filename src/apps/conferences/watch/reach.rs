//! Whether Telegram can be reached: the one thing outside that does not belong to anybody's servers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::apps::Running;
use crate::apps::conferences::network::Telegram;
use crate::clock;
use crate::telegram::Client;
use crate::telegram::contact::Contact;
use crate::telegram::error::ApiError;

/// How long Telegram may take to answer, when everything else is silent.
const DEADLINE: Duration = Duration::from_secs(5);

/// For so long an answer, or that there was none, stands for all servers.
const STANDS: SignedDuration = SignedDuration::from_secs(10);

/// Asks whether Telegram can be reached, one at a time.
pub(super) struct Reach {
    client: Client,
    contacts: [Arc<Contact>; 2],
    asked: Mutex<Asked>,
}

#[derive(Clone, Copy, Debug)]
enum Asked {
    Never,
    Now,
    Then(Timestamp, bool),
}

impl Reach {
    pub fn new(running: &Running) -> Self {
        let contacts = [0, 1].map(|way: usize| Arc::clone(&running.contacts[way]));
        Self { client: running.telegram.clone(), contacts, asked: Mutex::new(Asked::Never) }
    }

    /// What is known of Telegram since `first`; asks it if that is nothing and nobody is asking.
    pub fn telegram(&self, first: Timestamp) -> Telegram {
        let now = clock::now();
        let heard = |contact: &Arc<Contact>| contact.standing(now).last_contact;
        let heard = self.contacts.iter().filter_map(heard).max();
        if let Some(heard) = heard.filter(|heard| *heard >= first) {
            return Telegram::Answered(heard);
        }
        match self.claim(now) {
            Asked::Then(at, true) => Telegram::Answered(at),
            Asked::Then(_, false) => Telegram::Silent,
            Asked::Now => Telegram::NotAsked,
            Asked::Never => self.ask(),
        }
    }

    /// Ends a question under way.
    pub fn abort(&self) {
        self.client.abort();
    }

    /// What another server's checker found out, or [`Asked::Never`] for whoever is to ask now.
    fn claim(&self, now: Timestamp) -> Asked {
        let mut asked = self.asked();
        match *asked {
            Asked::Now => Asked::Now,
            Asked::Then(at, _) if now.duration_since(at).abs() <= STANDS => *asked,
            _ => {
                *asked = Asked::Now;
                Asked::Never
            }
        }
    }

    fn ask(&self) -> Telegram {
        let answer = self.client.call("getMe", &json!({}), DEADLINE);
        let at = clock::now();
        let (then, found) = match answer {
            // We are stopping.
            Err(ApiError::Aborted) => (Asked::Never, Telegram::NotAsked),
            Err(ApiError::Network(_)) => (Asked::Then(at, false), Telegram::Silent),
            // An error of Telegram's is an answer, too.
            _ => (Asked::Then(at, true), Telegram::Answered(at)),
        };
        *self.asked() = then;
        found
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
