//! What one person sees of one server in the chat: lists, counts and states as screens.

use std::time::Duration;

use jiff::Timestamp;

use super::desk::{Screen, button, column};
use super::menu::title;
use super::tap::{List, Tap};
use crate::apps::conferences::fleet::{Kept, Right};
use crate::apps::conferences::history::figures::Uptime;
use crate::apps::conferences::looks::{Look, RunId};
use crate::apps::conferences::record::{Record, State};
use crate::apps::conferences::words;
use crate::i18n::{Language, Servers, fill};
use crate::telegram::html;
use crate::telegram::outgoing::{Button, Keyboard};
use crate::trueconf::{Conference, Fault, Online, Row};

/// Conferences on a page: with the longest names that is still one message.
const PER_PAGE: usize = 8;

/// One person's look at one server.
pub(super) struct Sight<'a> {
    pub kept: &'a Kept,
    pub right: Right,
    pub language: Language,
    pub now: Timestamp,
}

/// One conference of a list.
struct Item<'a> {
    conference: &'a Conference,
    /// Why it is in the list, if that needs words.
    why: Option<String>,
}

impl Sight<'_> {
    pub fn says(&self) -> &'static Servers {
        words::servers(self.language)
    }

    /// How the server stands, as `record` says: a mark, and words without markup.
    pub fn state(&self, record: &Record) -> (&'static str, String) {
        let state = record.state(self.kept.settings.monitored);
        let (mark, word) = (words::mark(state), words::state(state, self.language));
        let since = record.since.filter(|_| matches!(state, State::Up | State::Down));
        let Some(since) = since else { return (mark, word.to_owned()) };
        let length = self.now.duration_since(since).try_into().unwrap_or_default();
        let values = [("state", word), ("length", &words::length(length, self.language)[..])];
        let mut text = fill(self.says().states.lasting, &values);
        if let Some(outage) = record.outage.as_ref().filter(|_| state == State::Down) {
            let why = words::fault(outage.reason, self.language);
            text = format!("{text}\n{}", fill(self.says().states.reason, &[("reason", &why)]));
        }
        (mark, text)
    }

    /// A list as it was told last; none if nothing was told.
    pub fn list(&self, look: &Look, list: List) -> Option<Screen> {
        let lists = &self.says().lists;
        match list {
            List::Running(_) => {
                let told = look.running.as_ref()?;
                let Ok(all) = &told.answer else { return Some(self.failed(&told.answer, list)) };
                let items: Vec<Item<'_>> =
                    all.iter().map(|conference| Item { conference, why: None }).collect();
                let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
                let heading = match items.len() {
                    0 => lists.none_running.to_owned(),
                    _ => lists.running.counted(self.language, count),
                };
                Some(self.page(&html::escape(&heading), &items, list))
            }
            List::Forgotten(_) => {
                let told = look.forgotten.as_ref()?;
                let Ok(all) = &told.answer else { return Some(self.failed(&told.answer, list)) };
                Some(self.forgotten(all, list))
            }
        }
    }

    /// The forgotten ones first, then those that could not be looked up, below their rule.
    fn forgotten(&self, rows: &[Row], list: List) -> Screen {
        let lists = &self.says().lists;
        let found = rows.iter().filter(|row| matches!(row.verdict, Ok(Some(_))));
        let mut items: Vec<Item<'_>> = found.map(|row| self.item(row)).collect();
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let heading = match items.len() {
            0 => lists.none_forgotten.to_owned(),
            _ => lists.forgotten.counted(self.language, count),
        };
        items.extend(rows.iter().filter(|row| row.verdict.is_err()).map(|row| self.item(row)));
        let rule = words::rule(&self.kept.settings, self.language);
        let heading = format!("{}\n<i>{}</i>", html::escape(&heading), html::escape(&rule));
        self.page(&heading, &items, list)
    }

    fn item<'r>(&self, row: &'r Row) -> Item<'r> {
        Item { conference: &row.conference, why: words::verdict(row, self.language) }
    }

    /// A page of a list; one behind the last shows the last.
    fn page(&self, heading: &str, items: &[Item<'_>], list: List) -> Screen {
        let pages = items.len().div_ceil(PER_PAGE).max(1);
        let list = list.at(list.page().min(pages - 1));
        let mut text = title(self.kept);
        if pages > 1 {
            let values =
                [("page", &(list.page() + 1).to_string()[..]), ("pages", &pages.to_string())];
            text = format!("{text} · {}", fill(self.language.sentences().house.page, &values));
        }
        text = format!("{text}\n{heading}");
        let mut keyboard = Keyboard::new();
        for (at, item) in items.iter().enumerate().skip(list.page() * PER_PAGE).take(PER_PAGE) {
            text = format!("{text}\n\n{}", self.entry(at + 1, item));
            keyboard = keyboard.row(self.stop_button(at + 1, item.conference, list));
        }
        let keyboard = keyboard.row(self.pager(list, pages));
        Screen { text, keyboard: self.ways_on(keyboard, Tap::List(self.kept.id, list)) }
    }

    /// One conference in a few lines.
    fn entry(&self, number: usize, item: &Item<'_>) -> String {
        let lists = &self.says().lists;
        let conference = item.conference;
        let topic = words::topic(conference.topic.as_deref(), self.language);
        let topic = linked(&html::quoted(&topic), https(conference.join.as_deref()));
        let owner = conference.owner.as_deref().map(|owner| {
            fill(&html::escape(lists.owner), &[("owner", &html::quoted(&words::name(owner)))])
        });
        let people = html::escape(&words::people(conference.people, self.language));
        let length = html::escape(&words::length(conference.lasting, self.language));
        let control = https(conference.control.as_deref()).filter(|_| self.right >= Right::Operate);
        let control = control.map(|url| linked(&html::escape(lists.control), Some(url)));
        let id = conference
            .id
            .as_deref()
            .map(|id| format!("<code>{}</code>", html::escape(&words::name(id))));
        let facts: Vec<String> =
            [id, owner, Some(people), Some(length), control].into_iter().flatten().collect();
        let why = item.why.as_ref().map(|why| format!("\n<i>{}</i>", html::escape(why)));
        format!("{number}. <b>{topic}</b>\n{}{}", facts.join(" · "), why.unwrap_or_default())
    }

    fn stop_button(&self, number: usize, conference: &Conference, list: List) -> Option<Button> {
        let stoppable = conference.id.is_some() && self.right >= Right::Operate;
        let topic = words::topic(conference.topic.as_deref(), self.language);
        let label = fill(self.says().buttons.stop, &[("topic", &topic)]);
        let run = RunId::of_session(&conference.session);
        let tap = Tap::AskStop(self.kept.id, run, list);
        stoppable.then(|| button(&format!("{number}. {label}"), tap)).flatten()
    }

    fn pager(&self, list: List, pages: usize) -> Vec<Button> {
        let house = &self.language.sentences().house;
        let turn = |label, page| button(label, Tap::Turn(self.kept.id, list.at(page)));
        let previous = list.page().checked_sub(1).and_then(|page| turn(house.previous, page));
        let next = list.page() + 1;
        let next = (next < pages).then(|| turn(house.next, next)).flatten();
        previous.into_iter().chain(next).collect()
    }

    /// How many people are online, by what they do.
    pub fn online(&self, answer: &Result<Online, Fault>) -> Screen {
        let lists = &self.says().lists;
        let text = match answer {
            Err(fault) => self.failure(*fault),
            Ok(Online { total: 0, .. }) => html::escape(lists.nobody_online),
            Ok(online) => {
                let count = |sentence, count: u32| {
                    html::escape(&fill(sentence, &[("count", &count.to_string())]))
                };
                let total = lists.online.counted(self.language, online.total.into());
                [
                    format!("<b>{}</b>", html::escape(&total)),
                    count(lists.free, online.free),
                    count(lists.busy, online.busy),
                    count(lists.in_conference, online.in_conference),
                ]
                .join("\n")
            }
        };
        let text = format!("{}\n{text}", title(self.kept));
        let keyboard = self.ways_on(Keyboard::new(), Tap::Online(self.kept.id));
        Screen { text, keyboard }
    }

    /// How the server stands: as confirmed, and just now.
    pub fn status(
        &self,
        (mark, state): (&str, &str),
        (monitored, uptime): (bool, Uptime),
        check: Option<Result<Duration, Fault>>,
    ) -> Screen {
        let (states, buttons) = (&self.says().states, &self.says().buttons);
        let now = check.map(|check| match check {
            Ok(took) => fill(states.answers, &[("ms", &took.as_millis().max(1).to_string())]),
            Err(fault) => fill(states.silent, &[("reason", &words::fault(fault, self.language))]),
        });
        let every = words::length(self.kept.settings.every, self.language);
        let watched = if monitored {
            fill(states.watched, &[("length", &every)])
        } else {
            states.unwatched.to_owned()
        };
        let uptime = self.uptime(uptime);
        let lines = [Some(format!("{mark} {state}\n")), now, uptime, Some(watched)];
        let lines: Vec<String> =
            lines.into_iter().flatten().map(|line| html::escape(&line)).collect();
        let text = format!("{}\n{}", title(self.kept), lines.join("\n"));
        let label = if monitored { buttons.unwatch } else { buttons.watch };
        let toggle = button(label, Tap::Watch(self.kept.id, !monitored));
        let keyboard = column([toggle.filter(|_| self.right >= Right::Operate)]);
        Screen { text, keyboard: self.ways_on(keyboard, Tap::Status(self.kept.id)) }
    }

    /// How much of the time the server was up; none if nothing is known.
    fn uptime(&self, uptime: Uptime) -> Option<String> {
        uptime.month?;
        let percent = |share| words::percent(share, self.language);
        let (day, week, month) = (percent(uptime.day), percent(uptime.week), percent(uptime.month));
        let values = [("day", &day[..]), ("week", &week), ("month", &month)];
        Some(fill(self.says().states.uptime, &values))
    }

    /// The last row: the same anew, and back to the menu.
    fn ways_on(&self, keyboard: Keyboard, again: Tap) -> Keyboard {
        let buttons = &self.says().buttons;
        let again = button(buttons.refresh, again);
        let back = button(buttons.back, Tap::Menu(self.kept.id));
        keyboard.row(again.into_iter().chain(back))
    }

    fn failed<T>(&self, answer: &Result<T, Fault>, list: List) -> Screen {
        let why = answer.as_ref().err().map(|fault| self.failure(*fault)).unwrap_or_default();
        let text = format!("{}\n{why}", title(self.kept));
        let again = Tap::List(self.kept.id, list);
        Screen { text, keyboard: self.ways_on(Keyboard::new(), again) }
    }

    /// That the server gave no answer, as markup.
    pub fn failure(&self, fault: Fault) -> String {
        let why = words::fault(fault, self.language);
        html::escape(&fill(self.says().failed, &[("reason", &why)]))
    }
}

