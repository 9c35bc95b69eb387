//! Calls against sockets that answer, lie, stall and break; no error ever tells the token.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use super::*;
use crate::thread::{Handle, spawn};

const TOKEN: &str = "123456789:canary-CANARY-canary-CANARY-canary1";

/// Long enough that a test fails by its assertion, not by this.
const LONG: Duration = Duration::from_secs(60);

fn client(base: &str) -> Client {
    Client::new(base, Hidden::new(TOKEN.to_owned()))
}

/// What a server does with one connection after another.
type Answers = Vec<Box<dyn FnOnce(TcpStream) + Send>>;

/// A server that reads one request a connection, hands its head on, and does `answer`.
struct Server {
    base: String,
    heads: mpsc::Receiver<String>,
    _thread: Handle,
}

fn serve(answers: Answers) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (sender, heads) = mpsc::channel();
    let thread = spawn("answers", move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let head = read_request(&mut stream);
            sender.send(head).ok();
            answer(stream);
        }
    });
    Server { base, heads, _thread: thread.unwrap() }
}

/// Reads a head and the body its `content-length` announces.
fn read_request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        read.push(byte[0]);
    }
    let head = String::from_utf8(read).unwrap();
    let length = head.to_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length:").and_then(|value| value.trim().parse().ok())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

fn says(status: u16, body: impl Into<Vec<u8>>) -> Answers {
    let body = body.into();
    vec![Box::new(move |mut stream| {
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok();
        stream.write_all(&body).ok();
    })]
}

fn does(answer: impl FnOnce(TcpStream) + Send + 'static) -> Answers {
    vec![Box::new(answer)]
}

fn refused(code: u16, description: &str) -> ApiError {
    ApiError::Refused {
        code,
        description: description.to_owned(),
        retry_after: None,
        migrate_to_chat_id: None,
    }
}

