//! What operators are told of tidying, and what the audit log is.

use jiff::Timestamp;

use super::case::Case;
use crate::apps::Person;
use crate::apps::conferences::app::Conferences;
use crate::apps::conferences::audit::{self, About, Door, Entry, What};
use crate::apps::conferences::bot::AlertTap;
use crate::apps::conferences::fleet::{Kept, Right};
use crate::apps::conferences::{alert, audience, mutes, words};
use crate::i18n::{Language, fill};
use crate::ids::ChatId;
use crate::store::outbox::Lane;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::{Keyboard, Outgoing};
use crate::telegram::{html, sender};
use crate::trueconf::{Applies, Fault};

/// What operators are told.
#[derive(Clone, Copy, Debug)]
pub(super) enum News {
    /// It will be stopped then.
    Warn(Timestamp),
    /// It would be stopped then.
    WarnDry(Timestamp),
    /// It is stopped.
    Stopped,
    /// It would have been stopped.
    Pretended,
    /// Somebody cares for it again.
    Spared,
    /// It has ended by itself.
    Ended,
    /// It could not be stopped, and that is not tried again.
    Failed(Fault),
}

/// What somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// They put it off.
    Snoozed(&'a str),
    /// They leave it alone.
    Kept(&'a str),
}

impl Conferences {
    /// Tells those who operate the server; whoever has silenced it hears no sound.
    pub(super) fn tell_operators(
        &self,
        tx: &Tx,
        kept: &Kept,
        case: &Case,
        news: News,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for person in audience::reachable(tx, &self.context, kept, Right::Operate)? {
            let text = text(self, kept, case, (news, &person), now);
            let message = Outgoing::message(ChatId::from(person.id), &text).without_preview();
            let message = match news {
                News::Warn(_) | News::WarnDry(_) => {
                    message.with_buttons(&buttons(kept, case, person.language))
                }
                _ => message,
            };
            let is_muted = mutes::until(tx, person.id, kept.id, now)?.is_some();
            let message = if is_muted { message.silent() } else { message };
            sender::post_in(tx, Lane::Alerts, message)?;
        }
        Ok(())
    }
}

fn text(
    app: &Conferences,
    kept: &Kept,
    case: &Case,
    (news, person): (News, &Person),
    now: Timestamp,
) -> String {
    let language = person.language;
    let says = &alert::says(language).tidy;
    let moment = |at| alert::moment(at, now, (language, &app.context.timezone));
    let (sentence, detail) = match news {
        News::Warn(at) => (says.warn, moment(at)),
        News::WarnDry(at) => (says.warn_dry, moment(at)),
        News::Stopped => (says.stopped, String::new()),
        News::Pretended => (says.would_stop, String::new()),
        News::Spared => (says.spared, String::new()),
        News::Ended => (says.ended, String::new()),
        News::Failed(fault) => (says.failed, words::fault(fault, language)),
    };
    let detail = html::escape(&detail);
    let values = [
        ("topic", &topic(case, language)[..]),
        ("server", &html::quoted(&words::name(kept.name()))),
        ("why", &html::escape(&why(case, language))),
        ("when", &detail),
        ("reason", &detail),
    ];
    format!("🧹 {}", fill(&html::escape(sentence), &values))
}

/// What somebody chose, for the other operators and for the message with the button.
pub(super) fn said(case: &Case, said: Said<'_>, language: Language) -> String {
    let says = &alert::says(language).tidy;
    let (sentence, who) = match said {
        Said::Snoozed(who) => (says.snoozed, who),
        Said::Kept(who) => (says.kept, who),
    };
    let values = [("topic", &topic(case, language)[..]), ("who", &html::quoted(&words::name(who)))];
    format!("🧹 {}", fill(&html::escape(sentence), &values))
}

/// The buttons under a warning.
pub(super) fn buttons(kept: &Kept, case: &Case, language: Language) -> Keyboard {
    let says = &alert::says(language).tidy;
    let snooze = AlertTap::Snooze(kept.id, case.number).button(says.snooze);
    let keep = AlertTap::Keep(kept.id, case.number).button(says.keep);
    Keyboard::new().row(snooze.into_iter().chain(keep))
}

fn topic(case: &Case, language: Language) -> String {
    format!("<b>{}</b>", html::quoted(&words::topic(case.topic.as_deref(), language)))
}

/// Why it counts as forgotten.
fn why(case: &Case, language: Language) -> String {
    let lists = &words::servers(language).lists;
    let why = match Applies::of_word(&case.rule) {
        Some(Applies::NoModerator) if case.people == Some(0) => lists.is_empty,
        Some(Applies::ModeratorAlone) => lists.is_alone,
        _ => lists.is_unmoderated,
    };
    why.to_owned()
}

/// Writes into the audit log what tidying did.
pub(super) fn audit(
    tx: &Tx,
    kept: &Kept,
    case: &Case,
    (what, result): (What, &str),
    at: Timestamp,
) -> Result<(), StoreError> {
    audit_by(tx, kept, case, None, (what, result), at)
}

/// The same of what somebody chose.
pub(super) fn audit_by(
    tx: &Tx,
    kept: &Kept,
    case: &Case,
    by: Option<&Person>,
    (what, result): (What, &str),
    at: Timestamp,
) -> Result<(), StoreError> {
    let about = About { id: case.id.clone(), topic: case.topic.clone(), people: case.people };
    let entry = Entry {
        at,
        user: by.map(|by| by.id),
        name: by.map(|by| by.name.clone()).unwrap_or_default(),
        by: if by.is_some() { Door::Chat } else { Door::Tidying },
        server: kept.name().to_owned(),
        what,
        conference: Some(about),
        result: result.to_owned(),
    };
    audit::push(tx, &entry)
}

/// When the next of these cases is due.
pub(super) fn next_due(cases: &[Case]) -> Option<Timestamp> {
    cases.iter().filter_map(Case::due).min()
}
