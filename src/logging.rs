//! Log lines: which are written, and how they look on standard error.
//!
//! `simple_logger` decides which lines are written. It does not print them: its `eprintln!` panics
//! when standard error is gone (a restarted journal, a closed terminal), and a panic outside an app
//! ends the process.

use crate::settings::{Log as Wanted, LogFormat, Surroundings};
use jiff::Timestamp;
use log::{Level, LevelFilter, Log, Metadata, Record};
use simple_logger::SimpleLogger;
use std::io::{self, Write};
use std::sync::{Arc, PoisonError, RwLock};

/// The most other crates may say, however talkative we are: at `debug` and `trace` tungstenite and
/// ureq print payloads and addresses, which hold initData and the bot's token.
const OTHERS_MOST: LevelFilter = LevelFilter::Warn;
/// Our own modules begin with this.
const OURS: &str = "roost";

/// Whether lines carry the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Each line begins with the time.
    Shown,
    /// The journal adds its own, and is told how grave a line is (`sd-daemon(3)`).
    Journal,
}

impl Clock {
    /// [`Clock::Journal`] when the journal reads our lines. The variable alone does not say so: whatever is
    /// started from a desktop's terminal inherits it.
    pub fn of(around: &Surroundings) -> Self {
        let ours = rustix::fs::fstat(io::stderr()).map(|found| (found.st_dev, found.st_ino));
        let journal = around.variable("JOURNAL_STREAM").and_then(journal);
        if journal.is_some() && journal == ours.ok() { Self::Journal } else { Self::Shown }
    }
}

/// Device and inode of the journal's socket (`systemd.exec(5)`).
fn journal(text: &str) -> Option<(u64, u64)> {
    let (device, inode) = text.split_once(':')?;
    Some((device.parse().ok()?, inode.parse().ok()?))
}

/// The process's one logger.
static LOGGER: Logger = Logger(RwLock::new(None));

/// Starts logging for the whole process. Only the first call counts.
pub fn start(wanted: &Wanted, clock: Clock) {
    if log::set_logger(&LOGGER).is_ok() {
        LOGGER.follow(wanted, clock);
    }
}

/// Lines are written as `wanted` says from now on, if logging was started.
pub fn change(wanted: &Wanted) {
    if let Some(rules) = LOGGER.rules() {
        LOGGER.follow(wanted, rules.clock);
    }
}

/// Whether lines are for programs, so that nothing else may stand between them.
pub fn is_json() -> bool {
    LOGGER.rules().is_some_and(|rules| rules.format == LogFormat::Json)
}

struct Logger(RwLock<Option<Arc<Rules>>>);

/// Which lines are written, and how.
struct Rules {
    levels: SimpleLogger,
    format: LogFormat,
    clock: Clock,
}

impl Logger {
    fn follow(&self, wanted: &Wanted, clock: Clock) {
        let levels = levels(wanted);
        let most = levels.max_level();
        let rules = Rules { levels, format: wanted.format, clock };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(rules));
        log::set_max_level(most);
    }

    /// The rules as they are; the lock is not held while a line is made.
    fn rules(&self) -> Option<Arc<Rules>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.rules().is_some_and(|rules| rules.levels.enabled(metadata))
    }

    fn log(&self, record: &Record<'_>) {
        let Some(rules) = self.rules().filter(|rules| rules.levels.enabled(record.metadata()))
        else {
            return;
        };
        let time = (rules.clock == Clock::Shown).then(crate::clock::now);
        let line = match rules.format {
            LogFormat::Text => text(record, time),
            LogFormat::Json => json(record, time),
        };
        let line = match rules.clock {
            Clock::Shown => line,
            Clock::Journal => format!("<{}>{line}", priority(record.level())),
        };
        // Nobody is left to tell when standard error is gone.
        drop(io::stderr().write_all(line.as_bytes()));
    }

    fn flush(&self) {}
}

fn levels(wanted: &Wanted) -> SimpleLogger {
    let others = wanted.level.min(OTHERS_MOST);
    let levels = SimpleLogger::new().with_level(others).with_module_level(OURS, wanted.level);
    wanted.modules.iter().fold(levels, |levels, (module, level)| {
        let ours = module == OURS || module.starts_with("roost::");
        let most = if ours { LevelFilter::Trace } else { OTHERS_MOST };
        levels.with_module_level(module, (*level).min(most))
    })
}

/// How grave a line is to the journal (`syslog(3)`).
fn priority(level: Level) -> u8 {
    match level {
        Level::Error => 3,
        Level::Warn => 4,
        Level::Info => 6,
        Level::Debug | Level::Trace => 7,
    }
}

