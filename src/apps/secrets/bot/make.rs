//! Making a secret: sealed and kept, then answered with what opens it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::desk::{Desk, button, refused};
use super::dialogue::Wish;
use super::ended::Note;
use super::tap::{PREFIX, Tap, Under};
use crate::apps::Failure;
use crate::apps::secrets::seal::Chance;
use crate::apps::secrets::store::{self, Author, Created, New, NotCreated, Unkept};
use crate::apps::secrets::token::SecretText;
use crate::apps::secrets::words::lasting;
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::outgoing::{Button, Keyboard, Outgoing};
use crate::telegram::whisper::{Again, Whisper};

/// The most of a text that a button copies (Bot API `CopyTextButton`).
const COPIED_MAX: usize = 256;

impl Desk<'_, '_> {
    /// Whether the person may make secrets at all.
    pub fn may_make(&self) -> Result<(), Failure> {
        if self.app.context.secrets.may_make(&self.talk.asked.by) {
            return Ok(());
        }
        refused(self.said.not_allowed)
    }

    /// `new:<text>` in message `message`, with everything else as usual.
    pub fn make(&self, text: &str, message: i64) -> Result<(), Failure> {
        let ttl = self.app.context.secrets.ttl.as_secs();
        self.make_with(text, message, Wish { ttl, ..Wish::default() }, None)
    }

    /// The same with what was chosen.
    pub fn make_with(
        &self,
        text: &str,
        message: i64,
        wish: Wish,
        passphrase: Option<&SecretText>,
    ) -> Result<(), Failure> {
        self.may_make()?;
        let new = New {
            by: Author::User(self.user()),
            text: SecretText::new(text),
            ttl: Duration::from_secs(wish.ttl),
            recipient: wish.recipient,
            at: self.talk.asked.at,
            chance: Chance::fresh().map_err(no_chance)?,
            passphrase: None,
        };
        let new = match passphrase {
            Some(passphrase) => new.stretch(passphrase),
            None => new,
        };
        let created = match store::create(self.tx, &new, &self.app.context.secrets.limits) {
            Ok(created) => created,
            Err(NotCreated::Refused(why)) => return refused(self.unkept(why)),
            Err(NotCreated::Store(error)) => return Err(error.into()),
        };
        Ok(self.whisper_ticket(&created, &new, message)?)
    }

    fn unkept(&self, why: Unkept) -> String {
        let most = |sentence, most: String| fill(sentence, &[("most", &most)]);
        match why {
            Unkept::Empty => self.said.empty.to_owned(),
            Unkept::TooLong(chars) => most(self.said.too_long, chars.to_string()),
            Unkept::Ttl(longest) => most(self.said.ttl_wrong, lasting(longest, self.language())),
            Unkept::TooManyOfYours(count) => most(self.said.too_many_yours, count.to_string()),
            Unkept::TooMany => self.said.too_many.to_owned(),
        }
    }

    fn whisper_ticket(&self, created: &Created, new: &New, message: i64) -> Result<(), StoreError> {
        let ticket = created.ticket.expose();
        let keyboard = Keyboard::new()
            .row(button(self.said.burn, Tap::Burn(Under::Ticket, created.ticket.id)))
            .row(self.link(created, new));
        let call = Outgoing::message(self.talk.chat, &format!("<pre>{}</pre>", ticket.reveal()));
        let note = Note::Made { id: created.ticket.id, message };
        let whisper = Whisper {
            call: call.without_preview().with_buttons(&keyboard),
            part: PREFIX,
            note: json!(note),
            again: Again::Harmless,
            update: self.talk.update,
        };
        self.app.context.whispers.say(self.tx, whisper)
    }

    /// A button that copies a link: to the page if there is one and it knows its readers well enough,
    /// else to the bot.
    fn link(&self, created: &Created, new: &New) -> Option<Button> {
        let context = &self.app.context;
        let page = context.public_url.as_ref();
        let page = page.filter(|_| context.secrets.web_reveal && new.recipient.is_none());
        let link = match page {
            Some(base) => created.ticket.expose_link(base),
            None if self.talk.bot.is_empty() => return None,
            None => created.ticket.expose_deep_link(&self.talk.bot),
        };
        let fits = link.reveal().len() <= COPIED_MAX;
        fits.then(|| Button::copy(self.said.copy_link, link.reveal()))
    }
}

fn no_chance(error: getrandom::Error) -> StoreError {
    let error = io::Error::other(error.to_string());
    StoreError::File(PathBuf::from("/dev/urandom"), error)
}
