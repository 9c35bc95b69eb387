//! The layers call forward only, and every app is on the list: read from the sources themselves.

use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

/// Pure files of Mini Events: state, action, identity and time in, a decision or a frame out.
const PURE: [&str; 15] = [
    "action", "calendar", "when", "changes", "decision", "domain", "frame", "image", "input",
    "model", "refusal", "roll", "schedule", "start", "texts",
];

/// Pure files of other apps.
const PURE_ELSEWHERE: [&str; 20] = [
    "conferences/expiry",
    "conferences/history/bits",
    "conferences/history/bucket",
    "conferences/history/hour",
    "conferences/history/packed",
    "conferences/history/sample",
    "conferences/history/sheet",
    "conferences/history/tail",
    "conferences/network",
    "conferences/pulse",
    "conferences/record",
    "conferences/tidy/case",
    "conferences/wish",
    "secrets/configs/draft",
    "secrets/rest/body",
    "secrets/rest/path",
    "secrets/rest/wish",
    "secrets/seal",
    "secrets/sight",
    "secrets/token",
];

/// All of them, below `src/apps`.
fn pure() -> impl Iterator<Item = String> {
    let events = PURE.iter().map(|file| format!("events/{file}"));
    events.chain(PURE_ELSEWHERE.map(str::to_owned))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below `folder`, or that one file.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut files: Vec<PathBuf> =
        entries.flat_map(|entry| sources(&entry.unwrap().path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files
}

/// What a file says outside of its comments and tests.
fn code(file: &Path) -> Vec<String> {
    if file.file_name().is_some_and(|name| name.to_string_lossy().ends_with("tests.rs")) {
        return Vec::new();
    }
    let text = fs::read_to_string(file).unwrap();
    let ours = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    ours.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect()
}

/// The modules of the crate that `code` names: `crate::a::b` and `crate::{a::b, c::{d, e}}`.
fn used(code: &[String]) -> Vec<String> {
    let text = code.join("\n");
    text.split("crate::").skip(1).flat_map(|rest| paths(&mut rest.chars().peekable())).collect()
}

/// The paths at the beginning of `text`, its lists in braces written out.
fn paths(text: &mut Peekable<Chars>) -> Vec<String> {
    let mut path = String::new();
    while let Some(letter) =
        text.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | ':') || c.is_whitespace())
    {
        path.push(letter);
    }
    let path = path.split_whitespace().next().unwrap_or_default().to_owned();
    if text.next_if_eq(&'{').is_none() {
        return vec![path];
    }
    let mut all = Vec::new();
    loop {
        all.extend(paths(text).into_iter().map(|rest| format!("{path}{rest}")));
        if text.next_if_eq(&',').is_none() {
            text.next_if_eq(&'}');
            all.retain(|each| *each != path);
            return all;
        }
    }
}

