//! The unit files: tight enough, right, and explained line by line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{runs, said};

/// The exposure level that is allowed, from 0 (sealed) to 10.
const EXPOSURE: f64 = 2.0;

fn unit(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd").join(name)
}

#[test]
fn the_service_is_hardly_exposed() {
    let mut analyze = Command::new("systemd-analyze");
    analyze.args(["security", "--offline=true", "--no-pager"]).arg(unit("roost.service"));
    let told = said(&runs("systemd", &mut analyze));
    let level = told.split("exposure level for roost.service: ").nth(1);
    let level = level.and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
    assert!(level.is_some_and(|level| level <= EXPOSURE), "{told}");
}

#[test]
fn systemd_understands_every_line() {
    let folder = tempfile::tempdir().unwrap();
    let service = fs::read_to_string(unit("roost.service")).unwrap();
    // With the lines for a certificate taken in, too; the program is not installed here.
    let service = service
        .replace("/usr/local/bin/roost", "/bin/true")
        .replace("#LoadCredential", "LoadCredential")
        .replace("#Environment", "Environment");
    fs::write(folder.path().join("roost.service"), service).unwrap();
    fs::copy(unit("roost.socket"), folder.path().join("roost.socket")).unwrap();
    let mut analyze = Command::new("systemd-analyze");
    analyze.args(["verify", "--man=no"]);
    analyze.args(["roost.service", "roost.socket"].map(|name| folder.path().join(name)));
    let output = runs("systemd", &mut analyze);
    assert!(output.status.success() && said(&output).is_empty(), "{}", said(&output));
}

#[test]
fn every_line_is_explained() {
    for name in ["roost.service", "roost.socket"] {
        let text = fs::read_to_string(unit(name)).unwrap();
        let mut explained = true;
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('[')) {
            let comment = line.starts_with('#');
            // One reason for both.
            let pair = line.starts_with("After=");
            assert!(comment || explained || pair, "{name}: `{line}` has no comment");
            explained = comment;
        }
    }
}

/// The system calls the unit lets through.
fn allowed() -> BTreeSet<String> {
    let text = fs::read_to_string(unit("roost.service")).unwrap();
    let mut allowed = BTreeSet::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        match line.strip_prefix('~') {
            Some(groups) => groups.split(' ').for_each(|group| {
                let denied = calls(group);
                allowed.retain(|call| !denied.contains(call));
            }),
            None => line.split(' ').for_each(|group| allowed.extend(calls(group))),
        }
    }
    allowed
}

/// The system calls of a group, those of its groups included.
fn calls(group: &str) -> BTreeSet<String> {
    let mut analyze = Command::new("systemd-analyze");
    let told = said(&runs("systemd", analyze.args(["syscall-filter", "--no-pager", group])));
    let entries = told.lines().map(str::trim).filter(|line| !line.is_empty());
    let entries = entries.filter(|line| !line.starts_with('#') && *line != group);
    entries
        .flat_map(
            |entry| {
                if entry.starts_with('@') { calls(entry) } else { [entry.to_owned()].into() }
            },
        )
        .collect()
}

#[test]
fn what_the_program_calls_is_let_through() {
    use crate::updates_support::{Program, World};
    let world = World::new();
    let trace = world.folder.path().join("trace");
    let plain = world.command(&[]);
    let mut command = Command::new("strace");
    command
        .args(["--follow-forks", "--summary-only", "--output"])
        .arg(&trace)
        .args([env!("CARGO_BIN_EXE_roost"), "serve"])
        .env_clear()
        .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("ROOST_TLS", "self-signed")
        .env("ROOST_METRICS_LISTEN", "127.0.0.1:0")
        .current_dir(world.folder.path());
    runs("strace", Command::new("strace").arg("--version"));
    let ada = world.telegram.person(7, "Ada", "en");
    let program = Program::start(&mut command);
    ada.sends("/start");
    ada.waits_for("the greeting", |message| message.by_bot);
    ada.sends("/events");
    for _ in 0..20 {
        drop(std::net::TcpStream::connect(("127.0.0.1", program.port())).unwrap());
    }
    // The traced program is the only child of strace.
    let strace = program.id();
    let children = fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap();
    for signal in ["-HUP", "-TERM"] {
        let sent = Command::new("kill").args([signal, children.trim()]).status().unwrap();
        assert!(sent.success());
        program.waits_for_line(if signal == "-HUP" { "taken over" } else { "stopping" });
    }
    drop(program.stops("CONT"));
    let summary = fs::read_to_string(trace).unwrap();
    let called: BTreeSet<&str> = summary
        .lines()
        .skip_while(|line| !line.starts_with("------"))
        .skip(1)
        .take_while(|line| !line.starts_with("------"))
        .filter_map(|line| line.split_whitespace().last())
        .collect();
    assert!(called.contains("accept4") && called.contains("fdatasync"), "{summary}");
    let allowed = allowed();
    let denied: Vec<_> = called.iter().filter(|call| !allowed.contains(**call)).collect();
    assert!(denied.is_empty(), "the unit forbids {denied:?}");
}
