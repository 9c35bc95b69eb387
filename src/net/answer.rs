//! What we answer: status, headers and body, printed with the headers every answer has.

use std::borrow::Cow;
use std::io;
use std::sync::LazyLock;

use serde::Serialize;
use tiny_http::{HTTPVersion, Header, Response, StatusCode};

/// Where scripts, styles and images may come from, and who may frame us: Telegram's web client shows
/// mini apps in a frame, so there is never an `X-Frame-Options`.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; \
    script-src 'self' https://telegram.org; style-src 'self'; img-src 'self' data: blob: https:; \
    connect-src 'self' ws: wss:; frame-ancestors 'self' https://web.telegram.org";

/// The one that `tiny_http` is told: it would name itself.
const SERVER: (&str, &str) = ("Server", "roost");

/// The standing headers; an answer that has one of its own says it instead.
const STANDING: [(&str, &str); 4] = [
    SERVER,
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
];

/// All but the first as they stand in a head: nearly every answer has just these.
static STANDING_LINES: LazyLock<String> =
    LazyLock::new(|| STANDING[1..].iter().map(|(name, value)| line(name, value)).collect());

/// An answer to one request. `Date`, `Server`, `Content-Length`, `Connection` and the security headers
/// are added when it is sent; the body is left out for HEAD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names and values. Values are ASCII without line ends; others are left out with a warning.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body; `Content-Length` is its length.
    pub body: Cow<'static, [u8]>,
}

/// What the client will do with the connection after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// HTTP/1.1 keeps it open and needs not be told.
    Keep,
    /// HTTP/1.0 keeps it open if it is told.
    KeepAloud,
    /// We close.
    Close,
}

/// Whether the body goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    /// For HEAD.
    HeadOnly,
}

/// An answer as bytes.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) head: Vec<u8>,
    pub(crate) body: Cow<'static, [u8]>,
}

impl Answer {
    /// An answer without headers of its own and without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Cow::Borrowed(b"") }
    }

    /// `200` with `body` as `content_type`.
    pub fn ok(content_type: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { body: body.into(), ..Self::empty(200).with("Content-Type", content_type) }
    }

    /// `200` with plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::ok("text/plain; charset=utf-8", text.into().into_bytes())
    }

    /// `status` with `value` as JSON, never cached.
    pub fn json<T: Serialize + ?Sized>(status: u16, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self { status, ..Self::ok("application/json", body) }
                .with("Cache-Control", "no-store"),
            Err(error) => {
                log::error!("cannot encode an answer as JSON: {error}");
                Self::empty(500)
            }
        }
    }

    /// `status` with `{"detail": "…"}`: how the API reports what went wrong.
    pub fn detail(status: u16, sentence: &str) -> Self {
        Self::json(status, &serde_json::json!({ "detail": sentence }))
    }

    /// `404`.
    pub fn not_found() -> Self {
        Self::detail(404, "not found")
    }

    /// `405`; `allow` lists the methods that work, such as `GET, HEAD`.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self::detail(405, "method not allowed").with("Allow", allow)
    }

    /// `308` to `location`: the method and body stay the same.
    pub fn redirect(location: impl Into<Cow<'static, str>>) -> Self {
        Self::empty(308).with("Location", location)
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of the answer's own header `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_ref())
    }

    pub(crate) fn print(self, part: Part, then: Then) -> Printed {
        let mut head = Vec::with_capacity(768);
        let headers = self.own_headers();
        let length = Some(self.body.len());
        // Not a `Vec` of the body: the head is printed alone, and both go out in one vectored write.
        let response = Response::new(StatusCode(self.status), headers, io::empty(), length, None);
        response
            .with_chunked_threshold(usize::MAX)
            .raw_print(&mut head, HTTPVersion(1, 1), &[], true, None)
            .expect("a vector takes every byte");
        let bodiless = matches!(self.status, 100..=199 | 204 | 304);
        finish(&mut head, bodiless, then);
        insert(&mut head, self.standing().as_bytes());
        let hidden = bodiless || part == Part::HeadOnly;
        Printed { head, body: if hidden { Cow::Borrowed(b"") } else { self.body } }
    }

    fn own_headers(&self) -> Vec<Header> {
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        if self.header(SERVER.0).is_none() {
            headers.extend(header(SERVER.0, SERVER.1));
        }
        for (name, value) in &self.headers {
            match header(name, value) {
                Some(header) => headers.push(header),
                None => {
                    log::warn!("header `{name}` of an answer is left out: it is not plain text");
                }
            }
        }
        headers
    }

    /// The lines of the standing headers that the answer does not say itself. They never become
    /// `tiny_http`'s headers: with those, every answer would copy each of them several times.
    fn standing(&self) -> Cow<'static, str> {
        let missing = |(name, _): &&(&str, &str)| self.header(name).is_none();
        if STANDING.iter().all(|standing| missing(&standing)) {
            return Cow::Borrowed(&STANDING_LINES);
        }
        STANDING[1..].iter().filter(missing).map(|(name, value)| line(name, value)).collect()
    }
}