/// Fails with every place below `src/<place>` that names one of the `forbidden` modules.
fn nothing_in(place: &str, forbidden: &[&str], allowed: &[&str]) -> Vec<String> {
    let within = |module: &str, of: &&str| {
        module.strip_prefix(*of).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    let mut found = Vec::new();
    for file in sources(&root().join("src").join(place)) {
        for module in used(&code(&file)) {
            let is_wrong = forbidden.iter().any(|of| within(&module, of))
                && !allowed.iter().any(|of| within(&module, of));
            if is_wrong {
                let name = file.strip_prefix(root()).unwrap().display().to_string();
                found.push(format!("{name} uses `{module}`"));
            }
        }
    }
    found
}

#[test]
fn every_layer_calls_only_what_stands_after_it() {
    let mut found = Vec::new();
    let effects = [
        "net", "store", "telegram", "server", "cli", "control", "clock", "thread", "settings",
        "logging", "demo",
    ];
    for file in pure() {
        let place = format!("apps/{file}");
        let file = root().join("src").join(&place).with_extension("rs");
        assert!(file.is_file(), "{} is gone; mend the list in this test", file.display());
        found.extend(nothing_in(&format!("{place}.rs"), &effects, &[]));
        if root().join("src").join(&place).is_dir() {
            found.extend(nothing_in(&place, &effects, &[]));
        }
    }
    let rows: [(&str, &[&str], &[&str]); 8] = [
        ("store", &["apps", "net", "server", "cli", "telegram", "control", "demo", "relay"], &[]),
        ("relay", &["apps", "net", "server", "cli", "control", "demo"], &[]),
        (
            "net",
            &["telegram", "server", "cli", "control", "settings", "demo", "relay"],
            // Logins are checked, and what a session asks Telegram for goes forward to a sender.
            &["telegram::init_data", "telegram::asks::Asks", "telegram::Outgoing"],
        ),
        (
            "apps",
            &["server", "cli", "control", "settings", "demo", "net"],
            // What the settings say of a TrueConf server is a plain value.
            &[
                "net::Answer",
                "net::Request",
                "net::files::is_known",
                "settings::Server",
                "settings::Scheme",
                "settings::AutoStop",
            ],
        ),
        ("i18n", &["apps", "net", "store", "telegram", "server", "cli", "control", "relay"], &[]),
        (
            "settings",
            &["apps", "net", "store", "telegram", "server", "cli", "control", "relay"],
            &[],
        ),
        (
            "trueconf",
            &["apps", "net", "store", "server", "cli", "telegram", "control", "demo", "relay"],
            &["telegram::form"],
        ),
        ("server", &["cli", "demo"], &[]),
    ];
    for (place, forbidden, allowed) in rows {
        found.extend(nothing_in(place, forbidden, allowed));
    }
    assert!(found.is_empty(), "a layer calls backwards:\n{}", found.join("\n"));
}

#[test]
fn pure_files_read_no_clock_and_do_no_input_or_output() {
    let mut found = Vec::new();
    for file in pure() {
        for file in sources(&root().join(format!("src/apps/{file}.rs"))) {
            let text = code(&file).join("\n");
            for effect in [
                "std::fs",
                "std::net",
                "std::thread",
                "Instant::",
                "SystemTime",
                "std::sync::Mutex",
                "redb",
                "getrandom",
                "tungstenite",
                "ureq",
                "log::",
                "Timestamp::now",
                "Zoned::now",
                "println!",
            ] {
                if text.contains(effect) {
                    found.push(format!("{} has `{effect}`", file.display()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_test_itself_understands_use_lines() {
    let code = [
        "use crate::{a::b, c};",
        "use crate::net::{\n X, y::{Z, w},\n};",
        "fn f() { crate::d::g() }",
    ];
    let expected = ["a::b", "c", "net::X", "net::y::Z", "net::y::w", "d::g"];
    assert_eq!(used(&code.map(str::to_owned)), expected);
}

#[test]
fn every_app_folder_is_on_the_list_and_has_its_page() {
    let apps = root().join("src/apps");
    let registry = fs::read_to_string(apps.join("registry.rs")).unwrap();
    let list = registry.split("pub const LIST").nth(1).expect("the list of apps");
    let list = list.split(';').next().unwrap_or_default();
    let mut forgotten = Vec::new();
    for entry in fs::read_dir(&apps).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        // The house is the bot's own part, no app.
        if !folder.join("mod.rs").is_file() || name == "house" {
            continue;
        }
        if !list.contains(&format!("{name}::app")) {
            forgotten.push(format!(
                "`src/apps/{name}` is not on the list: add `{name}::app` to LIST in \
                 src/apps/registry.rs"
            ));
        }
    }
    let pages = root().join("www/apps");
    // A build may have no front end at all; then there is none to be forgotten.
    if pages.is_dir() {
        for app in roost::apps::LIST {
            let app = app(&context());
            if !pages.join(app.name()).join("index.html").is_file() {
                forgotten.push(format!(
                    "app `{0}` has no page: make www/apps/{0}/index.html",
                    app.name()
                ));
            }
        }
    }
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

fn context() -> std::sync::Arc<roost::apps::Context> {
    std::sync::Arc::new(roost::apps::Context::default())
}
