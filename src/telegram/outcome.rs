//! What an answer of Telegram means for the message: gone, later, elsewhere, or never.

use std::time::Duration;

use serde_json::Value;

use super::error::{ApiError, Trouble};
use crate::ids::ChatId;
use crate::store::outbox::Lane;

/// Failures of one message, while others are delivered, before it is given up.
pub(super) const TRIES: u8 = 20;

/// How often a message may be shown when nobody can know whether it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Twice is harmless: edits, answers to taps, menus; an alert, which must arrive.
    Repeat,
    /// A reply: repeated after a failure or a crash, but not when the answer is only late.
    Reply,
    /// A notice: rather missing than twice.
    Once,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Telegram took it, or had it already.
    Delivered,
    /// The chat cannot be written to.
    Unreachable,
    /// Refused for good.
    Refused,
    /// Perhaps delivered; it must not be repeated.
    Missed,
    /// The group has a new id.
    Moved(ChatId),
    /// Too many; later.
    Flood(Option<Duration>),
    /// This one failed; later.
    Failed,
    /// Telegram cannot be reached.
    Offline,
    /// The token is not accepted.
    Unauthorized,
    /// We stop.
    Aborted,
}

impl Care {
    /// How a call of `method` in `lane` is treated.
    pub(super) fn of(lane: Lane, method: &str) -> Self {
        const SHOWN: [&str; 3] = ["send", "forward", "copy"];
        if method == "sendChatAction" || !SHOWN.iter().any(|verb| method.starts_with(verb)) {
            return Self::Repeat;
        }
        match lane {
            Lane::Alerts => Self::Repeat,
            Lane::Replies | Lane::Consumers => Self::Reply,
            Lane::Notices | Lane::Broadcasts => Self::Once,
        }
    }
}

/// What `result` means for a message to `chat` that failed `tries` times before.
pub(super) fn judge(
    care: Care,
    chat: Option<ChatId>,
    tries: u8,
    result: Result<&Value, &ApiError>,
) -> Outcome {
    let outcome = match result {
        Ok(_) => return Outcome::Delivered,
        Err(error) => judge_error(care, chat, error),
    };
    match outcome {
        Outcome::Failed | Outcome::Moved(_) if tries >= TRIES => Outcome::Refused,
        outcome => outcome,
    }
}

fn judge_error(care: Care, chat: Option<ChatId>, error: &ApiError) -> Outcome {
    if error.is_not_modified() || error.is_late_tap() {
        return Outcome::Delivered;
    }
    if let Some(new) = error.migrated_to()
        && chat.is_some_and(|chat| chat != new)
    {
        return Outcome::Moved(new);
    }
    if error.is_unreachable() {
        return Outcome::Unreachable;
    }
    match error {
        ApiError::Aborted => Outcome::Aborted,
        ApiError::Unauthorized => Outcome::Unauthorized,
        // A token of no possible form; an unknown method has more words.
        ApiError::Refused { code: 404, description, .. } if description == "Not Found" => {
            Outcome::Unauthorized
        }
        ApiError::Refused { code: 429, retry_after, .. } => Outcome::Flood(*retry_after),
        ApiError::TooLarge { .. } => Outcome::Missed,
        ApiError::Network(Trouble::Deadline) if care != Care::Repeat => Outcome::Missed,
        error if error.is_ambiguous() && care == Care::Once => Outcome::Missed,
        ApiError::Network(Trouble::Broken | Trouble::Deadline | Trouble::Protocol) => {
            Outcome::Failed
        }
        ApiError::Network(_) => Outcome::Offline,
        error if error.is_passing() => Outcome::Failed,
        _ => Outcome::Refused,
    }
}

