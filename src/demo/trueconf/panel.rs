//! The page of `roost demo` where one breaks and mends the servers.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::StandIn;
use crate::demo::telegram::is_ours;
use crate::net::answer::Answer;
use crate::net::gate::{Gate, GateError};
use crate::net::head::Head;
use crate::net::limits::Limits;
use crate::net::request::{Reply, Request, Site};

/// How long answers under way may take when the page goes.
const CLOSING: Duration = Duration::from_secs(2);

const STYLE: &str = include_str!("panel.css");

/// The running page. Dropping it stops the servers too.
pub struct Panel {
    gate: Option<Gate>,
}

struct Page {
    servers: Vec<StandIn>,
}

impl Panel {
    /// Starts the page of these servers on a free loopback port.
    pub fn start(servers: Vec<StandIn>) -> Result<Self, GateError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let page = Arc::new(Page { servers });
        Ok(Self { gate: Some(Gate::open(address, Limits::default(), Vec::new(), page)?) })
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        let address = self.gate.as_ref().map(Gate::address);
        format!("http://{}/", address.expect("the gate is open until the drop"))
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.close(CLOSING);
        }
    }
}

impl Page {
    fn answer(&self, request: &Request) -> Answer {
        if !is_ours(request) {
            return Answer::detail(403, "open this page by its loopback address");
        }
        let path: Vec<&str> = request.path.split('/').skip(1).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", [""]) => Answer::ok("text/html; charset=utf-8", self.html().into_bytes())
                .with("Cache-Control", "no-store"),
            ("GET", ["panel.css"]) => Answer::ok("text/css; charset=utf-8", STYLE.as_bytes()),
            ("POST", [deed @ ("break" | "mend"), number]) => self.act(deed, number),
            _ => Answer::not_found(),
        }
    }

    fn act(&self, deed: &str, number: &str) -> Answer {
        let server = number.parse().ok().and_then(|number: usize| self.servers.get(number));
        let Some(server) = server else { return Answer::not_found() };
        if deed == "break" {
            server.go_down();
        } else if let Err(error) = server.come_up() {
            return Answer::detail(500, &error.to_string());
        }
        Answer { status: 303, ..Answer::redirect("/") }
    }

    fn html(&self) -> String {
        let mut html = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <title>Servers of the demo</title><link rel=\"stylesheet\" href=\"/panel.css\">\
             <h1>Servers of the demo</h1>\
             <p>Break one and watch the alert arrive in the admin’s chat with the bot; \
             mend it and watch the recovery.</p>"
            .to_owned();
        for (number, server) in self.servers.iter().enumerate() {
            let (state, deed, button) =
                if server.is_up() { ("up", "break", "Break") } else { ("down", "mend", "Mend") };
            let name = server.name();
            write!(
                html,
                "<form method=\"post\" action=\"/{deed}/{number}\"><b>{name}</b> \
                 <span class=\"{state}\">{state}</span> <button>{button}</button></form>"
            )
            .expect("a string takes every write");
        }
        html
    }
}

impl Site for Page {
    fn body_limit(&self, _: &Head) -> u64 {
        1_024
    }

    fn reply(&self, request: Request) -> Reply {
        self.answer(&request).into()
    }
}
