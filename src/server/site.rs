//! What stands behind the gate: websockets, the apps' own paths, health, and the front end.

use std::sync::Arc;

use serde_json::json;

use super::Health;
use crate::apps::{Apps, Person, Routed};
use crate::clock;
use crate::net::files::Files;
use crate::net::head::Head;
use crate::net::request::Site;
use crate::net::session::Sockets;
use crate::net::{Answer, Reply, Request, websocket};
use crate::store::Store;
use crate::telegram::endpoint::{self, Delivery};
use crate::telegram::init_data;

/// Where websockets are answered: the originals' paths, and the shortest.
const SOCKETS: [&str; 5] = ["/wss/", "/wss", "/ws", "/ws/", "/"];

/// Whether `/status` is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Answered,
    Off,
}

pub(super) struct Main {
    pub(super) apps: Arc<Apps>,
    pub(super) store: Store,
    pub(super) sockets: Arc<Sockets>,
    pub(super) files: Files,
    pub(super) health: Health,
    pub(super) public_url: Option<String>,
    pub(super) body: u64,
    /// What Telegram posts to, in webhook mode.
    pub(super) delivery: Option<Delivery>,
    pub(super) status: Status,
}

impl Site for Main {
    fn body_limit(&self, head: &Head) -> u64 {
        if self.delivery(&head.path).is_some() {
            return endpoint::BODY_MAX;
        }
        self.apps.body_limit(&head.path).unwrap_or(self.body)
    }

    fn reply(&self, request: Request) -> Reply {
        if let Some(delivery) = self.delivery(&request.path) {
            return delivery.answer(&request).into();
        }
        if SOCKETS.contains(&request.path.as_str()) && websocket::is_upgrade(&request) {
            return websocket::upgrade(&request, &self.sockets);
        }
        self.answer(&request).into()
    }
}

impl Main {
    /// The webhook, if `path` is its.
    fn delivery(&self, path: &str) -> Option<&Delivery> {
        self.delivery.as_ref().filter(|delivery| delivery.is_for(path))
    }

    fn answer(&self, request: &Request) -> Answer {
        if request.path == "/status" && self.status == Status::Answered {
            return status(request);
        }
        if request.path == "/settings.json" {
            return self.settings(request);
        }
        let answer: fn(&Self, &Request) -> Answer = match request.path.as_str() {
            "/healthz" => |_, _| Answer::json(200, &json!({"alive": true})),
            "/readyz" => Self::ready,
            _ => return self.page(request),
        };
        if matches!(request.method.as_str(), "GET" | "HEAD") {
            answer(self, request)
        } else {
            Answer::method_not_allowed("GET, HEAD")
        }
    }

    /// The apps' own paths before the files of the front end.
    fn page(&self, request: &Request) -> Answer {
        match self.apps.route(request, &self.store) {
            Some(Routed::Answer(answer)) => answer,
            Some(Routed::Page(name)) => self.files.page(name, request),
            None => self.files.answer(request).unwrap_or_else(Answer::not_found),
        }
    }

    /// What older pages and the launcher ask for. Who posts the initData of a launch is told of the
    /// apps that are for them, anybody else of those for everybody.
    fn settings(&self, request: &Request) -> Answer {
        let person = match request.method.as_str() {
            "GET" | "HEAD" => None,
            "POST" => match self.person(&request.body) {
                Some(person) => Some(person),
                None => return Answer::detail(403, "log in from Telegram again"),
            },
            _ => return Answer::method_not_allowed("GET, HEAD, POST"),
        };
        let base = match (&self.public_url, &request.host) {
            (Some(url), _) => url.replacen("http", "ws", 1),
            (None, Some(host)) => {
                format!("{}://{host}", request.scheme.as_str().replacen("http", "ws", 1))
            }
            (None, None) => String::new(),
        };
        let theirs = self.apps.iter().filter(|app| app.is_offered() && app.is_for(person.as_ref()));
        let apps = theirs.map(|app| {
            let name = app.name();
            json!({"app": name, "path": format!("/{name}/")})
        });
        Answer::json(
            200,
            &json!({"socket": format!("{base}/wss/"), "apps": apps.collect::<Vec<_>>()}),
        )
    }

    /// Who has this initData, if Telegram signed it and they are not banned.
    fn person(&self, init_data: &[u8]) -> Option<Person> {
        let init_data = std::str::from_utf8(init_data).ok()?;
        let login = init_data::verify(init_data, &self.sockets.token, clock::now()).ok()?;
        let person = self.apps.person(&self.store.snapshot().ok()?, login.user.id);
        person.ok().flatten()
    }

    fn ready(&self, request: &Request) -> Answer {
        let report = self.health.report();
        let status = if report.ready { 200 } else { 503 };
        // Reasons are for those who run the server, not for those who reach it through a proxy.
        let is_ours = request.client.is_loopback()
            && request.headers.get("x-forwarded-for").is_none()
            && request.headers.get("forwarded").is_none();
        Answer::json(status, &if is_ours { report } else { report.without_reasons() })
    }
}

/// The updates receiver's sign of life.
fn status(request: &Request) -> Answer {
    match request.method.as_str() {
        "GET" | "HEAD" | "POST" => Answer::text("OK"),
        _ => Answer::method_not_allowed("GET, HEAD, POST"),
    }
}
