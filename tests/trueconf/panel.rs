//! The page of the demo that breaks and mends servers.

use std::io::{Read, Write};
use std::net::TcpStream;

use roost::demo::trueconf::{Panel, Version};

use crate::world::{client, stand_in};

/// Status and body of one request to the page.
fn ask(url: &str, method: &str, path: &str, header: &str) -> (u16, String) {
    let address = url.strip_prefix("http://").unwrap().trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer[9..12].parse().unwrap(), answer)
}

#[test]
fn a_button_breaks_a_server_and_another_mends_it() {
    let server = stand_in(Version::V33);
    let client = client(&server);
    let panel = Panel::start(vec![server]).unwrap();
    let url = panel.url();
    assert!(client.check().is_ok());
    let (status, page) = ask(&url, "GET", "/", "");
    assert!(status == 200 && page.contains("/break/0") && page.contains("Head office"), "{page}");
    assert_eq!(ask(&url, "POST", "/break/0", "").0, 303);
    assert!(client.check().is_err());
    assert!(ask(&url, "GET", "/", "").1.contains("/mend/0"));
    assert_eq!(ask(&url, "POST", "/mend/0", "").0, 303);
    assert!(client.check().is_ok());
}

#[test]
fn other_pages_cannot_press_the_buttons() {
    let server = stand_in(Version::V33);
    let client = client(&server);
    let panel = Panel::start(vec![server]).unwrap();
    for header in ["Origin: https://evil.example\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        assert_eq!(ask(&panel.url(), "POST", "/break/0", header).0, 403);
    }
    for path in ["/break/1", "/break/x", "/burn/0", "/break"] {
        assert_eq!(ask(&panel.url(), "POST", path, "").0, 404, "{path}");
    }
    assert_eq!(ask(&panel.url(), "GET", "/break/0", "").0, 404, "looking changes nothing");
    assert!(client.check().is_ok());
}
