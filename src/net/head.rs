//! The head of a request, from bytes to values: what is ambiguous is refused, never guessed.

use std::fmt;

use crate::net::headers::Headers;

/// Most bytes of a head; browsers send about 1 KiB, and a mini app's `initData` fits in 4 KiB.
pub const HEAD_BYTES: usize = 16 * 1024;

/// Most header fields of a request; browsers behind two proxies send about 30.
pub const HEAD_FIELDS: usize = 64;

/// The version of the request; answers are always HTTP/1.1 (RFC 9110 §2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0: closes after the answer unless asked not to.
    Http10,
    /// HTTP/1.1: keeps the connection unless asked not to.
    Http11,
}

/// A parsed request line with its header fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The method as sent; methods are case-sensitive.
    pub method: String,
    /// The percent-decoded path; always starts with `/`, holds no control characters.
    pub path: String,
    /// What stood after the `?`, not decoded.
    pub query: Option<String>,
    /// Who the client thinks it speaks to: `Host`, or the authority of an absolute target.
    pub host: Option<String>,
    /// The version of the request.
    pub version: Version,
    /// The header fields.
    pub headers: Headers,
    /// How many bytes of body follow.
    pub length: u64,
}

/// Why a head is refused; [`HeadError::status`] is the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// Not a request at all, or one that could be read in two ways.
    Malformed(&'static str),
    /// `Transfer-Encoding` in any form.
    LengthRequired,
    /// Over [`HEAD_BYTES`] or [`HEAD_FIELDS`].
    TooLarge,
    /// `Expect` with something else than `100-continue`.
    Expectation,
    /// Not HTTP/1.0 or HTTP/1.1.
    Version,
}

impl HeadError {
    /// The status code of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::LengthRequired => 411,
            Self::Expectation => 417,
            Self::TooLarge => 431,
            Self::Version => 505,
        }
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "the request is malformed: {what}"),
            Self::LengthRequired => {
                f.write_str("`Transfer-Encoding` is not supported; send `Content-Length`")
            }
            Self::Expectation => f.write_str("only `Expect: 100-continue` is supported"),
            Self::TooLarge => {
                write!(f, "the head is over {HEAD_BYTES} bytes or {HEAD_FIELDS} header fields")
            }
            Self::Version => f.write_str("only HTTP/1.0 and HTTP/1.1 are spoken here"),
        }
    }
}

impl std::error::Error for HeadError {}

/// Where the head at the start of `bytes` ends; `None` when more bytes are needed.
///
/// The first `seen` bytes have been looked at by an earlier call. Lines end in CR LF: a bare LF is
/// refused, because two readers of one request could see different lines (RFC 9112 §2.2).
pub fn end(bytes: &[u8], seen: usize) -> Result<Option<usize>, HeadError> {
    if bytes
        .first()
        .is_some_and(|b| !b.is_ascii_alphanumeric() && !b"\r!#$%&'*+-.^_`|~".contains(b))
    {
        return Err(HeadError::Malformed("it does not begin with a method"));
    }
    for (index, _) in bytes.iter().enumerate().skip(seen).filter(|(_, byte)| **byte == b'\n') {
        match bytes[..index] {
            [b'\r'] | [.., b'\n', b'\r'] => return Ok(Some(index + 1)),
            [.., b'\r'] => (),
            _ => return Err(HeadError::Malformed("a line ends without a carriage return")),
        }
    }
    if bytes.len() >= HEAD_BYTES { Err(HeadError::TooLarge) } else { Ok(None) }
}

