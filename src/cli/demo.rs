//! `roost demo`: the whole program on this machine alone, with a stand-in for Telegram.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use argh::{ArgsInfo, FromArgs};
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::folder::Folder;
use super::serve::stop;
use super::{Exit, Failure, Outcome, loaded};
use crate::clock;
use crate::demo::samples;
use crate::demo::telegram::{Person, StandIn};
use crate::demo::trueconf::{self, Panel};
use crate::logging::{self, Clock};
use crate::net::gate::GateError;
use crate::server::Server;
use crate::settings::Surroundings;

/// Where the mini app is served if the port is free; the same as `serve`.
const PORT: u16 = 2536;

/// The visitor's and the admin's made-up ids.
const VISITOR: i64 = 1001;
const ADMIN: i64 = 1002;

/// The bot's made-up name.
const BOT: &str = "roost_demo_bot";

/// try everything on this machine: no token, no account, no network
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "demo")]
pub struct Demo {
    /// settings file; taken by every command, not read by this one
    #[argh(option)]
    #[expect(dead_code, reason = "taken so that every command takes it")]
    settings: Option<PathBuf>,
    /// port of the mini app (2536, or a free one if that is taken)
    #[argh(option)]
    port: Option<u16>,
}

/// The running demo. The server stops before its Telegram, and the folder goes last.
struct Running {
    _server: Server,
    _telegram: StandIn,
    _servers: Panel,
    _folder: Folder,
}

impl Demo {
    pub(super) fn run(&self, out: &mut dyn Write) -> Outcome {
        let mut signals =
            Signals::new([SIGTERM, SIGINT]).map_err(|error| failed("signals", &error))?;
        let folder = Folder::make("demo").map_err(|error| failed("temporary folder", &error))?;
        let port = self.port()?;
        let token = token()?;
        let telegram = StandIn::start(&token, BOT).map_err(|error| failed("demo", &error))?;
        // Before the bot comes, which gives the admin a menu at its start.
        let visitor = telegram.person(VISITOR, "Vera Visitor", "en");
        let admin = telegram.person(ADMIN, "Adam Admin", "en");
        let base = format!("http://127.0.0.1:{port}");
        let (servers, panel) = servers().map_err(|error| failed("demo", &error))?;
        let file = folder.settings(&json!({
            "bot-token": token,
            "telegram-api-url": telegram.base_url(),
            "public-url": base,
            "port": port,
            "admins": [ADMIN],
            "log": {"level": "warn"},
            "limits": {"connections-per-address": 500},
            "servers": servers,
        }));
        let file = file.map_err(|error| failed("temporary folder", &error))?;
        // Nothing of the environment may reach into the demo, least of all a real token.
        let around = Surroundings { folder: folder.path().to_owned(), ..Surroundings::default() };
        let loaded = loaded(Some(&file), Vec::new(), &around)?;
        logging::start(&loaded.settings.log, Clock::Shown);
        let token = loaded.settings.token()?;
        let server = Server::start(&loaded.settings, token).map_err(|e| failed("demo", &e))?;
        samples::fill(server.store(), &loaded.settings.timezone, clock::now())
            .map_err(|error| Failure::Failed(format!("demo: {error:?}")))?;
        // Whoever closes our output after reading the links wants the demo to go on.
        drop(tell(out, &telegram, &panel, &base, [&visitor, &admin]));
        let running =
            Running { _server: server, _telegram: telegram, _servers: panel, _folder: folder };
        signals.forever().next();
        stop(running);
        Ok(Exit::Done)
    }

    /// The port asked for, or the usual one, or any that is free.
    fn port(&self) -> Result<u16, Failure> {
        let free = |port| {
            let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
            Ok(listener.local_addr()?.port())
        };
        let found: std::io::Result<u16> = match self.port {
            Some(port) => free(port),
            None => free(PORT).or_else(|_| free(0)),
        };
        found.map_err(|error| {
            let port = self.port.unwrap_or(PORT);
            let why = format!("port {port} cannot be used: {error}");
            Failure::Failed(format!("{why}; choose another with `--port`, 0 picks a free one"))
        })
    }
}

/// Two conference servers: their settings, and the page that breaks them.
fn servers() -> Result<(serde_json::Value, Panel), GateError> {
    let servers = [trueconf::head_office()?, trueconf::branch()?];
    let settings = |server: &trueconf::StandIn| (server.name().to_owned(), server.settings());
    let settings = servers.iter().map(settings).collect();
    Ok((settings, Panel::start(servers.into())?))
}

fn tell(
    out: &mut dyn Write,
    telegram: &StandIn,
    panel: &Panel,
    base: &str,
    [visitor, admin]: [&Person; 2],
) -> std::io::Result<()> {
    writeln!(out, "Open these in any browser, side by side:")?;
    writeln!(out)?;
    writeln!(out, "visitor: {}", telegram.launch_link(visitor, base, None))?;
    writeln!(out, "admin:   {}", telegram.launch_link(admin, base, None))?;
    writeln!(out, "bot:     {}/", telegram.base_url())?;
    writeln!(out, "servers: {}", panel.url())?;
    writeln!(out)?;
    writeln!(out, "Everything is kept in a temporary folder until Ctrl-C.")?;
    out.flush()
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Failed(format!("{what}: {error}"))
}

/// A made-up token of Telegram's form.
pub(super) fn token() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| failed("random numbers", &error))?;
    Ok(format!("123456789:AA-{:032x}", u128::from_ne_bytes(bytes)))
}
