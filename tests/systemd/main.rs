//! The real program as a service: a stand-in for systemd, the real tools of systemd where there are
//! some, and the unit files.

mod activation;
mod manager;
mod notices;
mod reload;
mod units;
#[path = "../updates_support/mod.rs"]
mod updates_support;

use std::process::{Command, Output, Stdio};

/// Runs a tool of the system; what has to be installed is said when it is missing.
fn runs(package: &str, command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| {
        let name = command.get_program().display();
        panic!("`{name}` cannot be run: {error}; as root: apt-get install -y {package}")
    })
}

/// What a tool said.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}
