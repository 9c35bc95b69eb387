//! `/new`: how long, with which passphrase, for whom, and what.

use std::time::Duration;

use super::desk::{Desk, button, refused};
use super::dialogue::{self, Dialogue, Topic, Wish};
use super::tap::Tap;
use crate::apps::secrets::shown;
use crate::apps::secrets::token::{SecretText, Ticket};
use crate::apps::secrets::words::{lasting, parse};
use crate::apps::{Failure, Heard, Press};
use crate::i18n::fill;
use crate::ids::UserId;
use crate::store::StoreError;
use crate::telegram::outgoing::Keyboard;

/// Characters of a passphrase.
pub const PASSPHRASE_MAX: usize = 256;

/// Lifetimes to choose from, in seconds: an hour, a day, three days, a week.
const LIFETIMES: [u64; 4] = [3_600, 86_400, 3 * 86_400, 7 * 86_400];

/// Ids of users have at most 52 significant bits (Bot API `User.id`).
const USER_MAX: i64 = (1 << 52) - 1;

impl Desk<'_, '_> {
    /// `/new`.
    pub fn ask_from_the_start(&self) -> Result<(), Failure> {
        self.may_make()?;
        let dialogue = dialogue::begin(self.tx, self.talk, Topic::Ttl)?;
        Ok(self.question(&dialogue)?)
    }

    /// A message that answers a question.
    pub fn answer(&self, dialogue: &Dialogue, heard: &Heard<'_>) -> Result<(), Failure> {
        let words = heard.words;
        let is_sent_on =
            matches!(dialogue.topic, Topic::Recipient(_)) && heard.forwarded_from.is_some();
        if !heard.is_text && !is_sent_on {
            return Ok(self.say(self.said.only_words)?);
        }
        match dialogue.topic {
            Topic::Ttl => match parse(words).filter(|ttl| self.is_ttl(*ttl)) {
                Some(ttl) => Ok(self.take_ttl(dialogue, ttl)?),
                None => refused(self.ttl_wrong()),
            },
            Topic::Passphrase(wish) => self.take_passphrase(dialogue, wish, heard),
            Topic::Recipient(wish) => match recipient(heard) {
                Some(user) => Ok(self.take_recipient(dialogue, wish, Some(user))?),
                None => refused(self.said.recipient_wrong),
            },
            Topic::Text(wish) => self.take_text(dialogue, wish, heard),
            Topic::Reading => self.take_passphrase_of_reader(dialogue, heard),
        }
    }

    fn question(&self, dialogue: &Dialogue) -> Result<(), StoreError> {
        let number = dialogue.number;
        let stop = button(self.said.stop, Tap::Stop { number });
        let (sentence, keyboard) = match dialogue.topic {
            Topic::Ttl => {
                let longest = lasting(self.longest(), self.language());
                (fill(self.said.ask_ttl, &[("most", &longest)]), self.lifetimes(number))
            }
            Topic::Passphrase(_) => {
                let none = button(self.said.no_passphrase, Tap::NoPassphrase { number });
                (self.said.ask_passphrase.to_owned(), Keyboard::new().row(none))
            }
            Topic::Recipient(_) => {
                let anybody = button(self.said.anybody, Tap::Anybody { number });
                (self.said.ask_recipient.to_owned(), Keyboard::new().row(anybody))
            }
            Topic::Text(_) => (self.said.ask_text.to_owned(), Keyboard::new()),
            Topic::Reading => (self.said.ask_for_passphrase.to_owned(), Keyboard::new()),
        };
        self.ask(&sentence, &keyboard.row(stop))
    }

    /// The usual lifetime among those to choose from, none of them longer than allowed.
    fn lifetimes(&self, number: u64) -> Keyboard {
        let usual = self.app.context.secrets.ttl.as_secs();
        let mut all: Vec<u64> = LIFETIMES.into_iter().chain([usual]).collect();
        all.retain(|seconds| self.is_ttl(Duration::from_secs(*seconds)));
        all.sort_unstable();
        all.dedup();
        let label = |seconds: u64| lasting(Duration::from_secs(seconds), self.language());
        let buttons = all
            .iter()
            .map(|seconds| button(&label(*seconds), Tap::Ttl { number, seconds: *seconds }));
        let buttons: Vec<_> = buttons.flatten().collect();
        buttons.chunks(3).fold(Keyboard::new(), |rows, row| rows.row(row.iter().cloned()))
    }

    fn longest(&self) -> Duration {
        self.app.context.secrets.limits.max_ttl
    }

    fn is_ttl(&self, ttl: Duration) -> bool {
        !ttl.is_zero() && ttl <= self.longest()
    }

    fn ttl_wrong(&self) -> String {
        let longest = lasting(self.longest(), self.language());
        fill(self.said.ttl_wrong, &[("most", &longest)])
    }

    fn next(&self, dialogue: &Dialogue, topic: Topic) -> Result<(), StoreError> {
        let next = dialogue::go_on(self.tx, self.talk, dialogue.number, topic)?;
        self.question(&next)
    }

    fn take_ttl(&self, dialogue: &Dialogue, ttl: Duration) -> Result<(), StoreError> {
        let wish = Wish { ttl: ttl.as_secs(), ..Wish::default() };
        self.next(dialogue, Topic::Passphrase(wish))
    }

