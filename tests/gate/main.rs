//! The gate on real sockets: what it answers, what it refuses, and whom an attack hurts.

mod attacks;
mod client;
mod requests;
mod tls;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use roost::net::answer::Answer;
use roost::net::gate::{Gate, Rules, listen};
use roost::net::head::Head;
use roost::net::limits::Limits;
use roost::net::request::{Guest, Reply, Request, Site};

/// Long enough for any machine; only a hang makes a test wait for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A deadline whose passing is what the test waits for.
const BRIEF: Duration = Duration::from_millis(500);

/// What a connection is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Tcp,
    Tls,
}

/// Makes two tests of each function: one without TLS, one with it.
macro_rules! both {
    ($($name:ident),* $(,)?) => {
        mod plain {
            $(#[test] fn $name() { super::$name(super::Over::Tcp); })*
        }
        mod encrypted {
            $(#[test] fn $name() { super::$name(super::Over::Tls); })*
        }
    };
}
use both;

impl Over {
    fn open(self, limits: Limits) -> Gate {
        self.open_behind("", limits)
    }

    /// A gate that trusts the networks `trusted`.
    fn open_behind(self, trusted: &str, limits: Limits) -> Gate {
        let trusted: Vec<IpNet> = trusted.split_whitespace().map(|n| n.parse().unwrap()).collect();
        let tls = (self == Self::Tls).then(|| Arc::clone(&client::CERTIFICATE.1));
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        Gate::on(listener, Rules { limits, trusted, tls }, Arc::new(Echo)).unwrap()
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Tcp => "http",
            Self::Tls => "https",
        }
    }
}

/// A site that tells what it was asked.
struct Echo;

impl Site for Echo {
    fn body_limit(&self, head: &Head) -> u64 {
        if head.path == "/panic-limit" { panic!("asked to") } else { 100_000 }
    }

    fn reply(&self, request: Request) -> Reply {
        match request.path.as_str() {
            "/panic" => panic!("asked to"),
            "/ten" => Answer::ok("text/plain", vec![b'x'; 10_000]).into(),
            "/big" => Answer::ok("text/plain", vec![b'x'; 4_000_000]).into(),
            "/take" => Reply::Take(Box::new(echo)),
            "/take-panic" => Reply::Take(Box::new(|_| panic!("asked to"))),
            _ => Answer::text(told(&request)).into(),
        }
    }
}

/// Sends back what comes, until the end.
fn echo(guest: Guest) {
    let (stream, permit) = guest.into_parts();
    let thread = roost::thread::spawn("echo", move || {
        (&stream).write_all(b"taken:").unwrap();
        std::io::copy(&mut &stream, &mut &stream).ok();
        drop(stream);
        drop(permit);
    });
    drop(thread.unwrap());
}

fn told(request: &Request) -> String {
    let Request { method, path, client, scheme, body, .. } = request;
    let host = request.host.as_deref().unwrap_or("-");
    format!("{method} {path} {client} {} {host} {}", scheme.as_str(), body.len())
}

/// Room for many connections of one address, and deadlines no slow machine misses.
fn roomy() -> Limits {
    Limits {
        per_address: 1000,
        head: PATIENCE,
        body: PATIENCE,
        idle: PATIENCE,
        write: PATIENCE,
        linger: PATIENCE,
        ..Limits::default()
    }
}