fn line(name: &str, value: &str) -> String {
    format!("{name}: {value}\r\n")
}

/// Puts `lines` behind the status line.
fn insert(head: &mut Vec<u8>, lines: &[u8]) {
    let at = head.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    drop(head.splice(at..at, lines.iter().copied()));
}

/// Opens the finished head again: drops the `Content-Length` (always the last line) of an answer that
/// must not have one (RFC 9110 §8.6) and says what becomes of the connection, which `tiny_http` never
/// does.
fn finish(head: &mut Vec<u8>, bodiless: bool, then: Then) {
    head.truncate(head.len() - 2);
    if bodiless {
        let end = head.len() - 2;
        head.truncate(head[..end].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1));
    }
    head.extend_from_slice(match then {
        Then::Keep => b"\r\n",
        Then::KeepAloud => b"Connection: keep-alive\r\n\r\n",
        Then::Close => b"Connection: close\r\n\r\n",
    });
}

/// `None` for what could split the head in two or is not ASCII.
fn header(name: &str, value: &str) -> Option<Header> {
    let plain = |text: &str| text.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b));
    if !plain(name) || !plain(value) {
        return None;
    }
    Header::from_bytes(name.as_bytes(), value.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(answer: Answer, part: Part, then: Then) -> String {
        let printed = answer.print(part, then);
        String::from_utf8([printed.head, printed.body.into_owned()].concat()).unwrap()
    }

    #[test]
    fn every_answer_has_the_standing_headers_once() {
        for answer in [Answer::empty(200), Answer::text("x"), Answer::not_found()] {
            let text = print(answer, Part::Whole, Then::Keep);
            for (name, value) in STANDING {
                assert_eq!(text.matches(&format!("\r\n{name}: {value}\r\n")).count(), 1, "{text}");
            }
            assert_eq!(text.matches("\r\nDate: ").count(), 1, "{text}");
            assert!(!text.contains("X-Frame-Options") && !text.contains("tiny"), "{text}");
        }
    }

    #[test]
    fn an_answer_says_its_own_policy_instead_of_the_standing_one() {
        let own = Answer::text("x").with("content-security-policy", "default-src 'none'");
        let text = print(own, Part::Whole, Then::Keep);
        assert_eq!(text.to_lowercase().matches("content-security-policy").count(), 1, "{text}");
    }

    #[test]
    fn an_answer_is_framed_as_its_status_and_method_ask() {
        let ok = || Answer::text("hello");
        let rows = [
            (ok(), Part::Whole, Then::Keep, "Content-Length: 5\r\n\r\nhello"),
            (ok(), Part::HeadOnly, Then::Keep, "Content-Length: 5\r\n\r\n"),
            (ok(), Part::Whole, Then::Close, "Length: 5\r\nConnection: close\r\n\r\nhello"),
            (ok(), Part::Whole, Then::KeepAloud, "Connection: keep-alive\r\n\r\nhello"),
            (Answer::empty(200), Part::Whole, Then::Keep, "Content-Length: 0\r\n\r\n"),
            (
                Answer::redirect("/a/"),
                Part::Whole,
                Then::Keep,
                "\r\nLocation: /a/\r\nContent-Length: 0\r\n\r\n",
            ),
        ];
        for (answer, part, then, end) in rows {
            let text = print(answer, part, then);
            assert!(text.starts_with("HTTP/1.1 ") && text.ends_with(end), "{text}");
        }
        for status in [204, 304] {
            let answer = Answer { status, ..ok() }.with("ETag", "\"x\"");
            let text = print(answer, Part::Whole, Then::Keep);
            assert!(
                text.ends_with("ETag: \"x\"\r\n\r\n") && !text.contains("Content-Length"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_long_body_is_never_chunked() {
        let text = print(Answer::text("x".repeat(100_000)), Part::Whole, Then::Keep);
        assert!(text.contains("Content-Length: 100000\r\n") && !text.contains("chunked"));
    }

    #[test]
    fn a_header_cannot_split_the_answer() {
        for bad in ["a\r\nSet-Cookie: b", "a\nb", "a\0b", "ä", "\u{7f}"] {
            let text = print(Answer::text("x").with("X-Name", bad), Part::Whole, Then::Keep);
            assert!(!text.contains("X-Name") && !text.contains("Set-Cookie"), "{text}");
        }
    }

    #[test]
    fn what_went_wrong_is_a_sentence_in_json() {
        let answer = Answer::detail(413, "the \"body\" is too long");
        assert_eq!(answer.body.as_ref(), br#"{"detail":"the \"body\" is too long"}"#);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(Answer::method_not_allowed("GET, HEAD").header("Allow"), Some("GET, HEAD"));
    }
}
