//! The bot at Telegram: its token, the clock, how updates arrive, who else takes them, its menus.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::apps::Apps;
use crate::cli::check::{Line, State};
use crate::hidden::Hidden;
use crate::server;
use crate::settings::{Mode, Settings};
use crate::telegram::{ApiError, Client, introduce};

/// One question may take this long.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long it is waited for another poller to show itself: it comes back 3 s after it was sent away.
const POLL: Duration = Duration::from_secs(5);

/// Logins of mini apps allow a minute.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Updates that wait while everything works are few.
const MANY: u64 = 100;

/// Whether a server is here that polls itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Running {
    /// One is.
    Here,
    /// None is.
    Nowhere,
}

/// Lines about the bot of `token`.
pub(in crate::cli) fn lines(
    settings: &Settings,
    token: &Hidden<String>,
    running: Running,
) -> Vec<Line> {
    let client = Client::new(&settings.telegram_api_url, token.clone());
    let me = match introduce::me(&client) {
        Ok(me) => me,
        Err(error) => return vec![Line::new(State::Wrong, unanswered(&error))],
    };
    let mut lines = vec![Line::new(State::Ok, format!("`bot-token`: this is @{}", me.username))];
    match client.call("getWebhookInfo", &json!({}), DEADLINE) {
        Ok(info) => {
            lines.extend(webhook(settings, &info, running));
            let is_free = info["url"].as_str().is_none_or(str::is_empty);
            if is_free && settings.updates.mode == Mode::Polling && running == Running::Nowhere {
                lines.push(poller(client.get_updates(0, 1, POLL, &[]).err()));
            }
        }
        Err(error) => lines.push(Line::new(State::Note, format!("webhook: cannot ask: {error}"))),
    }
    lines.extend(menus(settings, &client));
    lines
}

fn unanswered(error: &ApiError) -> String {
    match error {
        ApiError::Unauthorized | ApiError::Refused { code: 404, .. } => {
            "`bot-token`: Telegram does not know it; ask @BotFather for it again".to_owned()
        }
        error => format!("`telegram-api-url`: {error}; check the network and the address"),
    }
}

/// How updates arrive, and how that stands to the settings.
fn webhook(settings: &Settings, info: &Value, running: Running) -> Vec<Line> {
    let url = info["url"].as_str().unwrap_or_default();
    let waiting = info["pending_update_count"].as_u64().unwrap_or_default();
    let mut lines = vec![match (settings.updates.mode, running) {
        (Mode::Polling, _) if url.is_empty() => Line::new(State::Ok, "webhook: none is set"),
        (Mode::Polling, Running::Nowhere) => {
            Line::new(State::Note, "webhook: one is set; `serve` replaces or removes it")
        }
        (Mode::Polling, Running::Here) => Line::new(
            State::Wrong,
            "webhook: one is set, so no update can be polled; another program uses this bot: stop it, then restart `roost serve`",
        ),
        (Mode::Webhook, Running::Nowhere) => {
            Line::new(State::Ok, "webhook: `serve` sets its own when it starts")
        }
        (Mode::Webhook, Running::Here) => own_webhook(settings, url),
    }];
    if let Some(error) = info["last_error_message"].as_str().filter(|_| !url.is_empty()) {
        let text = format!(
            "webhook: Telegram's last try failed: {error}; see that `public-url` is reached from outside, with a certificate everybody trusts"
        );
        lines.push(Line::new(State::Note, text));
    }
    if waiting > MANY {
        let text = format!(
            "updates: {waiting} wait at Telegram; they come when `serve` runs, unless they are a day old"
        );
        lines.push(Line::new(State::Note, text));
    }
    lines
}

/// The path is not looked at: it is a secret.
fn own_webhook(settings: &Settings, url: &str) -> Line {
    let base = settings.public_url.as_deref().unwrap_or_default();
    if url.is_empty() {
        return Line::new(
            State::Wrong,
            "webhook: none is set; restart `roost serve`, and see its log",
        );
    }
    if !url.starts_with(&format!("{base}/")) {
        return Line::new(
            State::Wrong,
            "webhook: one of another address is set; another program uses this bot: stop it, then restart `roost serve`",
        );
    }
    Line::new(State::Ok, "webhook: set to `public-url`")
}

/// What a poll of our own met. It confirms nothing, so no update is lost by it.
fn poller(error: Option<ApiError>) -> Line {
    match error {
        None => Line::new(State::Ok, "polling: nobody else polls this bot"),
        Some(error) if error.is_conflict() => Line::new(
            State::Wrong,
            "polling: another program polls this bot, and each gets only some updates; stop it, or revoke the token at @BotFather",
        ),
        Some(error) => Line::new(State::Note, format!("polling: cannot tell: {error}")),
    }
}

