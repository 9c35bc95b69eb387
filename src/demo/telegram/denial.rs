//! "No" in Telegram's words.

use serde_json::{Value, json};

/// A refused call: `ok: false`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// HTTP status and `error_code`.
    pub code: u16,
    /// Telegram's sentence.
    pub description: String,
    /// `parameters.retry_after`, in seconds.
    pub retry_after: Option<u64>,
    /// `parameters.migrate_to_chat_id`.
    pub migrate_to_chat_id: Option<i64>,
}

impl Denial {
    /// A denial without parameters.
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        let description = description.into();
        Self { code, description, retry_after: None, migrate_to_chat_id: None }
    }

    /// `400 Bad Request: …`.
    pub fn bad(what: &str) -> Self {
        Self::new(400, format!("Bad Request: {what}"))
    }

    /// `403 Forbidden: …`.
    pub fn forbidden(what: &str) -> Self {
        Self::new(403, format!("Forbidden: {what}"))
    }

    /// `401`, for a wrong or revoked token.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized")
    }

    /// `409 Conflict: …`.
    pub fn conflict(what: &str) -> Self {
        Self::new(409, format!("Conflict: {what}"))
    }

    /// `429` with the time to wait.
    pub fn flood(seconds: u64) -> Self {
        let description = format!("Too Many Requests: retry after {seconds}");
        Self { retry_after: Some(seconds), ..Self::new(429, description) }
    }

    /// `400` for a group that has a new id.
    pub fn migrated(to: i64) -> Self {
        let denial = Self::bad("group chat was upgraded to a supergroup chat");
        Self { migrate_to_chat_id: Some(to), ..denial }
    }

    /// The JSON of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut body =
            json!({"ok": false, "error_code": self.code, "description": self.description});
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({"retry_after": seconds});
        }
        if let Some(chat) = self.migrate_to_chat_id {
            body["parameters"] = json!({"migrate_to_chat_id": chat});
        }
        body
    }
}
