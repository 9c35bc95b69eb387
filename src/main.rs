//! The `roost` program: parses the command line, runs one command, turns errors into exit codes.

use std::process::ExitCode;

/// musl's own allocator is slow where several threads use it.
#[cfg(target_env = "musl")]
#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    roost::thread::end_on_panic();
    roost::cli::run(std::env::args_os().skip(1)).into()
}
