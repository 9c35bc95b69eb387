//! `/maintenance`: a server may be down for a while, and nobody is told.

use jiff::Timestamp;

use super::desk::{Desk, Screen};
use crate::apps::conferences::alert::{moment, says};
use crate::apps::conferences::audit::{self, Door, Entry, What};
use crate::apps::conferences::fleet::{Kept, Right};
use crate::apps::conferences::record::{WINDOWS_MAX, Window};
use crate::apps::conferences::wish::MaintenanceWish;
use crate::apps::conferences::{audience, store, words};
use crate::apps::{Failure, Refused};
use crate::i18n::{Language, fill};
use crate::ids::ChatId;
use crate::store::StoreError;
use crate::store::outbox::Lane;
use crate::telegram::outgoing::{Keyboard, Outgoing};
use crate::telegram::{html, sender};

impl Desk<'_, '_> {
    /// `/maintenance [[YYYY-MM-DD] HH:MM] DURATION [SERVER]`, `/maintenance off [SERVER]`.
    pub fn maintenance(&self, arguments: &str) -> Result<(), Failure> {
        let (zone, now) = (&self.app.context.timezone, self.talk.asked.at);
        let says = &says(self.language).maintenance;
        let text = match MaintenanceWish::parse(arguments, zone, now) {
            Err(_) => return Err(Refused::new("invalid-data", says.usage).into()),
            Ok(MaintenanceWish::Show) => self.announced()?,
            Ok(MaintenanceWish::Off(name)) => self.call_off(self.one(&name)?)?,
            Ok(MaintenanceWish::On(from, length, name)) => {
                let kept = self.one(&name)?;
                let from = from.unwrap_or(now);
                let until = from.saturating_add(length).unwrap_or(from);
                self.announce(kept, Window { from, until, by: self.talk.asked.by.id })?
            }
        };
        Ok(self.send(&Screen { text, keyboard: Keyboard::new() })?)
    }

    /// The server that is meant; without a name the only one the person operates.
    fn one(&self, name: &str) -> Result<&Kept, Failure> {
        if !name.is_empty() {
            return self.named(name, Right::Operate);
        }
        let mut theirs = self.app.fleet.of(&self.talk.asked.by, Right::Operate);
        match (theirs.next(), theirs.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Refused::new("not-operator", self.says().operators_only).into()),
            _ => {
                let names = self.names(Right::Operate);
                let which = fill(says(self.language).maintenance.which, &[("names", &names)]);
                Err(Refused::new("invalid-data", which).into())
            }
        }
    }

    fn announce(&self, kept: &Kept, window: Window) -> Result<String, Failure> {
        let says = &says(self.language).maintenance;
        let now = self.talk.asked.at;
        if window.until <= now {
            return Err(Refused::new("invalid-data", says.past).into());
        }
        let mut record = store::find(self.tx, kept)?;
        record.windows.retain(|other| other.until > now);
        if record.windows.len() >= WINDOWS_MAX {
            let most = WINDOWS_MAX.to_string();
            let sentence = fill(says.too_many, &[("count", &most)]);
            return Err(Refused::new("too-many", sentence).into());
        }
        record.windows.push(window);
        record.windows.sort();
        store::save(self.tx, kept, &record)?;
        self.tx.due_changed();
        self.written_down(kept, What::MaintenanceOn, &span(window.from, window.until))?;
        self.tell_others(kept, |language| self.words(kept, window, (language, |says| says.told)))?;
        Ok(self.words(kept, window, (self.language, |says| says.announced)))
    }

    fn call_off(&self, kept: &Kept) -> Result<String, Failure> {
        let now = self.talk.asked.at;
        let mut record = store::find(self.tx, kept)?;
        if record.windows.is_empty() {
            return Ok(html::escape(says(self.language).maintenance.none));
        }
        // What is under way, else what is planned. It ends now, so that what it kept quiet is told.
        let is_under_way = record.is_maintained(now);
        for window in record.windows.iter_mut().filter(|window| !is_under_way || window.has(now)) {
            window.until = now;
        }
        store::save(self.tx, kept, &record)?;
        self.app.end_windows(self.tx, kept, now)?;
        self.written_down(kept, What::MaintenanceOff, "")?;
        let window = Window { from: now, until: now, by: self.talk.asked.by.id };
        self.tell_others(kept, |language| {
            self.words(kept, window, (language, |says| says.told_ended))
        })?;
        Ok(self.words(kept, window, (self.language, |says| says.ended)))
    }

    /// What is announced for the servers somebody may look at, as markup.
    fn announced(&self) -> Result<String, StoreError> {
        let says = &says(self.language).maintenance;
        let mut lines = Vec::new();
        for kept in self.app.fleet.of(&self.talk.asked.by, Right::Look) {
            let windows = store::find(self.tx, kept)?.windows;
            for window in windows.into_iter().filter(|w| w.until > self.talk.asked.at) {
                lines.push(self.words(kept, window, (self.language, |says| says.entry)));
            }
        }
        let usage = html::escape(says.usage);
        if lines.is_empty() {
            return Ok(format!("{}\n\n{usage}", html::escape(says.none)));
        }
        let heading = html::escape(says.heading);
        Ok(format!("<b>{heading}</b>\n{}\n\n{usage}", lines.join("\n")))
    }

    /// A sentence about a window, as markup.
    fn words(
        &self,
        kept: &Kept,
        window: Window,
        (language, sentence): (Language, fn(&crate::i18n::watch::Maintenance) -> &'static str),
    ) -> String {
        let (now, zone) = (self.talk.asked.at, &self.app.context.timezone);
        let time = |at| html::escape(&moment(at, now, (language, zone)));
        let values = [
            ("server", &format!("<b>{}</b>", html::quoted(&words::name(kept.name())))[..]),
            ("who", &html::quoted(&words::name(&self.talk.asked.by.name))),
            ("from", &time(window.from)),
            ("until", &time(window.until)),
        ];
        fill(&html::escape(sentence(&says(language).maintenance)), &values)
    }

    /// Tells the other operators.
    pub fn tell_others(
        &self,
        kept: &Kept,
        words: impl Fn(Language) -> String,
    ) -> Result<(), StoreError> {
        let by = self.talk.asked.by.id;
        for other in audience::operators(self.tx, &self.app.context, kept, by)? {
            let message = Outgoing::message(ChatId::from(other.id), &words(other.language));
            sender::post_in(self.tx, Lane::Notices, message.silent())?;
        }
        Ok(())
    }

    /// Writes into the audit log what the person did, and has the checker look at it.
    pub fn written_down(&self, kept: &Kept, what: What, result: &str) -> Result<(), StoreError> {
        let asked = &self.talk.asked;
        let entry = Entry::by(&asked.by, Door::Chat, asked.at, kept.name(), what);
        audit::push(self.tx, &Entry { result: result.to_owned(), ..entry })?;
        self.app.ring_after(self.tx, kept.id);
        Ok(())
    }
}

fn span(from: Timestamp, until: Timestamp) -> String {
    format!("{from:.0}/{until:.0}")
}
