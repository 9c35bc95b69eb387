//! Facts about servers and conferences in the words of a language, as plain text.

use std::time::Duration;

use super::record::State;
use crate::i18n::servers::{Faults, States};
use crate::i18n::{Language, Servers, fill};
use crate::settings::Server;
use crate::telegram::html;
use crate::trueconf::{Applies, Fault, Row, TlsFault};

/// The longest part of a topic, an owner or a server's name that is shown, in UTF-16 units.
const NAME_MAX: usize = 80;

/// Names of exempt conferences that are shown of a rule.
const EXEMPT_SHOWN: usize = 10;

/// Sentences of a language about servers.
pub fn servers(language: Language) -> &'static Servers {
    &language.sentences().servers
}

/// Why a server gave no answer, as a phrase to follow a colon.
pub fn fault(fault: Fault, language: Language) -> String {
    let faults = &servers(language).faults;
    match fault {
        Fault::Permission(scope) => fill(faults.permission, &[("scope", scope.name())]),
        Fault::Server(status) => fill(faults.server, &[("status", &status.to_string())]),
        Fault::Tls(fault) => tls(fault, faults).to_owned(),
        other => plain(other, faults).to_owned(),
    }
}

fn plain(fault: Fault, faults: &Faults) -> &'static str {
    match fault {
        Fault::Resolve => faults.resolve,
        Fault::Refused => faults.refused,
        Fault::Unreachable => faults.unreachable,
        Fault::TimedOut => faults.timed_out,
        Fault::Broken => faults.broken,
        Fault::Tls(_) => faults.tls,
        Fault::Credentials => faults.credentials,
        Fault::Permission(_) => faults.permission,
        Fault::NotFound => faults.not_found,
        Fault::Server(_) => faults.server,
        Fault::NotOffered => faults.not_offered,
        Fault::Malformed => faults.malformed,
        Fault::Aborted => faults.aborted,
    }
}

fn tls(fault: TlsFault, faults: &Faults) -> &'static str {
    match fault {
        TlsFault::Expired => faults.tls_expired,
        TlsFault::NotYetValid => faults.tls_not_yet,
        TlsFault::UnknownIssuer => faults.tls_issuer,
        TlsFault::WrongName => faults.tls_name,
        TlsFault::Revoked => faults.tls_revoked,
        TlsFault::AuthorityFile => faults.tls_file,
        TlsFault::NoAuthorities => faults.tls_no_roots,
        TlsFault::NotTls => faults.tls_none,
        TlsFault::Handshake => faults.tls,
    }
}

/// How a server stands.
pub fn state(state: State, language: Language) -> &'static str {
    let states: &States = &servers(language).states;
    match state {
        State::Up => states.up,
        State::Down => states.down,
        State::Unknown => states.unknown,
        State::Off => states.off,
    }
}

/// A mark for a state that is seen at a glance.
pub fn mark(state: State) -> &'static str {
    match state {
        State::Up => "🟢",
        State::Down => "🔴",
        State::Unknown => "🟡",
        State::Off => "⚪",
    }
}

/// A length of time in its two largest units.
pub fn length(length: Duration, language: Language) -> String {
    let lengths = &servers(language).lengths;
    let seconds = length.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let (sentence, large, small) = match () {
        () if days > 0 => (lengths.days, days, hours % 24),
        () if hours > 0 => (lengths.hours, hours, minutes % 60),
        () if minutes > 0 => (lengths.minutes, minutes, 0),
        () => (lengths.seconds, seconds, 0),
    };
    let (large, small) = (large.to_string(), small.to_string());
    let values: &[(&str, &str)] = match () {
        () if days > 0 => &[("days", &large), ("hours", &small)],
        () if hours > 0 => &[("hours", &large), ("minutes", &small)],
        () => &[("minutes", &large), ("seconds", &large)],
    };
    fill(sentence, values)
}

/// A part of the time in hundredths of a percent, which never rounds an outage away.
pub fn percent(share: Option<f64>, language: Language) -> String {
    let Some(share) = share else { return "–".to_owned() };
    let all = (share * 10_000.0).clamp(0.0, 10_000.0);
    let hundredths = if share < 1.0 { all.round().min(9_999.0) } else { 10_000.0 };
    let number = format!("{:.2}", hundredths / 100.0);
    let number = number.trim_end_matches('0').trim_end_matches('.');
    match language {
        Language::En => format!("{number}%"),
        _ => format!("{}\u{a0}%", number.replace('.', ",")),
    }
}

/// A name of somebody else, as long as it is shown.
pub fn name(text: &str) -> String {
    html::truncate_plain(text, NAME_MAX)
}

