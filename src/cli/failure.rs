//! How a command ends: the exit codes, and the failures that lead to them.

use crate::settings::{Problem, Problems, show};
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It did not work.
    Failed = 1,
    /// Wrong use of the command line, or wrong settings.
    WrongUse = 2,
}

/// How a command ends.
pub type Outcome = Result<Exit, Failure>;

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// The command line is wrong; the text says how.
    Usage(String),
    /// The settings are wrong.
    Settings(Problems),
    /// It did not work; `what: why`.
    Failed(String),
    /// Nobody reads our output any more, which is their good right (`roost settings | head -1`).
    OutputClosed,
}

impl Failure {
    /// Tells people and gives the exit code.
    pub fn tell(&self, err: &mut dyn Write) -> Exit {
        let text = self.to_string();
        if !text.is_empty() {
            // Nobody is left to tell when standard error is gone too.
            drop(writeln!(err, "{text}"));
        }
        self.exit()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Settings(_) => Exit::WrongUse,
            Self::Failed(_) => Exit::Failed,
            Self::OutputClosed => Exit::Done,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) => f.write_str(text),
            Self::Settings(problems) => problems.fmt(f),
            Self::Failed(text) => f.write_str(&show::redacted(text)),
            Self::OutputClosed => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Settings(problems)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Settings(problem.into())
    }
}

impl From<io::Error> for Failure {
    /// Errors of writing the output; other errors deserve a sentence of their own.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Failed(format!("cannot write the output: {error}")),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
