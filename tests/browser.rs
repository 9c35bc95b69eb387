//! The page in a real browser, against the real program: each file of `tests/browser` is a test.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use support::Program;

/// How to get what is missing.
const REMEDY: &str = "run `./tests/run`, which installs it (as root) or says how";

/// A running `roost demo`, killed when the test ends.
struct Demo {
    child: Child,
    visitor: String,
    admin: String,
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_roost"))
            .args(["demo", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let (mut visitor, mut admin) = (None, None);
        for line in lines.map_while(Result::ok) {
            let link = |label| line.strip_prefix(label).map(|link: &str| link.trim().to_owned());
            visitor = visitor.or_else(|| link("visitor:"));
            admin = admin.or_else(|| link("admin:"));
            if line.starts_with("bot:") {
                break;
            }
        }
        Self {
            child,
            visitor: visitor.expect("a link for a visitor"),
            admin: admin.expect("a link for an admin"),
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn passes(file: &str) {
    passes_with(file, &[]);
}

/// With further variables in the environment.
fn passes_with(file: &str, more: &[(&str, &str)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    assert!(folder.join(file).exists(), "`{file}` is gone; take it out of this list");
    assert!(folder.join("node_modules").exists(), "the browser's driver is missing; {REMEDY}");
    let demo = Demo::start();
    let output = Command::new("node")
        .args(["--test", file])
        .current_dir(&folder)
        .env("ROOST_VISITOR", &demo.visitor)
        .env("ROOST_ADMIN", &demo.admin)
        .envs(more.iter().copied())
        .output()
        .unwrap_or_else(|error| panic!("`node`: {error}; {REMEDY}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn every_file_of_browser_tests_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let here = include_str!("browser.rs");
    for entry in folder.read_dir().expect("the folder is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") {
            assert!(here.contains(&format!("\"{name}\"")), "add `{name}` to this file");
        }
    }
}

#[test]
fn everybody_can_use_the_page() {
    passes("access.test.mjs");
}

#[test]
fn admins_manage_events_on_the_page() {
    passes("admin.test.mjs");
}

#[test]
fn servers_and_their_conferences_are_looked_after_on_the_page() {
    passes("conferences.test.mjs");
}

#[test]
fn people_attend_and_leave_on_the_page() {
    passes("attend.test.mjs");
}

#[test]
fn the_page_is_light_and_keeps_its_rules() {
    passes("budget.test.mjs");
}

#[test]
fn the_page_survives_a_lost_connection() {
    passes("connection.test.mjs");
}

#[test]
fn the_list_shows_what_people_need() {
    passes("list.test.mjs");
}

#[test]
fn the_parts_of_the_page_work_alone() {
    passes("parts.test.mjs");
}

#[test]
fn one_time_messages_are_read_on_their_page() {
    // A visitor's address is what the test says, so that wrong tries of one stop no other.
    let (home, program) = Program::with(&json!({"trusted-proxies": ["127.0.0.1/32"]}));
    let key = Command::new(env!("CARGO_BIN_EXE_roost"))
        .args(["api-key", "add", "browser"])
        .current_dir(home.folder())
        .output()
        .expect("the program starts");
    let key = String::from_utf8(key.stdout).expect("a key is text");
    let server = format!("http://{}", program.address());
    passes_with("secret.test.mjs", &[("ROOST_API", &server), ("ROOST_API_KEY", key.trim_end())]);
}

#[test]
fn people_share_events() {
    passes("share.test.mjs");
}

#[test]
fn the_page_works_inside_telegram() {
    passes("telegram.test.mjs");
}
