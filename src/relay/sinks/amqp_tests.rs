use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Instant;

use super::*;
use crate::settings::broker::BrokerUrl;

fn sink(port: u16, stop: &Stop) -> Amqp {
    let settings = relay::Amqp {
        url: BrokerUrl::parse(&format!("amqp://127.0.0.1:{port}")).unwrap(),
        exchange: "telegram".to_owned(),
        routing_key: "{kind}".to_owned(),
        declare: true,
        persistent: true,
    };
    Amqp::new(&settings, stop)
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[test]
fn whoever_speaks_something_else_is_told_from_a_broker() {
    let (listener, port) = listener();
    let other = crate::thread::spawn("other", move || {
        let mut stream = listener.accept().unwrap().0;
        let mut header = [0; 8];
        stream.read_exact(&mut header).unwrap();
        assert_eq!(&header, b"AMQP\0\0\x09\x01");
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        // Until we are hung up on.
        drop(stream.read_to_end(&mut Vec::new()));
    });
    assert_eq!(
        sink(port, &Stop::default()).check(),
        Err(Cause::again("the answer is no AMQP 0.9.1"))
    );
    drop(other.unwrap());
}

#[test]
fn a_stop_ends_waiting_for_a_broker_that_hangs_and_the_clients_thread_ends_too() {
    let (listener, port) = listener();
    let stop = Stop::default();
    let mut sink = sink(port, &stop);
    let waits = crate::thread::spawn("connects", move || assert!(sink.check().is_err()));
    let (mut stream, _) = listener.accept().unwrap();
    let mut header = [0; 8];
    stream.read_exact(&mut header).unwrap();
    let before = Instant::now();
    stop.set();
    drop(waits.unwrap());
    assert!(before.elapsed() < PATIENCE);
    // The end of the connection, which only the client's thread held open.
    assert_eq!(stream.read(&mut header).unwrap(), 0);
    while threads().iter().any(|name| name.starts_with("lapin")) {
        std::thread::yield_now();
    }
}

/// The names of this process's threads.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok()).collect()
}
