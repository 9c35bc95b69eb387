//! What the gate refuses, and whom an attack hurts, with TLS and without.

use std::process::Command;

use roost::net::limits::Limits;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::client::{Client, is_turned_away};
use super::{BRIEF, Over, PATIENCE, both, roomy};

both!(
    a_client_that_never_reads_its_answers_hurts_only_itself,
    too_many_connections_get_503_until_one_ends,
    what_cannot_be_understood_is_refused_and_the_connection_closed,
    a_header_line_without_end_is_refused_before_it_is_stored,
    a_body_over_the_limit_is_refused_while_the_client_still_sends,
    connections_that_drip_are_closed_and_the_others_served,
    one_long_answer_nobody_reads_is_given_up,
);

fn what_cannot_be_understood_is_refused_and_the_connection_closed(over: Over) {
    let gate = over.open(roomy());
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    let rows = [
        (505, "GET / HTTP/2.0\r\n\r\n".to_owned()),
        (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        (400, "GET / HTTP/1.1\nHost: h\n\n".to_owned()),
        (400, "\x16\x03\x01\x02\x00\x01\x00".to_owned()),
        (400, "GET / HTTP/1.1\r\n\r\n".to_owned()),
        (
            413,
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775807\r\n\r\n".to_owned(),
        ),
        (
            413,
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n".to_owned(),
        ),
        (
            400,
            format!(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 36\r\n\r\n{smuggled}"
            ),
        ),
        (400, format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\n{smuggled}")),
        (400, format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n{smuggled}")),
        (
            411,
            format!(
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n{smuggled}"
            ),
        ),
        (
            411,
            format!(
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
            ),
        ),
        (431, format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "a: b\r\n".repeat(65))),
        (431, format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "a: b\r\n".repeat(2_000_000))),
    ];
    for (status, request) in rows {
        let mut client = Client::new(&gate);
        let seen = client.try_send(&request).answer();
        let start = &request[..request.len().min(120)];
        assert_eq!(seen.status, status, "{start:?}");
        assert!(seen.head.contains("Connection: close\r\n"), "{start:?}");
        assert!(seen.text().starts_with("{\"detail\":\""), "{start:?}");
        assert_eq!(client.rest(), b"", "{start:?}: the rest must not be a second request");
    }
}

fn a_header_line_without_end_is_refused_before_it_is_stored(over: Over) {
    let gate = over.open(roomy());
    let mut client = Client::new(&gate);
    client.send("GET / HTTP/1.1\r\nX: ");
    let megabyte = vec![b'a'; 1 << 20];
    let sent = (0..200).take_while(|_| client.sends(&megabyte).is_ok()).count();
    assert!(sent < 200, "everything was read");
    assert!(Client::new(&gate).ask("/").status == 200);
    let mut small = Client::new(&gate);
    assert_eq!(
        small.send(["GET / HTTP/1.1\r\nX: ", &"a".repeat(17_000)].concat()).answer().status,
        431
    );
}

fn a_body_over_the_limit_is_refused_while_the_client_still_sends(over: Over) {
    let gate = over.open(roomy());
    let mut client = Client::new(&gate);
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
    client.try_send(vec![b'b'; 4_000_000]);
    let seen = client.answer();
    assert_eq!((seen.status, seen.text()), (413, "{\"detail\":\"the body is over 100000 bytes\"}"));
    assert_eq!(client.rest(), b"");
}

fn connections_that_drip_are_closed_and_the_others_served(over: Over) {
    let gate = over.open(Limits { head: 2 * BRIEF, body: 2 * BRIEF, ..roomy() });
    let mut healthy = Client::new(&gate);
    healthy.ask("/");
    let starts = ["", "GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nb"];
    let drip = |start: &&'static str| {
        let mut client = Client::new(&gate);
        client.send(start);
        (client, *start)
    };
    let dripping: Vec<_> = starts.iter().cycle().take(200).map(drip).collect();
    for (mut client, start) in dripping {
        client.try_send(if start.is_empty() { "" } else { "x" });
        assert_eq!(healthy.ask("/ten").body.len(), 10_000);
        let rest = String::from_utf8(client.rest()).unwrap();
        let told = rest.starts_with("HTTP/1.1 408 ");
        assert!(if start.is_empty() { rest.is_empty() } else { told }, "{start:?}: {rest}");
    }
}

