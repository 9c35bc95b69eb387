//! What the bot tells Telegram of itself at start: its menus; and what it learns: its name.

use std::time::Duration;

use serde_json::json;

use super::bot;
use super::client::Client;
use super::error::ApiError;
use super::outgoing::{MenuButton, MenuCommand, Outgoing, Scope};
use crate::apps::{Apps, Person};
use crate::i18n::Language;
use crate::ids::ChatId;

/// Deadline of one call.
const DEADLINE: Duration = Duration::from_secs(30);

/// Asks who the bot is.
pub(super) fn learn_name(client: &Client, apps: &Apps) -> Result<(), ApiError> {
    let me = client.call("getMe", &json!({}), DEADLINE)?;
    if let Some(username) = me["username"].as_str() {
        // Set again after a reconnect: it is the same bot.
        drop(apps.context().bot.set(username.to_owned()));
        log::info!("this is @{username}");
    }
    Ok(())
}

/// Carries out `call` once.
pub(super) fn call(client: &Client, call: &Outgoing) -> Result<(), ApiError> {
    client.call(&call.method, &call.params, DEADLINE).map(drop)
}

/// Sets commands and menu button.
pub(super) fn set_menus(client: &Client, apps: &Apps) -> Result<(), ApiError> {
    for call in menus(apps) {
        match client.call(&call.method, &call.params, DEADLINE) {
            Ok(_) => {}
            // A menu that Telegram does not take must not keep the bot from answering.
            Err(error @ ApiError::Refused { code: 400 | 403 | 404, .. }) => {
                log::warn!("`{}` was refused: {error}", call.method);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The calls that set what people see beside the text field.
fn menus(apps: &Apps) -> Vec<Outgoing> {
    let default = apps.context().language;
    let mut calls = Vec::new();
    for language in Language::ALL {
        let list = commands(apps, language, None);
        if language == default {
            calls.push(Outgoing::commands(&list, Scope::Default, None));
        }
        calls.push(Outgoing::commands(&list, Scope::Default, Some(language.tag())));
    }
    for person in apps.named_by_settings() {
        let list = commands(apps, default, Some(&person));
        let scope = Scope::Chat { chat_id: ChatId::from(person.id) };
        calls.push(Outgoing::commands(&list, scope, None));
    }
    if let Some(url) = bot::launch_url(apps) {
        let text = default.sentences().view_events.to_owned();
        calls.push(Outgoing::menu_button(None, &MenuButton::WebApp { text, url }));
    }
    calls
}

/// The menu of `person`, or of everybody, in `language`.
fn commands(apps: &Apps, language: Language, person: Option<&Person>) -> Vec<MenuCommand> {
    let listed = apps.house().menu(person);
    listed
        .filter_map(|command| MenuCommand::new(command.name, (command.about)(language.sentences())))
        .collect()
}