/// Telegram's words without what they quote, which may be ours.
pub(super) fn without_quotes(error: &ApiError) -> String {
    let words = error.to_string();
    words.split('"').next().unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u16, description: &str) -> ApiError {
        let description = description.to_owned();
        ApiError::Refused { code, description, retry_after: None, migrate_to_chat_id: None }
    }

    #[test]
    fn what_is_shown_twice_is_told_by_lane_and_method() {
        for (lane, method, expected) in [
            (Lane::Replies, "sendMessage", Care::Reply),
            (Lane::Consumers, "copyMessage", Care::Reply),
            (Lane::Notices, "sendPhoto", Care::Once),
            (Lane::Broadcasts, "forwardMessage", Care::Once),
            (Lane::Alerts, "sendMessage", Care::Repeat),
            (Lane::Notices, "editMessageText", Care::Repeat),
            (Lane::Replies, "answerCallbackQuery", Care::Repeat),
            (Lane::Replies, "setMyCommands", Care::Repeat),
            (Lane::Replies, "sendChatAction", Care::Repeat),
        ] {
            assert_eq!(Care::of(lane, method), expected, "{lane} {method}");
        }
    }

    #[test]
    fn every_answer_of_telegram_has_its_outcome() {
        use Outcome as O;
        let migrated = ApiError::Refused {
            code: 400,
            description: "Bad Request: group chat was upgraded to a supergroup chat".to_owned(),
            retry_after: None,
            migrate_to_chat_id: Some(ChatId(-100)),
        };
        let flood = ApiError::Refused {
            code: 429,
            description: "Too Many Requests: retry after 7".to_owned(),
            retry_after: Some(Duration::from_secs(7)),
            migrate_to_chat_id: None,
        };
        let net = ApiError::Network;
        // The outcome for what may be repeated, a reply, and a notice.
        for (error, expected) in [
            (refused(400, "Bad Request: message is not modified: x"), [O::Delivered; 3]),
            (refused(400, "Bad Request: query is too old and so on"), [O::Delivered; 3]),
            (refused(400, "Bad Request: chat not found"), [O::Unreachable; 3]),
            (refused(403, "Forbidden: bot was blocked by the user"), [O::Unreachable; 3]),
            (refused(400, "Bad Request: message text is empty"), [O::Refused; 3]),
            (refused(404, "Not Found: method not found"), [O::Refused; 3]),
            (refused(404, "Not Found"), [O::Unauthorized; 3]),
            (refused(429, "Too Many Requests"), [O::Flood(None); 3]),
            (flood, [O::Flood(Some(Duration::from_secs(7))); 3]),
            (migrated, [O::Moved(ChatId(-100)); 3]),
            (ApiError::Unauthorized, [O::Unauthorized; 3]),
            (ApiError::Aborted, [O::Aborted; 3]),
            (refused(500, "Internal Server Error: restart"), [O::Failed; 3]),
            (ApiError::Malformed { status: 502 }, [O::Failed; 3]),
            (ApiError::Malformed { status: 200 }, [O::Failed, O::Failed, O::Missed]),
            (net(Trouble::Broken), [O::Failed, O::Failed, O::Missed]),
            (net(Trouble::Deadline), [O::Failed, O::Missed, O::Missed]),
            (net(Trouble::Connect), [O::Offline; 3]),
            (net(Trouble::Resolve), [O::Offline; 3]),
            (net(Trouble::SlowConnect), [O::Offline; 3]),
            (net(Trouble::Tls), [O::Offline; 3]),
            (ApiError::TooLarge { limit: 1 }, [O::Missed; 3]),
        ] {
            let cares = [Care::Repeat, Care::Reply, Care::Once];
            let found = cares.map(|care| judge(care, Some(ChatId(-5)), 0, Err(&error)));
            assert_eq!(found, expected, "{error}");
        }
        assert_eq!(judge(Care::Once, None, 0, Ok(&Value::Null)), O::Delivered);
    }

    #[test]
    fn a_message_that_fails_again_and_again_or_moves_in_circles_is_given_up() {
        let failed = refused(500, "Internal Server Error");
        let moved = ApiError::Refused {
            code: 400,
            description: String::new(),
            retry_after: None,
            migrate_to_chat_id: Some(ChatId(-100)),
        };
        for (chat, tries, error, expected) in [
            (-5, TRIES - 1, &failed, Outcome::Failed),
            (-5, TRIES, &failed, Outcome::Refused),
            (-5, TRIES, &moved, Outcome::Refused),
            (-100, 0, &moved, Outcome::Refused),
        ] {
            let found = judge(Care::Reply, Some(ChatId(chat)), tries, Err(error));
            assert_eq!(found, expected, "{chat} {tries} {error}");
        }
    }

    #[test]
    fn quoted_words_are_not_logged() {
        let error = refused(400, "Bad Request: can't parse entities: Unsupported start tag \"x\"");
        let shown = without_quotes(&error);
        assert!(shown.ends_with("Unsupported start tag") && !shown.contains('x'), "{shown}");
    }
}
