//! What the bot tells Telegram of itself: its menus at each start, its descriptions on its first day;
//! and what it learns: its name.

use std::time::Duration;

use serde_json::{Value, json};

use super::bot;
use super::client::Client;
use super::error::ApiError;
use super::outgoing::{MenuButton, MenuCommand, Outgoing, Scope};
use crate::apps::{Apps, Person};
use crate::i18n::{First, Language};
use crate::ids::ChatId;

/// Deadline of one call.
const DEADLINE: Duration = Duration::from_secs(30);

/// Deadline of one call while somebody sits before a terminal and waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who the bot is, and what its owner allowed it at `BotFather`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its name in links, without `@`.
    pub username: String,
    /// Whether its profile has a button that opens an app.
    pub has_main_app: bool,
    /// Whether people can ask it from any chat.
    pub is_inline: bool,
    /// Whether it reads everything in groups.
    pub reads_groups: bool,
}

/// How far the introduction came.
#[derive(Debug, Default)]
pub struct Introduced {
    /// Texts that somebody had set, and that stay.
    kept: Vec<&'static str>,
    /// What was in the way.
    trouble: Option<ApiError>,
}

/// Asks who the bot is.
pub fn me(client: &Client) -> Result<Me, ApiError> {
    let me = client.call("getMe", &json!({}), PATIENCE)?;
    let may = |what: &str| me[what].as_bool().unwrap_or(false);
    // What answers without a name is no Bot API server.
    let username = me["username"].as_str().ok_or(ApiError::Malformed { status: 200 })?;
    Ok(Me {
        username: username.to_owned(),
        has_main_app: may("has_main_web_app"),
        is_inline: may("supports_inline_queries"),
        reads_groups: may("can_read_all_group_messages"),
    })
}

/// Tells Telegram everything there is to tell: menus, and descriptions unless somebody wrote some.
/// What fails is no disaster: menus are set at each start.
pub fn fully(client: &Client, apps: &Apps) -> Introduced {
    let mut introduced = Introduced::default();
    let done = set_all(client, &menus(apps)).and_then(|()| describe(client, apps, &mut introduced));
    introduced.trouble = done.err();
    introduced
}

impl Introduced {
    /// What people are told of it.
    pub fn lines(&self) -> Vec<String> {
        if let Some(error) = &self.trouble {
            return vec![format!(
                "Telegram did not take all of its commands, menu button and descriptions: {error}; `roost serve` sets the menus again"
            )];
        }
        let mut lines =
            vec!["Telegram shows its commands, menu button and descriptions".to_owned()];
        lines.extend(self.kept.iter().map(|kept| format!("The {kept} stays as you wrote it")));
        lines
    }
}

/// A text of the bot's profile.
struct Text {
    /// In words.
    name: &'static str,
    /// As a parameter.
    key: &'static str,
    ask: &'static str,
    set: &'static str,
    says: fn(&First) -> &'static str,
}

const TEXTS: [Text; 2] = [
    Text {
        name: "description",
        key: "description",
        ask: "getMyDescription",
        set: "setMyDescription",
        says: |first| first.description,
    },
    Text {
        name: "short description",
        key: "short_description",
        ask: "getMyShortDescription",
        set: "setMyShortDescription",
        says: |first| first.short_description,
    },
];

fn describe(client: &Client, apps: &Apps, told: &mut Introduced) -> Result<(), ApiError> {
    let default = apps.context().language;
    for text in &TEXTS {
        let now = client.call(text.ask, &json!({}), PATIENCE)?;
        let now = now[text.key].as_str().unwrap_or_default();
        let ours = |language: Language| (text.says)(&language.sentences().first);
        if !now.is_empty() {
            if Language::ALL.into_iter().all(|language| ours(language) != now) {
                told.kept.push(text.name);
            }
            continue;
        }
        for language in Language::ALL {
            // Last, so that a run that was cut short is repeated.
            if language != default {
                client.call(text.set, &text.params(language, Some(language)), PATIENCE)?;
            }
        }
        client.call(text.set, &text.params(default, Some(default)), PATIENCE)?;
        client.call(text.set, &text.params(default, None), PATIENCE)?;
    }
    Ok(())
}

impl Text {
    /// The text in `language`, for people whose app speaks `speaks`, or for everybody else.
    fn params(&self, language: Language, speaks: Option<Language>) -> Value {
        let mut params = json!({});
        params[self.key] = (self.says)(&language.sentences().first).into();
        if let Some(speaks) = speaks {
            params["language_code"] = speaks.tag().into();
        }
        params
    }
}

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
    set_all(client, &menus(apps))
}

fn set_all(client: &Client, calls: &[Outgoing]) -> Result<(), ApiError> {
    for call in calls {
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

/// Whether Telegram shows the commands we have, to those whose language has no list of its own.
pub fn shows_commands(client: &Client, apps: &Apps) -> Result<bool, ApiError> {
    let shown = client.call("getMyCommands", &json!({}), PATIENCE)?;
    Ok(shown == json!(commands(apps, apps.context().language, None)))
}

/// Whether the menu button opens our page; `None` when we have no address for one.
pub fn shows_button(client: &Client, apps: &Apps) -> Result<Option<bool>, ApiError> {
    let Some(url) = bot::launch_url(apps) else { return Ok(None) };
    let shown = client.call("getChatMenuButton", &json!({}), PATIENCE)?;
    Ok(Some(shown["web_app"]["url"] == json!(url)))
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
