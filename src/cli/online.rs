//! `roost check --online`: what Telegram and the public address say about the settings.

use std::time::Duration;

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::tls::{Certificate, TlsConfig};
use ureq::typestate::AgentScope;

use super::check::{Line, State};
use super::doctor::bot::{self, Running};
use crate::net::tls::Source;
use crate::net::tls::leaf::Leaf;
use crate::relay::{Stop, sinks};
use crate::server::certificate;
use crate::settings::Settings;
use crate::settings::relay::SinkSettings;

/// One question may take this long.
const DEADLINE: Duration = Duration::from_secs(10);

/// Asks everybody the settings name.
pub(super) fn online(settings: &Settings, running: Running) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(clock_of(&settings.telegram_api_url));
    if let Some(token) = &settings.bot_token {
        lines.extend(bot::lines(settings, token, running));
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

/// The time of whoever answers at `url`, whatever they answer; nothing if nobody does.
fn clock_of(url: &str) -> Option<Line> {
    let agent: Agent = plain().build().into();
    let answer = agent.get(url).call().ok()?;
    bot::clock(answer.headers().get("date")?.to_str().ok()?, crate::clock::now())
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
    // As a page of ours would: whoever hides the host from the server is found out.
    let host_ends = url.match_indices('/').nth(2).map_or(url.len(), |(end, _)| end);
    let handshake = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Origin", &url[..host_ends]),
    ];
    match ask(agent, &format!("{url}/wss/"), &handshake) {
        Ok(101) => Line::new(State::Ok, "websocket: passes"),
        Ok(403) => Line::new(
            State::Wrong,
            "websocket: refused, since the server sees another host; let the proxy pass `Host` on, and correct `public-url`",
        ),
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
    let config = plain();
    let own = certificate::source(settings).filter(|s| matches!(s, Source::SelfSigned { .. }));
    let own = own.and_then(|source| Leaf::first_in(source.certificate()).ok());
    let Some(own) = own else { return config.build().into() };
    let trusted = [Certificate::from_der(&own.der).to_owned()].into();
    config.tls_config(TlsConfig::builder().root_certs(trusted).build()).build().into()
}

/// What every question has in common.
fn plain() -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(DEADLINE))
}

/// The status of a GET, or why there is none.
fn ask(agent: &Agent, url: &str, headers: &[(&str, &str)]) -> Result<u16, String> {
    let request = headers.iter().fold(agent.get(url), |r, (name, value)| r.header(*name, *value));
    request.call().map(|answer| answer.status().as_u16()).map_err(|error| error.to_string())
}
