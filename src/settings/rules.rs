//! Settings that only make sense together.

use super::parse;
use super::path::Path;
use super::problem::{Problem, Wrong};
use super::resolved::Resolved;
use super::sinks;
use super::source::Source;

/// Bot API `setWebhook`: ports Telegram connects to.
const WEBHOOK_PORTS: &[u16] = &[443, 80, 88, 8443];
/// The server that insists on them. A local Bot API server, which speaks plain HTTP, does not.
const TELEGRAM: &str = "https://api.telegram.org";

/// Paths that are answered by something else.
const OWN_PATHS: &[&str] = &["status", "healthz", "readyz", "settings.json", "ws", "wss"];

/// Everything that does not go together.
pub fn broken(resolved: &Resolved) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(webhook(resolved));
    problems.extend(endpoint(resolved));
    problems.extend(tls(resolved));
    problems.extend(secrets(resolved));
    problems.extend(
        resolved.names("servers").filter_map(|name| missing(resolved, "servers", name, "ip")),
    );
    problems.extend(resolved.names("relay.sinks").flat_map(|name| sinks::broken(resolved, name)));
    problems.extend(resolved.names("log.modules").filter_map(|name| module(resolved, name)));
    problems
}

fn webhook(resolved: &Resolved) -> Option<Problem> {
    if resolved.text("updates.mode") != Some("webhook") {
        return None;
    }
    let Some(url) = resolved.text("public-url") else {
        let what = "`webhook` needs `public-url`; set it, or use `polling`";
        return Some(Problem::conflict("updates.mode", what));
    };
    let api = resolved.text("telegram-api-url").unwrap_or(TELEGRAM);
    if api.starts_with("http://") {
        return None;
    }
    if url.starts_with("http://") {
        let what = "Telegram sends updates to `https://` only; use that, or a local Bot API server";
        return Some(Problem::conflict("public-url", what));
    }
    let port = parse::port_of(url)?;
    (!WEBHOOK_PORTS.contains(&port)).then(|| {
        let what = format!("Telegram sends updates to the ports 443, 80, 88 and 8443 only, not {port}; use one of them");
        Problem::conflict("public-url", what)
    })
}

/// Something has to stand behind the slash, and it must not be one of our own pages.
fn endpoint(resolved: &Resolved) -> Option<Problem> {
    let path = resolved.text("updates.endpoint")?.trim_matches('/');
    let taken = path.is_empty() || OWN_PATHS.contains(&path) || path.split('/').any(is_dots);
    taken.then(|| {
        let what = "cannot be the webhook's path; use `random`, `token` or a path of its own";
        Problem::conflict("updates.endpoint", what)
    })
}

/// What browsers and proxies resolve away.
fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

fn tls(resolved: &Resolved) -> Option<Problem> {
    let has = |row| resolved.value(row).is_some();
    match (has("tls"), has("tls.certificate"), has("tls.key")) {
        (_, true, false) => {
            Some(Problem::conflict("tls.key", "missing; `tls.certificate` needs its key"))
        }
        (_, false, true) => {
            Some(Problem::conflict("tls.certificate", "missing; `tls.key` needs its certificate"))
        }
        (true, true, true) => {
            let what = "is `self-signed`, but `tls.certificate` is set too; remove one";
            Some(Problem::conflict("tls", what))
        }
        _ => None,
    }
}

fn secrets(resolved: &Resolved) -> Option<Problem> {
    let seconds = |row| resolved.text(row).and_then(parse::seconds);
    let longer = seconds("secrets.ttl") > seconds("secrets.max-ttl");
    longer.then(|| Problem::conflict("secrets.ttl", "is longer than `secrets.max-ttl`; shorten it"))
}

/// The key that an entry of `group` cannot do without.
pub(super) fn missing(resolved: &Resolved, group: &str, name: &str, key: &str) -> Option<Problem> {
    let row = format!("{group}.*.{key}");
    let absent = resolved.named(&row, name).is_none();
    absent.then(|| Problem::conflict(&Path::of(&row, name).to_string(), "missing; add it"))
}

/// Other crates print whole payloads and addresses when they are talkative.
fn module(resolved: &Resolved, name: &str) -> Option<Problem> {
    let given = resolved.named("log.modules.*", name)?;
    let level: log::LevelFilter = given.value.as_str()?.parse().ok()?;
    let ours = name == "roost" || name.starts_with("roost::");
    let quiet = ours || level <= log::LevelFilter::Warn || given.source == Source::Default;
    (!quiet).then(|| {
        let what = "only modules of `roost` may log more than warnings, others would log tokens; \
                    use `warn`, `error` or `off`";
        Problem::of(&given.source, &given.path, Wrong::Conflict(what.to_owned()))
    })
}