    fn take_passphrase(
        &self,
        dialogue: &Dialogue,
        wish: Wish,
        heard: &Heard<'_>,
    ) -> Result<(), Failure> {
        self.hide(heard.message)?;
        if heard.words.chars().count() > PASSPHRASE_MAX {
            let most = PASSPHRASE_MAX.to_string();
            return refused(fill(self.said.passphrase_long, &[("most", &most)]));
        }
        let (owner, at) = (dialogue::owner(self.talk), self.talk.asked.at);
        let passphrase = SecretText::new(heard.words);
        if !self.app.vault.keep(owner, dialogue.number, passphrase, at) {
            return refused(self.language().sentences().busy);
        }
        Ok(self.next(dialogue, Topic::Recipient(Wish { has_passphrase: true, ..wish }))?)
    }

    fn take_recipient(
        &self,
        dialogue: &Dialogue,
        wish: Wish,
        recipient: Option<UserId>,
    ) -> Result<(), StoreError> {
        if self.is_forgotten(dialogue)? {
            return Ok(());
        }
        self.next(dialogue, Topic::Text(Wish { recipient, ..wish }))
    }

    fn take_text(&self, dialogue: &Dialogue, wish: Wish, heard: &Heard<'_>) -> Result<(), Failure> {
        shown::remember(self.tx, (self.talk.chat.0, heard.message), self.talk.asked.at)?;
        if self.is_forgotten(dialogue)? {
            return Ok(());
        }
        let passphrase = self.kept(dialogue).filter(|_| wish.has_passphrase);
        // A refusal leaves the question open: a shorter text may follow.
        self.make_with(heard.words, heard.message, wish, passphrase.as_ref())?;
        Ok(self.end(dialogue)?)
    }

    fn take_passphrase_of_reader(
        &self,
        dialogue: &Dialogue,
        heard: &Heard<'_>,
    ) -> Result<(), Failure> {
        self.hide(heard.message)?;
        if self.is_forgotten(dialogue)? {
            return Ok(());
        }
        self.end(dialogue)?;
        let ticket = self.kept(dialogue).and_then(|text| Ticket::parse(text.reveal()));
        let Some(ticket) = ticket else { return refused(self.said.closed) };
        let passphrase = SecretText::new(heard.words);
        self.read_with(ticket, None, Some(passphrase))
    }

    /// What the vault has for this dialogue.
    fn kept(&self, dialogue: &Dialogue) -> Option<SecretText> {
        self.app.vault.find(dialogue::owner(self.talk), dialogue.number)
    }

    /// Says so, if a restart has forgotten what goes with this dialogue, and ends it.
    fn is_forgotten(&self, dialogue: &Dialogue) -> Result<bool, StoreError> {
        if !dialogue.topic.needs_vault() || self.kept(dialogue).is_some() {
            return Ok(false);
        }
        self.end(dialogue)?;
        let is_reading = dialogue.topic == Topic::Reading;
        self.say(if is_reading { self.said.forgotten_reading } else { self.said.forgotten })?;
        Ok(true)
    }

    /// Deletes a message that is a passphrase, and remembers that it is one.
    fn hide(&self, message: i64) -> Result<(), StoreError> {
        shown::remember(self.tx, (self.talk.chat.0, message), self.talk.asked.at)?;
        self.delete(message)
    }

    /// The dialogue a button belongs to; otherwise the press is answered.
    fn pressed(&self, press: &Press, number: u64) -> Result<Option<Dialogue>, StoreError> {
        let owner = dialogue::owner(self.talk);
        let dialogue = dialogue::current(self.tx, owner, self.talk.asked.at)?;
        let dialogue = dialogue.filter(|dialogue| dialogue.number == number);
        match dialogue {
            Some(_) => self.nod(press)?,
            None => self.toast(press, self.said.question_over)?,
        }
        Ok(dialogue)
    }

    pub fn choose_ttl(&self, press: &Press, number: u64, seconds: u64) -> Result<(), Failure> {
        self.may_make()?;
        let ttl = Duration::from_secs(seconds);
        match self.pressed(press, number)? {
            Some(dialogue) if dialogue.topic == Topic::Ttl && self.is_ttl(ttl) => {
                Ok(self.take_ttl(&dialogue, ttl)?)
            }
            _ => Ok(()),
        }
    }

    pub fn choose_no_passphrase(&self, press: &Press, number: u64) -> Result<(), Failure> {
        self.may_make()?;
        match self.pressed(press, number)? {
            Some(dialogue) => match dialogue.topic {
                Topic::Passphrase(wish) => Ok(self.next(&dialogue, Topic::Recipient(wish))?),
                _ => Ok(()),
            },
            None => Ok(()),
        }
    }

    pub fn choose_anybody(&self, press: &Press, number: u64) -> Result<(), Failure> {
        self.may_make()?;
        match self.pressed(press, number)? {
            Some(dialogue) => match dialogue.topic {
                Topic::Recipient(wish) => Ok(self.take_recipient(&dialogue, wish, None)?),
                _ => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Ends the questions by button.
    pub fn stop(&self, press: &Press, number: u64) -> Result<(), StoreError> {
        let Some(dialogue) = self.pressed(press, number)? else { return Ok(()) };
        self.end(&dialogue)?;
        self.replace(press, self.said.stopped, &Keyboard::new())
    }
}

/// Who somebody names: by id, or by sending on what they wrote.
fn recipient(heard: &Heard<'_>) -> Option<UserId> {
    let id =
        || heard.words.trim().parse().ok().filter(|id| (1..=USER_MAX).contains(id)).map(UserId);
    heard.forwarded_from.or_else(id)
}
