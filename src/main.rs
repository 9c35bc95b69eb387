//! The `roost` program: parses the command line, runs one command, turns errors into exit codes.

use std::process::ExitCode;

fn main() -> ExitCode {
    roost::cli::run(std::env::args_os().skip(1)).into()
}
