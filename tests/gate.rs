//! The gate on real sockets: what it answers, what it refuses, and whom an attack hurts.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use roost::net::answer::Answer;
use roost::net::gate::{Gate, GateError};
use roost::net::head::Head;
use roost::net::limits::Limits;
use roost::net::request::{Guest, Reply, Request, Site};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Long enough for any machine; only a hang makes a test wait for it.
const PATIENCE: Duration = Duration::from_secs(60);

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
        drop(permit);
    });
    drop(thread.unwrap());
}

fn told(request: &Request) -> String {
    let Request { method, path, client, scheme, body, .. } = request;
    let host = request.host.as_deref().unwrap_or("-");
    format!("{method} {path} {client} {} {host} {}", scheme.as_str(), body.len())
}

fn open(limits: Limits) -> Gate {
    open_behind("", limits)
}

/// A gate that trusts the network `trusted`.
fn open_behind(trusted: &str, limits: Limits) -> Gate {
    let trusted: Vec<IpNet> = trusted.split_whitespace().map(|n| n.parse().unwrap()).collect();
    Gate::open("127.0.0.1:0".parse().unwrap(), limits, trusted, Arc::new(Echo)).unwrap()
}

/// Many connections, short deadlines: an attack is over in half a second.
fn quick() -> Limits {
    let short = Duration::from_millis(500);
    Limits {
        per_address: 1000,
        head: short,
        body: short,
        idle: PATIENCE,
        write: short,
        linger: short,
        ..Limits::default()
    }
}

struct Client(BufReader<TcpStream>);

#[derive(Debug)]
struct Seen {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Client {
    fn new(gate: &Gate) -> Self {
        Self::to(gate.address())
    }

    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.get_ref().write_all(bytes.as_ref()).unwrap();
        self
    }

    /// Sends what the other side may no longer want to hear.
    fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.0.get_ref().write_all(bytes.as_ref());
        self
    }

    fn ask(&mut self, path: &str) -> Seen {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n")).answer()
    }

    fn answer(&mut self) -> Seen {
        let head = self.head();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        Seen { status: head[9..12].parse().unwrap(), head, body }
    }

    fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "closed after {head:?}");
        }
        head
    }

    /// Reads to the end, however it comes.
    fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("hangs: {error}"),
            _ => rest,
        }
    }
}