/// What a conference is called, also if it has no title.
pub fn topic(topic: Option<&str>, language: Language) -> String {
    topic.map_or_else(|| servers(language).lists.untitled.to_owned(), name)
}

/// How many people are in a conference.
pub fn people(count: Option<u32>, language: Language) -> String {
    let lists = &servers(language).lists;
    match count {
        Some(count) => lists.people.counted(language, count.into()),
        None => lists.people_unknown.to_owned(),
    }
}

/// Why `row` is in the list of forgotten conferences; none if it is not forgotten.
pub fn verdict(row: &Row, language: Language) -> Option<String> {
    let lists = &servers(language).lists;
    match row.verdict {
        Ok(None) => None,
        Ok(Some(Applies::NoModerator)) if row.conference.people == Some(0) => {
            Some(lists.is_empty.to_owned())
        }
        Ok(Some(Applies::NoModerator)) => Some(lists.is_unmoderated.to_owned()),
        Ok(Some(Applies::ModeratorAlone)) => Some(lists.is_alone.to_owned()),
        Err(why) => Some(fill(lists.not_looked_up, &[("reason", &fault(why, language))])),
    }
}

/// The rule by which conferences of `server` are forgotten, in a few sentences.
pub fn rule(server: &Server, language: Language) -> String {
    let lists = &servers(language).lists;
    let rule = &server.forgotten;
    let what = match (rule.no_moderator, rule.moderator_alone) {
        (true, true) => {
            fill(lists.rule_or, &[("one", lists.rule_no_moderator), ("other", lists.rule_alone)])
        }
        (true, false) => lists.rule_no_moderator.to_owned(),
        (false, true) => lists.rule_alone.to_owned(),
        (false, false) => lists.rule_none.to_owned(),
    };
    let longer = length(rule.longer_than, language);
    let mut sentences = vec![fill(lists.rule, &[("length", &longer), ("what", &what)])];
    sentences.extend(rule.max_people.map(|most| lists.rule_people.counted(language, most.into())));
    if !rule.exempt.is_empty() {
        let mut names: Vec<String> = rule
            .exempt
            .iter()
            .take(EXEMPT_SHOWN)
            .map(|exempt| html::isolated(&name(exempt)))
            .collect();
        if rule.exempt.len() > EXEMPT_SHOWN {
            names.push("…".to_owned());
        }
        sentences.push(fill(lists.rule_exempt, &[("names", &names.join(", "))]));
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trueconf::Scope;

    #[test]
    fn lengths_have_two_units_at_most() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h 0 min"),
            (11_520, "3 h 12 min"),
            (86_400, "1 d 0 h"),
            (200_000, "2 d 7 h"),
        ] {
            assert_eq!(length(Duration::from_secs(seconds), Language::En), expected);
        }
    }

    #[test]
    fn shares_of_the_time_never_round_an_outage_away() {
        for (share, english, german) in [
            (None, "–", "–"),
            (Some(1.0), "100%", "100\u{a0}%"),
            (Some(0.999_999), "99.99%", "99,99\u{a0}%"),
            (Some(0.995), "99.5%", "99,5\u{a0}%"),
            (Some(0.1), "10%", "10\u{a0}%"),
            (Some(0.0), "0%", "0\u{a0}%"),
        ] {
            assert_eq!(percent(share, Language::En), english, "{share:?}");
            assert_eq!(percent(share, Language::De), german, "{share:?}");
        }
    }

    #[test]
    fn every_fault_has_its_own_name_in_every_language() {
        use TlsFault as T;
        let all = [
            Fault::Resolve,
            Fault::Refused,
            Fault::Unreachable,
            Fault::TimedOut,
            Fault::Broken,
            Fault::Tls(T::Expired),
            Fault::Tls(T::NotYetValid),
            Fault::Tls(T::UnknownIssuer),
            Fault::Tls(T::WrongName),
            Fault::Tls(T::Revoked),
            Fault::Tls(T::AuthorityFile),
            Fault::Tls(T::NoAuthorities),
            Fault::Tls(T::NotTls),
            Fault::Tls(T::Handshake),
            Fault::Credentials,
            Fault::Permission(Scope::Users),
            Fault::Permission(Scope::Calls),
            Fault::NotFound,
            Fault::Server(500),
            Fault::Server(503),
            Fault::NotOffered,
            Fault::Malformed,
            Fault::Aborted,
        ];
        for language in Language::ALL {
            let names: std::collections::BTreeSet<String> =
                all.iter().map(|one| fault(*one, language)).collect();
            assert_eq!(names.len(), all.len(), "{names:?}");
        }
        assert_eq!(fault(Fault::Server(503), Language::En), "server error 503");
        let missing = fault(Fault::Permission(Scope::Users), Language::En);
        assert_eq!(missing, "the permission users:read is missing");
    }
}
