//! The Debian package, as somebody gets it who installs it: in a fresh Debian, under its own systemd.

mod contents;
mod life;
mod machine;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// Seconds since 1970 that the packages are of.
const EPOCH: &str = "1700000000";

/// The version in Cargo.toml, and one that comes after it.
const VERSIONS: [&str; 2] = [concat!(env!("CARGO_PKG_VERSION"), "-1"), "99.0-1"];

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs something that has to work; what it printed.
fn ok(command: &mut Command) -> String {
    let (output, told) = runs(command);
    assert!(output.status.success(), "{command:?}:\n{told}");
    told
}

fn runs(command: &mut Command) -> (Output, String) {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = [&output.stdout[..], &output.stderr].concat();
    (output, String::from_utf8_lossy(&told).into_owned())
}

/// A fresh Debian, read-only for all tests.
fn fresh_debian() -> PathBuf {
    let path = ok(&mut Command::new(top().join("tests/package/prepare")));
    path.lines().last().unwrap_or_default().into()
}

/// Packs the program the tests are of; where the package is.
fn pack(folder: &Path, version: &str, more: &[&str]) -> PathBuf {
    let mut pack = Command::new(top().join("packaging/deb"));
    pack.args(["--fast", "--version", version, "--binary"]).arg(program());
    pack.arg("--output").arg(folder).args(more).env("SOURCE_DATE_EPOCH", EPOCH);
    ok(&mut pack).lines().last().unwrap_or_default().into()
}

/// The program without what only a debugger reads: a third of it.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &PROGRAM
        .get_or_init(|| {
            fresh_debian();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("roost");
            let mut strip = Command::new("strip");
            ok(strip.arg("-o").arg(&path).arg(env!("CARGO_BIN_EXE_roost")));
            (folder, path)
        })
        .1
}
