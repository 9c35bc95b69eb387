//! What can go wrong with a server on purpose.

use std::io::Write;
use std::net::Shutdown;
use std::time::Duration;

use crate::demo::telegram::drain;
use crate::net::answer::Answer;
use crate::net::request::{Guest, Reply};

/// Harm done to calls, to some or all of them.
#[derive(Clone, Debug)]
pub struct Fault {
    harm: Harm,
    /// What the path has in it; everything if empty.
    part: String,
    left: Option<u32>,
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// This status, with a page of a proxy.
    Status(u16),
    /// A page instead of JSON, with 200.
    Html,
    /// JSON that ends in the middle, with 200.
    BrokenJson,
    /// `{}` with 200.
    Nothing,
    /// More than anybody should read.
    Endless,
    /// No answer until the caller hangs up.
    Stall,
    /// A good answer, but only after this time.
    Slow(Duration),
    /// The connection breaks in the middle of the answer.
    Reset,
    /// The connection breaks before the answer.
    HangUp,
}

impl Fault {
    /// `harm` on every call, for ever.
    pub fn new(harm: Harm) -> Self {
        Self { harm, part: String::new(), left: None }
    }

    /// Only calls whose path has `part` in it.
    #[must_use]
    pub fn on(self, part: &str) -> Self {
        Self { part: part.to_owned(), ..self }
    }

    /// Only so many times.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { left: Some(times), ..self }
    }
}

/// The harm done to a call of `path`, if any.
pub(super) fn strike(faults: &mut [Fault], path: &str) -> Option<Harm> {
    let hits = |fault: &&mut Fault| fault.left != Some(0) && path.contains(&fault.part);
    let fault = faults.iter_mut().find(hits)?;
    if let Some(left) = &mut fault.left {
        *left -= 1;
    }
    Some(fault.harm)
}

impl Harm {
    /// The answer to a harmed call, and its status; none for one that is only late.
    pub(super) fn reply(self) -> Option<(Reply, u16)> {
        Some(match self {
            Self::Status(status) => {
                let page = format!("<html><h1>{status}</h1></html>");
                (Answer { status, ..Answer::ok("text/html", page.into_bytes()) }.into(), status)
            }
            Self::Html => {
                let page = b"<html><form>Sign in</form></html>".as_slice();
                (Answer::ok("text/html", page).into(), 200)
            }
            Self::BrokenJson => {
                (Answer::ok("application/json", b"{\"list\": [{".as_slice()).into(), 200)
            }
            Self::Nothing => (Answer::ok("application/json", b"{}".as_slice()).into(), 200),
            Self::Endless => (take(|guest| pour(&guest)), 200),
            Self::Stall => (take(|guest| drain(&guest.stream)), 0),
            Self::Reset => (take(|guest| cut(&guest)), 0),
            Self::HangUp => (take(|guest| drop(guest.stream.tcp().shutdown(Shutdown::Both))), 0),
            Self::Slow(_) => return None,
        })
    }
}

fn take(act: impl FnOnce(Guest) + Send + 'static) -> Reply {
    Reply::Take(Box::new(act))
}

/// A JSON text without end, until the caller has had enough.
fn pour(guest: &Guest) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[";
    let mut stream = &guest.stream;
    let more = vec![b' '; 64 << 10];
    let mut written = stream.write_all(head.as_bytes());
    while written.is_ok() {
        written = stream.write_all(&more);
    }
}

fn cut(guest: &Guest) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{";
    // The caller may have gone already.
    drop((&guest.stream).write_all(head.as_bytes()));
    drop(guest.stream.tcp().shutdown(Shutdown::Both));
}
