//! The running server, asked through its control socket.

use crate::cli::check::{Line, State};
use crate::control::{self, Answer, Request};
use crate::server::Report;
use crate::settings::Settings;

/// What a running server says of itself; nothing when none runs, or when it is not ours to ask.
pub(in crate::cli) fn lines(settings: &Settings) -> Vec<Line> {
    let Ok(Some(answer)) = control::ask(&settings.database, &Request::Health) else {
        return Vec::new();
    };
    let report = match answer {
        Answer::Done(report) => serde_json::from_value::<Report>(report),
        Answer::Failed(sentence) => {
            return vec![Line::new(State::Wrong, format!("server: {sentence}; see its log"))];
        }
    };
    let Ok(report) = report else {
        let text = "server: runs, and is of another version than this program; restart it";
        return vec![Line::new(State::Note, text)];
    };
    let mut lines = vec![Line::new(State::Ok, "server: runs")];
    for (name, check) in report.checks.iter().filter(|(_, check)| !check.ok) {
        let reason = check.reason.as_deref().unwrap_or("not as it should be");
        lines.push(Line::new(State::Wrong, format!("server: {name}: {reason}; {}", cure(name))));
    }
    lines
}

fn cure(check: &str) -> &'static str {
    match check {
        "store" => "make room on the disk, and look at its health",
        "telegram" | "sending" => "check the network, and that no other program polls this bot",
        "updates" => "let a sink catch up (`roost relay status`), or raise `relay.keep`",
        "relay" => "see `roost relay status`",
        "certificate" => "renew it",
        _ => "see its log",
    }
}
