//! What a page may ask for: its messages, read into types.

use serde_json::{Map, Value};

use super::fleet::ServerId;
use super::looks::RunId;

/// What a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Somebody looks: at all servers that are watched, or at one.
    Look(Option<ServerId>),
    /// The conferences from this one on.
    Conferences(ServerId, usize),
    /// The question whether to stop this run.
    AskStop(ServerId, RunId),
    /// Yes to the question with this number.
    Stop(ServerId, u64),
    /// Monitoring on or off.
    Watch(ServerId, bool),
}

/// Why a message is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such message.
    Unknown,
    /// This field is missing or not of its form.
    Field(&'static str),
}

/// Reads a message; every field is checked here and nowhere else.
pub fn read(members: &Map<String, Value>) -> Result<Request, Wrong> {
    let id = || members.get("id").and_then(Value::as_u64).map(ServerId).ok_or(Wrong::Field("id"));
    let whole = |name| members.get(name).and_then(Value::as_u64).ok_or(Wrong::Field(name));
    match members.get("type").and_then(Value::as_str) {
        Some("look") if !members.contains_key("id") => Ok(Request::Look(None)),
        Some("look") => Ok(Request::Look(Some(id()?))),
        Some("conferences") => {
            let from = usize::try_from(whole("from")?).map_err(|_| Wrong::Field("from"))?;
            Ok(Request::Conferences(id()?, from))
        }
        Some("ask-stop") => {
            let run = members.get("conference").and_then(Value::as_str).and_then(RunId::parse);
            Ok(Request::AskStop(id()?, run.ok_or(Wrong::Field("conference"))?))
        }
        Some("stop") => Ok(Request::Stop(id()?, whole("ask")?)),
        Some("watch") => {
            let on = members.get("on").and_then(Value::as_bool).ok_or(Wrong::Field("on"))?;
            Ok(Request::Watch(id()?, on))
        }
        _ => Err(Wrong::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_is_read_whole_or_not_at_all() {
        let server = ServerId(7);
        for (message, expected) in [
            (json!({"type": "look"}), Ok(Request::Look(None))),
            (json!({"type": "look", "id": 7}), Ok(Request::Look(Some(server)))),
            (json!({"type": "look", "id": "7"}), Err(Wrong::Field("id"))),
            (json!({"type": "look", "id": null}), Err(Wrong::Field("id"))),
            (
                json!({"type": "conferences", "id": 7, "from": 50}),
                Ok(Request::Conferences(server, 50)),
            ),
            (json!({"type": "conferences", "id": 7}), Err(Wrong::Field("from"))),
            (json!({"type": "conferences", "id": 7, "from": -1}), Err(Wrong::Field("from"))),
            (
                json!({"type": "ask-stop", "id": 7, "conference": "ff"}),
                Ok(Request::AskStop(server, RunId(255))),
            ),
            (
                json!({"type": "ask-stop", "id": 7, "conference": "x"}),
                Err(Wrong::Field("conference")),
            ),
            (json!({"type": "stop", "id": 7, "ask": 3}), Ok(Request::Stop(server, 3))),
            (json!({"type": "stop", "id": 7}), Err(Wrong::Field("ask"))),
            (json!({"type": "stop", "id": 1.5, "ask": 3}), Err(Wrong::Field("id"))),
            (json!({"type": "watch", "id": 7, "on": true}), Ok(Request::Watch(server, true))),
            (json!({"type": "watch", "id": 7, "on": 1}), Err(Wrong::Field("on"))),
            (json!({"type": "attend", "event": 1}), Err(Wrong::Unknown)),
            (json!({}), Err(Wrong::Unknown)),
        ] {
            let Value::Object(members) = &message else { panic!("{message}") };
            assert_eq!(read(members), expected, "{message}");
        }
    }
}
