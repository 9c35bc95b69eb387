//! Every failure has its own name, and none of them tells a secret.

use std::net::TcpListener;

use roost::demo::trueconf::{Fault as Trouble, Harm, Meeting, Version};
use roost::trueconf::{Fault, Scope};
use serde_json::json;

use crate::world::{client, client_with, stand_in};

const BOTH: [Version; 2] = [Version::V33, Version::V4];

/// A port nobody listens at.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_server_that_is_down_is_refused_and_one_that_is_up_again_answers() {
    let server = stand_in(Version::V33);
    let client = client(&server);
    assert!(client.check().is_ok());
    client.running().unwrap();
    server.go_down();
    assert_eq!(client.check(), Err(Fault::Refused));
    assert_eq!(client.running(), Err(Fault::Refused));
    assert_eq!(client.online(), Err(Fault::Refused));
    server.come_up().unwrap();
    assert!(client.check().is_ok());
    client.running().unwrap();
}

#[test]
fn a_name_nobody_knows_is_named() {
    let server = stand_in(Version::V33);
    let nowhere = json!({"ip": "no-such-host.invalid",
                         "status-url": "http://no-such-host.invalid:4307/vsstatus"});
    let client = client_with(&server, &nowhere);
    assert_eq!(client.check(), Err(Fault::Resolve));
    assert_eq!(client.running(), Err(Fault::Resolve));
}

#[test]
fn every_answer_of_the_status_page_is_understood() {
    for (harm, expected) in [
        (Harm::Status(500), Fault::Server(500)),
        (Harm::Status(404), Fault::NotFound),
        (Harm::Status(302), Fault::Server(302)),
        (Harm::Status(401), Fault::Server(401)),
        (Harm::HangUp, Fault::Broken),
    ] {
        let server = stand_in(Version::V33);
        server.fault(Trouble::new(harm).on("/vsstatus"));
        assert_eq!(client(&server).check(), Err(expected), "{harm:?}");
    }
    let server = stand_in(Version::V33);
    for harm in [Harm::Html, Harm::BrokenJson, Harm::Endless, Harm::Nothing] {
        server.heal();
        server.fault(Trouble::new(harm).on("/vsstatus"));
        assert!(client(&server).check().is_ok(), "{harm:?}: the body does not matter");
    }
}

#[test]
fn every_failure_of_the_api_has_its_own_name() {
    for version in BOTH {
        for (harm, expected) in [
            (Harm::Status(500), Fault::Server(500)),
            (Harm::Status(502), Fault::Server(502)),
            (Harm::Status(429), Fault::Server(429)),
            (Harm::Status(404), Fault::NotOffered),
            (Harm::Status(405), Fault::NotOffered),
            (Harm::Status(302), Fault::Malformed),
            (Harm::Html, Fault::Malformed),
            (Harm::BrokenJson, Fault::Malformed),
            (Harm::Nothing, Fault::Malformed),
            (Harm::Endless, Fault::Malformed),
            (Harm::Reset, Fault::Broken),
            (Harm::HangUp, Fault::Broken),
        ] {
            let server = stand_in(version);
            server.begin(Meeting::new("room"));
            let client = client(&server);
            client.running().unwrap();
            for list in ["/logs/calls", "/conferences"] {
                server.fault(Trouble::new(harm).on(list));
            }
            assert_eq!(client.running(), Err(expected), "{version:?} {harm:?}");
            server.heal();
            assert_eq!(client.running().unwrap().len(), 1, "{version:?} after {harm:?}");
        }
    }
}

#[test]
fn a_silent_server_is_given_up_and_a_stop_of_the_program_does_not_wait_for_it() {
    let server = stand_in(Version::V33);
    server.fault(Trouble::new(Harm::Stall));
    let (patient, hurried) = (client(&server), client(&server));
    let other = hurried.clone();
    let waiting = roost::thread::spawn("running", move || {
        assert_eq!(other.running(), Err(Fault::Aborted));
    });
    let checking = patient.clone();
    let also = roost::thread::spawn("checking", move || {
        assert_eq!(checking.check(), Err(Fault::TimedOut));
    });
    while server.requests().len() < 2 {
        std::thread::yield_now();
    }
    hurried.abort();
    drop(waiting);
    assert_eq!(hurried.running(), Err(Fault::Aborted), "for ever");
    assert_eq!(patient.running(), Err(Fault::TimedOut));
    drop(also);
}

