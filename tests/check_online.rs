//! `roost check --online` against a running server and a stand-in for Telegram.

mod support;

use std::process::Command;
use std::time::Instant;

use roost::demo::telegram::{Fault, StandIn};
use serde_json::json;
use support::{Home, PATIENCE, TOKEN};

/// What `check --online` prints, and its exit code.
fn check(home: &Home) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_roost"))
        .args(["check", "--online", "--settings"])
        .arg(home.folder().join("settings.json"))
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(!text.contains(TOKEN) && !String::from_utf8_lossy(&output.stderr).contains(TOKEN));
    (text, output.status.code().expect("an exit code"))
}

#[test]
fn a_running_bot_behind_its_address_is_all_right() {
    let telegram = StandIn::start(TOKEN, "roost_bot").expect("a stand-in");
    let home = Home::new(&json!({"telegram-api-url": telegram.base_url()}));
    let program = home.serve();
    let url = format!("http://{}", program.address());
    home.set(&json!({"telegram-api-url": telegram.base_url(), "public-url": url}));
    // The server shows its commands to Telegram in its own time.
    let deadline = Instant::now() + PATIENCE;
    let (text, code) = loop {
        let checked = check(&home);
        if checked.0.contains("ok commands: ") || Instant::now() > deadline {
            break checked;
        }
    };
    for line in [
        "ok `bot-token`: this is @roost_bot",
        "ok webhook: none is set",
        "ok `public-url`: the server answers there",
        "ok websocket: passes",
        "ok server: runs",
        "ok clock: right",
        "ok commands: Telegram shows them",
        " MiB are left in ",
        // Telegram takes no button that leads to `http://`.
        "note menu button: not ours; `roost serve` sets it when it starts",
        "note `trusted-proxies`: empty, so all who come through the tunnel or proxy count as one",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("polling:"), "a poll of ours would disturb the server's\n{text}");
    assert_eq!(code, 0, "{text}");
}

#[test]
fn another_program_that_takes_the_updates_is_found() {
    let telegram = StandIn::start(TOKEN, "roost_bot").expect("a stand-in");
    let home = Home::new(&json!({"telegram-api-url": telegram.base_url()}));
    // An update that waits ends the poll at once, and stays.
    telegram.inject(json!({"telepathy": {}}));
    let (text, code) = check(&home);
    assert!(text.contains("ok polling: nobody else polls this bot"), "{text}");
    assert!(text.contains("note commands: not ours"), "{text}");
    assert_eq!(code, 0, "{text}");
    assert!(telegram.look(|view| view.updates_waiting() == 1), "{text}");
    telegram.fault(Fault::conflict());
    let (text, code) = check(&home);
    assert!(text.contains("wrong polling: another program polls this bot"), "{text}");
    assert_eq!(code, 2, "{text}");
}

#[test]
fn what_is_wrong_with_the_machine_is_named() {
    let home = Home::new(&json!({"limits": {"connections": 15_000}}));
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 500; exec \"$0\" check --settings \"$1\""]);
    let output = command.arg(env!("CARGO_BIN_EXE_roost")).arg(home.settings()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = "note `limits.connections`: 15000 connections need 15128 file descriptors, and a program started \
                here gets 500; run `ulimit -n 15128`";
    assert!(text.contains(line), "{text}");
}

#[test]
fn what_does_not_answer_is_named_with_what_to_do() {
    let telegram =
        StandIn::start("999:another-token-of-somebody", "roost_bot").expect("a stand-in");
    let nobody = "http://127.0.0.1:9";
    let home = Home::new(&json!({"telegram-api-url": telegram.base_url(), "public-url": nobody}));
    let (text, code) = check(&home);
    for line in [
        "wrong `bot-token`: Telegram does not know it; ask @BotFather for it again",
        "wrong `public-url`: ",
        "; start `roost serve` and the tunnel or proxy",
        "wrong websocket: ",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(code, 2, "{text}");
}
