//! From an update to what an app does about it: commands, buttons, replies.
//!
//! Everything here runs inside the writer's transaction, with the rights people have in it.

use std::sync::Arc;

use jiff::Timestamp;

use super::command::Command as Words;
use super::html;
use super::inline::{self, InlinePage};
use super::outgoing::Outgoing;
use super::sender::{self, Fetch};
use super::types::{
    CallbackQuery, Chat, ChatKind, ForwardOrigin, InlineQuery, Kind, Message, MyChatMember, Update,
    User,
};
use super::whisper::{End, Whispered};
use crate::apps::{Apps, Asked, BotPart, Failure, Heard, Press, Said, Talk, language_of};
use crate::clock;
use crate::ids::ChatId;
use crate::store::whispers::{self, Row};
use crate::store::{Store, StoreError, Tx, users};

/// The parts of the bot: its own first, then the apps'.
pub(super) fn parts(apps: &Apps) -> impl Iterator<Item = &dyn BotPart> {
    let own: [&dyn BotPart; 1] = [apps.house()];
    own.into_iter().chain(apps.iter().filter_map(|app| app.bot()))
}

/// Where `web_app` buttons lead; `None` without a `public-url`.
pub fn launch_url(apps: &Apps) -> Option<String> {
    let app = apps.iter().find(|app| app.bot().is_some() && app.is_for(None))?;
    apps.context().public_url.as_ref().map(|base| format!("{base}/{}/", app.name()))
}

/// Handles one update. What cannot be read or is not for us changes nothing.
pub(super) fn handle(tx: &Tx, apps: &Apps, json: &str, at: Timestamp) -> Result<(), StoreError> {
    let update = match Update::parse(json) {
        Ok(update) => update,
        Err(unreadable) => {
            let kind = unreadable.kind.as_deref().unwrap_or("unknown");
            log::warn!("an update of kind `{kind}` cannot be read and is passed over");
            return Ok(());
        }
    };
    match update.kind {
        Kind::Message(message) => on_message(tx, apps, update.id, &message, at),
        Kind::EditedMessage(message) | Kind::ChannelPost(message) => {
            overhear(tx, apps, &message, at)
        }
        Kind::CallbackQuery(query) => on_press(tx, apps, update.id, &query, at),
        Kind::InlineQuery(query) => on_inline(tx, apps, &query, at),
        Kind::MyChatMember(change) => on_membership(tx, apps, &change),
        Kind::Other(_) => Ok(()),
    }
}

/// A whisper has ended; the part that said it is told.
pub(super) fn whispered(
    tx: &Tx,
    apps: &Apps,
    row: Row,
    end: End,
    at: Timestamp,
) -> Result<(), StoreError> {
    let part = parts(apps).find(|part| part.prefix() == row.part);
    let Row { chat, note, update, .. } = row;
    match part {
        Some(part) => part.whispered(tx, &Whispered { chat, note, end, update, at }),
        None => Ok(()),
    }
}

/// Tells the apps of whispers whose texts went with an earlier run. Has to be done before any
/// update is taken in: some of them shall be handled as if they had never arrived.
pub fn recover(store: &Store, apps: &Arc<Apps>) -> Result<(), StoreError> {
    let lost = whispers::numbers(&store.snapshot()?)?;
    for number in lost {
        let apps = Arc::clone(apps);
        let told = store.write(move |tx| match whispers::take(tx, number)? {
            Some(row) => whispered(tx, &apps, row, End::Lost, clock::now()),
            None => Ok::<_, StoreError>(()),
        });
        if let Err(error) = told {
            log::error!("what an earlier run was saying is told at the next start: {error}");
        }
    }
    Ok(())
}

