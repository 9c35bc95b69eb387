//! Alerts: what people are told of a server without having asked, before everything else that waits.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::app::Conferences;
use super::bot::AlertTap;
use super::fleet::{Kept, Right};
use super::record::{Outage, Past};
use super::{audience, mutes, words};
use crate::apps::Person;
use crate::i18n::{Language, Watch, fill};
use crate::ids::ChatId;
use crate::store::outbox::Lane;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::{Keyboard, Outgoing};
use crate::telegram::{html, sender};

/// What people are told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Alert<'a> {
    /// It is down.
    Down(&'a Outage),
    /// It is still down at the end of a silence or of maintenance.
    StillDown(&'a Outage),
    /// It is up again.
    Up(&'a Past),
    /// Its certificate expires then, in so many days; 0 is over.
    Certificate(Timestamp, u64),
}

impl Conferences {
    /// Tells everybody who looks after `kept` and has not silenced it.
    pub(super) fn tell(
        &self,
        tx: &Tx,
        kept: &Kept,
        alert: Alert<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for person in audience::reachable(tx, &self.context, kept, Right::Look)? {
            if mutes::until(tx, person.id, kept.id, now)?.is_none() {
                self.tell_one(tx, kept, &person, alert, now)?;
            }
        }
        Ok(())
    }

    /// Tells one person.
    pub(super) fn tell_one(
        &self,
        tx: &Tx,
        kept: &Kept,
        person: &Person,
        alert: Alert<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let text = text(kept, alert, (person.language, &self.context.timezone), now);
        let message = Outgoing::message(ChatId::from(person.id), &text).without_preview();
        let buttons = buttons(kept, alert, person);
        let message = if buttons.is_empty() { message } else { message.with_buttons(&buttons) };
        sender::post_in(tx, Lane::Alerts, message)
    }
}

/// The words of an alert.
pub(super) fn text(
    kept: &Kept,
    alert: Alert<'_>,
    (language, zone): (Language, &TimeZone),
    now: Timestamp,
) -> String {
    let says = says(language);
    let server = format!("<b>{}</b>", html::quoted(&words::name(kept.name())));
    let time = |at| html::escape(&moment(at, now, (language, zone)));
    match alert {
        Alert::Down(outage) | Alert::StillDown(outage) => {
            let is_first = matches!(alert, Alert::Down(_));
            let sentence = if is_first { says.down } else { says.still_down };
            let reason = html::escape(&words::fault(outage.reason, language));
            let first = fill(sentence, &[("server", &server), ("reason", &reason)]);
            let since = if outage.at_start { says.at_start } else { says.since };
            let since = fill(since, &[("when", &time(outage.began))]);
            let who = outage.acknowledged.as_ref().map(|acknowledged| {
                let who = html::quoted(&acknowledged.name);
                format!("\n{}", fill(says.acknowledge.mark, &[("who", &who)]))
            });
            format!("🔴 {first}\n{since}{}", who.unwrap_or_default())
        }
        Alert::Up(past) => {
            let length = lasting(past.began, past.ended);
            let length = html::escape(&words::length(length, language));
            let first = fill(says.up, &[("server", &server), ("length", &length)]);
            let values = [("from", &time(past.began)[..]), ("until", &time(past.ended))];
            format!("🟢 {first}\n{}", fill(says.span, &values))
        }
        Alert::Certificate(expires, days) => {
            let count = days.to_string();
            let sentence = match days {
                0 => says.certificate_over,
                days => says.certificate.of(language, days),
            };
            let first = fill(sentence, &[("server", &server), ("count", &count)]);
            format!("🟠 {first}\n{}", fill(says.certificate_end, &[("when", &time(expires))]))
        }
    }
}

/// What can be done about an alert: whoever operates the server can look after it, everybody can
/// silence it.
pub(super) fn buttons(kept: &Kept, alert: Alert<'_>, person: &Person) -> Keyboard {
    let (Alert::Down(outage) | Alert::StillDown(outage)) = alert else { return Keyboard::new() };
    let says = says(person.language);
    let may = kept.right(person) == Some(Right::Operate) && outage.acknowledged.is_none();
    let acknowledge = may.then(|| {
        AlertTap::Acknowledge(kept.id, outage.began.as_second()).button(says.acknowledge.button)
    });
    let mute = AlertTap::Mute(kept.id).button(says.mute.button);
    Keyboard::new().row(acknowledge.into_iter().chain([mute]).flatten())
}

/// What is said of servers unasked.
pub(super) fn says(language: Language) -> &'static Watch {
    &language.sentences().watch
}

/// The time of day, and the date if it is not today's: `18:05`, `24 December 2026, 18:05`.
pub(super) fn moment(
    at: Timestamp,
    now: Timestamp,
    (language, zone): (Language, &TimeZone),
) -> String {
    let (then, today) = (zone.to_datetime(at), zone.to_datetime(now));
    let time = format!("{:02}:{:02}", then.hour(), then.minute());
    if then.date() == today.date() {
        return time;
    }
    let dates = &language.sentences().dates;
    let date = crate::apps::events::when::day(then.date(), today.date(), dates);
    format!("{date}, {time}")
}

/// How long something lasted.
pub(super) fn lasting(from: Timestamp, until: Timestamp) -> Duration {
    until.duration_since(from).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trueconf::Fault;

    #[test]
    fn a_time_of_another_day_has_its_date() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-11-21T12:00:00Z");
        for (then, language, expected) in [
            ("2026-11-21T11:05:00Z", Language::En, "12:05"),
            ("2026-11-20T23:30:00Z", Language::En, "00:30"),
            ("2026-11-20T22:59:00Z", Language::En, "Fri, 20 November, 23:59"),
            ("2025-11-20T22:59:00Z", Language::De, "Do., 20. November 2025, 23:59"),
        ] {
            assert_eq!(moment(at(then), now, (language, &zone)), expected);
        }
    }

    #[test]
    fn an_outage_has_the_same_length_in_every_language() {
        let began: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let past =
            Past { began, ended: began + Duration::from_secs(4_500), reason: Fault::Refused };
        let server = crate::settings::Server {
            name: "<Büro> & 'x'".to_owned(),
            ..super::super::for_tests::server()
        };
        let kept = super::super::for_tests::kept(server);
        for language in Language::ALL {
            let text = text(&kept, Alert::Up(&past), (language, &TimeZone::UTC), past.ended);
            assert!(text.contains("&lt;Büro&gt; &amp;"), "{text}");
            assert!(text.contains("10:00") && text.contains("11:15"), "{text}");
            assert!(text.contains("15") && !text.contains('{'), "{text}");
        }
    }
}
