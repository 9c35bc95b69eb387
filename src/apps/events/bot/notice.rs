//! Notices and reminders: what people are told without having asked.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::desk::{Screen, button, titled};
use super::tap::{Tap, View, Wish};
use crate::apps::events::app::Events;
use crate::apps::events::decision::Changed;
use crate::apps::events::mailing::{Mailing, News};
use crate::apps::events::model::{Capacity, Event};
use crate::apps::events::refusal::Field;
use crate::apps::events::reminders;
use crate::apps::events::roll::Standing;
use crate::apps::events::texts::Reason;
use crate::apps::events::when::{day, when, when_of};
use crate::apps::events::{store, text};
use crate::apps::language_of;
use crate::i18n::Language;
use crate::ids::{ChatId, UserId};
use crate::store::outbox::Lane;
use crate::store::users::{self, User};
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::{Button, Keyboard, Outgoing};
use crate::telegram::{html, sender};

/// The longest part of an old or new value, in UTF-16 units: two descriptions fit one message.
const VALUE_MAX: usize = 800;

/// Stands for no value.
const NOTHING: &str = "—";

/// Minutes of an hour.
const HOUR: i64 = 60;

/// Hours of a day.
const DAY: i64 = 24;

impl Events {
    /// Tells `people` what there is to tell, each in their language. Nobody is told who cannot be
    /// reached or may not use the bot, and nobody reminded who does not want to be.
    pub fn tell(
        &self,
        tx: &Tx,
        mailing: &Mailing,
        people: &[UserId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(event) = self.event_to_tell(tx, mailing, now)? else { return Ok(()) };
        let expires = mailing.expiry(&self.times);
        let mut screens = HashMap::new();
        for id in people {
            let Some(user) = users::find(tx, *id)? else { continue };
            if !self.may_be_told(tx, &user, mailing)? {
                continue;
            }
            let language = language_of(user.language.as_deref(), self.context.language);
            let screen = screens
                .entry(language)
                .or_insert_with(|| self.notice(&event, &mailing.news, now, language));
            let call = Outgoing::message(ChatId::from(*id), &screen.text);
            let call = call.without_preview().with_buttons(&screen.keyboard);
            sender::post_until(tx, Lane::Notices, expires, call)?;
        }
        Ok(())
    }

    /// The event as it is told of; nothing of what time or an admin has overtaken.
    fn event_to_tell(
        &self,
        tx: &Tx,
        mailing: &Mailing,
        now: Timestamp,
    ) -> Result<Option<Event>, StoreError> {
        if mailing.expiry(&self.times) < now {
            return Ok(None);
        }
        let Some(reminder) = mailing.news.reminder() else {
            return Ok(Some(mailing.event.clone()));
        };
        let event = store::find(tx, mailing.event.id)?;
        Ok(event.filter(|event| reminders::stands(event, reminder)))
    }

    fn may_be_told(&self, tx: &Tx, user: &User, mailing: &Mailing) -> Result<bool, StoreError> {
        if !user.reachable || self.context.roles.is_banned(user) {
            return Ok(false);
        }
        let goes = || Ok(store::standing(tx, mailing.event.id, user.id)? == Standing::Going);
        match mailing.news {
            News::Reminder { .. } => Ok(!user.muted && goes()?),
            News::Promoted(_) => goes(),
            _ => Ok(true),
        }
    }

    fn notice(&self, event: &Event, news: &News, now: Timestamp, language: Language) -> Screen {
        let sentences = language.sentences();
        let (notices, manage) = (&sentences.notices, &sentences.manage);
        let about = || about(event, now, language);
        let headed = |mark: &str, sentence: &str, lines: Vec<String>| {
            let head = format!("{mark} <b>{}</b>", titled(sentence, event));
            std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
        };
        let text = match news {
            News::Changed(changes) => {
                headed("✏️", notices.changed, lines(event, changes, now, language))
            }
            News::Cancelled(reason) => {
                let lines = about().into_iter().chain(because(reason, language)).collect();
                headed("🚫", manage.cancelled, lines)
            }
            News::DateCancelled(date, reason) => {
                let date = local_day(event, *date, now, language);
                let sentence = crate::i18n::fill(manage.date_cancelled, &[("date", &date)]);
                headed("🚫", &sentence, because(reason, language).into_iter().collect())
            }
            News::Deleted => headed("🚫", manage.deleted, about()),
            News::Promoted(changes) => {
                let lines = about().into_iter().chain(lines(event, changes, now, language));
                headed("🎉", notices.promoted, lines.collect())
            }
            News::Reminder { starts, .. } => {
                let starts = Timestamp::from_second(*starts).unwrap_or(now);
                headed("🔔", &starting(starts, now, language), about())
            }
        };
        Screen { text, keyboard: self.notice_buttons(event, news, language) }
    }

    fn notice_buttons(&self, event: &Event, news: &News, language: Language) -> Keyboard {
        let (sentences, view) = (language.sentences(), View::Card(None));
        let show = || button(sentences.notices.show, &Tap::Show(view, event.id));
        let leave = || {
            let tap = Tap::Wish { wish: Wish::Leave, event: event.id, view };
            button(sentences.notices.cannot_come, &tap)
        };
        let row = match news {
            News::Deleted => [None, None],
            News::Cancelled(_) => [show(), None],
            _ => [show(), leave()],
        };
        let page =
            self.context.public_url.as_ref().map(|base| {
                Button::web_app(sentences.view_events, &format!("{base}/{}/", store::APP))
            });
        Keyboard::new().row(row.into_iter().flatten()).row(page)
    }
}

/// When and where it is, as markup.
fn about(event: &Event, now: Timestamp, language: Language) -> Vec<String> {
    let mut lines = vec![format!("🗓 {}", html::escape(&when(event, now, language)))];
    if !event.location.as_str().is_empty() {
        lines.push(format!("📍 {}", html::quoted(event.location.as_str())));
    }
    lines
}

fn because(reason: &Reason, language: Language) -> Option<String> {
    let name = text::field(Field::Reason, &language.sentences().fields);
    let has_words = !reason.as_str().is_empty();
    has_words.then(|| format!("{}: {}", html::escape(name), html::quoted(reason.as_str())))
}

fn local_day(event: &Event, date: Date, now: Timestamp, language: Language) -> String {
    let today = event.schedule.zone().rules().to_datetime(now).date();
    day(date, today, &language.sentences().dates)
}

/// Each change on a line of its own: `Place: Park → Café`.
fn lines(event: &Event, changes: &[Changed], now: Timestamp, language: Language) -> Vec<String> {
    changes.iter().filter_map(|change| line(event, change, now, language)).collect()
}

fn line(event: &Event, change: &Changed, now: Timestamp, language: Language) -> Option<String> {
    let sentences = language.sentences();
    let seats = |capacity: &Option<Capacity>| capacity.map(|c| c.seats().to_string());
    let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let time = |schedule| Some(when_of(schedule, &event.cancelled_dates, now, language));
    let (name, old, new) = match change {
        Changed::Title { old, new } => (Field::Title, said(old.as_str()), said(new.as_str())),
        Changed::Description { old, new } => {
            (Field::Description, said(old.as_str()), said(new.as_str()))
        }
        Changed::Location { old, new } => (Field::Location, said(old.as_str()), said(new.as_str())),
        Changed::Capacity { old, new } => (Field::Capacity, seats(old), seats(new)),
        Changed::Schedule { old, new } => (Field::Start, time(old), time(new)),
        _ => return None,
    };
    let name = match name {
        Field::Start => sentences.notices.when,
        other => text::field(other, &sentences.fields),
    };
    Some(format!("{}: {} → {}", html::escape(name), value(old), value(new)))
}

fn value(value: Option<String>) -> String {
    value.map_or(NOTHING.to_owned(), |value| html::quoted(&html::truncate_plain(&value, VALUE_MAX)))
}

/// How long it is until the start, with a place for the title.
fn starting(starts: Timestamp, now: Timestamp, language: Language) -> String {
    let notices = &language.sentences().notices;
    let count = |forms: &crate::i18n::Forms, n: i64| forms.counted(language, n.unsigned_abs());
    // To the nearest minute: a reminder leaves a moment after it is due.
    let minutes = (starts.as_second() - now.as_second() + 30).div_euclid(60);
    let hours = (minutes + HOUR / 2) / HOUR;
    match minutes {
        ..0 => notices.has_begun.to_owned(),
        0 => notices.starts_now.to_owned(),
        1..120 if minutes % HOUR != 0 => count(&notices.in_minutes, minutes),
        _ if hours >= 2 * DAY && (hours % DAY == 0 || hours > 3 * DAY) => {
            count(&notices.in_days, (hours + DAY / 2) / DAY)
        }
        _ => count(&notices.in_hours, hours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_is_until_the_start_is_said_as_people_say_it() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let (minute, hour, day) = (60, 3600, 86_400);
        let rows = [
            (-2 * minute, "{title} has begun"),
            (-20, "{title} is starting now"),
            (0, "{title} is starting now"),
            (minute, "{title} starts in 1 minute"),
            (15 * minute - 2, "{title} starts in 15 minutes"),
            (hour, "{title} starts in 1 hour"),
            (hour - 3, "{title} starts in 1 hour"),
            (90 * minute, "{title} starts in 90 minutes"),
            (24 * hour, "{title} starts in 24 hours"),
            (23 * hour + 29 * minute, "{title} starts in 23 hours"),
            (2 * day, "{title} starts in 2 days"),
            (53 * hour, "{title} starts in 53 hours"),
            (7 * day - 3, "{title} starts in 7 days"),
            (7 * day - 3 * hour, "{title} starts in 7 days"),
        ];
        for (ahead, expected) in rows {
            let starts = now + jiff::SignedDuration::from_secs(ahead);
            assert_eq!(starting(starts, now, Language::En), expected, "{ahead}");
        }
    }
}
