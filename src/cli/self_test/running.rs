//! A whole server on loopback: started, visited over TLS, stopped, and its database read again.

use std::sync::Arc;

use serde_json::{Value, json};

use super::visitor::{Visitor, trusting};
use super::{Check, Seen, words};
use crate::cli::data::{Data, rows};
use crate::cli::demo::token;
use crate::cli::folder::Folder;
use crate::clock;
use crate::control;
use crate::hidden::Hidden;
use crate::net::Request;
use crate::net::files::Files;
use crate::net::tls::leaf::Leaf;
use crate::server::Server;
use crate::settings::Surroundings;
use crate::telegram::init_data::sign;

/// Who visits.
const VISITOR: i64 = 1001;

/// Nobody listens there: the bot has no Telegram to talk to.
const NO_TELEGRAM: &str = "http://127.0.0.1:1";

/// The checks up to the first that fails: each needs the ones before it.
pub(super) fn all() -> Vec<Check> {
    let mut checks = Vec::new();
    let mut note = |name, seen: Result<String, String>| -> bool {
        let is_ok = seen.is_ok();
        checks.push((name, seen));
        is_ok
    };
    let home = match Home::new() {
        Ok(home) => home,
        Err(why) => return vec![("server", Err(why))],
    };
    match home.start() {
        Err(why) => drop(note("server", Err(why))),
        Ok(server) => {
            let is_ok = note("server", Ok(format!("listens on {}", server.url())))
                && note("handshake", home.handshake(&server))
                && note("request", home.request(&server))
                && note("websocket", home.websocket(&server));
            drop(server);
            if is_ok {
                note("store", home.store());
            }
        }
    }
    checks
}

/// A made-up bot with a folder.
struct Home {
    folder: Folder,
    data: Data,
    token: Hidden<String>,
}

impl Home {
    fn new() -> Result<Self, String> {
        let folder = Folder::make("self-test");
        let folder = folder.map_err(|error| format!("temporary folder: {error}"))?;
        let settings = json!({
            "bot-token": token().map_err(words)?,
            "telegram-api-url": NO_TELEGRAM,
            "public-url": "https://localhost",
            "hostname": "127.0.0.1",
            "port": 0,
            "tls": "self-signed",
        });
        let file = folder.settings(&settings);
        let file = file.map_err(|error| format!("temporary folder: {error}"))?;
        // Nothing of the environment may reach into it.
        let around = Surroundings { folder: folder.path().to_owned(), ..Surroundings::default() };
        let data = Data::of(Some(&file), &around).map_err(words)?;
        let token = data.settings().token().map_err(words)?.clone();
        Ok(Self { folder, data, token })
    }

    fn start(&self) -> Result<Server, String> {
        Server::start(self.data.settings(), &self.token).map_err(words)
    }

    fn visitor(&self, server: &Server) -> Result<Visitor, String> {
        let file = self.data.database().with_extension("redb.pem");
        let leaf = Leaf::first_in(&file).map_err(words)?;
        Visitor::connect(server.address(), &Arc::new(trusting(leaf.der)?))
    }

    fn handshake(&self, server: &Server) -> Seen {
        self.visitor(server)?.shake_hands()
    }

    fn request(&self, server: &Server) -> Seen {
        let page = self.visitor(server)?.fetch("/")?;
        let asked = Request::local("GET", "/").map_err(words)?;
        let built_in = Files::embedded().answer(&asked).map(|answer| answer.body.into_owned());
        if built_in.as_ref() == Some(&page) {
            Ok(format!("{} bytes of a page", page.len()))
        } else {
            Err("the page is not the one that is built in".into())
        }
    }

    fn websocket(&self, server: &Server) -> Seen {
        let now = clock::now().as_second().to_string();
        let user = json!({"id": VISITOR, "first_name": "Self", "last_name": "Test"}).to_string();
        let data = sign(&[("auth_date", &now), ("user", &user)], &self.token);
        let login = json!({"app": "mini_event", "type": "login", "data": data});
        let frames = self.visitor(server)?.converse(&login, "events-loaded")?;
        let known = frames.iter().any(|frame| frame["telegram_id"] == VISITOR);
        if known { Ok(format!("logged in, {} frames", frames.len())) } else { Err(said(&frames)) }
    }

    /// After the server has gone.
    fn store(&self) -> Seen {
        let users = self.data.carry_out(&control::Request::ListUsers).map_err(words)?;
        let is_there = rows(&users).any(|user| user["telegram_id"] == VISITOR);
        if is_there {
            Ok(format!("kept in {}", self.folder.path().display()))
        } else {
            Err(format!("what was committed is gone: {users}"))
        }
    }
}

fn said(frames: &[Value]) -> String {
    let types: Vec<_> = frames.iter().filter_map(|frame| frame["type"].as_str()).collect();
    format!("no welcome, but {}", types.join(", "))
}
