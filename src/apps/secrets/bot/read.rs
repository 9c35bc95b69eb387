//! Reading a secret: claimed and gone, then shown once.

use serde_json::json;

use super::desk::{Desk, button, refused};
use super::dialogue::{self, Topic};
use super::ended::Note;
use super::tap::{PREFIX, Tap};
use crate::apps::Failure;
use crate::apps::secrets::store::{Claim, Claimed, Door, Given, No, Opened};
use crate::apps::secrets::token::{SecretText, Ticket};
use crate::apps::secrets::tries::Who;
use crate::apps::secrets::words::lasting;
use crate::apps::secrets::{shown, told};
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::outgoing::{Keyboard, Outgoing, TEXT_MAX};
use crate::telegram::whisper::{Again, Whisper};

impl Desk<'_, '_> {
    /// Somebody brings `ticket`, in this message if it is still there, and perhaps a passphrase.
    pub fn read_with(
        &self,
        ticket: Ticket,
        message: Option<i64>,
        passphrase: Option<SecretText>,
    ) -> Result<(), Failure> {
        let claim = Claim {
            ticket,
            by: Some(self.user()),
            who: vec![Who::User(self.user())],
            door: Door::Bot,
            passphrase: passphrase.map(Given::Typed),
            at: self.talk.asked.at,
        };
        match told::claim(self.tx, &self.app.context, &claim)? {
            Claimed::Opened(opened) => Ok(self.show(&opened, message)?),
            Claimed::No(No::Passphrase) => self.ask_for_passphrase(&claim.ticket, message),
            Claimed::No(No::TooMany(wait)) => {
                let time = lasting(wait, self.language());
                refused(fill(self.said.too_many_tries, &[("time", &time)]))
            }
            Claimed::No(No::Closed) | Claimed::Burnt(_) => refused(self.said.closed),
        }
    }

    fn ask_for_passphrase(&self, ticket: &Ticket, message: Option<i64>) -> Result<(), Failure> {
        let dialogue = dialogue::begin(self.tx, self.talk, Topic::Reading)?;
        let (owner, at) = (dialogue::owner(self.talk), self.talk.asked.at);
        if !self.app.vault.keep(owner, dialogue.number, ticket.expose(), at) {
            dialogue::end(self.tx, self.talk)?;
            return refused(self.language().sentences().busy);
        }
        if let Some(message) = message {
            self.delete(message)?;
        }
        let stop = button(self.said.stop, Tap::Stop { number: dialogue.number });
        Ok(self.ask(self.said.ask_for_passphrase, &Keyboard::new().row(stop))?)
    }

    fn show(&self, opened: &Opened, message: Option<i64>) -> Result<(), StoreError> {
        let time = lasting(self.app.context.secrets.reveal_timer, self.language());
        let label = fill(self.said.delete_now, &[("time", &time)]);
        let keyboard = Keyboard::new().row(button(&label, Tap::Delete));
        let parts = parts(opened.text.reveal());
        for (index, part) in parts.iter().enumerate() {
            let note = Note::Opened {
                id: opened.was.id,
                by: opened.was.by.clone(),
                created: opened.was.created.as_second(),
                message,
                is_last: index + 1 == parts.len(),
            };
            let call = Outgoing::plain(self.talk.chat, part).without_preview().protected();
            let whisper = Whisper {
                call: call.with_buttons(&keyboard),
                part: PREFIX,
                note: json!(note),
                again: Again::Never,
                update: self.talk.update,
            };
            self.app.context.whispers.say(self.tx, whisper)?;
        }
        Ok(())
    }

    /// Deletes a text that is shown, before its time.
    pub fn delete_shown(&self, press: &crate::apps::Press) -> Result<(), StoreError> {
        let Some(message) = press.message else { return self.toast(press, self.said.is_gone) };
        self.nod(press)?;
        if shown::is_confidential(self.tx, (self.talk.chat.0, message))? {
            self.delete(message)?;
        }
        Ok(())
    }
}

/// `text` in pieces that fit a message: Telegram counts UTF-16 units, and a text may have more of
/// them than letters. Telegram drops blanks around a message, so none is cut beside one if that can
/// be helped.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = cut(rest) {
        let (part, behind) = rest.split_at(at);
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts
}

/// Where to cut `text`; `None` if it fits.
fn cut(text: &str) -> Option<usize> {
    let (mut units, mut best, mut blank) = (0, None, true);
    for (at, letter) in text.char_indices() {
        if !blank && !letter.is_whitespace() && units > 0 {
            best = Some(at);
        }
        blank = letter.is_whitespace();
        if units + letter.len_utf16() > TEXT_MAX {
            return best.or(Some(at));
        }
        units += letter.len_utf16();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_into_pieces_that_fit_and_lose_nothing() {
        let blanks = format!("{}{}{}", "x".repeat(4_000), " ".repeat(97), "y".repeat(100));
        for (text, lengths) in [
            (String::new(), vec![0]),
            ("x".repeat(4_096), vec![4_096]),
            ("x".repeat(4_097), vec![4_096, 1]),
            ("😀".repeat(4_000), vec![4_096, 3_904]),
            (format!("x{}", "😀".repeat(2_048)), vec![4_095, 2]),
            (" ".repeat(5_000), vec![4_096, 904]),
            (blanks, vec![3_999, 198]),
        ] {
            let parts = parts(&text);
            let units: Vec<usize> = parts.iter().map(|part| part.encode_utf16().count()).collect();
            assert_eq!(units, lengths);
            assert_eq!(parts.concat(), text);
        }
    }
}
