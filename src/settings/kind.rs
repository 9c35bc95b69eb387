//! What kinds of value a setting takes: the check, its words, and how text becomes such a value.

use super::parse;
use log::LevelFilter;
use serde_json::Value;

/// Seconds.
pub const SECOND: i64 = 1;
/// Seconds in a day.
pub const DAY: i64 = 86_400;
/// Seconds in thirty days.
pub const MONTH: i64 = 30 * DAY;

/// Telegram's ids have at most 52 significant bits (Bot API `User.id`).
const ID_MAX: i64 = 1 << 52;
/// Nobody lists more people, networks or kinds than this by hand.
const ITEMS_MAX: usize = 1_000;

/// What values a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A bot token.
    Token,
    /// A text of some form.
    Text(Form),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number in this range, both ends included.
    Whole(i64, i64),
    /// `true` or `false`.
    Flag,
    /// `true` or `false`, or 1 or 0 as in the files of the `TrueConf` bot.
    Switch,
    /// A number with `s`, `m`, `h` or `d`; the range is in seconds.
    Duration(i64, i64),
    /// A Telegram user.
    User,
    /// A Telegram chat; groups are negative.
    Chat,
    /// How much is logged.
    Level,
    /// `everyone`, `admins` or a list of users.
    Who,
    /// Which certificate authority is believed: `true` the system's, a file, `false` none checked.
    Authority,
    /// Two times of day.
    Hours,
    /// A list of such values.
    List(&'static Kind),
}

/// What a text has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Anything, also nothing.
    Any,
    /// One line that is not empty.
    Line,
    /// Letters, digits, `_` and `-`.
    Word,
    /// A file or folder.
    Path,
    /// `http://` or `https://`.
    WebUrl,
    /// `https://`, or `http://` to this machine; no query, no fragment.
    PublicUrl,
    /// Any scheme.
    AnyUrl,
    /// An IP address or a name.
    Host,
    /// A host with or without a port; `http://` only to this machine.
    Server,
    /// Address and port.
    Listen,
    /// An IP address, or a network such as `10.0.0.0/8`.
    Network,
    /// A name of the IANA time zone database.
    Zone,
}

/// Why a value does not fit.
#[derive(Debug)]
pub struct Fault<'v> {
    /// Which item of a list is meant.
    pub item: Option<usize>,
    /// What would have fitted.
    pub expected: String,
    /// What stands there.
    pub found: &'v Value,
}