/// Links lead to `https` or nowhere.
fn https(url: Option<&str>) -> Option<&str> {
    url.filter(|url| url.starts_with("https://"))
}

/// `markup` that leads to `url`, if there is one.
fn linked(markup: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("<a href=\"{}\">{markup}</a>", html::escape(url)),
        None => markup.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::conferences::for_tests as testing;

    fn conference() -> Conference {
        Conference {
            id: Some("weekly".to_owned()),
            session: "1@server#vcs".to_owned(),
            topic: Some("<Weekly> & more".to_owned()),
            owner: Some("anna@server".to_owned()),
            people: Some(3),
            started: None,
            lasting: Duration::from_secs(11_520),
            join: Some("https://video.example.org/c/weekly?a=1&b=2".to_owned()),
            control: Some("https://video.example.org/tools/real-time/1%40".to_owned()),
        }
    }

    fn entry(conference: &Conference, right: Right, language: Language) -> String {
        let kept = testing::kept(testing::server());
        let sight = Sight { kept: &kept, right, language, now: Timestamp::UNIX_EPOCH };
        let text = sight.entry(1, &Item { conference, why: None });
        text.replace(['\u{2068}', '\u{2069}'], "")
    }

    #[test]
    fn an_entry_is_escaped_and_its_links_are_https() {
        let operators = entry(&conference(), Right::Operate, Language::En);
        assert_eq!(
            operators,
            "1. <b><a href=\"https://video.example.org/c/weekly?a=1&amp;b=2\">&lt;Weekly&gt; &amp; more</a></b>\n\
             <code>weekly</code> · owner anna@server · 3 people · 3 h 12 min · \
             <a href=\"https://video.example.org/tools/real-time/1%40\">manage</a>"
        );
        let viewers = entry(&conference(), Right::Look, Language::En);
        assert!(!viewers.contains("manage") && viewers.contains("/c/weekly"), "{viewers}");
        let plain = |url: &str| Some(url.replace("https", "http"));
        let (join, control) = (conference().join, conference().control);
        let clear = Conference {
            join: join.as_deref().and_then(plain),
            control: control.as_deref().and_then(plain),
            ..conference()
        };
        let clear = entry(&clear, Right::Operate, Language::En);
        assert!(!clear.contains("href") && !clear.contains("manage"), "{clear}");
    }

    #[test]
    fn a_conference_without_a_title_has_a_word_in_every_language() {
        let untitled = Conference { topic: None, ..conference() };
        for (language, word) in [
            (Language::En, "Untitled"),
            (Language::Ru, "Без названия"),
            (Language::De, "Ohne Titel"),
            (Language::Es, "Sin título"),
        ] {
            let entry = entry(&untitled, Right::Look, language);
            assert!(entry.contains(&format!(">{word}</a>")), "{entry}");
        }
    }

    #[test]
    fn a_page_of_the_longest_names_is_one_message() {
        let kept = testing::kept(testing::server());
        let now = Timestamp::UNIX_EPOCH;
        for language in Language::ALL {
            let sight = Sight { kept: &kept, right: Right::Operate, language, now };
            let long = |number: usize| Conference {
                session: format!("{number}"),
                id: Some("9".repeat(128)),
                topic: Some("<&👩>".repeat(100)),
                owner: Some("<&👩>".repeat(100)),
                people: Some(u32::MAX),
                lasting: Duration::from_secs(999 * 86_400),
                ..conference()
            };
            let rows: Vec<Row> = (0..700)
                .map(|number| Row {
                    conference: long(number),
                    verdict: Err(Fault::Permission(crate::trueconf::Scope::SessionParticipants)),
                })
                .collect();
            let screen = sight.forgotten(&rows, List::Forgotten(3));
            assert!(html::visible_len(&screen.text) <= 4096, "{}", html::visible_len(&screen.text));
        }
    }
}