fn menus(settings: &Settings, client: &Client) -> Vec<Line> {
    let apps = Apps::all(Arc::new(server::context(settings)));
    let missing = |what: &str| {
        Line::new(State::Note, format!("{what}: not ours; `roost serve` sets it when it starts"))
    };
    let mut lines = Vec::new();
    match introduce::shows_commands(client, &apps) {
        Ok(true) => lines.push(Line::new(State::Ok, "commands: Telegram shows them")),
        Ok(false) => lines.push(missing("commands")),
        Err(error) => lines.push(Line::new(State::Note, format!("commands: cannot ask: {error}"))),
    }
    match introduce::shows_button(client, &apps) {
        Ok(Some(true)) => lines.push(Line::new(State::Ok, "menu button: opens the mini app")),
        Ok(Some(false)) => lines.push(missing("menu button")),
        Ok(None) => {}
        Err(error) => {
            lines.push(Line::new(State::Note, format!("menu button: cannot ask: {error}")));
        }
    }
    lines
}

/// How far this machine's clock is from that of whoever answered with the `Date` of `date`.
pub(in crate::cli) fn clock(date: &str, now: Timestamp) -> Option<Line> {
    let there = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    let ahead = now.duration_since(there);
    if ahead.abs() <= SKEW {
        return Some(Line::new(State::Ok, "clock: right"));
    }
    let direction = if ahead.is_negative() { "behind" } else { "ahead of" };
    let text = format!(
        "clock: {} s {direction} Telegram's; let this machine follow a time server (`timedatectl set-ntp true`), or \
         logins and reminders go wrong",
        ahead.abs().as_secs()
    );
    Some(Line::new(State::Wrong, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_updates_arrive_is_held_against_the_settings() {
        use crate::settings::{Surroundings, load_without_file};
        let settings = |mode: &str| {
            let mut around = Surroundings::default();
            for (name, value) in
                [("ROOST_PUBLIC_URL", "https://bot.example.org"), ("ROOST_UPDATES_MODE", mode)]
            {
                around.variables.insert(name.to_owned(), value.to_owned());
            }
            load_without_file(Vec::new(), &around).unwrap().settings
        };
        let (here, nowhere) = (Running::Here, Running::Nowhere);
        for (mode, running, url, begins) in [
            ("polling", here, "", "ok webhook: none is set"),
            ("polling", nowhere, "https://a.example.org/x", "note webhook: one is set; `serve`"),
            ("polling", here, "https://a.example.org/x", "wrong webhook: one is set, so no update"),
            ("webhook", nowhere, "", "ok webhook: `serve` sets its own"),
            ("webhook", here, "https://bot.example.org/x", "ok webhook: set to `public-url`"),
            ("webhook", here, "https://bot.example.org.evil/x", "wrong webhook: one of another"),
            ("webhook", here, "", "wrong webhook: none is set; restart"),
        ] {
            let lines = webhook(&settings(mode), &json!({"url": url}), running);
            let [line] = &lines[..] else { panic!("{lines:?}") };
            assert!(line.to_string().starts_with(begins), "{mode} {running:?} {url}: {line}");
            assert!(!line.text.contains("/x"), "the path is a secret: {line}");
        }
        let bad = json!({"url": "https://bot.example.org/x", "last_error_message": "Wrong response",
            "pending_update_count": 101});
        let lines = webhook(&settings("webhook"), &bad, here);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(
            lines[1].text.contains("Wrong response; see that") && lines[2].text.contains("101")
        );
    }

    #[test]
    fn a_clock_is_right_within_half_a_minute() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        for (date, expected) in [
            ("Sat, 21 Nov 2026 12:00:00 GMT", Some("ok clock: right")),
            ("Sat, 21 Nov 2026 11:59:30 GMT", Some("ok clock: right")),
            ("Sat, 21 Nov 2026 12:05:00 GMT", Some("wrong clock: 300 s behind Telegram's; let")),
            ("Sat, 21 Nov 2026 11:59:29 GMT", Some("wrong clock: 31 s ahead of Telegram's; let")),
            ("yesterday", None),
        ] {
            let line = clock(date, now).map(|line| line.to_string());
            match expected {
                Some(begin) => assert!(line.unwrap().starts_with(begin), "{date}"),
                None => assert_eq!(line, None, "{date}"),
            }
        }
    }
}
