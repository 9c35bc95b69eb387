//! `roost check --online`: what Telegram and the public address say about the settings.

use std::time::Duration;

use serde_json::json;
use ureq::Agent;
use ureq::tls::{Certificate, TlsConfig};

use super::check::{Line, State};
use crate::hidden::Hidden;
use crate::net::tls::Source;
use crate::net::tls::leaf::Leaf;
use crate::relay::{Stop, sinks};
use crate::server::certificate;
use crate::settings::Settings;
use crate::settings::relay::SinkSettings;
use crate::telegram::{ApiError, Client};

/// One question may take this long.
const DEADLINE: Duration = Duration::from_secs(10);

/// Asks everybody the settings name.
pub(super) fn online(settings: &Settings) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(token) = &settings.bot_token {
        lines.extend(telegram(settings, token));
    }
    if let Some(url) = &settings.public_url {
        let agent = agent(settings);
        lines.push(page(&agent, url));
        lines.push(socket(&agent, url));
    }
    lines.extend(super::servers::online(&settings.servers));
    lines.extend(settings.sinks.iter().filter_map(sink));
    lines
}

fn telegram(settings: &Settings, token: &Hidden<String>) -> Vec<Line> {
    let client = Client::new(&settings.telegram_api_url, token.clone());
    let me = match client.call("getMe", &json!({}), DEADLINE) {
        Ok(me) => me,
        Err(error) => return vec![Line::new(State::Wrong, unanswered(&error))],
    };
    let name = me["username"].as_str().unwrap_or("a bot without a name");
    let mut lines = vec![Line::new(State::Ok, format!("`bot-token`: this is @{name}"))];
    if let Ok(info) = client.call("getWebhookInfo", &json!({}), DEADLINE) {
        lines.push(match info["last_error_message"].as_str() {
            Some(error) => Line::new(
                State::Note,
                format!("webhook: Telegram's last try failed: {error}; see `public-url`"),
            ),
            None if info["url"].as_str().is_none_or(str::is_empty) => {
                Line::new(State::Ok, "webhook: none is set")
            }
            None => Line::new(State::Note, "webhook: one is set; `serve` replaces or removes it"),
        });
    }
    lines
}

fn unanswered(error: &ApiError) -> String {
    match error {
        ApiError::Unauthorized => {
            "`bot-token`: Telegram does not know it; ask @BotFather for it again".to_owned()
        }
        error => format!("`telegram-api-url`: {error}; check the network and the address"),
    }
}

/// The pages, from outside.
fn page(agent: &Agent, url: &str) -> Line {
    let answer = ask(agent, &format!("{url}/healthz"), &[]);
    match answer {
        Ok(200) => Line::new(State::Ok, "`public-url`: the server answers there"),
        Ok(status) => Line::new(
            State::Wrong,
            format!("`public-url`: answers {status}; start `roost serve`, or correct the address"),
        ),
        Err(why) => Line::new(
            State::Wrong,
            format!("`public-url`: {why}; start `roost serve` and the tunnel or proxy"),
        ),
    }
}

/// A websocket, which a proxy may fail to pass on.
fn socket(agent: &Agent, url: &str) -> Line {
    let handshake = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    match ask(agent, &format!("{url}/wss/"), &handshake) {
        Ok(101) => Line::new(State::Ok, "websocket: passes"),
        Ok(status) => Line::new(
            State::Wrong,
            format!("websocket: answered with {status}; let the proxy pass `Upgrade` on"),
        ),
        Err(why) => Line::new(State::Wrong, format!("websocket: {why}; see the proxy's settings")),
    }
}

/// A sink's target. Types that are not built in are told of without asking anybody.
fn sink(settings: &SinkSettings) -> Option<Line> {
    let name = &settings.name;
    let checked = sinks::open(settings, &Stop::default()).ok()?.check();
    Some(match checked {
        Ok(()) => Line::new(State::Ok, format!("sink `{name}`: there")),
        Err(cause) => {
            let what = "updates wait until it can be reached";
            Line::new(State::Wrong, format!("sink `{name}`: {}; {what}", cause.reason()))
        }
    })
}

/// A client that asks as people's do, but knows a certificate of our own.
fn agent(settings: &Settings) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(DEADLINE));
    let own = certificate::source(settings).filter(|s| matches!(s, Source::SelfSigned { .. }));
    let own = own.and_then(|source| Leaf::first_in(source.certificate()).ok());
    let Some(own) = own else { return config.build().into() };
    let trusted = [Certificate::from_der(&own.der).to_owned()].into();
    config.tls_config(TlsConfig::builder().root_certs(trusted).build()).build().into()
}

/// The status of a GET, or why there is none.
fn ask(agent: &Agent, url: &str, headers: &[(&str, &str)]) -> Result<u16, String> {
    let request = headers.iter().fold(agent.get(url), |r, (name, value)| r.header(*name, *value));
    request.call().map(|answer| answer.status().as_u16()).map_err(|error| error.to_string())
}
