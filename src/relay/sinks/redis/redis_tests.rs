use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

use super::*;
use crate::settings::broker::BrokerUrl;
use crate::thread::{Handle, spawn};

/// A server that answers each connection with these bytes, and gives what it heard.
fn server(answers: Vec<&'static str>) -> (u16, Handle, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (said, heard) = std::sync::mpsc::channel();
    let thread = spawn("server", move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            let mut bytes = Vec::new();
            // The sink hangs up, or the test has seen enough.
            drop(stream.read_to_end(&mut bytes));
            drop(said.send(String::from_utf8(bytes).unwrap()));
        }
    });
    (port, thread.unwrap(), heard)
}

fn sink(port: u16, login: &str, path: &str, way: RedisWay) -> Redis {
    let url = BrokerUrl::parse(&format!("redis://{login}127.0.0.1:{port}{path}")).unwrap();
    Redis::new(&relay::Redis { url, way }, &Stop::default())
}

fn record(update_id: i64, body: &[u8]) -> Record<'_> {
    Record {
        sequence: 1,
        update_id,
        kind: "message",
        chat: None,
        place: "",
        body,
        content_type: "application/json",
    }
}

fn list() -> RedisWay {
    RedisWay::List("queue".to_owned())
}

#[test]
fn a_batch_is_one_command_or_one_transaction() {
    let stream = RedisWay::Stream { name: "s".to_owned(), maxlen: Some(9) };
    for (way, answer, expected) in [
        (list(), ":2\r\n", "*4|$5|RPUSH|$5|queue|$2|{}|$3|{ }|"),
        (
            stream,
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\n1-0\r\n$3\r\n1-1\r\n",
            "*1|$5|MULTI|\
             *10|$4|XADD|$1|s|$6|MAXLEN|$1|~|$1|9|$1|*|$9|update_id|$1|7|$6|update|$2|{}|\
             *10|$4|XADD|$1|s|$6|MAXLEN|$1|~|$1|9|$1|*|$9|update_id|$1|8|$6|update|$3|{ }|\
             *1|$4|EXEC|",
        ),
        (
            RedisWay::Channel("c".to_owned()),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:0\r\n:3\r\n",
            "*1|$5|MULTI|*3|$7|PUBLISH|$1|c|$2|{}|*3|$7|PUBLISH|$1|c|$3|{ }|*1|$4|EXEC|",
        ),
    ] {
        let (port, _server, heard) = server(vec![answer]);
        let mut sink = sink(port, "", "", way);
        sink.deliver(&[record(7, b"{}"), record(8, b"{ }")]).unwrap();
        drop(sink);
        assert_eq!(heard.recv().unwrap().replace("\r\n", "|"), expected);
    }
}

#[test]
fn who_logs_in_and_which_database_comes_first() {
    for (login, path, answer, expected) in [
        (":p%40ss@", "/0", "+OK\r\n:1\r\n", "*2|$4|AUTH|$4|p@ss|"),
        ("ada:pass@", "/3", "+OK\r\n+OK\r\n:1\r\n", "*3|$4|AUTH|$3|ada|$4|pass|*2|$6|SELECT|$1|3|"),
    ] {
        let (port, _server, heard) = server(vec![answer]);
        let mut sink = sink(port, login, path, list());
        sink.deliver(&[record(7, b"{}")]).unwrap();
        drop(sink);
        let said = heard.recv().unwrap().replace("\r\n", "|");
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn an_error_of_the_server_is_told_without_what_we_sent() {
    let long = "-ERR unknown command 'RPUSH', with args beginning with: 'queue' '{\"text\":\"canary\"}'\r\n";
    for (answer, expected) in [
        ("-NOAUTH Authentication required.\r\n", "the server wants a password"),
        (
            "-LOADING Redis is loading the dataset in memory\r\n",
            "the server is still loading its data",
        ),
        (long, "the server says: unknown command"),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "the answer is no Redis"),
        ("", "the connection was closed"),
    ] {
        let (port, _server, _heard) = if answer.is_empty() {
            // Closed at once.
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let closes = spawn("closes", move || drop(listener.accept().unwrap()));
            (port, closes.unwrap(), std::sync::mpsc::channel().1)
        } else {
            server(vec![answer])
        };
        let trouble = sink(port, "", "", list()).deliver(&[record(7, b"{}")]).unwrap_err();
        assert_eq!(trouble, Trouble::again(0, expected), "{answer}");
    }
}

#[test]
fn a_connection_that_the_server_closed_is_made_again_at_once() {
    let (port, _server, heard) = server(vec![":1\r\n-GONE\r\n", ":1\r\n"]);
    let mut sink = sink(port, "", "", list());
    sink.deliver(&[record(7, b"{}")]).unwrap();
    sink.deliver(&[record(8, b"{}")]).unwrap();
    drop(sink);
    assert_eq!(heard.iter().take(2).count(), 2);
}
