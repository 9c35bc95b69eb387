//! The command line: one file per command, one list of them, three exit codes.

mod add_event;
mod admin_code;
mod api_key;
mod app_config;
mod attendees;
mod backup;
mod cancel_event;
mod check;
mod columns;
mod csv;
mod data;
mod delete_event;
mod demo;
mod doctor;
mod edit_event;
mod failure;
mod folder;
mod health;
mod init;
mod list_events;
mod list_users;
mod manual;
mod online;
mod relay;
mod restore;
mod rights;
mod secret;
mod self_test;
mod serve;
mod servers;
mod settings;
mod version;

pub use failure::{Exit, Failure, Outcome};

use crate::settings::{Asked, Flag, Loaded, Surroundings, load, nearest, show};
use argh::{ArgsInfo, FromArgs, SubCommands};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

/// How the program is called in its own messages.
const PROGRAM: &str = "roost";

/// A Telegram bot and the server of its mini apps in one program.
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(help_triggers("-h", "--help", "help"))]
struct Roost {
    #[argh(subcommand)]
    command: Command,
}

/// All commands. A new one is a file, a line here and a line in [`Command::run`].
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand)]
enum Command {
    AddEvent(add_event::AddEvent),
    ListEvents(list_events::ListEvents),
    EditEvent(edit_event::EditEvent),
    CancelEvent(cancel_event::CancelEvent),
    DeleteEvent(delete_event::DeleteEvent),
    Attendees(attendees::Attendees),
    ListUsers(list_users::ListUsers),
    AdminCode(admin_code::AdminCode),
    MakeAdmin(rights::MakeAdmin),
    RemoveAdmin(rights::RemoveAdmin),
    Ban(rights::Ban),
    Unban(rights::Unban),
    ApiKey(api_key::ApiKey),
    AppConfig(app_config::AppConfig),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Relay(relay::Relay),
    Secret(secret::Secret),
    SelfTest(self_test::SelfTest),
    Health(health::Health),
    Check(check::Check),
    Completions(manual::Completions),
    Demo(demo::Demo),
    Init(init::Init),
    Man(manual::Man),
    Serve(serve::Serve),
    Servers(servers::Servers),
    Settings(settings::Settings),
    Version(version::Version),
}

impl Command {
    fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        match self {
            Self::AddEvent(command) => command.run(around, out),
            Self::ListEvents(command) => command.run(around, out),
            Self::EditEvent(command) => command.run(around, out),
            Self::CancelEvent(command) => command.run(around, out),
            Self::DeleteEvent(command) => command.run(around, out),
            Self::Attendees(command) => command.run(around, out),
            Self::ListUsers(command) => command.run(around, out),
            Self::AdminCode(command) => command.run(around, out),
            Self::MakeAdmin(command) => command.run(around, out),
            Self::RemoveAdmin(command) => command.run(around, out),
            Self::Ban(command) => command.run(around, out),
            Self::Unban(command) => command.run(around, out),
            Self::ApiKey(command) => command.run(around, out),
            Self::AppConfig(command) => command.run(around, out),
            Self::Backup(command) => command.run(around, out),
            Self::Restore(command) => command.run(around, out),
            Self::Relay(command) => command.run(around, out),
            Self::Secret(command) => command.run(around, out),
            Self::SelfTest(command) => command.run(out),
            Self::Health(command) => command.run(around, out),
            Self::Check(command) => command.run(around, out),
            Self::Completions(command) => command.run(out),
            Self::Demo(command) => command.run(out),
            Self::Init(command) => command.run(around, out),
            Self::Man(command) => command.run(around, out),
            Self::Serve(command) => command.run(around, out),
            Self::Servers(command) => command.run(around, out),
            Self::Settings(command) => command.run(around, out),
            Self::Version(command) => command.run(out),
        }
    }
}