#[test]
fn a_call_posts_json_to_the_method_and_gives_its_result() {
    let server = serve(says(200, r#"{"ok":true,"result":{"id":5},"description":"x"}"#));
    let result = client(&format!("{}/", server.base)).call("getMe", &json!({"a": "é"}), LONG);
    assert_eq!(result, Ok(json!({"id": 5})));
    let head = server.heads.recv().unwrap();
    assert!(head.starts_with(&format!("POST /bot{TOKEN}/getMe HTTP/1.1\r\n")), "{head}");
    assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
    assert!(head.ends_with(r#"{"a":"é"}"#), "{head}");
}

#[test]
fn every_failure_has_its_kind_and_none_tells_the_token() {
    let echo = format!(r#"{{"ok":false,"error_code":404,"description":"no bot {TOKEN} here"}}"#);
    let flood = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
    let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: moved","parameters":{"migrate_to_chat_id":-1005}}"#;
    let unauthorized = r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#;
    let cases: Vec<(Answers, ApiError)> = vec![
        (says(404, echo), refused(404, "no bot *** here")),
        (
            says(429, flood),
            ApiError::Refused {
                code: 429,
                description: "Too Many Requests: retry after 7".to_owned(),
                retry_after: Some(Duration::from_secs(7)),
                migrate_to_chat_id: None,
            },
        ),
        (
            says(400, moved),
            ApiError::Refused {
                code: 400,
                description: "Bad Request: moved".to_owned(),
                retry_after: None,
                migrate_to_chat_id: Some(ChatId(-1005)),
            },
        ),
        (says(401, unauthorized), ApiError::Unauthorized),
        (says(401, "<html>"), ApiError::Unauthorized),
        (says(502, "<html><h1>502 Bad Gateway</h1>"), ApiError::Malformed { status: 502 }),
        (says(301, ""), ApiError::Malformed { status: 301 }),
        (says(200, r#"{"ok":true,"resu"#), ApiError::Malformed { status: 200 }),
        (says(200, r#"{"ok":true}"#), ApiError::Malformed { status: 200 }),
        (says(200, "[]"), ApiError::Malformed { status: 200 }),
        (says(200, "[".repeat(100_000)), ApiError::Malformed { status: 200 }),
        (says(200, ""), ApiError::Malformed { status: 200 }),
        (
            says(200, vec![b' '; 1 + usize::try_from(ANSWER_MAX).unwrap()]),
            ApiError::TooLarge { limit: ANSWER_MAX },
        ),
        (does(drop), Trouble::Broken.into()),
        (
            does(|mut stream| {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"ok\":")
                    .unwrap();
            }),
            Trouble::Broken.into(),
        ),
        (
            does(|mut stream| stream.write_all(b"SSH-2.0\r\n\r\n").unwrap()),
            Trouble::Protocol.into(),
        ),
    ];
    for (answer, expect) in cases {
        let server = serve(answer);
        let error = client(&server.base).call("getMe", &json!({}), LONG).unwrap_err();
        assert_eq!(error, expect);
        assert_silent(&error);
    }
}

#[test]
fn addresses_that_lead_nowhere_have_their_own_words() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (base, expect) in [
        (format!("http://{free}"), Trouble::Connect),
        // No name has a label this long, so nobody is asked for it.
        (format!("http://{}.invalid", "a".repeat(80)), Trouble::Resolve),
        ("not a url".to_owned(), Trouble::Address),
        (String::new(), Trouble::Address),
        ("ftp://127.0.0.1".to_owned(), Trouble::Address),
    ] {
        let error = client(&base).call("getMe", &json!({}), LONG).unwrap_err();
        assert_eq!(error, expect.into(), "{base}");
        assert_silent(&error);
    }
}

#[test]
fn a_server_without_tls_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = format!("https://{}", listener.local_addr().unwrap());
    let _thread = spawn("plain", move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        stream.write_all(b"HTTP/1.1 400 no\r\n\r\n").unwrap();
    });
    let error = client(&plain).call("getMe", &json!({}), LONG).unwrap_err();
    assert_eq!(error, Trouble::Tls.into());
    assert_silent(&error);
}

#[test]
fn a_server_that_says_nothing_is_given_up_at_the_deadline() {
    let (release, held) = mpsc::channel::<()>();
    let server = serve(does(move |_stream| _ = held.recv()));
    let error =
        client(&server.base).call("getMe", &json!({}), Duration::from_millis(50)).unwrap_err();
    assert_eq!(error, Trouble::Deadline.into());
    assert_silent(&error);
    drop(release);
}

#[test]
fn abort_ends_a_long_poll_at_once_and_refuses_the_next() {
    let (release, held) = mpsc::channel::<()>();
    let server = serve(does(move |_stream| _ = held.recv()));
    let polling = client(&server.base);
    let stopper = polling.clone();
    let (sender, ended) = mpsc::channel();
    let poller = polling.clone();
    let _thread = spawn("poll", move || {
        let end = poller.get_updates(5, 100, Duration::from_secs(50), &["message"]).map(|_| ());
        sender.send(end).unwrap();
    });
    assert!(server.heads.recv().unwrap().contains(r#""offset":5"#));
    stopper.abort();
    assert_eq!(ended.recv_timeout(LONG), Ok(Err(ApiError::Aborted)));
    assert_eq!(polling.call("getMe", &json!({}), LONG), Err(ApiError::Aborted));
    let apart = polling.apart().call("getMe", &json!({}), Duration::from_millis(50));
    assert_ne!(apart, Err(ApiError::Aborted));
    drop(release);
}

#[test]
fn one_update_of_a_strange_kind_does_not_spoil_the_batch() {
    let deep = format!(r#"{{"update_id":9,"odd":{}{}}}"#, "[".repeat(3000), "]".repeat(3000));
    let batch = format!(
        r#"{{"ok":true,"result":[{{"update_id":7,"telepathy":{{}}}},{{"no":"id"}},5,{{"update_id":"8"}},{{"message":{{"text":"{}"}}, "update_id" : 3}},{deep}]}}"#,
        "\\ud83d\\ude00"
    );
    let server = serve(says(200, batch));
    let updates = client(&server.base).get_updates(0, 100, Duration::ZERO, &[]).unwrap();
    assert_eq!(updates.iter().map(|update| update.id).collect::<Vec<_>>(), [7, 3, 9]);
    assert_eq!(
        updates[1].json.get(),
        r#"{"message":{"text":"\ud83d\ude00"}, "update_id" : 3}"#,
        "kept byte for byte"
    );
    let asked = server.heads.recv().unwrap();
    assert!(!asked.contains("offset"), "{asked}");
}

#[test]
fn a_file_is_fetched_up_to_its_limit() {
    for (max, expect) in [(5, Ok(b"hello".to_vec())), (4, Err(ApiError::TooLarge { limit: 4 }))] {
        let server = serve(says(200, "hello"));
        assert_eq!(client(&server.base).download("photos/a b.jpg", max, LONG), expect);
        let head = server.heads.recv().unwrap();
        assert!(head.starts_with(&format!("GET /file/bot{TOKEN}/photos/a%20b.jpg ")), "{head}");
    }
    let gone = r#"{"ok":false,"error_code":404,"description":"Not Found"}"#;
    let server = serve(says(404, gone));
    assert_eq!(client(&server.base).download("x", 1, LONG), Err(refused(404, "Not Found")));
    assert_eq!(format!("{:?}", client("x")), "Client { token: ***, .. }");
}

fn assert_silent(error: &ApiError) {
    let said = format!("{error} {error:?}");
    assert!(!said.to_lowercase().contains("canary"), "{said}");
    assert!(!said.contains("/bot"), "{said}");
}