fn one_long_answer_nobody_reads_is_given_up(over: Over) {
    let gate = over.open(Limits { connections: 1, write: BRIEF, ..roomy() });
    let mut stuck = Client::new(&gate);
    stuck.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n".repeat(8));
    // Until its place is free again.
    while is_turned_away(&gate) {}
}

fn a_client_that_never_reads_its_answers_hurts_only_itself(over: Over) {
    let gate = over.open(Limits { write: BRIEF, ..roomy() });
    let mut healthy = Client::new(&gate);
    let mut greedy = Client::new(&gate);
    let requests = "GET /ten HTTP/1.1\r\nHost: h\r\n\r\n".repeat(1_000);
    // 20,000 requests, of which the buffers hold a thousand answers.
    for _ in 0..20 {
        greedy.try_send(&requests);
        assert_eq!(healthy.ask("/ten").body.len(), 10_000);
    }
    // A reset shows on the socket although nothing is read from it.
    let limit = Timespec::try_from(PATIENCE).unwrap();
    let ended =
        poll(&mut [PollFd::new(greedy.socket(), PollFlags::empty())], Some(&limit)).unwrap();
    assert_eq!(ended, 1, "its connection is still open");
    assert_eq!(healthy.ask("/ten").body.len(), 10_000);
}

fn too_many_connections_get_503_until_one_ends(over: Over) {
    for limits in [Limits { connections: 3, ..roomy() }, Limits { per_address: 3, ..roomy() }] {
        let gate = over.open(limits);
        let mut inside: Vec<_> = (0..3).map(|_| Client::new(&gate)).collect();
        assert!(inside.iter_mut().all(|client| client.ask("/").status == 200));
        assert!(is_turned_away(&gate));
        let mut leaving = inside.pop().unwrap();
        leaving.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").answer();
        assert!(leaving.rest().is_empty());
        while is_turned_away(&gate) {}
    }
}

/// Runs this test again in a process of its own, if it is not there yet: it spoils its process.
fn alone(test: &str) -> bool {
    if std::env::var_os("ROOST_TEST_ALONE").is_some() {
        return true;
    }
    let this = std::env::current_exe().unwrap();
    let child = Command::new(this)
        .args(["--exact", test, "--nocapture"])
        .env("ROOST_TEST_ALONE", "1")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"), "`{test}` did not run");
    false
}

#[test]
fn exhausted_descriptors_are_survived_and_forgotten() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    if !alone("attacks::exhausted_descriptors_are_survived_and_forgotten") {
        return;
    }
    let gate = Over::Tcp.open(roomy());
    let mut healthy = Client::new(&gate);
    healthy.ask("/");
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: Some(64) }).unwrap();
    // Kept, since a connection that ends frees the gate's descriptor at a moment of its own.
    let mut recovered = Vec::new();
    for _ in 0..3 {
        let mut hogs = Vec::new();
        while let Ok(hog) = std::fs::File::open("/dev/null") {
            hogs.push(hog);
        }
        for _ in 0..20 {
            // One descriptor for our own end; the gate finds none for its end.
            drop(hogs.pop());
            let mut refused = Client::new(&gate);
            assert!(refused.rest().starts_with(b"HTTP/1.1 503 "));
            drop(refused);
            hogs.push(std::fs::File::open("/dev/null").unwrap());
            assert_eq!(healthy.ask("/").status, 200);
        }
        drop(hogs);
        recovered.push(Client::new(&gate));
        assert!(recovered.iter_mut().all(|client| client.ask("/").status == 200), "at once");
    }
}
