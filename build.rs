//! Tells the program what it was built from.

use std::process::Command;

fn main() {
    commit();
}

/// `ROOST_COMMIT`: the commit this is built from, or `unknown` outside of a checkout.
fn commit() {
    let head = git(&["rev-parse", "--short=12", "HEAD"]);
    println!("cargo:rustc-env=ROOST_COMMIT={}", head.as_deref().unwrap_or("unknown"));
    println!("cargo:rerun-if-changed=build.rs");
    // The log of HEAD changes with every commit; HEAD itself only with the branch.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={log}");
    }
}

/// What git says, if this folder itself is its checkout: an unpacked archive inside somebody
/// else's repository has no commit of ours.
fn git(arguments: &[&str]) -> Option<String> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let top = ask(&["rev-parse", "--show-prefix"])?;
    if top.is_empty() { ask(arguments) } else { None }
}