impl Kind {
    /// What is wrong with `value`, if anything.
    pub fn fault<'v>(&self, value: &'v Value) -> Option<Fault<'v>> {
        if let (Kind::List(kind), Value::Array(items)) = (self, value)
            && items.len() <= ITEMS_MAX
        {
            return items.iter().enumerate().find_map(|(index, item)| {
                let fault = kind.fault(item)?;
                Some(Fault { item: Some(index), ..fault })
            });
        }
        let fits = self.accepts(value);
        (!fits).then(|| Fault { item: None, expected: self.expected(), found: value })
    }

    fn accepts(&self, value: &Value) -> bool {
        match self {
            Kind::Token => value.as_str().is_some_and(parse::is_token),
            Kind::Text(form) => value.as_str().is_some_and(|text| form.fits(text)),
            Kind::OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Kind::Whole(least, most) => within(value, *least, *most),
            Kind::Flag => value.is_boolean(),
            Kind::Switch => value.is_boolean() || within(value, 0, 1),
            Kind::Duration(least, most) => value
                .as_str()
                .and_then(parse::seconds)
                .is_some_and(|seconds| (*least..=*most).contains(&seconds)),
            Kind::User => within(value, 1, ID_MAX),
            Kind::Chat => within(value, -ID_MAX, ID_MAX) && value.as_i64() != Some(0),
            Kind::Level => value.as_str().is_some_and(|t| t.parse::<LevelFilter>().is_ok()),
            Kind::Who => who(value),
            Kind::Authority => value.is_boolean() || value.as_str().is_some_and(is_maybe_path),
            Kind::Hours => hours(value),
            Kind::List(_) => false,
        }
    }

    /// What would fit, to be read after "expected".
    pub fn expected(&self) -> String {
        match self {
            Kind::Token => "a token such as `123456789:AA…` from @BotFather".to_owned(),
            Kind::Text(form) => form.expected().to_owned(),
            Kind::OneOf(words) => one_of(words),
            Kind::Whole(least, i64::MAX) => format!("a whole number from {least}"),
            Kind::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Kind::Flag => "true or false".to_owned(),
            Kind::Switch => "true, false, 1 or 0".to_owned(),
            Kind::Duration(least, most) => format!(
                "a number with `s`, `m`, `h` or `d`, from {} to {}",
                parse::spelled(*least),
                parse::spelled(*most)
            ),
            Kind::User => "a Telegram user id (a whole number above 0)".to_owned(),
            Kind::Chat => "a Telegram chat id (a whole number other than 0)".to_owned(),
            Kind::Level => one_of(&["off", "error", "warn", "info", "debug", "trace"]),
            Kind::Who => "`everyone`, `admins` or a list of Telegram user ids".to_owned(),
            Kind::Authority => "true, false or the path of a file".to_owned(),
            Kind::Hours => "two times of day such as [\"22:00\", \"07:00\"]".to_owned(),
            Kind::List(kind) => {
                format!("a list of at most {ITEMS_MAX}, each {}", kind.expected())
            }
        }
    }

    /// Reads what an environment variable or a file of one value says; `None` if it cannot be such
    /// a value. The result still goes through [`Kind::fault`].
    pub fn read(&self, text: &str) -> Option<Value> {
        let text = text.trim();
        match self {
            Kind::Whole(..) | Kind::User | Kind::Chat => text.parse::<i64>().ok().map(Value::from),
            Kind::Flag => parse::flag(text).map(Value::from),
            Kind::Switch if matches!(text, "0" | "1") => Kind::Whole(0, 1).read(text),
            Kind::Switch | Kind::Authority => {
                Some(parse::flag(text).map_or_else(|| Value::from(text), Value::from))
            }
            Kind::Level => Some(Value::from(parse::level_word(text))),
            Kind::Who if !matches!(text, "everyone" | "admins") => {
                Kind::List(&Kind::User).read(text)
            }
            Kind::List(kind) => read_list(kind, text),
            Kind::Hours => read_list(&Kind::Text(Form::Line), text),
            _ => Some(Value::from(text)),
        }
    }
}

fn within(value: &Value, least: i64, most: i64) -> bool {
    value.as_i64().is_some_and(|number| (least..=most).contains(&number))
}

fn who(value: &Value) -> bool {
    match value {
        Value::String(word) => matches!(word.as_str(), "everyone" | "admins"),
        Value::Array(_) => Kind::List(&Kind::User).fault(value).is_none(),
        _ => false,
    }
}

fn hours(value: &Value) -> bool {
    let Some([from, to]) = value.as_array().map(Vec::as_slice) else { return false };
    [from, to].into_iter().all(|time| time.as_str().is_some_and(parse::is_time_of_day))
}

fn is_maybe_path(text: &str) -> bool {
    text.is_empty() || Form::Path.fits(text)
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [only] => only.clone(),
        _ => format!("one of {}", quoted.join(", ")),
    }
}

/// A JSON list, or items separated by commas.
fn read_list(kind: &Kind, text: &str) -> Option<Value> {
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| kind.read(item)).collect()
}

