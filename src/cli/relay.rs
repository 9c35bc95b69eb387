//! `roost relay status`, `dead`, `replay`, `skip` and `tail`: what becomes of updates.

use super::data::{Data, word};
use super::{Exit, Failure, Outcome, columns};
use crate::control::{self, From, Request};
use crate::settings::{Surroundings, parse};
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

const STATUS: [&str; 7] = ["Name", "Type", "State", "Waiting", "Oldest", "Dead", "Last error"];

const DEAD: [&str; 5] = ["Update", "Kind", "Received", "Refused", "Reason"];

/// see and steer where updates are handed on to
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "relay")]
pub struct Relay {
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
    #[argh(subcommand)]
    act: Act,
}

#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand)]
enum Act {
    Status(Status),
    Dead(Dead),
    Replay(Replay),
    Skip(Skip),
    Tail(Tail),
}

/// how each sink stands
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "status")]
struct Status {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// the updates that a sink refused for good, oldest first
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "dead")]
struct Dead {
    /// the sink's name
    #[argh(positional)]
    sink: String,
    /// print one JSON array, with the updates themselves
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// send the dead letters of a sink again, or everything from some point on
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "replay")]
struct Replay {
    /// the sink's name
    #[argh(positional)]
    sink: String,
    /// how long ago to begin, such as 2h, or the `update_id` to begin with
    #[argh(option, from_str_fn(from))]
    from: Option<From>,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// make a dead letter of the update that a sink stands still at
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "skip")]
struct Skip {
    /// the sink's name
    #[argh(positional)]
    sink: String,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// print each update as it comes, one JSON object a line
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "tail")]
struct Tail {
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl Relay {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data =
            |file: &Option<PathBuf>| Data::of(file.as_ref().or(self.settings.as_ref()), around);
        match &self.act {
            Act::Status(status) => status.run(&data(&status.settings)?, out),
            Act::Dead(dead) => dead.run(&data(&dead.settings)?, out),
            Act::Replay(replay) => replay.run(&data(&replay.settings)?, out),
            Act::Skip(skip) => skip.run(&data(&skip.settings)?, out),
            Act::Tail(tail) => {
                let data = data(&tail.settings)?;
                let followed = control::follow(data.database(), out);
                followed.map(|()| Exit::Done).map_err(failed)
            }
        }
    }
}

impl Status {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let sinks = data.settings().sinks.iter();
        let sinks = sinks.map(|sink| (sink.name.clone(), sink.target.type_name().to_owned()));
        let sinks = data.carry_out(&Request::RelayStatus { sinks: sinks.collect() })?;
        columns::list(out, self.json, &sinks, STATUS, status)?;
        Ok(Exit::Done)
    }
}

fn status(row: &Value) -> [String; 7] {
    let of = |member| word(row, member);
    let oldest = row["oldest_seconds"].as_i64().filter(|_| row["lag"] != 0);
    [
        of("name"),
        of("type"),
        of("state"),
        of("lag"),
        oldest.map(parse::spelled).unwrap_or_default(),
        of("dead"),
        of("last_error"),
    ]
}

impl Dead {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let letters = data.carry_out(&Request::RelayDead { sink: self.sink.clone() })?;
        let members = ["update_id", "kind", "received", "refused", "reason"];
        columns::list(out, self.json, &letters, DEAD, |letter| members.map(|m| word(letter, m)))?;
        Ok(Exit::Done)
    }
}

impl Replay {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let request = Request::RelayReplay { sink: self.sink.clone(), from: self.from };
        let count = data.carry_out(&request)?;
        writeln!(out, "{count} updates are sent to `{}` again", self.sink)?;
        Ok(Exit::Done)
    }
}

impl Skip {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let waits = data.carry_out(&Request::RelaySkip { sink: self.sink.clone() })?;
        if waits == true {
            writeln!(out, "the update `{}` stands still at becomes a dead letter", self.sink)?;
        } else {
            writeln!(out, "nothing waits for `{}`", self.sink)?;
        }
        Ok(Exit::Done)
    }
}

/// Somebody who reads no further is no failure.
fn failed(failure: control::Failure) -> Failure {
    match failure {
        control::Failure::Output(error) => error.into(),
        other => Failure::Failed(other.to_string()),
    }
}

/// A duration, or an `update_id`.
fn from(text: &str) -> Result<From, String> {
    let update = text.parse().ok().map(From::Update);
    update.or_else(|| parse::seconds(text).map(From::Seconds)).ok_or_else(|| {
        "expected how long ago, such as `90s`, `2h` or `1d`, or an `update_id`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_begins_some_time_ago_or_with_an_update() {
        for (text, expected) in [
            ("2h", Some(From::Seconds(7_200))),
            ("90s", Some(From::Seconds(90))),
            ("88123", Some(From::Update(88_123))),
            ("yesterday", None),
            ("", None),
            ("-1h", None),
        ] {
            assert_eq!(from(text).ok(), expected, "{text}");
        }
    }
}
