//! The bot's own part: greeting, help, people and their rights.

mod admins;
mod backup;
mod first;
mod people;
mod relay;
mod rights;

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use serde_json::Value;

use super::{App, BotPart, Command, Context, Failure, Heard, Person, Press, Refused, Talk};
use crate::i18n::fill;
use crate::ids::ChatId;
use crate::relay::Board;
use crate::store::fill::Fill;
use crate::store::{StoreError, Tx, users};
use crate::telegram::outgoing::{Button, Keyboard, MenuCommand, Outgoing, Scope};
use crate::telegram::{html, sender};

const COMMANDS: &[Command] = &[
    Command { name: "start", for_admins: false, about: |s| s.house.about_start },
    Command { name: "help", for_admins: false, about: |s| s.house.about_help },
    Command { name: "stop", for_admins: false, about: |s| s.house.about_stop },
    Command { name: "users", for_admins: true, about: |s| s.house.about_users },
    Command { name: "makeadmin", for_admins: true, about: |s| s.house.about_makeadmin },
    Command { name: "removeadmin", for_admins: true, about: |s| s.house.about_removeadmin },
    Command { name: "ban", for_admins: true, about: |s| s.house.about_ban },
    Command { name: "unban", for_admins: true, about: |s| s.house.about_unban },
    Command { name: "relay", for_admins: true, about: |s| s.relay.about_relay },
    Command { name: "status", for_admins: true, about: |s| s.house.about_status },
];

/// What the bot does itself.
pub struct House {
    context: Arc<Context>,
    apps: Arc<[Box<dyn App>]>,
    relay: OnceLock<Board>,
}

impl House {
    /// The house of this process, over the same list of apps as everybody else's.
    pub fn new(context: Arc<Context>, apps: Arc<[Box<dyn App>]>) -> Self {
        Self { context, apps, relay: OnceLock::new() }
    }

    /// From now on `/relay` tells how the sinks of `board` stand.
    pub fn show_relay(&self, board: Board) {
        // Set once at start.
        drop(self.relay.set(board));
    }

    /// The sinks of the running server.
    pub fn relay(&self) -> Option<&Board> {
        self.relay.get()
    }

    /// Tells the admins that the log of updates fills.
    pub fn tell_fill(&self, tx: &Tx, fill: &Fill) -> Result<(), StoreError> {
        relay::tell_fill(tx, &self.context, fill)
    }

    /// Whether an update shows a one-time code, which then reaches no log.
    pub fn is_confidential(update: &Value) -> bool {
        first::is_in(update)
    }

    /// Tells the admins that there is no new backup since the `newest`.
    pub fn tell_backup(
        &self,
        tx: &Tx,
        reason: &str,
        newest: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        backup::tell_failure(tx, &self.context, reason, newest)
    }

    fn tell_relay(&self, tx: &Tx, talk: &Talk) -> Result<(), StoreError> {
        let sinks = self.relay.get().map(|board| board.standings(tx, talk.asked.at));
        let mut sinks = sinks.transpose()?.unwrap_or_default();
        // The command itself waits as well, and always would.
        for sink in &mut sinks {
            sink.lag = sink.lag.saturating_sub(1);
        }
        relay::tell(tx, talk, &sinks)
    }

    /// The commands `person` may use, the apps' first: they are what people come for. `None` is
    /// everybody.
    pub fn menu(&self, person: Option<&Person>) -> impl Iterator<Item = &'static Command> {
        let all = self.parts(person).flat_map(|(_, part)| part.commands()).chain(COMMANDS);
        let is_admin = person.is_some_and(|person| person.is_admin);
        all.filter(move |command| is_admin || !command.for_admins)
    }

    /// The apps that have a part in the bot for this person, with their names.
    fn parts(&self, person: Option<&Person>) -> impl Iterator<Item = (&'static str, &dyn BotPart)> {
        let theirs = self.apps.iter().filter(move |app| app.is_for(person));
        theirs.filter_map(|app| Some((app.name(), app.bot()?)))
    }

    /// Buttons that open the apps. Telegram refuses `web_app` buttons outside private chats.
    fn launchers(&self, talk: &Talk) -> Keyboard {
        let sentences = talk.asked.by.language.sentences();
        let Some(base) = &self.context.public_url else { return Keyboard::new() };
        let parts = self.parts(Some(&talk.asked.by));
        let labels = parts.filter_map(|(app, part)| Some((app, part.launch(sentences)?)));
        if talk.is_private {
            let open = |(app, label)| Button::web_app(label, &format!("{base}/{app}/"));
            return labels.map(open).fold(Keyboard::new(), |rows, button| rows.row([button]));
        }
        let link = self.context.link();
        let open = labels.take(1).filter_map(|(_, label)| Some(Button::url(label, link.as_ref()?)));
        Keyboard::new().row(open)
    }

    fn greet(&self, tx: &Tx, talk: &Talk) -> Result<(), StoreError> {
        let house = &talk.asked.by.language.sentences().house;
        let mut text = html::escape(house.greeting);
        if unmute(tx, talk)? {
            text = format!("{text}\n\n{}", html::escape(house.reminders_on));
        }
        let mut message = Outgoing::message(talk.chat, &text);
        let launchers = self.launchers(talk);
        if !launchers.is_empty() {
            message = message.with_buttons(&launchers);
        }
        sender::post(tx, message)?;
        if talk.is_private && self.offers_more_to(&talk.asked.by) {
            self.show_menu(tx, talk.chat, &talk.asked.by)?;
        }
        Ok(())
    }

    /// Whether `person` may use more than everybody.
    fn offers_more_to(&self, person: &Person) -> bool {
        self.menu(Some(person)).count() > self.menu(None).count()
    }

    /// Shows what `person` may use in the menu of `chat`.
    fn show_menu(&self, tx: &Tx, chat: ChatId, person: &Person) -> Result<(), StoreError> {
        let entry = |command: &Command| {
            MenuCommand::new(command.name, (command.about)(person.language.sentences()))
        };
        let menu: Vec<MenuCommand> = self.menu(Some(person)).filter_map(entry).collect();
        sender::post(tx, Outgoing::commands(&menu, Scope::Chat { chat_id: chat }, None))
    }

    fn help(&self, tx: &Tx, talk: &Talk) -> Result<(), StoreError> {
        say(tx, talk, &self.commands_of(&talk.asked.by))
    }

    /// Every command `person` may use, in markup.
    fn commands_of(&self, person: &Person) -> String {
        let sentences = person.language.sentences();
        let line = |command: &Command| {
            format!("\n/{} – {}", command.name, html::escape((command.about)(sentences)))
        };
        let mut text = html::escape(sentences.house.help_heading);
        text.extend(self.menu(Some(person)).filter(|command| !command.for_admins).map(line));
        if person.is_admin {
            text = format!("{text}\n\n{}", html::escape(sentences.house.help_admins));
            text.extend(self.menu(Some(person)).filter(|command| command.for_admins).map(line));
        }
        text
    }

    fn tell_status(&self, tx: &Tx, talk: &Talk) -> Result<(), StoreError> {
        let house = &talk.asked.by.language.sentences().house;
        let version = env!("CARGO_PKG_VERSION");
        let mut lines = vec![
            fill(house.status_version, &[("bot", &talk.bot), ("version", version)]),
            self.count_people(tx, house.status_people)?,
        ];
        for (_, part) in self.parts(Some(&talk.asked.by)) {
            lines.extend(part.status(tx, talk)?);
        }
        say(tx, talk, &html::escape(&lines.join("\n")))
    }

    fn count_people(&self, tx: &Tx, sentence: &str) -> Result<String, StoreError> {
        let people = users::all(tx)?;
        let roles = &self.context.roles;
        let count = |is: &dyn Fn(&users::User) -> bool| {
            people.iter().filter(|user| is(user)).count().to_string()
        };
        Ok(fill(
            sentence,
            &[
                ("people", &people.len().to_string()),
                ("reachable", &count(&|user| user.reachable)),
                ("admins", &count(&|user| roles.is_admin(user))),
                ("banned", &count(&|user| roles.is_banned(user))),
            ],
        ))
    }
}

