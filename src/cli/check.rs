//! `roost check`: whether the settings make sense, one line each: ok, or what is wrong and what to
//! do about it.

use super::doctor::bot::Running;
use super::doctor::{machine, server};
use super::online::online;
use super::{Exit, Failure, Outcome, loaded};
use crate::clock;
use crate::net::tls::Source;
use crate::net::tls::leaf::SOON;
use crate::server::certificate;
use crate::settings::{Loaded, Note, Surroundings, relay, show};
use argh::{ArgsInfo, FromArgs};
use serde_json::{Value, json};
use std::fmt;
use std::io::Write;
use std::net::ToSocketAddrs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// check the settings and say what to do about what is wrong
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "check")]
pub struct Check {
    /// settings file
    #[argh(option, arg_name = "path")]
    settings: Option<PathBuf>,
    /// also ask Telegram, and the public address
    #[argh(switch)]
    online: bool,
    /// print one JSON array
    #[argh(switch)]
    json: bool,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How it stands.
    pub state: State,
    /// What was found, and after a semicolon what to do.
    pub text: String,
}

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Ok,
    /// Worth a look; the program works.
    Note,
    /// The program will not work.
    Wrong,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Wrong => "wrong",
        }
    }
}

impl Line {
    pub(super) fn new(state: State, text: impl Into<String>) -> Self {
        Self { state, text: text.into() }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.state.word(), self.text)
    }
}

impl Check {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let lines = match loaded(self.settings.as_deref(), Vec::new(), around) {
            Ok(loaded) => {
                let mut lines = offline(&loaded);
                let server = server::lines(&loaded.settings);
                let running = if server.is_empty() { Running::Nowhere } else { Running::Here };
                lines.extend(server);
                if self.online {
                    lines.extend(online(&loaded.settings, running));
                }
                lines
            }
            Err(Failure::Settings(problems)) => {
                problems.0.iter().map(|p| Line::new(State::Wrong, p.to_string())).collect()
            }
            Err(other) => return Err(other),
        };
        self.print(&lines, out)?;
        let wrong = lines.iter().any(|line| line.state == State::Wrong);
        Ok(if wrong { Exit::WrongUse } else { Exit::Done })
    }

    fn print(&self, lines: &[Line], out: &mut dyn Write) -> Result<(), Failure> {
        let object = |line: &Line| json!({"state": line.state.word(), "text": line.text});
        if self.json {
            writeln!(out, "{}", lines.iter().map(object).collect::<Value>())?;
        } else {
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        Ok(())
    }
}

/// Everything that can be said without asking anybody.
fn offline(loaded: &Loaded) -> Vec<Line> {
    let mut lines = vec![file(loaded), token(loaded), hostname(loaded), database(loaded)];
    lines.extend(machine::lines(&loaded.settings));
    lines.extend(readable(loaded));
    lines.extend(www(loaded));
    lines.push(public_url(loaded));
    lines.extend(loaded.settings.servers.iter().filter_map(super::servers::trust_line));
    lines.extend(sinks(loaded));
    lines.extend(tls(loaded));
    lines.extend(loaded.notes.iter().map(|note| match note {
        Note::Warning(text) | Note::Detail(text) => Line::new(State::Note, text),
    }));
    lines
}

fn file(loaded: &Loaded) -> Line {
    let text = match &loaded.file {
        Some(file) => format!("{}: every key is known and every value fits", show::place(file)),
        None => "no settings file: the environment and defaults are used".to_owned(),
    };
    Line::new(State::Ok, text)
}

fn token(loaded: &Loaded) -> Line {
    match loaded.settings.token() {
        Ok(_) => Line::new(State::Ok, "`bot-token`: has the form of a token"),
        Err(problem) => Line::new(State::Wrong, problem.to_string()),
    }
}

fn hostname(loaded: &Loaded) -> Line {
    let (host, port) = (loaded.settings.hostname.as_str(), loaded.settings.port);
    match (host, port).to_socket_addrs().map(|mut addresses| addresses.next()) {
        Ok(Some(address)) => Line::new(State::Ok, format!("`hostname`: listens on {address}")),
        Ok(None) | Err(_) => Line::new(
            State::Wrong,
            format!("`hostname`: `{host}` cannot be resolved; use `127.0.0.1` or `0.0.0.0`"),
        ),
    }
}

fn database(loaded: &Loaded) -> Line {
    let path = &loaded.settings.database;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let shown = show::place(path);
    if path.is_dir() {
        return Line::new(State::Wrong, format!("`database`: {shown} is a folder; name a file"));
    }
    match folder {
        Some(folder) if !folder.is_dir() => {
            let folder = show::place(folder);
            let text =
                format!("`database`: there is no folder {folder}; make it, or change `database`");
            Line::new(State::Wrong, text)
        }
        _ => Line::new(State::Ok, format!("`database`: {shown}")),
    }
}

/// A settings file that holds the token and that everybody on the machine may read.
fn readable(loaded: &Loaded) -> Option<Line> {
    /// Any access for others.
    const OTHERS: u32 = 0o007;
    let file = loaded.file.as_ref()?;
    let place = loaded.resolved.named("bot-token", "")?.source.to_string();
    let mode = file.metadata().ok()?.permissions().mode();
    let exposed = place == show::place(file) && mode & OTHERS != 0;
    exposed.then(|| {
        let text =
            format!("{place}: holds the token and anybody may read it; run `chmod 600 {place}`");
        Line::new(State::Note, text)
    })
}

fn www(loaded: &Loaded) -> Option<Line> {
    let folder = loaded.settings.www.as_ref()?;
    let missing = !folder.is_dir();
    missing.then(|| {
        let text =
            format!("`www`: {} is no folder; correct it, or remove `www`", show::place(folder));
        Line::new(State::Wrong, text)
    })
}

fn sinks(loaded: &Loaded) -> impl Iterator<Item = Line> {
    let missing = relay::not_built(&loaded.settings.sinks).into_iter();
    missing.map(|problem| Line::new(State::Wrong, problem.to_string()))
}

/// The operator's certificate; one of our own is made when the server starts.
fn tls(loaded: &Loaded) -> Vec<Line> {
    let source = certificate::source(&loaded.settings);
    let Some(source @ Source::Files { .. }) = source else { return Vec::new() };
    let leaf = match source.check() {
        Ok(leaf) => leaf,
        Err(error) => return vec![Line::new(State::Wrong, format!("`tls`: {error}"))],
    };
    let (host, ends) = (certificate::host(&loaded.settings), leaf.ends);
    let mut lines = vec![if leaf.ends_within(SOON, clock::now()) {
        Line::new(State::Note, format!("`tls`: the certificate ends at {ends:.0}; renew it"))
    } else {
        Line::new(State::Ok, format!("`tls`: the certificate is valid until {ends:.0}"))
    }];
    if loaded.settings.public_url.is_some() && !leaf.is_for(&host) {
        let text = format!("`tls`: the certificate is not for `{host}`; get one that is");
        lines.push(Line::new(State::Wrong, text));
    }
    lines
}

fn public_url(loaded: &Loaded) -> Line {
    match &loaded.settings.public_url {
        Some(url) => Line::new(State::Ok, format!("`public-url`: {url}")),
        None => Line::new(
            State::Note,
            "`public-url`: not set; without it the bot works but offers no mini app",
        ),
    }
}
