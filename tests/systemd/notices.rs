//! What systemd is told: ready, well, stopping, and never what is not so.

use std::net::TcpListener;
use std::process::Stdio;

use crate::manager::Manager;
use crate::updates_support::{exchange, message};

#[test]
fn ready_is_said_once_and_when_the_port_answers() {
    let manager = Manager::new();
    let mut child = manager.command(&[]).stderr(Stdio::null()).spawn().unwrap();
    // Nobody reads its log here: what counts is what systemd hears.
    let ready = manager.hears();
    let url = ready.strip_prefix("READY=1\nSTATUS=listening on http://127.0.0.1:").unwrap();
    assert_eq!(exchange(url.parse().unwrap(), "GET", "/healthz", &[], b"").status, 200);
    let terminated = std::process::Command::new("kill").arg(child.id().to_string()).status();
    assert!(terminated.unwrap().success());
    assert_eq!(manager.hears(), "STOPPING=1\nSTATUS=stopping");
    assert!(child.wait().unwrap().success());
    manager.hears_nothing_more();
}

#[test]
fn a_start_that_fails_is_never_ready() {
    let manager = Manager::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = manager.command(&[("ROOST_PORT", &port)]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    manager.hears_nothing_more();
}

#[test]
fn the_watchdog_is_fed_while_the_store_commits_and_not_on_a_full_disk() {
    let manager = Manager::new();
    let program = manager.starts_on_a_small_disk("400000");
    for _ in 0..3 {
        manager.hears_of("WATCHDOG=1");
    }
    let secret = manager.world.secret();
    assert_eq!(program.posts(&secret, &message(1, 7, "/start")).status, 200);
    program.fills_disk();
    assert_eq!(program.posts(&secret, &message(2, 7, "/start")).status, 503);
    let (told, _) = manager.hears_of("STATUS=");
    assert!(told.starts_with("STATUS=the watchdog is not fed: nothing can be committed"), "{told}");
    program.waits_for_line("the watchdog is not fed");
    // Long enough for several feeds.
    for _ in 0..3 {
        program.waits_until_ready("a look", |status, _| status == 503);
    }
    program.frees_disk();
    let (_, meanwhile) = manager.hears_of("WATCHDOG=1");
    assert!(meanwhile.is_empty(), "it was fed all the same: {meanwhile:?}");
    manager.hears_of("STATUS=well again");
    for _ in 0..3 {
        manager.hears_of("WATCHDOG=1");
    }
    assert!(program.stops("TERM").0.success());
}

#[test]
fn the_watchdog_is_fed_with_tls_too_and_when_all_places_are_taken() {
    let manager = Manager::new();
    let program = manager.starts(&[
        ("ROOST_TLS", "self-signed"),
        ("ROOST_LIMITS_CONNECTIONS", "1"),
        ("WATCHDOG_USEC", "400000"),
    ]);
    manager.hears_of("WATCHDOG=1");
    let taken = std::net::TcpStream::connect(("127.0.0.1", program.port())).unwrap();
    for _ in 0..5 {
        manager.hears_of("WATCHDOG=1");
    }
    drop(taken);
    assert!(!program.log().contains("not fed"), "{}", program.log());
}
