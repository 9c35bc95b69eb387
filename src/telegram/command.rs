//! Commands in chat text: `/name args`, `/name@Bot args`.

/// Longest name of a command (Bot API `BotCommand.command`).
const NAME_MAX: usize = 32;

/// A command somebody sent us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command<'a> {
    /// Its name in lower case, without slash and bot.
    pub name: String,
    /// Everything after the first white space, byte for byte, line breaks included.
    pub args: &'a str,
}

impl<'a> Command<'a> {
    /// Reads the command `text` begins with, if it is meant for the bot called `bot_username`.
    pub fn parse(text: &'a str, bot_username: &str) -> Option<Self> {
        let text = text.strip_prefix('/')?;
        let (head, args) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let name = match head.split_once('@') {
            Some((name, bot)) if bot.eq_ignore_ascii_case(bot_username) => name,
            Some(_) => return None,
            None => head,
        };
        is_name(name).then(|| Self { name: name.to_ascii_lowercase(), args })
    }
}

fn is_name(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_only_if_it_is_meant_for_us() {
        for (text, expect) in [
            ("/start", Some(("start", ""))),
            ("/START", Some(("start", ""))),
            ("/start e_5", Some(("start", "e_5"))),
            ("/start@RoostBot e_5", Some(("start", "e_5"))),
            ("/start@roostbot\te_5", Some(("start", "e_5"))),
            ("/start@OtherBot e_5", None),
            ("/start@ e_5", None),
            ("/startfoo", Some(("startfoo", ""))),
            ("/add_event a\nb c ", Some(("add_event", "a\nb c "))),
            ("/addevent\nTitle | x", Some(("addevent", "Title | x"))),
            ("/new  two spaces", Some(("new", " two spaces"))),
            (" /start", None),
            ("start", None),
            ("/", None),
            ("//start", None),
            ("/старт", None),
            ("/start-me", None),
            ("/a/b", None),
            ("/abcdefghijklmnopqrstuvwxyz0123456", None),
            ("", None),
        ] {
            let read = Command::parse(text, "RoostBot");
            let read = read.as_ref().map(|command| (command.name.as_str(), command.args));
            assert_eq!(read, expect, "{text:?}");
        }
    }
}
