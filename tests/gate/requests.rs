//! What the gate answers, with TLS and without.

use std::net::TcpStream;
use std::sync::Arc;

use roost::net::gate::{Gate, GateError};
use roost::net::limits::Limits;

use super::client::{Client, is_turned_away};
use super::{BRIEF, Echo, Over, PATIENCE, both, roomy};

both!(
    one_connection_carries_many_requests,
    every_answer_carries_the_security_headers,
    a_head_request_gets_the_length_and_no_body,
    a_body_arrives_whole_however_it_is_cut,
    a_head_arrives_byte_by_byte,
    requests_in_one_piece_are_answered_in_order,
    a_client_that_asks_first_is_told_to_go_on,
    a_connection_closes_when_the_client_wants_it,
    thirty_two_connections_are_served_side_by_side,
    behind_a_trusted_proxy_the_forwarded_address_counts,
    forwarding_headers_of_strangers_are_not_believed,
    a_silent_connection_is_closed_after_the_idle_limit,
    a_panic_costs_one_request,
    a_socket_that_is_handed_over_keeps_its_bytes_and_its_place,
    a_gate_that_stops_ends_idle_connections_and_gives_the_port_back,
);

fn one_connection_carries_many_requests(over: Over) {
    let gate = over.open(Limits::default());
    let mut client = Client::new(&gate);
    for number in 0..100 {
        let seen = client.ask(&format!("/{number}?q"));
        assert_eq!(seen.text(), format!("GET /{number} 127.0.0.1 {} h 0", over.scheme()));
        assert!(!seen.head.contains("Connection"), "{}", seen.head);
    }
}

fn every_answer_carries_the_security_headers(over: Over) {
    let gate = over.open(Limits::default());
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

fn a_head_request_gets_the_length_and_no_body(over: Over) {
    let gate = over.open(Limits::default());
    let mut client = Client::new(&gate);
    let head = client.send("HEAD /ten HTTP/1.1\r\nHost: h\r\n\r\n").head();
    assert!(head.contains("Content-Length: 10000\r\n"), "{head}");
    assert_eq!(client.ask("/next").text(), format!("GET /next 127.0.0.1 {} h 0", over.scheme()));
}

fn a_body_arrives_whole_however_it_is_cut(over: Over) {
    let gate = over.open(Limits::default());
    let mut client = Client::new(&gate);
    let body = vec![b'b'; 90_000];
    for cut in [1, 7, 4096, 90_000] {
        client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Le");
        client.send("ngth: 90000\r\n\r\n");
        for piece in body.chunks(cut.max(900)) {
            client.send(piece);
        }
        assert_eq!(client.answer().text(), format!("POST /p 127.0.0.1 {} h 90000", over.scheme()));
    }
}

fn a_head_arrives_byte_by_byte(over: Over) {
    let gate = over.open(Limits::default());
    let mut client = Client::new(&gate);
    for byte in b"\r\nGET /slow HTTP/1.1\r\nHost: h\r\n\r\n" {
        client.send([*byte]);
    }
    assert_eq!(client.answer().text(), format!("GET /slow 127.0.0.1 {} h 0", over.scheme()));
    let long = "l".repeat(12_000);
    let seen = client.send(format!("GET /{long} HTTP/1.1\r\nHost: h\r\n\r\n")).answer();
    assert_eq!(seen.text(), format!("GET /{long} 127.0.0.1 {} h 0", over.scheme()));
}

fn requests_in_one_piece_are_answered_in_order(over: Over) {
    let gate = over.open(Limits::default());
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

fn a_client_that_asks_first_is_told_to_go_on(over: Over) {
    let gate = over.open(Limits::default());
    let mut client = Client::new(&gate);
    let head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: ";
    assert_eq!(client.send(format!("{head}5\r\n\r\n")).head(), "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(client.send("12345").answer().text().ends_with(" 5"));
    let refused = client.send(format!("{head}100001\r\n\r\n")).answer();
    assert_eq!(refused.status, 413, "before the body is sent");
}

fn a_connection_closes_when_the_client_wants_it(over: Over) {
    let gate = over.open(Limits::default());
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

fn thirty_two_connections_are_served_side_by_side(over: Over) {
    let gate = over.open(Limits::default());
    let mut clients: Vec<_> = (0..32).map(|_| Client::new(&gate)).collect();
    for _ in 0..10 {
        for client in &mut clients {
            client.send("GET /ten HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        assert!(clients.iter_mut().all(|client| client.answer().body.len() == 10_000));
    }
}

fn behind_a_trusted_proxy_the_forwarded_address_counts(over: Over) {
    let gate = over.open_behind("127.0.0.0/8", Limits { per_address: 2, ..roomy() });
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

fn forwarding_headers_of_strangers_are_not_believed(over: Over) {
    let gate = over.open_behind("192.0.2.0/24", Limits::default());
    let request = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\n\
                   X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\n\r\n";
    assert_eq!(
        Client::new(&gate).send(request).answer().text(),
        format!("GET / 127.0.0.1 {} h 0", over.scheme())
    );
}

fn a_silent_connection_is_closed_after_the_idle_limit(over: Over) {
    let gate = over.open(Limits { idle: BRIEF, ..roomy() });
    let mut client = Client::new(&gate);
    assert_eq!(client.ask("/").status, 200);
    assert_eq!(client.rest(), b"", "no answer to a question nobody asked");
}

fn a_panic_costs_one_request(over: Over) {
    let gate = over.open(roomy());
    let post = "POST /panic-limit HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
    for request in ["GET /panic HTTP/1.1\r\nHost: h\r\n\r\n", post] {
        let mut client = Client::new(&gate);
        assert_eq!(client.send(request).answer().status, 500);
        assert_eq!(client.rest(), b"");
    }
    assert_eq!(Client::new(&gate).send("GET /take-panic HTTP/1.1\r\nHost: h\r\n\r\n").rest(), b"");
    assert_eq!(Client::new(&gate).ask("/").status, 200);
}

fn a_socket_that_is_handed_over_keeps_its_bytes_and_its_place(over: Over) {
    let gate = over.open(Limits { connections: 1, ..roomy() });
    let mut guest = Client::new(&gate);
    guest.send("GET /take HTTP/1.1\r\nHost: h\r\n\r\nframes behind the head");
    assert_eq!(guest.exactly(28), b"taken:frames behind the head");
    assert!(is_turned_away(&gate), "it still counts");
    guest.finish();
    assert_eq!(guest.rest(), b"");
    while is_turned_away(&gate) {}
}

fn a_gate_that_stops_ends_idle_connections_and_gives_the_port_back(over: Over) {
    let gate = over.open(roomy());
    let address = gate.address();
    let mut idle = Client::new(&gate);
    idle.ask("/");
    assert_eq!(gate.close(PATIENCE), 0, "connections are left");
    assert_eq!(idle.rest(), b"");
    assert!(TcpStream::connect(address).is_err());
    let again = Gate::open(address, roomy(), Vec::new(), Arc::new(Echo)).unwrap();
    assert_eq!(Client::new(&again).ask("/").status, 200);
}

#[test]
fn a_port_in_use_is_an_error_that_says_what_to_do() {
    let gate = Over::Tcp.open(roomy());
    let error = Gate::open(gate.address(), roomy(), Vec::new(), Arc::new(Echo)).unwrap_err();
    assert!(matches!(error, GateError::Listen(..)));
    assert!(error.to_string().ends_with("; set another `port`"), "{error}");
}
