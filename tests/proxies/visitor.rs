//! A visitor: a connection from an address of one's own, over TLS.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::sync::Arc;

use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use crate::support::{Line, PATIENCE};

/// TLS to `port`, from the loopback address `from`.
pub fn line(from: &str, port: u16, trust: &Arc<ClientConfig>) -> Line {
    let from: Ipv4Addr = from.parse().expect("an address");
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    bind(&socket, &SocketAddr::from((from, 0))).expect("a loopback address");
    connect(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).expect("the proxy listens");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_nodelay(true).expect("no delay");
    let name = ServerName::try_from("bot.example.org").expect("a name");
    let connection = ClientConnection::new(Arc::clone(trust), name).expect("a client");
    Line::Tls(Box::new(StreamOwned::new(connection, stream)))
}

/// Sends `head` and `body`; status, head and body of the answer, which ends with the connection.
pub fn ask(mut line: Line, head: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    line.write_all(head.as_bytes()).and_then(|()| line.write_all(body)).expect("sent");
    line.flush().expect("sent");
    let mut answer = Vec::new();
    // Not everybody says goodbye in TLS.
    let read = line.read_to_end(&mut answer);
    let end = end_of_head(&answer).unwrap_or_else(|| panic!("no answer: {read:?}, {answer:?}"));
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    (status(&answer), head, answer[end..].to_vec())
}

/// Sends `head`; the status of the answer, as soon as its own head is there.
pub fn knock(mut line: Line, head: &str) -> u16 {
    line.write_all(head.as_bytes()).and_then(|()| line.flush()).expect("sent");
    let mut answer = Vec::new();
    while end_of_head(&answer).is_none() {
        let mut some = [0; 1024];
        let count = line.read(&mut some).expect("an answer");
        assert_ne!(count, 0, "no answer: {answer:?}");
        answer.extend_from_slice(&some[..count]);
    }
    status(&answer)
}

fn end_of_head(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn status(answer: &[u8]) -> u16 {
    std::str::from_utf8(&answer[9..12]).expect("digits").parse().expect("a status")
}
