//! `roost completions`: prints what a shell needs to complete our command lines.

use super::{Node, bash, fish, zsh};
use crate::cli::{Exit, Outcome};
use argh::{ArgsInfo, FromArgs};
use std::io::Write;
use std::path::PathBuf;

/// print the completions of a shell: bash, zsh or fish
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "completions")]
pub struct Completions {
    /// bash, zsh or fish
    #[argh(positional, from_str_fn(shell))]
    shell: Shell,
    /// settings file; every command takes one, this one needs none
    #[argh(option)]
    #[expect(dead_code, reason = "taken so that every command takes it")]
    settings: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub fn run(&self, out: &mut dyn Write) -> Outcome {
        let all = Node::all();
        let text = match self.shell {
            Shell::Bash => bash::script(&all),
            Shell::Zsh => zsh::script(&all),
            Shell::Fish => fish::script(&all),
        };
        out.write_all(text.as_bytes())?;
        Ok(Exit::Done)
    }
}

fn shell(name: &str) -> Result<Shell, String> {
    match name {
        "bash" => Ok(Shell::Bash),
        "zsh" => Ok(Shell::Zsh),
        "fish" => Ok(Shell::Fish),
        _ => Err("expected `bash`, `zsh` or `fish`".to_owned()),
    }
}
