//! What the tests of one-time messages have in common: sending, reading, and looking what came of it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use roost::demo::telegram::{Person, Seen, StandIn};
use serde_json::{Value, json};

use crate::support::Home;
use crate::world::World;

/// The one "no".
pub const CLOSED: &str = "There is nothing to read here";

/// Sends `new:<text>`; what opens it.
pub fn confide(world: &World, sender: &Person, text: &str) -> String {
    let told = tickets(world, sender);
    sender.sends(&format!("new:{text}"));
    next_ticket(world, sender, &told)
}

/// What the bot has told somebody to open secrets with.
pub fn tickets(world: &World, person: &Person) -> Vec<String> {
    world.told(person).into_iter().map(|seen| seen.text).filter(|text| is_ticket(text)).collect()
}

/// Waits for one more than those in `told`.
pub fn next_ticket(world: &World, person: &Person, told: &[String]) -> String {
    world.telegram.wait_for("what opens it", |view| {
        let all = view.bot_messages(person.id().0).into_iter().map(|seen| seen.text);
        all.into_iter().find(|text| is_ticket(text) && !told.contains(text))
    })
}

pub fn is_ticket(text: &str) -> bool {
    let Some((id, token)) = text.split_once(':') else { return false };
    id.parse::<u64>().is_ok() && token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Sends the ticket and waits for the text.
pub fn read(reader: &Person, ticket: &str, text: &str) -> Seen {
    reader.sends(ticket);
    reader.waits_for("the text", |seen| seen.by_bot && seen.text == text)
}

/// Sends something and waits for one more answer that contains `words`.
pub fn answered(world: &World, person: &Person, text: &str, words: &str) -> Seen {
    let count = |all: &[Seen]| all.iter().filter(|seen| seen.text.contains(words)).count();
    let before = count(&world.told(person));
    person.sends(text);
    world.telegram.wait_for(&format!("one more `{words}`"), |view| {
        let all = view.bot_messages(person.id().0);
        let last = all.iter().rev().find(|seen| seen.text.contains(words)).cloned();
        last.filter(|_| count(&all) > before)
    })
}

/// How often `text` was sent to anybody, whether or not it is still there.
pub fn times_sent(telegram: &StandIn, text: &str) -> usize {
    telegram.look(|view| {
        let calls = view.calls("sendMessage");
        calls.iter().filter(|c| c.params["text"].as_str().is_some_and(|t| t.contains(text))).count()
    })
}

/// Waits until the message is gone.
pub fn waits_until_gone(world: &World, chat: i64, message: i64) {
    world.telegram.wait_for("a message to go", |view| {
        view.chat(chat).iter().all(|seen| seen.id != message).then_some(())
    });
}

/// The label of the button that is under `message` and begins so.
pub fn label(message: &Seen, begin: &str) -> String {
    let all = message.buttons.iter().flatten();
    let found = all.map(|button| button.text.clone()).find(|text| text.starts_with(begin));
    found.unwrap_or_else(|| panic!("no button `{begin}…` under {message}"))
}

/// `roost secret …` beside the server, with this on standard input.
pub fn secret(world: &World, arguments: &[&str], input: &[u8]) -> Output {
    secret_in(&world.home, arguments, input)
}

/// The same in the folder of a server.
pub fn secret_in(home: &Home, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command.arg("secret").args(arguments).arg("--settings").arg(home.settings());
    command.current_dir(home.folder()).env_clear();
    run(command, input)
}

pub fn run(mut command: Command, input: &[u8]) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // A command that wants none may be gone already.
    drop(child.stdin.take().unwrap().write_all(input));
    child.wait_with_output().unwrap()
}

/// What it printed; it has to have worked.
pub fn printed(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The rows of `secret list --json`.
pub fn open(world: &World) -> Vec<Value> {
    let rows = printed(&secret(world, &["list", "--json"], b""));
    serde_json::from_str::<Value>(&rows).unwrap().as_array().unwrap().clone()
}

/// A message as Telegram delivers it, with further fields.
pub fn message(person: &Person, chat: i64, fields: &Value) -> Value {
    let kind = if chat == person.id().0 { "private" } else { "supergroup" };
    let mut message = json!({
        "message_id": 70_000, "date": 1_800_000_000,
        "chat": {"id": chat, "type": kind, "title": "x", "first_name": "x"},
        "from": {"id": person.id().0, "is_bot": false, "first_name": "x"},
    });
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}
