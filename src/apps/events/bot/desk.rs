//! Where one command, press or message about events is dealt with.

use crate::apps::events::action::{self, Action, Verb, may};
use crate::apps::events::app::{Events, who};
use crate::apps::events::decision::Decision;
use crate::apps::events::model::{Event, EventId};
use crate::apps::events::refusal::Refusal;
use crate::apps::events::store::{self, NotDone};
use crate::apps::events::text;
use crate::apps::{Failure, Press, Refused, Talk};
use crate::i18n::{Language, Sentences, fill};
use crate::ids::UserId;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::{Button, CallbackData, Keyboard, Outgoing};
use crate::telegram::{html, sender};

/// The longest part of a title that is shown in a sentence, in UTF-16 units.
const TITLE_MAX: usize = 80;

/// One act of one person, with all it takes to answer.
pub(super) struct Desk<'a, 'tx> {
    pub events: &'a Events,
    pub tx: &'a Tx<'tx>,
    pub talk: &'a Talk,
    /// What the person is told alone.
    pub own: &'static Sentences,
    /// The language of messages in this chat: the person's, or in a group, where all read them, that
    /// of the settings.
    pub shown: Language,
}

/// A message with its buttons, new or in place of another.
pub(super) struct Screen {
    pub text: String,
    pub keyboard: Keyboard,
}

impl Screen {
    /// A text, already markup, without buttons.
    pub fn plain(text: String) -> Self {
        Self { text, keyboard: Keyboard::new() }
    }
}

impl<'a, 'tx> Desk<'a, 'tx> {
    pub fn new(events: &'a Events, tx: &'a Tx<'tx>, talk: &'a Talk) -> Self {
        let language = talk.asked.by.language;
        let shown = if talk.is_private { language } else { events.context.language };
        Self { events, tx, talk, own: language.sentences(), shown }
    }

    /// The sentences of messages in this chat.
    pub fn sentences(&self) -> &'static Sentences {
        self.shown.sentences()
    }

    /// Who acts.
    pub fn user(&self) -> UserId {
        self.talk.asked.by.id
    }

    /// Who asks, as the domain wants it.
    pub fn asked(&self) -> action::Asked {
        who(&self.talk.asked)
    }

    /// Sends a sentence of ours, plain text.
    pub fn say(&self, sentence: &str) -> Result<(), StoreError> {
        self.send(Screen::plain(html::escape(sentence)))
    }

    /// Sends a message.
    pub fn send(&self, screen: Screen) -> Result<(), StoreError> {
        let Screen { text, keyboard } = screen;
        let call = Outgoing::message(self.talk.chat, &text).without_preview();
        let call = if keyboard.is_empty() { call } else { call.with_buttons(&keyboard) };
        sender::post(self.tx, call)
    }

    /// Puts a message in place of the one whose button was pressed, if it is still there.
    pub fn replace(&self, press: &Press, screen: Screen) -> Result<(), StoreError> {
        let Some(message) = press.message else { return Ok(()) };
        let Screen { text, keyboard } = screen;
        let call = Outgoing::edit_text(self.talk.chat, message, &text).without_preview();
        sender::post(self.tx, call.with_buttons(&keyboard))
    }

    /// Answers a press without words.
    pub fn nod(&self, press: &Press) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::answer_tap(&press.query))
    }

    /// Answers a press with a line that fades.
    pub fn toast(&self, press: &Press, sentence: &str) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::toast(&press.query, sentence))
    }

    /// Answers a press with a box to be closed.
    pub fn alert(&self, press: &Press, sentence: &str) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::alert(&press.query, sentence))
    }

    /// Carries out an action; a refusal is in the person's words.
    pub fn act(
        &self,
        event: Option<EventId>,
        action: &Action,
    ) -> Result<(EventId, Decision), Failure> {
        store::act(self.tx, &self.asked(), event, action).map_err(|not_done| match not_done {
            NotDone::Refused(refusal) => self.refused(&refusal),
            NotDone::Store(error) => Failure::Store(error),
        })
    }

    /// Whether the person may do this at all, asked before questions are.
    pub fn may(&self, verb: Verb) -> Result<(), Failure> {
        may(&self.asked(), verb).map_err(|refusal| self.refused(&refusal))
    }

    /// The event with this number, or that there is none.
    pub fn find(&self, id: EventId) -> Result<Event, Failure> {
        let found = store::find(self.tx, id)?;
        found.ok_or_else(|| self.refused(&Refusal::NoSuchEvent))
    }

    /// A refusal in the person's words.
    pub fn refused(&self, refusal: &Refusal) -> Failure {
        let sentence = text::refusal(refusal, self.talk.asked.by.language);
        Refused::new(refusal.code(), sentence).into()
    }

    /// The number at the beginning of `arguments` and what follows it; without one the person is
    /// told how to give it.
    pub fn numbered<'t>(
        &self,
        command: &str,
        arguments: &'t str,
    ) -> Result<Option<(EventId, &'t str)>, StoreError> {
        let (number, rest) = first_word(arguments);
        if let Some(id) = event_id(number) {
            return Ok(Some((id, rest)));
        }
        self.say(&fill(self.own.manage.need_event, &[("command", command)]))?;
        Ok(None)
    }
}

/// `sentence` with the event's title in it, as markup.
pub(super) fn titled(sentence: &str, event: &Event) -> String {
    let title = html::truncate_plain(event.title.as_str(), TITLE_MAX);
    fill(&html::escape(sentence), &[("title", &html::quoted(&title))])
}

/// `sentence` with the event's title and a place in its line, as plain text.
pub(super) fn titled_plain(sentence: &str, event: &Event, place: usize) -> String {
    let title = html::truncate_plain(event.title.as_str(), TITLE_MAX);
    fill(sentence, &[("title", &html::isolated(&title)), ("place", &place.to_string())])
}

/// A button that sends `data` back.
pub(super) fn button(label: &str, data: &super::tap::Tap) -> Option<Button> {
    CallbackData::new(data.to_string()).map(|data| Button::callback(label, data))
}

/// Reads the number of an event as people write it: `12` or `#12`.
pub(super) fn event_id(text: &str) -> Option<EventId> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain).map(EventId)
}

/// The first word and what follows it.
pub(super) fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}
