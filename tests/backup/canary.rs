//! No one-time message, nothing that opens one and no key is in any byte of a backup.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use crate::world::World;
use crate::{ok, roost};

const TEXT: &str = "canary-of-the-text-5d1c";
const TALK: &str = "no-secret-at-all-5d1c";

/// A token as text, and as bytes.
fn traces(ticket: &str) -> Vec<Vec<u8>> {
    let token = ticket.trim().split_once(':').unwrap().1;
    let digits = |at: usize| u8::from_str_radix(&token[2 * at..2 * at + 2], 16).unwrap();
    vec![token.as_bytes()[..24].to_vec(), (0..12).map(digits).collect()]
}

#[test]
fn no_byte_of_a_backup_is_of_a_secret() {
    let world = World::with(&json!({"log": {"level": "trace"}}), |_| ());
    world.ada.sends(&format!("new:{TEXT}"));
    let ticket = world.ada.waits_for("what opens it", |seen| {
        seen.by_bot && seen.text.split_once(':').is_some_and(|(_, token)| token.len() == 64)
    });
    let mut new = roost(&world.home, &["secret", "new"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    new.stdin.take().unwrap().write_all(TEXT.as_bytes()).unwrap();
    let second = String::from_utf8(new.wait_with_output().unwrap().stdout).unwrap();
    let key = ok(&world.home, &["api-key", "add", "script"]);
    let key = key.trim().to_owned();
    let config = world.home.folder().join("config.json");
    std::fs::write(
        &config,
        json!({"session_name": "one", "api_id": 1, "api_hash": TEXT,
        "bot_token": TEXT})
        .to_string(),
    )
    .unwrap();
    world.admin.sends(&format!("/addevent {TALK} | 2199-12-24 18:00 | 2 | words"));
    world.admin.waits_for_text(TALK);
    world.is_idle();
    let before = std::fs::read(world.home.database()).unwrap();
    ok(&world.home, &["backup", "b.redb"]);
    let sealing = world.home.folder().join("roost.key");
    let bytes = std::fs::read(world.home.folder().join("b.redb")).unwrap();
    let holds = |all: &[u8], part: &[u8]| all.windows(part.len()).any(|window| window == part);
    let mut canaries = traces(&ticket.text);
    canaries.extend(traces(&second));
    canaries.push(TEXT.as_bytes().to_vec());
    canaries.push(key.as_bytes().to_vec());
    if let Ok(key) = std::fs::read(&sealing) {
        canaries.push(key[..32].to_vec());
    }
    for part in &canaries {
        let shown = String::from_utf8_lossy(part);
        assert!(!holds(&bytes, part), "`{shown}` is in the backup");
        assert!(!holds(world.program.output().as_bytes(), part), "`{shown}` is in the log");
    }
    assert!(holds(&bytes, TALK.as_bytes()), "the backup was looked through");
    // Not even that there were any, nor what seals them.
    assert!(holds(&before, b"secrets/texts") && !holds(&bytes, b"secrets/"));
    ok(&world.home, &["secret", "list"]);
}