impl BotPart for House {
    fn commands(&self) -> &'static [Command] {
        COMMANDS
    }

    fn command(&self, tx: &Tx, talk: &Talk, command: &str, arguments: &str) -> Result<(), Failure> {
        match command {
            "start" => {
                self.greet(tx, talk)?;
                let mut parts = self.parts(Some(&talk.asked.by)).filter(|_| talk.is_private);
                parts.try_for_each(|(_, part)| part.greeted(tx, talk))?;
            }
            "stop" => stop(tx, talk)?,
            "help" => self.help(tx, talk)?,
            "status" => self.tell_status(tx, talk)?,
            "relay" => self.tell_relay(tx, talk)?,
            "users" => people::list(tx, talk, &self.context.roles)?,
            _ => self.change_rights(tx, talk, command, arguments)?,
        }
        Ok(())
    }

    fn button(&self, tx: &Tx, talk: &Talk, press: &Press) -> Result<(), Failure> {
        let sentences = talk.asked.by.language.sentences();
        if !talk.asked.by.is_admin {
            return Err(Refused::new("not-admin", sentences.not_admin).into());
        }
        let Some(page) = people::page_of(&press.data).filter(|_| talk.is_private) else {
            return Ok(sender::post(
                tx,
                Outgoing::toast(&press.query, sentences.house.stale_button),
            )?);
        };
        sender::post(tx, Outgoing::answer_tap(&press.query))?;
        Ok(people::turn(tx, talk, &self.context.roles, press.message, page)?)
    }

    fn prefix(&self) -> &'static str {
        "h:"
    }

    /// Whatever the payload, who sends `/start` wants to hear from us again.
    fn start(&self, tx: &Tx, talk: &Talk, payload: &str) -> Result<bool, Failure> {
        unmute(tx, talk)?;
        let Some(code) = first::only(payload).filter(|_| talk.is_private) else { return Ok(false) };
        self.try_code(tx, talk, &code)?;
        Ok(true)
    }

    fn confided(&self, tx: &Tx, talk: &Talk, heard: &Heard<'_>) -> Result<bool, Failure> {
        let code = first::only(heard.words).filter(|_| talk.is_private && heard.is_text);
        let Some(code) = code else { return Ok(false) };
        self.try_code(tx, talk, &code)?;
        Ok(true)
    }

    fn overheard(&self, tx: &Tx, words: &str, _: Timestamp) -> Result<(), StoreError> {
        first::were_seen(tx, words)
    }
}

/// Turns reminders on; whether they were off.
fn unmute(tx: &Tx, talk: &Talk) -> Result<bool, StoreError> {
    let mut user = users::find_or_unknown(tx, talk.asked.by.id)?;
    if !user.muted || !talk.is_private {
        return Ok(false);
    }
    user.muted = false;
    users::save(tx, &user)?;
    Ok(true)
}

fn stop(tx: &Tx, talk: &Talk) -> Result<(), StoreError> {
    let mut user = users::find_or_unknown(tx, talk.asked.by.id)?;
    user.muted = true;
    users::save(tx, &user)?;
    say(tx, talk, &html::escape(talk.asked.by.language.sentences().house.stopped))
}

fn say(tx: &Tx, talk: &Talk, markup: &str) -> Result<(), StoreError> {
    sender::post(tx, Outgoing::message(talk.chat, markup))
}
