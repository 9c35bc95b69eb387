//! `roost secret new`, `read`, `list` and `burn`: one-time messages. Texts come from standard input,
//! since arguments are seen by everybody on the machine.

use super::data::{Data, user, word};
use super::{Exit, Failure, Outcome, columns};
use crate::apps::secrets::words;
use crate::control::{Request, Untold};
use crate::ids::UserId;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Bytes read at most: no text may have as many.
const TEXT_MAX: u64 = 64 * 1024;

const HEAD: [&str; 6] = ["ID", "State", "Created", "Expires", "Recipient", "By"];

/// make and read one-time messages
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "secret")]
pub struct Secret {
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
    #[argh(subcommand)]
    act: Act,
}

#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand)]
enum Act {
    New(New),
    Read(Reading),
    List(List),
    Burn(Burn),
}

/// keep the text that standard input holds, byte for byte, and print what opens it
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "new")]
struct New {
    /// how long it waits, such as 30m, 12h or 3d
    #[argh(option, from_str_fn(ttl))]
    ttl: Option<Duration>,
    /// telegram id of the only person who may read it
    #[argh(option, long = "for", from_str_fn(user))]
    recipient: Option<UserId>,
    /// file whose first line is a passphrase that the reader has to know
    #[argh(option)]
    passphrase_file: Option<PathBuf>,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// print a text, once; nothing of it remains
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "read")]
struct Reading {
    /// what opens it, `ID:TOKEN`; without it, standard input is read
    #[argh(positional)]
    ticket: Option<Ticket>,
    /// file whose first line is the passphrase
    #[argh(option)]
    passphrase_file: Option<PathBuf>,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// list those that are unread, without what is in them or opens them
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "list")]
struct List {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// delete one unread
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "burn")]
struct Burn {
    /// its number
    #[argh(positional)]
    id: u64,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// What opens a secret; it prints nowhere, not even in `Debug`.
#[derive(Debug)]
struct Ticket(Untold);

impl std::str::FromStr for Ticket {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(Untold(text.to_owned())))
    }
}

impl Secret {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data =
            |file: &Option<PathBuf>| Data::of(file.as_ref().or(self.settings.as_ref()), around);
        match &self.act {
            Act::New(new) => new.run(&data(&new.settings)?, out),
            Act::Read(reading) => reading.run(&data(&reading.settings)?, out),
            Act::List(list) => list.run(&data(&list.settings)?, out),
            Act::Burn(burn) => burn.run(&data(&burn.settings)?, out),
        }
    }
}

impl New {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let passphrase = passphrase(self.passphrase_file.as_ref())?;
        if io::stdin().is_terminal() {
            drop(writeln!(io::stderr(), "write the text and end it with Ctrl-D"));
        }
        let request = Request::NewSecret {
            text: Untold(standard_input()?),
            ttl: self.ttl.map(|ttl| ttl.as_secs()),
            recipient: self.recipient,
            passphrase,
        };
        let ticket = data.carry_out(&request)?;
        writeln!(out, "{}", ticket.as_str().unwrap_or_default())?;
        Ok(Exit::Done)
    }
}

impl Reading {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let passphrase = passphrase(self.passphrase_file.as_ref())?;
        let ticket = match &self.ticket {
            Some(Ticket(ticket)) => ticket.clone(),
            None => Untold(standard_input()?),
        };
        let text = data.carry_out(&Request::ReadSecret { ticket, passphrase })?;
        out.write_all(text.as_str().unwrap_or_default().as_bytes())?;
        if io::stdout().is_terminal() {
            writeln!(out)?;
        }
        Ok(Exit::Done)
    }
}

impl List {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let secrets = data.carry_out(&Request::ListSecrets)?;
        columns::list(out, self.json, &secrets, HEAD, row)?;
        Ok(Exit::Done)
    }
}

fn row(secret: &Value) -> [String; 6] {
    ["id", "state", "created", "expires", "recipient", "by"].map(|member| word(secret, member))
}

impl Burn {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        data.carry_out(&Request::BurnSecret { id: self.id })?;
        writeln!(out, "one-time message {} burnt", self.id)?;
        Ok(Exit::Done)
    }
}

/// All of it, byte for byte.
fn standard_input() -> Result<String, Failure> {
    text_of(io::stdin()).map_err(|error| Failure::Failed(format!("standard input: {error}")))
}

/// The first line of a file, which editors end with a line break.
fn passphrase(path: Option<&PathBuf>) -> Result<Option<Untold>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let failed = |error| Failure::Failed(format!("`{}`: {error}", path.display()));
    let text = File::open(path).and_then(text_of).map_err(failed)?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(failed(io::Error::other("there is no passphrase in its first line")));
    }
    Ok(Some(Untold(line.to_owned())))
}

fn text_of(input: impl Read) -> io::Result<String> {
    let mut text = String::new();
    input.take(TEXT_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > TEXT_MAX {
        return Err(io::Error::other(format!("more than {TEXT_MAX} bytes")));
    }
    Ok(text)
}

/// Reads a length of time, as argh wants it.
fn ttl(text: &str) -> Result<Duration, String> {
    let ttl = words::parse(text).filter(|ttl| !ttl.is_zero());
    ttl.ok_or_else(|| "expected a number with `s`, `m`, `h` or `d`, such as `12h`".to_owned())
}