/// A file that an app wanted has arrived, or cannot be had.
pub(super) fn fetched(
    tx: &Tx,
    apps: &Apps,
    chat: ChatId,
    fetch: &Fetch,
    file: Option<&[u8]>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(by) = apps.person(tx, fetch.user)? else { return Ok(()) };
    let talk = Talk {
        asked: Asked { by, at },
        chat,
        is_private: chat == ChatId::from(fetch.user),
        bot: bot_name(apps),
        update: None,
    };
    match parts(apps).find(|part| part.prefix() == fetch.part) {
        Some(part) => said_no(tx, &talk, part.fetched(tx, &talk, file)),
        None => Ok(()),
    }
}

fn bot_name(apps: &Apps) -> String {
    apps.context().bot.get().cloned().unwrap_or_default()
}

fn on_message(
    tx: &Tx,
    apps: &Apps,
    update: i64,
    message: &Message,
    at: Timestamp,
) -> Result<(), StoreError> {
    overhear(tx, apps, message, at)?;
    let Some(from) = message.from.as_ref().filter(|from| !from.is_bot) else { return Ok(()) };
    let Some(talk) = meet(tx, apps, from, &message.chat, at)? else { return Ok(()) };
    let talk = Talk { update: Some(update), ..talk };
    let words = message.words();
    let heard = Heard {
        message: message.message_id,
        words,
        is_text: message.text.is_some(),
        forwarded_from: message.forward_origin.as_ref().and_then(ForwardOrigin::author),
    };
    for part in parts(apps) {
        match part.confided(tx, &talk, &heard) {
            Ok(false) => {}
            other => return said_no(tx, &talk, other.map(drop)),
        }
    }
    match Words::parse(words, &talk.bot) {
        Some(command) => on_command(tx, apps, &talk, &command),
        None if words.starts_with('/') => Ok(()),
        None => on_reply(tx, apps, &talk, message),
    }
}

/// What others than the person can read, too.
fn overhear(tx: &Tx, apps: &Apps, message: &Message, at: Timestamp) -> Result<(), StoreError> {
    if message.chat.kind == ChatKind::Private {
        return Ok(());
    }
    parts(apps).try_for_each(|part| part.overheard(tx, message.words(), at))
}

fn on_command(tx: &Tx, apps: &Apps, talk: &Talk, command: &Words<'_>) -> Result<(), StoreError> {
    let payload = command.args.trim();
    if command.name == "start" && !payload.is_empty() {
        for part in parts(apps) {
            match part.start(tx, talk, payload) {
                Ok(false) => {}
                other => return said_no(tx, talk, other.map(drop)),
            }
        }
    }
    for part in parts(apps) {
        let Some(known) = part.commands().iter().find(|known| known.name == command.name) else {
            continue;
        };
        if known.for_admins && !talk.asked.by.is_admin {
            return say(tx, talk, talk.asked.by.language.sentences().not_admin);
        }
        return said_no(tx, talk, part.command(tx, talk, known.name, command.args));
    }
    // In groups another bot may be meant.
    if talk.is_private {
        return say(tx, talk, talk.asked.by.language.sentences().unknown_bot_command);
    }
    Ok(())
}

fn on_reply(tx: &Tx, apps: &Apps, talk: &Talk, message: &Message) -> Result<(), StoreError> {
    let said = said(message);
    for part in parts(apps) {
        match part.reply(tx, talk, &said) {
            Ok(false) => {}
            other => return said_no(tx, talk, other.map(drop)),
        }
    }
    Ok(())
}

fn said(message: &Message) -> Said {
    let largest = message.photo.iter().max_by_key(|size| (size.width, size.height));
    let photo = largest.map(|size| (size.file_id.clone(), size.file_size));
    let file = message.document.as_ref().filter(|document| {
        document.mime_type.as_deref().is_some_and(|kind| kind.starts_with("image/"))
    });
    let file = file.map(|document| (document.file_id.clone(), document.file_size));
    Said { text: message.words().to_owned(), photo: photo.or(file) }
}

