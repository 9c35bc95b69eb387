//! Updates of Telegram and the commands in them.

use roost::telegram::command::Command;
use roost::telegram::types::{Kind, Update};

/// Reads the bytes as an update, and as the text of a message.
pub fn run(bytes: &[u8]) {
    let text = super::text(bytes);
    command(&text);
    match Update::parse(&text).map(|update| update.kind) {
        Ok(Kind::Message(message) | Kind::EditedMessage(message)) => {
            message.text.iter().chain(&message.caption).for_each(|text| command(text));
        }
        Ok(_) => {}
        Err(unreadable) => drop(format!("{unreadable:?}")),
    }
}

/// A command's name is a name, and its arguments are the end of the text, byte for byte.
fn command(text: &str) {
    let Some(Command { name, args }) = Command::parse(text, "RoostBot") else { return };
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    assert!((1..=32).contains(&name.len()) && name.bytes().all(fits), "{name:?} is no name");
    assert!(text.starts_with('/') && text.ends_with(args), "{args:?} does not end {text:?}");
}
