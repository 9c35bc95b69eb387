//! TLS itself: certificates that change, handshakes that do not come to an end, and how one ends.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::Arc;

use roost::net::gate::{Gate, Rules, listen};
use roost::net::limits::Limits;
use roost::net::tls::{Source, Tls};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;

use super::client::{CERTIFICATE, Client, connect, trusting};
use super::{BRIEF, Echo, Over, roomy};

/// What a client says first.
fn hello() -> Vec<u8> {
    let config = Arc::new(trusting(&CERTIFICATE.1.leaf().der));
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut connection = ClientConnection::new(config, name).unwrap();
    let mut bytes = Vec::new();
    connection.write_tls(&mut bytes).unwrap();
    bytes
}

/// Everything until the end, however it comes.
fn end_of(mut stream: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("hangs: {error}"),
        _ => rest,
    }
}

fn speaking(version: &'static SupportedProtocolVersion) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CERTIFICATE.1.leaf().der.into()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Files as an operator has them, and what is in them.
struct Files {
    folder: TempDir,
    certificate: Vec<u8>,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = put(folder.path());
        Self { folder, certificate }
    }

    fn source(&self) -> Source {
        let [certificate, key] = ["cert.pem", "key.pem"].map(|name| self.folder.path().join(name));
        Source::Files { certificate, key }
    }

    /// Another certificate in their place.
    fn renew(&mut self) {
        self.certificate = put(self.folder.path());
    }

    fn trust(&self) -> Arc<ClientConfig> {
        Arc::new(trusting(&self.certificate))
    }
}

/// A fresh pair in `folder`; the certificate.
fn put(folder: &Path) -> Vec<u8> {
    let file = folder.join("made.pem");
    let source = Source::SelfSigned { file: file.clone(), host: "127.0.0.1".to_owned() };
    let leaf = Tls::open(source).unwrap().leaf();
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(file).unwrap();
    let (certificate, key) = text.split_at(text.find("-----BEGIN PRIVATE").unwrap());
    fs::write(folder.join("cert.pem"), certificate).unwrap();
    fs::write(folder.join("key.pem"), key).unwrap();
    leaf.der
}

fn gate_of(tls: Tls) -> Gate {
    let rules = Rules { limits: roomy(), tls: Some(Arc::new(tls)), ..Rules::default() };
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    Gate::on(listener, rules, Arc::new(Echo)).unwrap()
}

#[test]
fn a_certificate_is_replaced_while_serving() {
    let mut files = Files::new();
    let gate = gate_of(Tls::open(files.source()).unwrap());
    let (old, mut before) = (files.trust(), Client::with(&gate, files.trust()));
    assert_eq!(before.ask("/").status, 200);
    files.renew();
    assert_eq!(Client::with(&gate, files.trust()).ask("/").status, 200);
    let refused = Client::try_with(&gate, Arc::clone(&old)).err().expect("it does not trust it");
    assert!(refused.to_string().contains("certificate"), "{refused}");
    assert_eq!(before.ask("/").status, 200, "who is connected stays");
    fs::write(files.folder.path().join("cert.pem"), "half a certifi").unwrap();
    assert_eq!(Client::with(&gate, files.trust()).ask("/").status, 200, "the last good one stays");
    files.renew();
    assert_eq!(Client::with(&gate, files.trust()).ask("/").status, 200);
}

#[test]
fn both_versions_of_tls_are_spoken_and_http_1_alone() {
    let gate = Over::Tls.open(Limits::default());
    for version in [&TLS12, &TLS13] {
        let mut config = speaking(version);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let config = Arc::new(config);
        // The second takes up the session of the first.
        for _ in 0..2 {
            let mut client = Client::with(&gate, Arc::clone(&config));
            assert_eq!(client.tls().alpn_protocol(), Some(&b"http/1.1"[..]));
            assert_eq!(client.ask("/").text(), "GET / 127.0.0.1 https h 0");
            assert_eq!(client.tls().protocol_version(), Some(version.version));
        }
    }
}

#[test]
fn who_speaks_no_tls_is_closed_and_the_others_served() {
    // Some of it might become a handshake, and is given the time for one.
    let gate = Over::Tls.open(Limits { head: 4 * BRIEF, ..roomy() });
    let mut healthy = Client::new(&gate);
    healthy.ask("/");
    let (long, none) = ([22, 3, 1, 0xff, 0xff, 1, 0, 0, 0], [22, 3, 1, 0, 0, 22, 3, 1, 0, 0]);
    let zeros = [0; 64];
    for garbage in [
        &b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"[..],
        b"\x16\x03\x01\x00\x05hello world, this is no handshake",
        b"\x80\x2e\x01\x00\x02",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\x17\x03\x03\x00\x05early",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        &long,
        &none.repeat(100),
        &zeros,
    ] {
        let mut stream = connect(&gate);
        stream.write_all(garbage).unwrap();
        let answer = end_of(stream);
        assert!(!answer.starts_with(b"HTTP"), "{garbage:?}");
        assert_eq!(healthy.ask("/").status, 200, "{garbage:?}");
    }
    let hello = hello();
    for end in (0..hello.len()).step_by(7) {
        let mut stream = connect(&gate);
        stream.write_all(&hello[..end]).unwrap();
        // Gone in the middle of the handshake.
        stream.shutdown(Shutdown::Write).unwrap();
        end_of(stream);
    }
    assert_eq!(healthy.ask("/").status, 200);
}