#[test]
fn a_missing_right_is_named_with_what_to_tick() {
    for (version, scope, expected) in [
        (Version::V33, "logs.calls:read", Scope::Calls),
        (Version::V33, "users:read", Scope::Users),
        (Version::V33, "conferences.sessions.participants:read", Scope::SessionParticipants),
        (Version::V33, "conferences", Scope::Conferences),
        (Version::V4, "conferences", Scope::Conferences),
        (Version::V4, "conferences.participants:read", Scope::Participants),
    ] {
        let server = stand_in(version);
        server.begin(Meeting::new("room"));
        let client = client(&server);
        let room = client.running().unwrap().remove(0);
        server.manners(|manners| manners.scopes.retain(|other| other != scope));
        let fault = match expected {
            Scope::Calls => client.running().err(),
            Scope::Users => client.online().err(),
            Scope::Conferences => client.stop(&room).err(),
            _ => client.people(&room).err(),
        };
        assert_eq!(fault, Some(Fault::Permission(expected)), "{version:?} {scope}");
        assert!(fault.unwrap().to_string().contains(expected.name()));
    }
}

#[test]
fn the_version_is_found_out_and_a_fixed_one_is_believed() {
    for version in BOTH {
        let server = stand_in(version);
        server.begin(Meeting::new("room"));
        let (fixed, other) = match version {
            Version::V33 => ("v3.3", "v4"),
            Version::V4 => ("v4", "v3.3"),
        };
        assert_eq!(client(&server).running().unwrap().len(), 1);
        assert_eq!(client_with(&server, &json!({"api": fixed})).running().unwrap().len(), 1);
        let wrong = client_with(&server, &json!({"api": other}));
        assert_eq!(wrong.running(), Err(Fault::NotOffered), "{version:?} asked as {other}");
    }
}

#[test]
fn a_version_that_was_guessed_wrong_gives_way_to_the_other() {
    let server = stand_in(Version::V4);
    server.manners(|manners| manners.guards_everything = true);
    server.begin(Meeting::new("room"));
    let client = client(&server);
    assert_eq!(client.running().unwrap().len(), 1);
    let before = server.requests().len();
    assert_eq!(client.running().unwrap().len(), 1);
    let asked = server.requests().split_off(before);
    assert!(asked.iter().all(|asked| asked.path.starts_with("/api/v4/")), "{asked:?}");
}

#[test]
fn an_update_of_the_server_to_another_version_is_noticed() {
    let server = stand_in(Version::V33);
    server.begin(Meeting::new("room"));
    let client = client(&server);
    client.running().unwrap();
    server.update(Version::V4);
    assert_eq!(client.running(), Err(Fault::NotOffered), "once");
    assert_eq!(client.running().unwrap().len(), 1);
}

#[test]
fn something_that_is_no_such_server_offers_nothing_and_gets_no_secret() {
    let server = stand_in(Version::V33);
    server.fault(Trouble::new(Harm::Html));
    assert_eq!(client(&server).running(), Err(Fault::NotOffered));
    let told = server.requests().iter().any(|asked| asked.method == "POST");
    assert!(!told, "the secret was sent to a stranger");
}

#[test]
fn a_failed_look_up_is_a_row_and_never_an_empty_conference() {
    for harm in [Harm::Status(500), Harm::Status(404), Harm::Nothing, Harm::BrokenJson, Harm::Reset]
    {
        for version in BOTH {
            let server = stand_in(version);
            let hours = std::time::Duration::from_secs(7_200);
            server.begin(Meeting::new("room").ago(hours));
            let client = client(&server);
            server.fault(Trouble::new(harm).on("/participants"));
            let rows = client.forgotten().unwrap();
            assert_eq!(rows.len(), 1, "{version:?} {harm:?}");
            assert!(rows[0].verdict.is_err(), "{version:?} {harm:?}: {:?}", rows[0].verdict);
        }
    }
}

#[test]
fn one_failed_check_does_not_end_the_checks() {
    let server = stand_in(Version::V33);
    let client = client(&server);
    for harm in [Harm::HangUp, Harm::Status(500), Harm::Status(404)] {
        server.fault(Trouble::new(harm).on("/vsstatus").times(1));
        assert!(client.check().is_err(), "{harm:?}");
        assert!(client.check().is_ok(), "after {harm:?}");
    }
}

#[test]
fn the_status_page_is_asked_by_address_and_not_by_name() {
    let server = stand_in(Version::V33);
    let gone = json!({"status-url": format!("http://127.0.0.1:{}/vsstatus", closed_port())});
    assert_eq!(client_with(&server, &gone).check(), Err(Fault::Refused));
    // The name of the stand-in is no host at all.
    assert!(client(&server).check().is_ok());
}
