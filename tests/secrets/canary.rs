//! Nothing remains: no byte of a text, of what opened it or of a passphrase is in any file or line.

use std::path::{Path, PathBuf};

use roost::demo::telegram::{Fault, Harm};
use roost::store::Store;
use roost::store::log;
use serde_json::json;

use crate::chat::{answered, confide, message, printed, read, secret, waits_until_gone};
use crate::support::{ADA, BOB, Home};
use crate::world::World;

const TEXT: &str = "canary-of-the-text-9f3a";
const WORD: &str = "canary-of-the-passphrase-77";
const GROUP: i64 = -100_777;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let each = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(each).filter(|path| path.is_file()).collect()
}

/// Every way bytes may be kept: as they are, and as numbers that were digits.
fn traces(ticket: &str) -> Vec<Vec<u8>> {
    let token = ticket.split_once(':').unwrap().1;
    let bytes: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&token[2 * at..2 * at + 2], 16).unwrap()).collect();
    let numbers = serde_json::to_string(&bytes[..8]).unwrap();
    vec![
        token.as_bytes()[..24].to_vec(),
        bytes[..12].to_vec(),
        numbers.trim_matches(['[', ']']).as_bytes().to_vec(),
    ]
}

/// Fails if one of `what` is in a file of `home` or in `output`.
fn nothing_of(what: &[Vec<u8>], home: &Home, output: &str, allowed: &[&Path]) {
    let holds = |all: &[u8], part: &[u8]| all.windows(part.len()).any(|window| window == part);
    let mut looked = 0;
    for file in files(home.folder()) {
        if allowed.contains(&&*file) {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        looked += bytes.len();
        for part in what {
            let shown = String::from_utf8_lossy(part);
            assert!(!holds(&bytes, part), "`{shown}` is in {}", file.display());
        }
    }
    assert!(looked > 100_000, "the database was looked through: {looked} bytes");
    for part in what {
        let shown = String::from_utf8_lossy(part);
        assert!(!holds(output.as_bytes(), part), "`{shown}` in:\n{output}");
    }
}

/// Somebody reads the log of updates, so that it is written at all.
fn with_a_reader(home: &Home) {
    let store = Store::open(&home.database(), |_| Ok(()), Box::new(drop)).unwrap();
    store.write(|tx| log::register(tx, "reader")).unwrap();
    store.close();
}

#[test]
fn nothing_of_a_secret_is_in_any_file_or_line_while_it_waits_and_when_it_is_gone() {
    let settings = json!({"log": {"level": "trace"}, "secrets": {"max-ttl": "1d"}});
    let mut world = World::with(&settings, |_| ());
    world.is_idle();
    world.program.kill();
    with_a_reader(&world.home);
    world.restart();
    let wordfile = world.home.folder().join("word");
    std::fs::write(&wordfile, WORD).unwrap();
    world.telegram.group(GROUP, "Chess", &[&world.ada, &world.bob]);
    let mut all: Vec<String> = Vec::new();
    // Read in the chat, with a text that Telegram repeats in every way it has.
    all.push(confide(&world, &world.ada, TEXT));
    let told = world.ada.waits_for("what opens it", |seen| seen.text == all[0]);
    let press = world.ada.taps(&told, "Burn");
    world.ada.waits_for_toast(&press);
    let shown = read(&world.bob, &all[0], TEXT);
    for fields in [
        json!({"text": "thanks", "reply_to_message": shown.json}),
        json!({"text": "hm", "reply_to_message": told.json, "quote": {"text": all[0]}}),
        json!({"caption": format!("new:{TEXT}"), "photo": [{"file_id": "f"}]}),
    ] {
        let repeated = message(&world.bob, BOB.id, &fields);
        world.telegram.inject(json!({"message": repeated.clone()}));
        world.telegram.inject(json!({"edited_message": repeated}));
    }
    let press = world.bob.taps(&shown, "Delete now (otherwise in 10 minutes)");
    world.bob.waits_for_toast(&press);
    waits_until_gone(&world, BOB.id, shown.id);
    // Asked for step by step, with a passphrase.
    let first = answered(&world, &world.ada, "/new", "How long shall it wait");
    world.ada.taps(&first, "1 hour");
    world.ada.waits_for_text("Shall it have a passphrase");
    let typed = world.ada.sends(WORD);
    let third = world.ada.waits_for_text("Who may read it?");
    world.ada.taps(&third, "Anybody");
    world.ada.waits_for_text("Now send me the text");
    let before = crate::chat::tickets(&world, &world.ada);
    let sent = world.ada.sends(TEXT);
    all.push(crate::chat::next_ticket(&world, &world.ada, &before));
    for id in [typed, sent] {
        let text = if id == sent { TEXT } else { WORD };
        let mut edited = message(&world.ada, ADA.id, &json!({"text": text}));
        edited["message_id"] = id.into();
        world.telegram.inject(json!({"edited_message": edited}));
    }
    answered(&world, &world.bob, &all[1], "This one has a passphrase");
    world.bob.sends(WORD);
    world.ada.waits_for_text("Your one-time message 2 was opened");
    // Burnt, shown in a group, by the command line, refused, typed inline, garbage.
    all.push(confide(&world, &world.ada, TEXT));
    world.bob.sends_in(GROUP, &all[2]);
    world.ada.waits_for_text("Your one-time message 3 is burnt");
    world.bob.sends_in(GROUP, &format!("new:{TEXT}"));
    let new = ["new", "--passphrase-file", wordfile.to_str().unwrap()];
    all.push(printed(&secret(&world, &new, TEXT.as_bytes())).trim_end().to_owned());
    let file = wordfile.to_str().unwrap();
    printed(&secret(&world, &["read", &all[3], "--passphrase-file", file], b""));
    all.push(confide(&world, &world.ada, TEXT));
    printed(&secret(&world, &["burn", "5"], b""));
    all.push(confide(&world, &world.ada, TEXT));
    world.telegram.fault(Fault::new(Harm::Html).on("sendMessage").in_chat(BOB.id).times(1));
    world.bob.sends(&all[5]);
    world.ada.waits_for_text("was claimed, and perhaps not delivered");
    let query = world.ada.types_inline(&format!("new:{TEXT}"), "");
    world.telegram.wait_for("an answer", |view| view.inline_answer(&query).cloned());
    world.telegram.inject(json!({"message": {"text": format!("new:{TEXT}"), "chat": 7}}));
    // One waits.
    all.push(confide(&world, &world.ada, TEXT));
    world.ada.sends("something for the log");
    world.is_idle();
    let what: Vec<Vec<u8>> = all
        .iter()
        .flat_map(|ticket| traces(ticket))
        .chain([TEXT.as_bytes().to_vec(), WORD.as_bytes().to_vec()])
        .collect();
    world.program.kill();
    nothing_of(&what, &world.home, &world.program.output(), &[&wordfile]);
    world.restart();
    printed(&secret(&world, &["burn", all[6].split(':').next().unwrap()], b""));
    world.program.ask_to_stop();
    let (status, output) = world.program.ended();
    assert!(status.success(), "{output}");
    nothing_of(&what, &world.home, &output, &[&wordfile]);
    is_in_the_log(&world.home, "something for the log");
}

/// The log was written: what is no secret is in it.
fn is_in_the_log(home: &Home, text: &str) {
    let store = Store::open(&home.database(), |_| Ok(()), Box::new(drop)).unwrap();
    let entries = log::read(&store.snapshot().unwrap(), 0, 1_000).unwrap();
    let texts: Vec<String> =
        entries.iter().map(|entry| String::from_utf8_lossy(&entry.raw).into_owned()).collect();
    assert!(texts.iter().any(|raw| raw.contains(text)), "{texts:#?}");
    store.close();
}
