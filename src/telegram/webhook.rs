//! The webhook thread: tells Telegram where to post, and looks now and then whether that still holds.
//!
//! It starts when the port is open. `setWebhook` is repeated for ever until Telegram takes it, and
//! done again when somebody else changed it. At the end the webhook is deleted if asked, and only
//! if it is still ours; updates that wait stay with Telegram in every case.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::client::Client;
use super::contact::Contact;
use super::error::ApiError;
use super::introduce;
use super::outgoing::Pending;
use super::patience::Patience;
use crate::apps::Apps;
use crate::hidden::Hidden;
use crate::net::tls::Tls;
use crate::thread::{self, Handle};

/// Deadline of one call.
const DEADLINE: Duration = Duration::from_secs(30);

/// Deadline of each of the two calls at the end, which shall not hold up the stop.
const FAREWELL: Duration = Duration::from_millis(1_500);

/// How often we look; more often than the 90 s after which Telegram counts as gone.
const LOOK: Duration = Duration::from_secs(60);

/// How soon we look again when updates wait.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Longest error of Telegram's that is shown, in characters.
const ERROR_MAX: usize = 200;

/// What Telegram is told.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where to post; may hold the token.
    pub url: Hidden<String>,
    /// What to send with each update.
    pub secret: Hidden<String>,
    /// Who keeps the port's certificate; Telegram is given one it cannot know otherwise.
    pub tls: Option<Arc<Tls>>,
    /// Connections it may open at once.
    pub max_connections: u8,
    /// The kinds to post.
    pub kinds: Vec<String>,
    /// What becomes of updates from before the start.
    pub pending: Pending,
    /// What becomes of the webhook at the end.
    pub at_end: AtEnd,
}

/// What becomes of the webhook when the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// It is deleted.
    Deleted,
    /// It stays.
    Left,
}

/// Owns the webhook thread; dropping it deletes the webhook if the plan says so.
pub struct Webhook {
    client: Client,
    plan: Arc<Plan>,
    asked: Arc<AtomicBool>,
    stop: Option<SyncSender<()>>,
    thread: Option<Handle>,
}

impl Webhook {
    /// Starts; the port must be open.
    pub fn start(
        client: Client,
        apps: Arc<Apps>,
        contact: Arc<Contact>,
        plan: Plan,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let (plan, asked) = (Arc::new(plan), Arc::new(AtomicBool::new(false)));
        let worker = Worker {
            client: client.clone(),
            apps,
            plan: Arc::clone(&plan),
            asked: Arc::clone(&asked),
            given: RefCell::default(),
            patience: Patience { contact, stopped },
        };
        let thread = thread::spawn("webhook", move || {
            worker.work();
        })?;
        Ok(Self { client, plan, asked, stop: Some(stop), thread: Some(thread) })
    }

    fn delete(&self) {
        let client = self.client.apart();
        let info = client.call("getWebhookInfo", &json!({}), FAREWELL);
        if info.is_ok_and(|info| is_foreign(&info, &self.plan.url)) {
            return;
        }
        let params = json!({"drop_pending_updates": false});
        match client.call("deleteWebhook", &params, FAREWELL) {
            Ok(_) => log::info!("the webhook is deleted"),
            Err(error) => log::warn!("the webhook could not be deleted: {error}"),
        }
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.client.abort();
        drop(self.stop.take());
        drop(self.thread.take());
        if self.plan.at_end == AtEnd::Deleted && self.asked.load(Ordering::SeqCst) {
            self.delete();
        }
    }
}

struct Worker {
    client: Client,
    apps: Arc<Apps>,
    plan: Arc<Plan>,
    asked: Arc<AtomicBool>,
    /// The certificate Telegram was given last.
    given: RefCell<Option<String>>,
    patience: Patience,
}

impl Worker {
    fn work(&self) -> Option<()> {
        self.patience.until_done(|| introduce::learn_name(&self.client, &self.apps))?;
        self.patience.until_done(|| self.set(self.plan.pending))?;
        log::info!("the webhook is set");
        self.patience.until_done(|| introduce::set_menus(&self.client, &self.apps))?;
        loop {
            let info = self.patience.until_done(|| self.call("getWebhookInfo", &json!({})))?;
            let changed = if info["url"] != self.plan.url.reveal().as_str() {
                Some("somebody changed the webhook")
            } else if *self.given.borrow() != self.certificate() {
                Some("the webhook has a new certificate")
            } else {
                None
            };
            let note = match changed {
                None => note(&info),
                Some(what) => {
                    log::warn!("{what}; it is set again");
                    self.patience.until_done(|| self.set(Pending::Kept))?;
                    None
                }
            };
            let wait = if note.is_some() { LOOK_AGAIN } else { LOOK };
            self.patience.contact.note(note);
            self.patience.rest(wait)?;
        }
    }

    fn set(&self, pending: Pending) -> Result<(), ApiError> {
        self.asked.store(true, Ordering::SeqCst);
        let plan = &self.plan;
        let params = json!({
            "url": plan.url.reveal(),
            "secret_token": plan.secret.reveal(),
            "max_connections": plan.max_connections,
            "allowed_updates": plan.kinds,
            "drop_pending_updates": pending == Pending::Dropped,
        });
        let Some(certificate) = self.certificate() else {
            self.call("setWebhook", &params)?;
            self.given.take();
            return Ok(());
        };
        let file = ("certificate", "certificate.pem", certificate.as_bytes());
        self.client.upload("setWebhook", &params, file, DEADLINE)?;
        self.given.replace(Some(certificate));
        Ok(())
    }

    /// The certificate Telegram has to be given, PEM.
    fn certificate(&self) -> Option<String> {
        self.plan.tls.as_ref()?.to_be_given()
    }

    fn call(&self, method: &str, params: &Value) -> Result<Value, ApiError> {
        self.client.call(method, params, DEADLINE)
    }
}

/// Whether another program's webhook is set.
fn is_foreign(info: &Value, ours: &Hidden<String>) -> bool {
    info["url"].as_str().is_some_and(|url| !url.is_empty() && url != ours.reveal())
}

/// What Telegram reports, while updates wait.
fn note(info: &Value) -> Option<String> {
    let waiting = info["pending_update_count"].as_u64().filter(|count| *count > 0)?;
    let waiting = format!("{waiting} updates wait at Telegram");
    let Some(error) = info["last_error_message"].as_str() else { return Some(waiting) };
    let error: String = error.chars().filter(|c| !c.is_control()).take(ERROR_MAX).collect();
    Some(format!("{waiting}; it reports: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_telegram_reports_is_told_while_updates_wait() {
        for (info, told) in [
            (json!({"pending_update_count": 0, "last_error_message": "old"}), None),
            (json!({"pending_update_count": 3}), Some("3 updates wait at Telegram")),
            (
                json!({"pending_update_count": 1, "last_error_message": "Connection\nrefused"}),
                Some("1 updates wait at Telegram; it reports: Connectionrefused"),
            ),
            (json!({}), None),
        ] {
            assert_eq!(note(&info).as_deref(), told, "{info}");
        }
    }

    #[test]
    fn only_our_own_webhook_is_deleted() {
        let ours = Hidden::new("https://a.example/hook".to_owned());
        for (url, foreign) in
            [("https://a.example/hook", false), ("", false), ("https://b.example/", true)]
        {
            assert_eq!(is_foreign(&json!({"url": url}), &ours), foreign, "{url}");
        }
    }
}