/// Parses a whole head, blank line included.
pub fn parse(bytes: &[u8]) -> Result<Head, HeadError> {
    let mut fields = [httparse::EMPTY_HEADER; HEAD_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(_) = request.parse(bytes).map_err(refusal)? else {
        return Err(HeadError::Malformed("it is cut short"));
    };
    let headers = collect(request.headers, bytes.len());
    if headers.get("Transfer-Encoding").is_some() {
        return Err(HeadError::LengthRequired);
    }
    let version = if request.version == Some(1) { Version::Http11 } else { Version::Http10 };
    let (authority, target) = split_target(request.path.unwrap_or_default())?;
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    check_expectation(&headers, version)?;
    Ok(Head {
        method: request.method.unwrap_or_default().to_owned(),
        path: decode(path)?,
        query,
        host: host(authority, &headers, version)?,
        version,
        length: length(&headers)?,
        headers,
    })
}

impl Head {
    /// Whether the client wants another request on this connection (RFC 9112 §9.3).
    pub fn keeps_alive(&self) -> bool {
        !self.headers.has_token("Connection", "close")
            && (self.version == Version::Http11
                || self.headers.has_token("Connection", "keep-alive"))
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    pub fn expects_continue(&self) -> bool {
        self.length > 0 && self.version == Version::Http11 && self.headers.get("Expect").is_some()
    }
}

fn refusal(error: httparse::Error) -> HeadError {
    match error {
        httparse::Error::Version => HeadError::Version,
        httparse::Error::TooManyHeaders => HeadError::TooLarge,
        httparse::Error::HeaderName => HeadError::Malformed("bad header name"),
        httparse::Error::HeaderValue => HeadError::Malformed("bad header value"),
        _ => HeadError::Malformed("bad request line"),
    }
}

fn collect(fields: &[httparse::Header<'_>], bytes: usize) -> Headers {
    let mut headers = Headers::with_capacity(bytes, fields.len());
    for field in fields {
        headers.push(field.name, &String::from_utf8_lossy(field.value));
    }
    headers
}

/// Authority and path of a target in origin or absolute form (RFC 9112 §3.2).
fn split_target(target: &str) -> Result<(Option<&str>, &str), HeadError> {
    if target.starts_with('/') {
        return Ok((None, target));
    }
    let rest = target
        .strip_prefix("http://")
        .or_else(|| target.strip_prefix("https://"))
        .ok_or(HeadError::Malformed("the target is not a path"))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = if path.is_empty() { "/" } else { path };
    if path.starts_with('/') {
        Ok((Some(authority), path))
    } else {
        Err(HeadError::Malformed("the target has no path"))
    }
}

fn host(
    authority: Option<&str>,
    headers: &Headers,
    version: Version,
) -> Result<Option<String>, HeadError> {
    let mut hosts = headers.all("Host");
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(HeadError::Malformed("more than one `Host`"));
    }
    if host.is_none() && version == Version::Http11 {
        return Err(HeadError::Malformed("no `Host`"));
    }
    match authority.or(host) {
        Some(host) if is_host(host) => Ok(Some(host.to_owned())),
        Some("") | None => Ok(None),
        Some(_) => Err(HeadError::Malformed("bad `Host`")),
    }
}

/// Whether `host` looks like `name`, `name:port`, `1.2.3.4` or `[::1]:80`: nothing that could end an
/// attribute, a header or a URL's authority.
pub(crate) fn is_host(host: &str) -> bool {
    (1..=260).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
}

/// At most one field of digits only (RFC 9112 §6.3); one too large to count is "very many".
fn length(headers: &Headers) -> Result<u64, HeadError> {
    let mut values = headers.all("Content-Length");
    let Some(value) = values.next() else { return Ok(0) };
    if values.next().is_some() {
        return Err(HeadError::Malformed("more than one `Content-Length`"));
    }
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(HeadError::Malformed("`Content-Length` is not a number"));
    }
    Ok(value.parse().unwrap_or(u64::MAX))
}

fn check_expectation(headers: &Headers, version: Version) -> Result<(), HeadError> {
    let known = |value: &str| value.eq_ignore_ascii_case("100-continue");
    if version == Version::Http11 && !headers.all("Expect").all(known) {
        return Err(HeadError::Expectation);
    }
    Ok(())
}

/// Percent-decodes a path once. A `%2F` is refused: decoded, nobody could tell it from a separator.
fn decode(path: &str) -> Result<String, HeadError> {
    const BAD: HeadError = HeadError::Malformed("bad percent-encoding in the path");
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => match hex(bytes.next()).zip(hex(bytes.next())) {
                Some((high, low)) if high * 16 + low != b'/' => high * 16 + low,
                _ => return Err(BAD),
            },
            plain => plain,
        });
    }
    let decoded = String::from_utf8(decoded).map_err(|_| BAD)?;
    if decoded.chars().any(char::is_control) { Err(BAD) } else { Ok(decoded) }
}