impl Form {
    fn fits(self, text: &str) -> bool {
        if text.chars().any(char::is_control) {
            return false;
        }
        match self {
            Form::Any => true,
            Form::Line | Form::Path => !text.trim().is_empty(),
            Form::Word => parse::is_word(text),
            Form::WebUrl => parse::web_url(text).is_some(),
            Form::PublicUrl => parse::public_url(text).is_some(),
            Form::AnyUrl => parse::is_any_url(text),
            Form::Host => parse::is_host(text),
            Form::Server => parse::server(text).is_some(),
            Form::Listen => text.parse::<std::net::SocketAddr>().is_ok(),
            Form::Network => parse::network(text).is_some(),
            Form::Zone => jiff::tz::TimeZone::get(text).is_ok(),
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Form::Any => "a text",
            Form::Line => "a text that is not empty",
            Form::Word => "a word of letters, digits, `_` and `-`",
            Form::Path => "a path",
            Form::WebUrl => "an address that begins with `https://` or `http://`",
            Form::PublicUrl => {
                "an address that begins with `https://` (`http://` only for this machine), without \
                 query or fragment"
            }
            Form::AnyUrl => "an address such as `redis://127.0.0.1:6379`",
            Form::Host => "an IP address or a host name",
            Form::Server => "a host, or host and port such as `video.example.org:8443`",
            Form::Listen => "an IP address with a port such as `127.0.0.1:2537`",
            Form::Network => "an IP address or a network such as `10.0.0.0/8`",
            Form::Zone => "an IANA time zone such as `Europe/Berlin`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_fits_its_kind_or_is_told_what_would() {
        let list = Kind::List(&Kind::User);
        for (kind, good, bad) in [
            (Kind::Token, json!("123456:TEST-TOKEN-made-up"), json!("(your bot token)")),
            (Kind::Whole(0, 9), json!(9), json!(10)),
            (Kind::Whole(0, 9), json!(0), json!(1.5)),
            (Kind::Flag, json!(true), json!("true")),
            (Kind::Switch, json!(1), json!(2)),
            (Kind::Duration(60, 7 * DAY), json!("7d"), json!("8d")),
            (Kind::Duration(60, DAY), json!("1m"), json!(60)),
            (Kind::User, json!(111), json!(-1)),
            (Kind::Chat, json!(-100_123), json!(0)),
            (Kind::Level, json!("INFO"), json!("loud")),
            (Kind::Who, json!([1, 2]), json!("me")),
            (Kind::Authority, json!(""), json!(3)),
            (Kind::Hours, json!(["22:00", "07:00"]), json!(["22:00", "24:00"])),
            (list, json!([]), json!([1, "2"])),
            (Kind::Text(Form::Zone), json!("Europe/Berlin"), json!("Europe/Atlantis")),
            (Kind::Text(Form::Network), json!("10.0.0.1"), json!("10.0.0.0/33")),
            (Kind::Text(Form::Listen), json!("[::1]:80"), json!("localhost")),
            (Kind::Text(Form::Line), json!("a"), json!("a\nb")),
            (Kind::Text(Form::Server), json!("video.example.org:8443"), json!("http://10.0.0.1")),
        ] {
            assert!(kind.fault(&good).is_none(), "{kind:?} takes {good}");
            assert!(!kind.fault(&bad).expect("refused").expected.is_empty(), "{kind:?}: {bad}");
        }
    }

    #[test]
    fn text_of_the_environment_becomes_a_value() {
        for (kind, text, value) in [
            (Kind::Whole(0, 9), " 7 ", Some(json!(7))),
            (Kind::Whole(0, 9), "seven", None),
            (Kind::Flag, "Yes", Some(json!(true))),
            (Kind::List(&Kind::User), "1, 2,", Some(json!([1, 2]))),
            (Kind::List(&Kind::User), "[1,2]", Some(json!([1, 2]))),
            (Kind::List(&Kind::User), "1,x", None),
            (Kind::Who, "admins", Some(json!("admins"))),
            (Kind::Who, "5", Some(json!([5]))),
            (Kind::Level, "WARNING", Some(json!("warn"))),
            (Kind::Authority, "false", Some(json!(false))),
            (Kind::Authority, "/etc/ca.pem", Some(json!("/etc/ca.pem"))),
            (Kind::Text(Form::Any), "a b", Some(json!("a b"))),
        ] {
            assert_eq!(kind.read(text), value, "{kind:?} {text}");
        }
    }
}