/// `2026-08-04T10:00:00.123Z INFO  [roost::net] listening`; line breaks are escaped, so that a
/// message cannot forge a line.
fn text(record: &Record<'_>, time: Option<Timestamp>) -> String {
    let time = time.map(|time| format!("{time:.3} ")).unwrap_or_default();
    let message = one_line(&record.args().to_string());
    format!("{time}{:<5} [{}] {message}\n", record.level(), record.target())
}

fn json(record: &Record<'_>, time: Option<Timestamp>) -> String {
    let mut line = serde_json::Map::new();
    line.extend(time.map(|time| ("time".to_owned(), format!("{time:.3}").into())));
    line.insert("level".to_owned(), record.level().as_str().to_ascii_lowercase().into());
    line.insert("target".to_owned(), record.target().into());
    line.insert("message".to_owned(), record.args().to_string().into());
    format!("{}\n", serde_json::Value::Object(line))
}

fn one_line(message: &str) -> String {
    let mut line = String::with_capacity(message.len());
    for letter in message.chars() {
        if (letter.is_control() && letter != '\t') || is_misleading(letter) {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
    line
}

/// Breaks a line, or turns the direction of what follows, on some terminals.
fn is_misleading(letter: char) -> bool {
    matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(level: LevelFilter, modules: &[(&str, LevelFilter)]) -> Wanted {
        let modules = modules.iter().map(|(name, level)| ((*name).to_owned(), *level)).collect();
        Wanted { level, modules, format: LogFormat::Text }
    }

    #[test]
    fn other_crates_never_say_more_than_warnings() {
        use LevelFilter::{Debug, Error, Info, Trace};
        let info = wanted(Info, &[("roost::net", Debug)]);
        let trace = wanted(Trace, &[("tungstenite", Trace), ("ureq", Error)]);
        for (wanted, target, level, written) in [
            (&info, "roost", Level::Info, true),
            (&info, "roost::store", Level::Debug, false),
            (&info, "roost::net::gate", Level::Debug, true),
            (&info, "rustls", Level::Warn, true),
            (&info, "rustls", Level::Info, false),
            (&trace, "roost::net", Level::Trace, true),
            (&trace, "tungstenite::protocol", Level::Warn, true),
            (&trace, "tungstenite::protocol", Level::Info, false),
            (&trace, "ureq", Level::Warn, false),
            (&trace, "ureq_proto", Level::Debug, false),
        ] {
            let metadata = Metadata::builder().level(level).target(target).build();
            assert_eq!(levels(wanted).enabled(&metadata), written, "{target} {level}");
        }
    }

    #[test]
    fn the_journal_is_known_by_its_socket() {
        let mut around = Surroundings::default();
        for text in ["", "8", "8:1", "8:1:2", "-1:-1", "x:y"] {
            around.variables.insert("JOURNAL_STREAM".to_owned(), text.to_owned());
            assert_eq!(Clock::of(&around), Clock::Shown, "{text}");
        }
        let here = rustix::fs::fstat(io::stderr()).expect("a standard error");
        let text = format!("{}:{}", here.st_dev, here.st_ino);
        around.variables.insert("JOURNAL_STREAM".to_owned(), text);
        assert_eq!(Clock::of(&around), Clock::Journal);
    }

    #[test]
    fn whatever_a_message_holds_it_is_one_line_and_good_json() {
        let every: String = (0..=0x2100).filter_map(char::from_u32).collect();
        for message in [
            "\r\n\t\0",
            "\u{1b}[2J",
            "\"}{\"level\":\"x\"",
            "a\u{202e}b\u{2028}c",
            "🦀\u{fffe}",
            &every,
        ] {
            for (level, word) in [(Level::Error, "error"), (Level::Trace, "trace")] {
                let args = format_args!("{message}");
                let record = Record::builder().level(level).target("roost").args(args).build();
                let line = json(&record, None);
                assert_eq!(line.matches('\n').count(), 1, "{line}");
                let value: serde_json::Value = serde_json::from_str(&line).expect("good JSON");
                assert_eq!((&value["message"], &value["level"]), (&message.into(), &word.into()));
                let line = text(&record, None);
                assert!(
                    !line
                        .trim_end_matches('\n')
                        .contains(|c: char| { (c.is_control() && c != '\t') || is_misleading(c) })
                );
            }
        }
    }

    #[test]
    fn a_line_is_one_line_for_people_or_for_programs() {
        let time = Timestamp::from_second(1_754_300_000).expect("in range");
        let args = format_args!("a\nb \"c\"");
        let record = Record::builder().level(Level::Warn).target("roost").args(args).build();
        assert_eq!(text(&record, None), "WARN  [roost] a\\nb \"c\"\n");
        assert_eq!(
            text(&record, Some(time)),
            "2025-08-04T09:33:20.000Z WARN  [roost] a\\nb \"c\"\n"
        );
        let line = r#"{"level":"warn","target":"roost","message":"a\nb \"c\""}"#;
        assert_eq!(json(&record, None), format!("{line}\n"));
    }
}
