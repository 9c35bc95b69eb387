//! `roost check --online` against a running server and a stand-in for Telegram.

mod support;

use std::process::Command;

use roost::demo::telegram::StandIn;
use serde_json::json;
use support::{Home, TOKEN};

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
    let (text, code) = check(&home);
    for line in [
        "ok `bot-token`: this is @roost_bot",
        "ok webhook: none is set",
        "ok `public-url`: the server answers there",
        "ok websocket: passes",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(code, 0, "{text}");
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