fn on_press(
    tx: &Tx,
    apps: &Apps,
    update: i64,
    query: &CallbackQuery,
    at: Timestamp,
) -> Result<(), StoreError> {
    // Without a message (an old one, or one sent inline) there is no chat to answer in.
    let chat = query.message.as_ref().map(|message| message.chat.clone());
    let chat = chat.unwrap_or(Chat { id: ChatId::from(query.from.id), kind: ChatKind::Private });
    let press = Press {
        query: query.id.clone(),
        data: query.data.clone().unwrap_or_default(),
        message: query.message.as_ref().filter(|m| m.is_accessible()).map(|m| m.message_id),
    };
    let Some(talk) = meet(tx, apps, &query.from, &chat, at)? else {
        return sender::post(tx, Outgoing::answer_tap(&press.query));
    };
    let talk = Talk { update: Some(update), ..talk };
    let part = parts(apps).find(|part| press.data.starts_with(part.prefix()));
    match part.map(|part| part.button(tx, &talk, &press)) {
        None => {
            let sentences = talk.asked.by.language.sentences();
            sender::post(tx, Outgoing::toast(&press.query, sentences.house.stale_button))
        }
        Some(Err(Failure::Refused(refused))) => {
            sender::post(tx, Outgoing::alert(&press.query, &refused.sentence))
        }
        Some(result) => said_no(tx, &talk, result),
    }
}

/// Nobody is remembered for typing: only those who write to us are.
fn on_inline(tx: &Tx, apps: &Apps, query: &InlineQuery, at: Timestamp) -> Result<(), StoreError> {
    let mut page = None;
    if let Some(mut by) = apps.person(tx, query.from.id)? {
        if let Some(tag) = query.from.language_code.as_deref() {
            by.language = language_of(Some(tag), apps.context().language);
        }
        let asked = Asked { by, at };
        for part in parts(apps) {
            page = part.inline(tx, &asked, &query.query, &query.offset)?;
            if page.is_some() {
                break;
            }
        }
    }
    sender::post(tx, inline::answer(&query.id, &page.unwrap_or_else(InlinePage::default)))
}

fn on_membership(tx: &Tx, apps: &Apps, change: &MyChatMember) -> Result<(), StoreError> {
    if change.chat.kind != ChatKind::Private || apps.person(tx, change.from.id)?.is_none() {
        return Ok(());
    }
    let mut user = users::find_or_unknown(tx, change.from.id)?;
    user.reachable = change.is_reachable();
    users::save(tx, &user)
}

/// Keeps the person's name and language; `None` when they are banned.
fn meet(
    tx: &Tx,
    apps: &Apps,
    from: &User,
    chat: &Chat,
    at: Timestamp,
) -> Result<Option<Talk>, StoreError> {
    let is_private = chat.kind == ChatKind::Private;
    if apps.person(tx, from.id)?.is_none() {
        return Ok(None);
    }
    let mut user = users::find_or_unknown(tx, from.id)?;
    user.name = from.name();
    if from.language_code.is_some() {
        user.language.clone_from(&from.language_code);
    }
    user.reachable |= is_private;
    users::save(tx, &user)?;
    let Some(by) = apps.person(tx, from.id)? else { return Ok(None) };
    Ok(Some(Talk {
        asked: Asked { by, at },
        chat: chat.id,
        is_private,
        bot: bot_name(apps),
        update: None,
    }))
}

/// Says a refusal to the person; it is not an error.
fn said_no(tx: &Tx, talk: &Talk, result: Result<(), Failure>) -> Result<(), StoreError> {
    match result {
        Ok(()) => Ok(()),
        Err(Failure::Refused(refused)) => say(tx, talk, &refused.sentence),
        Err(Failure::Store(error)) => Err(error),
    }
}

fn say(tx: &Tx, talk: &Talk, sentence: &str) -> Result<(), StoreError> {
    sender::post(tx, Outgoing::message(talk.chat, &html::escape(sentence)))
}
