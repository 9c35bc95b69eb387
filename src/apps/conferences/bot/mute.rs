//! `/mute`, and the button under an alert: no alerts for a while, for oneself alone.

use std::time::Duration;

use super::desk::{Desk, Screen};
use crate::apps::conferences::alert::{moment, says};
use crate::apps::conferences::fleet::{Kept, Right, ServerId};
use crate::apps::conferences::mutes::{self, Mute};
use crate::apps::conferences::wish::MuteWish;
use crate::apps::conferences::words;
use crate::apps::{Failure, Press, Refused};
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::html;
use crate::telegram::outgoing::Keyboard;

/// What the button silences for.
const BUTTON: Duration = Duration::from_secs(2 * 3_600);

impl Desk<'_, '_> {
    /// `/mute [DURATION | off] [SERVER]`.
    pub fn mute(&self, arguments: &str) -> Result<(), Failure> {
        let says = &says(self.language).mute;
        let text = match MuteWish::parse(arguments) {
            Err(_) => return Err(Refused::new("invalid-data", says.usage).into()),
            Ok(MuteWish::Show) => self.silences()?,
            Ok(MuteWish::Off(name)) => {
                let server = self.named_or_every(&name)?;
                self.unmute(server)?;
                html::escape(says.ended)
            }
            Ok(MuteWish::For(length, name)) => {
                let server = self.named_or_every(&name)?;
                html::escape(&self.silence(server, length)?)
            }
        };
        Ok(self.send(&Screen { text, keyboard: Keyboard::new() })?)
    }

    /// The button under an alert.
    pub fn mute_by(&self, press: &Press, id: ServerId) -> Result<(), Failure> {
        let kept = self.server(id, Right::Look)?;
        let sentence = self.silence(Some(kept), BUTTON)?;
        Ok(self.alert(press, &sentence)?)
    }

    /// Silences a server or every one, in place of the silence before; says so in plain words.
    fn silence(&self, server: Option<&Kept>, length: Duration) -> Result<String, StoreError> {
        let (by, now) = (self.talk.asked.by.id, self.talk.asked.at);
        let until = now.saturating_add(length).unwrap_or(now);
        mutes::set(self.tx, by, server.map(|kept| kept.id), Mute { from: now, until })?;
        Ok(self.silent(server.map(Kept::name), until))
    }

    /// Ends a silence; what was missed is told.
    fn unmute(&self, server: Option<&Kept>) -> Result<(), StoreError> {
        let (by, now) = (self.talk.asked.by.id, self.talk.asked.at);
        let meant: Vec<_> = match server {
            Some(kept) => vec![Some(kept.id)],
            // Without a name: whatever is silent.
            None => mutes::of(self.tx, by)?.into_iter().map(|(_, server, _)| server).collect(),
        };
        let mut ended = Vec::new();
        for server in meant {
            let mute = mutes::end(self.tx, by, server)?;
            ended.extend(mute.map(|mute| (by, server, mute)));
        }
        // One server may be meant by two silences, and is caught up with once.
        let whole = ended.iter().find(|(_, server, _)| server.is_none()).copied();
        let ended = whole.map_or(ended, |whole| vec![whole]);
        ended.into_iter().try_for_each(|row| self.app.catch_up(self.tx, row, now))
    }

    /// What is silent, as markup.
    fn silences(&self) -> Result<String, StoreError> {
        let (by, now) = (self.talk.asked.by.id, self.talk.asked.at);
        let mut lines = Vec::new();
        for (_, server, mute) in mutes::of(self.tx, by)? {
            let name = server.and_then(|server| self.app.fleet.find(server)).map(Kept::name);
            if mute.until > now && (server.is_none() || name.is_some()) {
                lines.push(html::escape(&self.silent(name, mute.until)));
            }
        }
        let says = &says(self.language).mute;
        if lines.is_empty() {
            lines.push(html::escape(says.none));
        }
        Ok(format!("{}\n\n{}", lines.join("\n"), html::escape(says.usage)))
    }

    fn silent(&self, server: Option<&str>, until: jiff::Timestamp) -> String {
        let says = &says(self.language).mute;
        let zone = &self.app.context.timezone;
        let when = moment(until, self.talk.asked.at, (self.language, zone));
        match server {
            None => fill(says.all, &[("when", &when)]),
            Some(name) => {
                let name = html::isolated(&words::name(name));
                fill(says.one, &[("server", &name), ("when", &when)])
            }
        }
    }

    /// The server of that name, if the person looks after it; none for no name.
    fn named_or_every(&self, name: &str) -> Result<Option<&Kept>, Failure> {
        if name.is_empty() { Ok(None) } else { self.named(name, Right::Look).map(Some) }
    }

    /// The server of that name, with which the person may do `right`.
    pub fn named(&self, name: &str, right: Right) -> Result<&Kept, Failure> {
        let found = self.app.fleet.named(name);
        let theirs = found.filter(|kept| kept.right(&self.talk.asked.by) >= Some(right));
        theirs.ok_or_else(|| {
            let says = &says(self.language).maintenance;
            let name = html::isolated(&words::name(name));
            let sentence = fill(says.unknown, &[("name", &name), ("names", &self.names(right))]);
            Refused::new("no-such-server", sentence).into()
        })
    }

    /// The names of the servers with which the person may do `right`.
    pub fn names(&self, right: Right) -> String {
        let all = self.app.fleet.of(&self.talk.asked.by, right);
        let names: Vec<String> =
            all.map(|kept| html::isolated(&words::name(kept.name()))).collect();
        html::truncate_plain(&names.join(", "), NAMES_MAX)
    }
}

/// The longest list of names in a sentence, in UTF-16 units.
const NAMES_MAX: usize = 1_000;
