//! Webhook settings; `getUpdates` is refused while one is set.

use serde_json::{Value, json};

use crate::demo::telegram::delivering::is_loopback;
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
    check_url(&url)?;
    if params.text("certificate").is_some() {
        return Err(Denial::bad("bad webhook: certificate must be uploaded as a file"));
    }
    let certificate = params.file("certificate");
    let kinds = params.json("allowed_updates")?;
    if let Some(Value::Array(kinds)) = kinds {
        let kinds = kinds.iter().filter_map(|kind| Some(kind.as_str()?.to_owned()));
        state.queue.allow(kinds.collect());
    }
    drop_pending(state, params);
    let connections = params.int("max_connections").unwrap_or(40).clamp(1, 100);
    let custom = certificate.is_some();
    state.hook.renew(&secret, usize::try_from(connections).unwrap_or(1), certificate)?;
    state.webhook =
        Some(json!({"url": url, "max_connections": connections, "has_custom_certificate": custom}));
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
    let none = || json!({"url": "", "has_custom_certificate": false});
    let mut info = state.webhook.clone().unwrap_or_else(none);
    info["pending_update_count"] = state.queue.len().into();
    if let Some((at, error)) = &state.hook.last_error {
        info["last_error_date"] = at.as_second().into();
        info["last_error_message"] = error.as_str().into();
    }
    if !state.queue.allowed().is_empty() {
        info["allowed_updates"] = json!(state.queue.allowed());
    }
    Ok(info)
}

/// Like a server in `--local` mode, it also takes plain HTTP and any port, but to this machine only.
fn check_url(url: &str) -> Result<(), Denial> {
    const PORTS: [&str; 4] = ["443", "80", "88", "8443"];
    if is_loopback(url) {
        return Ok(());
    }
    let Some(rest) = url.strip_prefix("https://") else {
        return Err(Denial::bad("bad webhook: An HTTPS URL must be provided for webhook"));
    };
    let port = rest.split('/').next().and_then(|host| Some(host.rsplit_once(':')?.1));
    if port.is_some_and(|port| !PORTS.contains(&port)) {
        let what = "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443";
        return Err(Denial::bad(what));
    }
    Ok(())
}

fn drop_pending(state: &mut State, params: &Params) {
    if params.flag("drop_pending_updates") {
        state.queue.clear();
    }
}
