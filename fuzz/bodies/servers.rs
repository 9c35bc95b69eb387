//! What people and pages say about TrueConf servers, one a line: data of buttons and socket messages.

use roost::apps::conferences::bot::tap::Tap;
use roost::apps::conferences::input::{Request, read};
use serde_json::{Map, Value};

/// Reads each line as the data of a button and as a message of a page.
pub fn run(bytes: &[u8]) {
    for line in super::text(bytes).lines() {
        button(line);
        if let Ok(message) = serde_json::from_str::<Map<String, Value>>(line) {
            page(&message);
        }
    }
}

/// What is a button at all fits into one, and means the same when it comes back.
fn button(data: &str) {
    let Some(tap) = Tap::parse(data) else { return };
    let again = tap.to_string();
    assert!((1..=64).contains(&again.len()), "{again:?}");
    assert_eq!(Tap::parse(&again), Some(tap), "{data:?}");
}

/// A message names a server by a number it has, or none.
fn page(message: &Map<String, Value>) {
    let Ok(request) = read(message) else { return };
    let id = message.get("id").and_then(Value::as_u64);
    match request {
        Request::Look(None) => assert_eq!(message.get("id"), None),
        Request::Look(Some(server))
        | Request::Conferences(server, _)
        | Request::AskStop(server, _)
        | Request::Stop(server, _)
        | Request::Watch(server, _) => assert_eq!(Some(server.0), id),
    }
}