#[test]
fn a_handshake_that_does_not_end_is_closed_and_the_others_served() {
    let gate = Over::Tls.open(Limits { head: 4 * BRIEF, ..roomy() });
    let mut healthy = Client::new(&gate);
    healthy.ask("/");
    let hello = hello();
    let mut stuck: Vec<TcpStream> = [0, 1, 5, 6, hello.len() / 2, hello.len() - 1, hello.len()]
        .into_iter()
        .cycle()
        .take(100)
        .map(|end| {
            let mut stream = connect(&gate);
            stream.write_all(&hello[..end]).unwrap();
            stream
        })
        .collect();
    // These go on, a byte at a time, for as long as the gate lets them.
    let mut dripping = connect(&gate);
    for byte in hello.iter().cycle() {
        if dripping.write_all(&[*byte]).is_err() {
            break;
        }
        assert_eq!(healthy.ask("/ten").body.len(), 10_000);
    }
    stuck.drain(..).for_each(|stream| drop(end_of(stream)));
    assert_eq!(healthy.ask("/").status, 200);
}

#[test]
fn a_record_that_drips_does_not_hold_a_connection() {
    let gate = Over::Tls.open(Limits { head: 4 * BRIEF, idle: 4 * BRIEF, ..roomy() });
    let request = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    let mut healthy = Client::new(&gate);
    for requests_before in [0, 1] {
        let mut client = Client::new(&gate);
        for _ in 0..requests_before {
            client.ask("/");
        }
        let mut record = Vec::new();
        client.tls().writer().write_all(&request.repeat(580)).unwrap();
        while client.tls().wants_write() {
            client.tls().write_tls(&mut record).unwrap();
        }
        let last = record.len() - 1;
        let mut drips = record[..last].iter().take_while(|byte| {
            // Slowly enough that the last byte comes after the deadline.
            assert!((0..10).all(|_| healthy.ask("/").status == 200));
            client.socket().write_all(&[**byte]).is_ok()
        });
        assert!(drips.by_ref().count() < record.len() - 1, "it is still open");
    }
}

#[test]
fn whole_records_may_arrive_byte_by_byte() {
    let gate = Over::Tls.open(roomy());
    let mut client = Client::new(&gate);
    for _ in 0..3 {
        let mut record = Vec::new();
        client.tls().writer().write_all(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        client.tls().write_tls(&mut record).unwrap();
        for byte in record {
            client.socket().write_all(&[byte]).unwrap();
        }
        assert_eq!(client.answer().text(), "GET /slow 127.0.0.1 https h 0");
    }
}

#[test]
fn the_end_is_announced_by_both_sides() {
    let gate = Over::Tls.open(roomy());
    let mut client = Client::new(&gate);
    client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    // Nothing more comes, but what was asked is answered.
    client.finish();
    assert_eq!(client.answer().text(), "GET /1 127.0.0.1 https h 0");
    assert_eq!(client.answer().text(), "GET /2 127.0.0.1 https h 0");
    assert_eq!(client.rest(), b"", "an end without `close_notify` would be an error");
    // Who leaves without a word costs nothing but its connection.
    let rude = Client::new(&gate);
    rude.socket().shutdown(Shutdown::Both).unwrap();
    assert_eq!(Client::new(&gate).ask("/").status, 200);
}

#[test]
fn new_keys_on_and_on_are_no_way_to_hold_anything() {
    let gate = Over::Tls.open(roomy());
    let mut client = Client::new(&gate);
    client.ask("/");
    client.tls().refresh_traffic_keys().unwrap();
    assert_eq!(client.ask("/").status, 200);
    let mut asks = || {
        client.tls().refresh_traffic_keys().unwrap();
        client.sends("").is_ok()
    };
    assert!((0..10_000).take_while(|_| asks()).count() < 10_000, "it is still open");
    assert_eq!(Client::new(&gate).ask("/").status, 200);
}

#[test]
fn a_certificate_of_another_host_is_not_ours() {
    let gate = Over::Tls.open(roomy());
    let config = Arc::new(trusting(&CERTIFICATE.1.leaf().der));
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(config, name).unwrap();
    let failed = connection.complete_io(&mut connect(&gate)).expect_err("it is for 127.0.0.1");
    assert!(failed.to_string().contains("not valid for name"), "{failed}");
}
