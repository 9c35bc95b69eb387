//! Command lists, menu buttons and the bot's texts.

use serde_json::{Value, json};

use crate::demo::telegram::buttons::check_app_url;
use crate::demo::telegram::denial::Denial;
use crate::demo::telegram::params::Params;
use crate::demo::telegram::state::State;
use crate::ids::ChatId;

/// Most commands of one list.
const COMMANDS_MAX: usize = 100;

/// `setMyCommands`.
pub(super) fn set_commands(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let key = key(state, params)?;
    let list = params.json("commands")?.ok_or_else(|| Denial::bad("commands are not specified"))?;
    let commands = list.as_array().ok_or_else(|| Denial::bad("expected an Array of BotCommand"))?;
    if commands.len() > COMMANDS_MAX {
        return Err(Denial::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    commands.iter().try_for_each(check_command)?;
    state.commands.insert(key, list);
    Ok(true.into())
}

/// `getMyCommands`.
pub(super) fn commands(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let key = key(state, params)?;
    Ok(state.commands.get(&key).cloned().unwrap_or_else(|| json!([])))
}

/// `deleteMyCommands`.
pub(super) fn delete_commands(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let key = key(state, params)?;
    state.commands.remove(&key);
    Ok(true.into())
}

/// `setChatMenuButton`.
pub(super) fn set_button(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let chat = private(state, params)?;
    let button = params.json("menu_button")?.unwrap_or_else(|| json!({"type": "default"}));
    match button["type"].as_str() {
        Some("default" | "commands") => (),
        Some("web_app") => {
            if button["text"].as_str().is_none_or(str::is_empty) {
                return Err(Denial::bad("menu button text must be non-empty"));
            }
            check_app_url(button["web_app"]["url"].as_str().unwrap_or_default())?;
        }
        _ => return Err(Denial::bad("can't parse menu button: unknown menu button type")),
    }
    state.menu_buttons.insert(chat, button);
    Ok(true.into())
}

/// `getChatMenuButton`.
pub(super) fn button(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let chat = private(state, params)?;
    let own = state.menu_buttons.get(&chat).or_else(|| state.menu_buttons.get(&None));
    Ok(own.cloned().unwrap_or_else(|| json!({"type": "commands"})))
}

/// `setMyDescription`.
pub(super) fn set_description(state: &mut State, params: &Params) -> Result<Value, Denial> {
    set_text(state, params, "description", 512)
}

/// `setMyShortDescription`.
pub(super) fn set_short_description(state: &mut State, params: &Params) -> Result<Value, Denial> {
    set_text(state, params, "short_description", 120)
}

/// `getMyDescription`.
pub(super) fn description(state: &mut State, params: &Params) -> Result<Value, Denial> {
    Ok(text(state, params, "description"))
}

/// `getMyShortDescription`.
pub(super) fn short_description(state: &mut State, params: &Params) -> Result<Value, Denial> {
    Ok(text(state, params, "short_description"))
}

/// `setMyName`.
pub(super) fn set_name(state: &mut State, params: &Params) -> Result<Value, Denial> {
    set_text(state, params, "name", 64)
}

fn set_text(state: &mut State, params: &Params, name: &str, max: usize) -> Result<Value, Denial> {
    let text = params.text(name).unwrap_or_default();
    if text.chars().count() > max {
        return Err(Denial::bad(&format!("{name} is too long")));
    }
    let language = params.text("language_code").unwrap_or_default();
    state.texts.insert((name.to_owned(), language), text);
    Ok(true.into())
}

/// The text in a language, else the one of everybody.
fn text(state: &State, params: &Params, name: &str) -> Value {
    let language = params.text("language_code").unwrap_or_default();
    let of = |language: String| state.texts.get(&(name.to_owned(), language));
    let text = of(language).filter(|text| !text.is_empty()).or_else(|| of(String::new()));
    let mut found = json!({});
    found[name] = text.cloned().unwrap_or_default().into();
    found
}

fn check_command(command: &Value) -> Result<(), Denial> {
    let name = command["command"].as_str().unwrap_or_default();
    let name = name.strip_prefix('/').unwrap_or(name);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=32).contains(&name.len()) || !name.bytes().all(plain) {
        return Err(Denial::bad("BOT_COMMAND_INVALID"));
    }
    match command["description"].as_str().map_or(0, |text| text.chars().count()) {
        1..=256 => Ok(()),
        _ => Err(Denial::bad("BOT_COMMAND_DESCRIPTION_INVALID")),
    }
}

/// Scope and language of a list; a scope with a chat needs one the bot knows.
fn key(state: &mut State, params: &Params) -> Result<(String, String), Denial> {
    let scope = params.json("scope")?.unwrap_or_else(|| json!({"type": "default"}));
    let chat = scope["chat_id"].as_i64().map(ChatId);
    let kind = scope["type"].as_str().unwrap_or_default();
    match (kind, chat) {
        ("default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators", _) => (),
        ("chat" | "chat_administrators" | "chat_member", Some(chat)) => drop(state.chat(chat)?),
        _ => return Err(Denial::bad("can't parse BotCommandScope")),
    }
    let language = params.text("language_code").unwrap_or_default();
    if !language.is_empty() && language.len() != 2 {
        return Err(Denial::bad("invalid language code specified"));
    }
    Ok((scope_key(&scope), language))
}

/// One text for one scope.
pub(crate) fn scope_key(scope: &Value) -> String {
    let number = |name| scope[name].as_i64().map(|n| format!(" {n}")).unwrap_or_default();
    let kind = scope["type"].as_str().unwrap_or_default();
    format!("{kind}{}{}", number("chat_id"), number("user_id"))
}

fn private(state: &mut State, params: &Params) -> Result<Option<ChatId>, Denial> {
    let Some(id) = params.int("chat_id").map(ChatId) else { return Ok(None) };
    if id.0 <= 0 {
        return Err(Denial::bad("chat not found"));
    }
    state.chat(id).map(|chat| Some(chat.id))
}