impl Seen {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
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
fn one_connection_carries_many_requests() {
    let gate = open(Limits::default());
    let mut client = Client::new(&gate);
    for number in 0..100 {
        let seen = client.ask(&format!("/{number}?q"));
        assert_eq!(seen.text(), format!("GET /{number} 127.0.0.1 http h 0"));
        assert!(!seen.head.contains("Connection"), "{}", seen.head);
    }
}

#[test]
fn every_answer_carries_the_security_headers() {
    let gate = open(Limits::default());
    let good = Client::new(&gate).ask("/");
    let refused = Client::new(&gate).send("GET / HTTP/2.0\r\n\r\n").answer();
    for seen in [good, refused] {
        for line in [
            "X-Content-Type-Options: nosniff\r\n",
            "Referrer-Policy: no-referrer\r\n",
            "script-src 'self' https://telegram.org;",
            "Server: roost\r\n",
        ] {
            assert!(seen.head.contains(line), "{line} is missing in {}", seen.head);
        }
    }
}

#[test]
fn a_head_request_gets_the_length_and_no_body() {
    let gate = open(Limits::default());
    let mut client = Client::new(&gate);
    let head = client.send("HEAD /ten HTTP/1.1\r\nHost: h\r\n\r\n").head();
    assert!(head.contains("Content-Length: 10000\r\n"), "{head}");
    assert_eq!(client.ask("/next").text(), "GET /next 127.0.0.1 http h 0");
}

#[test]
fn a_body_arrives_whole_however_it_is_cut() {
    let gate = open(Limits::default());
    let mut client = Client::new(&gate);
    let body = vec![b'b'; 90_000];
    for cut in [1, 7, 4096, 90_000] {
        client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Le");
        client.send("ngth: 90000\r\n\r\n");
        for piece in body.chunks(cut.max(900)) {
            client.send(piece);
        }
        assert_eq!(client.answer().text(), "POST /p 127.0.0.1 http h 90000");
    }
}

#[test]
fn a_head_arrives_byte_by_byte() {
    let gate = open(Limits::default());
    let mut client = Client::new(&gate);
    for byte in b"\r\nGET /slow HTTP/1.1\r\nHost: h\r\n\r\n" {
        client.send([*byte]);
    }
    assert_eq!(client.answer().text(), "GET /slow 127.0.0.1 http h 0");
    let long = "l".repeat(12_000);
    let seen = client.send(format!("GET /{long} HTTP/1.1\r\nHost: h\r\n\r\n")).answer();
    assert_eq!(seen.text(), format!("GET /{long} 127.0.0.1 http h 0"));
}

#[test]
fn requests_in_one_piece_are_answered_in_order() {
    let gate = open(Limits::default());
    let mut client = Client::new(&gate);
    client.send(
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n\
         POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc\
         GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    for told in ["GET /1", "POST /2", "GET /3"] {
        assert!(client.answer().text().starts_with(told));
    }
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on() {
    let gate = open(Limits::default());
    let mut client = Client::new(&gate);
    let head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: ";
    assert_eq!(client.send(format!("{head}5\r\n\r\n")).head(), "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(client.send("12345").answer().text().ends_with(" 5"));
    let refused = client.send(format!("{head}100001\r\n\r\n")).answer();
    assert_eq!(refused.status, 413, "before the body is sent");
}

#[test]
fn a_connection_closes_when_the_client_wants_it() {
    let gate = open(Limits::default());
    let rows = [
        ("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "Connection: close\r\n"),
        ("GET / HTTP/1.0\r\n\r\n", "Connection: close\r\n"),
    ];
    for (request, line) in rows {
        let mut client = Client::new(&gate);
        let seen = client.send(request).answer();
        assert!(seen.head.contains(line), "{}", seen.head);
        assert_eq!(client.rest(), b"");
    }
    let mut old = Client::new(&gate);
    for _ in 0..2 {
        let seen = old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer();
        assert!(seen.head.contains("Connection: keep-alive\r\n"), "{}", seen.head);
    }
}

#[test]
fn what_cannot_be_understood_is_refused_and_the_connection_closed() {
    let gate = open(quick());
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

#[test]
fn a_header_line_without_end_is_refused_before_it_is_stored() {
    let gate = open(quick());
    let mut client = Client::new(&gate);
    client.send("GET / HTTP/1.1\r\nX: ");
    let megabyte = vec![b'a'; 1 << 20];
    let sent = (0..200).take_while(|_| client.0.get_ref().write_all(&megabyte).is_ok()).count();
    assert!(sent < 200, "everything was read");
    assert!(Client::new(&gate).ask("/").status == 200);
    let mut small = Client::new(&gate);
    assert_eq!(
        small.send(["GET / HTTP/1.1\r\nX: ", &"a".repeat(17_000)].concat()).answer().status,
        431
    );
}

#[test]
fn a_body_over_the_limit_is_refused_while_the_client_still_sends() {
    let gate = open(quick());
    let mut client = Client::new(&gate);
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
    client.try_send(vec![b'b'; 4_000_000]);
    let seen = client.answer();
    assert_eq!((seen.status, seen.text()), (413, "{\"detail\":\"the body is over 100000 bytes\"}"));
    assert_eq!(client.rest(), b"");
}

#[test]
fn connections_that_drip_are_closed_and_the_others_served() {
    let gate = open(quick());
    let mut healthy = Client::new(&gate);
    healthy.ask("/");
    let starts = ["", "GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nb"];
    let mut dripping: Vec<_> = (0..200).map(|_| Client::new(&gate)).collect();
    for (client, start) in dripping.iter_mut().zip(starts.iter().cycle()) {
        client.send(start);
    }
    for (client, start) in dripping.iter_mut().zip(starts.iter().cycle()) {
        client.try_send(if start.is_empty() { "" } else { "x" });
        assert_eq!(healthy.ask("/ten").body.len(), 10_000);
        let rest = String::from_utf8(client.rest()).unwrap();
        let expected = if start.is_empty() { "" } else { "HTTP/1.1 408 " };
        assert!(rest.starts_with(expected) && rest.is_empty() == start.is_empty(), "{rest}");
    }
}

#[test]
fn a_client_that_never_reads_its_answers_hurts_only_itself() {
    let gate = open(quick());
    let mut healthy = Client::new(&gate);
    let greedy = TcpStream::connect(gate.address()).unwrap();
    greedy.set_write_timeout(Some(PATIENCE)).unwrap();
    let requests = "GET /ten HTTP/1.1\r\nHost: h\r\n\r\n".repeat(1_000);
    // 20,000 requests, of which the buffers hold a thousand answers.
    for _ in 0..20 {
        let _ = (&greedy).write_all(requests.as_bytes());
        assert_eq!(healthy.ask("/ten").body.len(), 10_000);
    }
    // A reset shows on the socket although nothing is read from it.
    let limit = Timespec::try_from(PATIENCE).unwrap();
    let ended = poll(&mut [PollFd::new(&greedy, PollFlags::empty())], Some(&limit)).unwrap();
    assert_eq!(ended, 1, "its connection is still open");
    assert_eq!(healthy.ask("/ten").body.len(), 10_000);
}

#[test]
fn one_long_answer_nobody_reads_is_given_up() {
    let gate = open(Limits { connections: 1, ..quick() });
    let mut stuck = Client::new(&gate);
    stuck.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n".repeat(8));
    let mut seen = Client::new(&gate).try_send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").answer();
    while seen.status == 503 {
        seen = Client::new(&gate).try_send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").answer();
    }
    assert_eq!(seen.status, 200, "its place is free again");
}

#[test]
fn thirty_two_connections_are_served_side_by_side() {
    let gate = open(Limits::default());
    let mut clients: Vec<_> = (0..32).map(|_| Client::new(&gate)).collect();
    for _ in 0..10 {
        for client in &mut clients {
            client.send("GET /ten HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        assert!(clients.iter_mut().all(|client| client.answer().body.len() == 10_000));
    }
}

#[test]
fn too_many_connections_get_503_until_one_ends() {
    for limits in [Limits { connections: 3, ..quick() }, Limits { per_address: 3, ..quick() }] {
        let gate = open(limits);
        let mut inside: Vec<_> = (0..3).map(|_| Client::new(&gate)).collect();
        assert!(inside.iter_mut().all(|client| client.ask("/").status == 200));
        let mut outside = Client::new(&gate);
        let seen = outside.try_send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").answer();
        assert_eq!(seen.status, 503);
        assert!(seen.head.contains("Retry-After: 5\r\n"), "{}", seen.head);
        assert_eq!(outside.rest(), b"");
        let mut leaving = inside.pop().unwrap();
        leaving.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").answer();
        assert!(leaving.rest().is_empty());
        while Client::new(&gate).try_send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").answer().status
            == 503
        {}
    }
}

#[test]
fn behind_a_trusted_proxy_the_forwarded_address_counts() {
    let gate = open_behind("127.0.0.0/8", Limits { per_address: 2, ..quick() });
    let ask = |client: &mut Client, from: &str| {
        client
            .try_send(format!(
                "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: {from}\r\nX-Forwarded-Proto: https\r\n\r\n"
            ))
            .answer()
    };
    let mut clients: Vec<_> = (0..6).map(|_| Client::new(&gate)).collect();
    for client in &mut clients[..2] {
        assert_eq!(ask(client, "6.6.6.6, 192.0.2.1").text(), "GET / 192.0.2.1 https h 0");
    }
    assert_eq!(ask(&mut clients[2], "192.0.2.1").status, 503);
    assert_eq!(ask(&mut clients[3], "192.0.2.2").status, 200);
    assert_eq!(ask(&mut clients[0], "192.0.2.3").status, 200, "one connection, another client");
    assert_eq!(ask(&mut clients[4], "192.0.2.1").status, 200);
    assert_eq!(ask(&mut clients[5], "192.0.2.1").status, 503);
}

#[test]
fn forwarding_headers_of_strangers_are_not_believed() {
    let gate = open_behind("192.0.2.0/24", Limits::default());
    let request = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\n\
                   X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\n\r\n";
    assert_eq!(Client::new(&gate).send(request).answer().text(), "GET / 127.0.0.1 http h 0");
}

#[test]
fn a_silent_connection_is_closed_after_the_idle_limit() {
    let gate = open(Limits { idle: Duration::from_millis(100), ..quick() });
    let mut client = Client::new(&gate);
    assert_eq!(client.ask("/").status, 200);
    assert_eq!(client.rest(), b"", "no answer to a question nobody asked");
}

#[test]
fn a_panic_costs_one_request() {
    let gate = open(quick());
    let post = "POST /panic-limit HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
    for request in ["GET /panic HTTP/1.1\r\nHost: h\r\n\r\n", post] {
        let mut client = Client::new(&gate);
        assert_eq!(client.send(request).answer().status, 500);
        assert_eq!(client.rest(), b"");
    }
    assert_eq!(Client::new(&gate).send("GET /take-panic HTTP/1.1\r\nHost: h\r\n\r\n").rest(), b"");
    assert_eq!(Client::new(&gate).ask("/").status, 200);
}

#[test]
fn a_socket_that_is_handed_over_keeps_its_bytes_and_its_place() {
    let gate = open(Limits { connections: 1, ..quick() });
    let mut guest = Client::new(&gate);
    guest.send("GET /take HTTP/1.1\r\nHost: h\r\n\r\nframes behind the head");
    let mut back = [0; 28];
    guest.0.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"taken:frames behind the head");
    let refused = Client::new(&gate).try_send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").answer();
    assert_eq!(refused.status, 503, "it still counts");
    guest.0.get_ref().shutdown(Shutdown::Write).unwrap();
    assert_eq!(guest.rest(), b"");
    while Client::new(&gate).try_send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").answer().status == 503 {}
}

#[test]
fn a_gate_that_stops_ends_idle_connections_and_gives_the_port_back() {
    let gate = open(quick());
    let address = gate.address();
    let mut idle = Client::new(&gate);
    idle.ask("/");
    assert_eq!(gate.close(PATIENCE), 0, "connections are left");
    assert_eq!(idle.rest(), b"");
    assert!(TcpStream::connect(address).is_err());
    let again = Gate::open(address, quick(), Vec::new(), Arc::new(Echo)).unwrap();
    assert_eq!(Client::new(&again).ask("/").status, 200);
}

#[test]
fn a_port_in_use_is_an_error_that_says_what_to_do() {
    let gate = open(quick());
    let error = Gate::open(gate.address(), quick(), Vec::new(), Arc::new(Echo)).unwrap_err();
    assert!(matches!(error, GateError::Listen(..)));
    assert!(error.to_string().ends_with("; set another `port`"), "{error}");
}

#[test]
fn exhausted_descriptors_are_survived_and_forgotten() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    if !alone("exhausted_descriptors_are_survived_and_forgotten") {
        return;
    }
    let gate = open(quick());
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
