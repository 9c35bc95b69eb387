//! Webhook settings; nothing is delivered, but `getUpdates` is refused while one is set.

use serde_json::{Value, json};

use crate::demo::telegram::denial::Denial;
use crate::demo::telegram::params::Params;
use crate::demo::telegram::state::State;

/// `setWebhook`; an empty URL deletes it.
pub(super) fn set(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete(state, params);
    }
    let secret = params.text("secret_token").unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if secret.len() > 256 || !secret.bytes().all(plain) {
        return Err(Denial::bad("secret token contains unallowed characters"));
    }
    if !url.starts_with("https://") {
        return Err(Denial::bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let kinds = params.json("allowed_updates")?;
    if let Some(Value::Array(kinds)) = kinds {
        let kinds = kinds.iter().filter_map(|kind| Some(kind.as_str()?.to_owned()));
        state.queue.allow(kinds.collect());
    }
    drop_pending(state, params);
    let connections = params.int("max_connections").unwrap_or(40).clamp(1, 100);
    state.webhook = Some(json!({"url": url, "max_connections": connections}));
    Ok(true.into())
}

/// `deleteWebhook`.
pub(super) fn delete(state: &mut State, params: &Params) -> Result<Value, Denial> {
    drop_pending(state, params);
    state.webhook = None;
    Ok(true.into())
}

/// `getWebhookInfo`.
pub(super) fn info(state: &mut State, _: &Params) -> Result<Value, Denial> {
    let mut info = state.webhook.clone().unwrap_or_else(|| json!({"url": ""}));
    info["has_custom_certificate"] = false.into();
    info["pending_update_count"] = state.queue.len().into();
    if !state.queue.allowed().is_empty() {
        info["allowed_updates"] = json!(state.queue.allowed());
    }
    Ok(info)
}

fn drop_pending(state: &mut State, params: &Params) {
    if params.flag("drop_pending_updates") {
        state.queue.clear();
    }
}