/// Runs the command `arguments` ask for (without the program's name). Results go to standard
/// output, what went wrong to standard error.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Exit {
    let mut out = io::stdout();
    let outcome = command(arguments).and_then(|command| match command {
        Asks::Run(command) => command.run(&Surroundings::of_process(), &mut out),
        Asks::Help(text) => Ok(writeln!(out, "{}", text.trim_end()).map(|()| Exit::Done)?),
    });
    let outcome = outcome.and_then(|exit| Ok(out.flush().map(|()| exit)?));
    outcome.unwrap_or_else(|failure| failure.tell(&mut io::stderr()))
}

/// Settings for a command: from `--settings` and options that stand for a setting.
pub fn loaded(
    file: Option<&Path>,
    flags: Vec<Flag>,
    around: &Surroundings,
) -> Result<Loaded, Failure> {
    let asked = Asked { file: file.map(Path::to_owned), flags };
    Ok(load(&asked, around)?)
}

/// What a command line asks for.
#[derive(Debug)]
enum Asks {
    Run(Box<Command>),
    Help(String),
}

fn command(arguments: impl Iterator<Item = OsString>) -> Result<Asks, Failure> {
    let arguments: Vec<String> = arguments
        .map(|argument| argument.into_string().map_err(|_| not_text()))
        .collect::<Result<_, _>>()?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => Err(Failure::Usage(usage())),
        ["--version" | "-V"] => parsed(&["version"]),
        [first, ..] if !first.starts_with('-') && !is_command(first) => Err(unknown(first)),
        all => parsed(all),
    }
}

fn parsed(arguments: &[&str]) -> Result<Asks, Failure> {
    match Roost::from_args(&[PROGRAM], arguments) {
        Ok(roost) => Ok(Asks::Run(Box::new(roost.command))),
        Err(early) if early.status.is_ok() => Ok(Asks::Help(early.output)),
        Err(early) => Err(Failure::Usage(wrong_use(arguments, &early.output))),
    }
}

/// argh's complaint in our words: the remedy is the command's own help.
fn wrong_use(arguments: &[&str], complaint: &str) -> String {
    let lines: Vec<&str> = complaint.split_whitespace().collect();
    let complaint = show::redacted(&lines.join(" "));
    let command = arguments.first().filter(|first| is_command(first));
    let command = command.map_or(PROGRAM.to_owned(), |command| format!("{PROGRAM} {command}"));
    format!("{command}: {}; see `{command} --help`", lower_first(complaint.trim_end_matches('.')))
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn usage() -> String {
    let help = Roost::from_args(&[PROGRAM], &["--help"]);
    help.err().map(|early| early.output.trim_end().to_owned()).unwrap_or_default()
}

fn names() -> impl Iterator<Item = &'static str> {
    Command::COMMANDS.iter().map(|command| command.name)
}

fn is_command(name: &str) -> bool {
    name == "help" || names().any(|known| known == name)
}

fn unknown(name: &str) -> Failure {
    let near = nearest(name, names());
    let remedy =
        near.map_or("see `roost --help`".to_owned(), |near| format!("did you mean `{near}`?"));
    Failure::Usage(format!("{PROGRAM}: `{}`: no such command; {remedy}", show::name(name)))
}

fn not_text() -> Failure {
    Failure::Usage(format!("{PROGRAM}: an argument is not UTF-8 text; rename the file it names"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(line: &str) -> Result<Asks, Failure> {
        command(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn every_command_explains_itself_and_takes_a_settings_file() {
        for name in names() {
            let Ok(Asks::Help(help)) = asks(&format!("{name} --help")) else { panic!("{name}") };
            assert!(help.contains("--settings"), "{help}");
        }
    }

    #[test]
    fn wrong_use_is_answered_with_the_way_out() {
        for (line, says) in [
            ("", "Usage: roost"),
            ("chekc", "`chekc`: no such command; did you mean `check`?"),
            ("zebra", "see `roost --help`"),
            (
                "check --zebra",
                "roost check: unrecognized argument: --zebra; see `roost check --help`",
            ),
            ("check 123456:TEST-TOKEN-made-up", "unrecognized argument: ***"),
            ("--zebra", "see `roost --help`"),
            ("check --settings", "see `roost check --help`"),
        ] {
            let Err(Failure::Usage(text)) = asks(line) else { panic!("{line}") };
            assert!(text.contains(says), "{line}: {text}");
        }
    }
}