fn hex(digit: Option<u8>) -> Option<u8> {
    let value = char::from(digit?).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Result<Head, HeadError> {
        let bytes = head.as_bytes();
        let end = end(bytes, 0)?.ok_or(HeadError::Malformed("no end"))?;
        parse(&bytes[..end])
    }

    fn get(rest: &str) -> Result<Head, HeadError> {
        read(&format!("GET / HTTP/1.1\r\nHost: h\r\n{rest}\r\n"))
    }

    #[test]
    fn a_target_becomes_a_decoded_path_and_a_raw_query() {
        let rows = [
            ("/", "/", None),
            ("/?", "/", Some("")),
            ("/a%20b/c?x=%20&y", "/a b/c", Some("x=%20&y")),
            ("/%D0%BF", "/п", None),
            ("//a/../b", "//a/../b", None),
            ("http://other/x?y", "/x", Some("y")),
            ("http://other", "/", None),
            ("/bot123%3AAA/getMe", "/bot123:AA/getMe", None),
        ];
        for (target, path, query) in rows {
            let head = read(&format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")).unwrap();
            assert_eq!((head.path.as_str(), head.query.as_deref()), (path, query), "{target}");
        }
    }

    #[test]
    fn an_ambiguous_target_is_refused() {
        for target in [
            "*",
            "h:443",
            "a",
            "/%",
            "/%4",
            "/%zz",
            "/%ff",
            "/%00",
            "/%0a",
            "/a%2Fb",
            "ftp://h/",
            "http://h?x",
        ] {
            let error = read(&format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")).unwrap_err();
            assert_eq!(error.status(), 400, "{target}: {error}");
        }
    }

    #[test]
    fn a_head_that_could_be_read_in_two_ways_is_refused() {
        let rows = [
            (400, "Content-Length: 5\r\nContent-Length: 5\r\n"),
            (400, "Content-Length: 5\r\nContent-Length: 6\r\n"),
            (400, "Content-Length: 5, 5\r\n"),
            (400, "Content-Length: +5\r\n"),
            (400, "Content-Length: -5\r\n"),
            (400, "Content-Length: 0x5\r\n"),
            (400, "Content-Length: 5 5\r\n"),
            (400, "Content-Length:\r\n"),
            (400, "Content-Length : 5\r\n"),
            (411, "Transfer-Encoding: chunked\r\n"),
            (411, "Transfer-Encoding: identity\r\nContent-Length: 5\r\n"),
            (411, "Transfer-Encoding:\r\n"),
            (400, "Host: second\r\n"),
            (400, "X: a\r\n folded\r\n"),
            (400, "no colon\r\n"),
            (400, "X: a\0b\r\n"),
            (400, "X: a\rb\r\n"),
            (400, ": no name\r\n"),
            (417, "Expect: a-miracle\r\n"),
        ];
        for (status, rest) in rows {
            assert_eq!(get(rest).unwrap_err().status(), status, "{rest:?}");
        }
    }

    #[test]
    fn a_request_line_is_strict() {
        let rows = [
            (505, "GET / HTTP/2.0\r\n\r\n"),
            (505, "PRI * HTTP/2.0\r\n\r\n"),
            (505, "GET / HTTP/1.2\r\n\r\n"),
            (505, "GET / HTTP/0.9\r\n\r\n"),
            (400, "GET /\r\n\r\n"),
            (400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"),
            (400, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"),
            (400, "G\x01T / HTTP/1.1\r\nHost: h\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: a/\"><b>\r\n\r\n"),
            (400, "GET / HTTP/1.1\nHost: h\n\n"),
            (400, "GET / HTTP/1.1\r\nHost: h\n\r\n"),
            (400, "\n"),
            (400, "\x16\x03\x01\x02"),
            (400, " GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        ];
        for (status, head) in rows {
            assert_eq!(read(head).unwrap_err().status(), status, "{head:?}");
        }
    }

    #[test]
    fn the_host_comes_from_the_target_or_the_field() {
        let rows = [
            ("GET / HTTP/1.1\r\nHost: example.org:2536\r\n\r\n", Some("example.org:2536")),
            ("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", Some("[::1]:80")),
            ("GET http://inner/ HTTP/1.1\r\nHost: outer\r\n\r\n", Some("inner")),
            ("GET / HTTP/1.1\r\nHost:\r\n\r\n", None),
            ("GET / HTTP/1.0\r\n\r\n", None),
        ];
        for (head, host) in rows {
            assert_eq!(read(head).unwrap().host.as_deref(), host, "{head:?}");
        }
    }

    #[test]
    fn a_length_is_digits_and_an_absurd_one_is_only_very_long() {
        let rows = [
            ("", 0),
            ("Content-Length: 0\r\n", 0),
            ("content-length: 0005\r\n", 5),
            ("Content-Length: 9223372036854775807\r\n", 9_223_372_036_854_775_807),
            ("Content-Length: 99999999999999999999999999\r\n", u64::MAX),
        ];
        for (rest, length) in rows {
            assert_eq!(get(rest).unwrap().length, length, "{rest:?}");
        }
    }

    #[test]
    fn a_connection_stays_open_as_its_version_says() {
        let rows = [
            ("1.1", "", true),
            ("1.1", "Connection: close\r\n", false),
            ("1.1", "Connection: Upgrade, Close\r\n", false),
            ("1.0", "", false),
            ("1.0", "Connection: Keep-Alive\r\n", true),
        ];
        for (version, rest, kept) in rows {
            let head = read(&format!("GET / HTTP/{version}\r\nHost: h\r\n{rest}\r\n")).unwrap();
            assert_eq!(head.keeps_alive(), kept, "{version} {rest:?}");
        }
    }

    #[test]
    fn the_end_is_found_however_the_bytes_arrive() {
        let head = b"GET / HTTP/1.1\r\nHost: h\r\n\r\nbody\r\n\r\n";
        let whole = end(head, 0).unwrap().unwrap();
        assert_eq!(&head[whole..], b"body\r\n\r\n");
        for cut in 0..whole {
            assert_eq!(end(&head[..cut], 0), Ok(None), "{cut}");
            assert_eq!(end(&head[..whole], cut), Ok(Some(whole)), "{cut}");
        }
    }

    #[test]
    fn bounds_are_refused_before_they_are_stored() {
        let long = format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(HEAD_BYTES));
        assert_eq!(end(long.as_bytes(), 0), Err(HeadError::TooLarge));
        assert_eq!(get(&"a: b\r\n".repeat(HEAD_FIELDS - 1)).map(|_| ()), Ok(()));
        assert_eq!(get(&"a: b\r\n".repeat(HEAD_FIELDS)), Err(HeadError::TooLarge));
    }

    #[test]
    fn bytes_that_are_not_text_do_not_end_the_program() {
        let head = b"GET /\xff HTTP/1.1\r\nHost: h\r\nX: \xff\xfe\r\n\r\n";
        assert!(parse(head).is_err() || parse(head).is_ok());
        let value = b"GET / HTTP/1.1\r\nHost: h\r\nX: caf\xe9\r\n\r\n";
        assert_eq!(parse(value).unwrap().headers.get("X"), Some("caf\u{fffd}"));
        for seed in 0..2000_u32 {
            let mut noise =
                b"POST /a%20b?c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n".to_vec();
            let at = seed as usize % noise.len();
            noise[at] = (seed.wrapping_mul(2_654_435_761) >> 24) as u8;
            if let Ok(Some(end)) = end(&noise, 0) {
                drop(parse(&noise[..end]));
            }
        }
    }
}
