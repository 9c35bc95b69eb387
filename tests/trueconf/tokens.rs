//! Tokens: one at a time, renewed once, never begged for.

use std::sync::{Arc, Barrier};

use roost::demo::trueconf::{Fault as Trouble, Harm, StandIn, Version};
use roost::thread::spawn;
use roost::trueconf::Fault;
use serde_json::json;

use crate::world::{client, client_with, stand_in};

const BOTH: [Version; 2] = [Version::V33, Version::V4];

/// How often a token was asked for.
fn granted(server: &StandIn) -> usize {
    let counted = server.counted();
    ["/oauth2/v1/token", "/api/v4/oauth2/token"].iter().filter_map(|path| counted.get(*path)).sum()
}

/// How often lists were asked for with a token.
fn listed(server: &StandIn) -> usize {
    let with_token = |asked: &&roost::demo::trueconf::Asked| {
        asked.authorization.is_some() || asked.query.contains("access_token")
    };
    server.requests().iter().filter(with_token).count()
}

#[test]
fn a_token_is_fetched_once_and_used_for_everything() {
    for version in BOTH {
        let server = stand_in(version);
        let client = client(&server);
        for _ in 0..3 {
            assert_eq!(client.running().unwrap(), []);
        }
        assert_eq!(granted(&server), 1, "{version:?}");
        let leaks = server.requests().iter().any(|asked| asked.query.contains("canary"));
        assert!(!leaks, "the token stands in no address");
    }
}

#[test]
fn a_token_that_was_revoked_is_renewed_and_the_call_repeated() {
    for version in BOTH {
        let server = stand_in(version);
        let client = client(&server);
        client.running().unwrap();
        server.revoke();
        assert_eq!(client.running().unwrap(), [], "{version:?}");
        assert_eq!(granted(&server), 2, "{version:?}");
    }
}

#[test]
fn a_token_said_to_live_no_time_is_used_until_it_is_rejected() {
    let server = stand_in(Version::V33);
    server.manners(|manners| manners.expires_in = 0);
    let client = client(&server);
    client.running().unwrap();
    client.running().unwrap();
    assert_eq!(granted(&server), 1);
}

#[test]
fn a_token_that_is_never_accepted_does_not_hammer_the_server() {
    for version in BOTH {
        let server = stand_in(version);
        server.manners(|manners| manners.accepts_tokens = false);
        let client = client(&server);
        for _ in 0..50 {
            assert_eq!(client.running().err(), Some(Fault::Credentials), "{version:?}");
            assert_eq!(client.online().err(), Some(Fault::Credentials), "{version:?}");
        }
        assert_eq!(granted(&server), 1, "{version:?}");
        assert!(listed(&server) <= 2, "header and query: {}", listed(&server));
    }
}

#[test]
fn a_good_token_followed_by_bad_ones_costs_one_more() {
    let server = stand_in(Version::V33);
    let client = client(&server);
    client.running().unwrap();
    server.manners(|manners| manners.accepts_tokens = false);
    for _ in 0..20 {
        assert_eq!(client.running().err(), Some(Fault::Credentials));
    }
    assert_eq!((granted(&server), listed(&server)), (2, 3), "one good call, two rejected");
}

#[test]
fn rejected_credentials_are_said_and_not_sent_again_at_once() {
    for version in BOTH {
        let server = stand_in(version);
        server.manners(|manners| manners.accepts_credentials = false);
        let client = client(&server);
        for _ in 0..20 {
            assert_eq!(client.running().err(), Some(Fault::Credentials), "{version:?}");
        }
        assert_eq!(granted(&server), 1, "{version:?}");
    }
    let server = stand_in(Version::V33);
    let client = client_with(&server, &json!({"client_id": "", "client_secret": ""}));
    assert_eq!(client.running().err(), Some(Fault::Credentials));
    assert_eq!(granted(&server), 0, "there is nothing to send");
}

#[test]
fn a_missing_right_is_no_reason_for_another_token() {
    for version in BOTH {
        let server = stand_in(version);
        server.manners(|manners| manners.scopes.clear());
        let client = client(&server);
        for _ in 0..3 {
            let fault = client.running().err();
            assert!(matches!(fault, Some(Fault::Permission(_))), "{version:?} {fault:?}");
        }
        assert_eq!(granted(&server), 1, "{version:?}");
    }
}

#[test]
fn the_token_of_the_file_is_used_first_and_given_up_when_rejected() {
    for version in BOTH {
        let server = stand_in(version);
        server.accept("canary-fixed");
        let client = client_with(&server, &json!({"access_token": "canary-fixed"}));
        client.running().unwrap();
        assert_eq!(granted(&server), 0, "{version:?}");
        server.revoke();
        client.running().unwrap();
        client.running().unwrap();
        assert_eq!(granted(&server), 1, "{version:?}");
    }
}

#[test]
fn a_fixed_token_alone_is_enough_and_its_rejection_is_named() {
    let server = stand_in(Version::V33);
    server.accept("canary-fixed");
    let fixed = json!({"access_token": "canary-fixed", "client_id": "", "client_secret": ""});
    let client = client_with(&server, &fixed);
    client.running().unwrap();
    server.revoke();
    assert_eq!(client.running().err(), Some(Fault::Credentials));
}

#[test]
fn a_server_that_does_not_read_the_header_is_asked_by_query() {
    let server = stand_in(Version::V33);
    server.manners(|manners| manners.reads_header = false);
    let client = client(&server);
    client.running().unwrap();
    client.online().unwrap();
    let asked = server.requests();
    let calls: Vec<_> = asked.iter().filter(|asked| asked.path.contains("/logs/calls")).collect();
    assert_eq!(calls[0].status, 403, "tried once");
    assert!(calls[1].query.contains("access_token=canary") && calls[1].authorization.is_none());
    let users: Vec<_> = asked.iter().filter(|asked| asked.path.ends_with("/users")).collect();
    assert_eq!((users.len(), users[0].status), (1, 200), "remembered");
    server.revoke();
    client.running().unwrap();
    assert_eq!(granted(&server), 2);
}

#[test]
fn threads_that_need_a_token_together_ask_for_one() {
    let server = stand_in(Version::V33);
    let client = client(&server);
    let together = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (client, together) = (client.clone(), Arc::clone(&together));
            spawn("asks", move || {
                together.wait();
                client.online().unwrap();
            })
            .unwrap()
        })
        .collect();
    drop(threads);
    assert_eq!(granted(&server), 1);
}

#[test]
fn a_token_endpoint_in_trouble_is_named() {
    for (harm, expected) in [
        (Harm::Status(503), Fault::Server(503)),
        (Harm::Status(404), Fault::NotOffered),
        (Harm::Html, Fault::Malformed),
        (Harm::BrokenJson, Fault::Malformed),
        (Harm::Nothing, Fault::Malformed),
        (Harm::Endless, Fault::Malformed),
        (Harm::Reset, Fault::Broken),
    ] {
        let server = stand_in(Version::V33);
        server.fault(Trouble::new(harm).on("/oauth2/").times(1));
        let client = client_with(&server, &json!({"api": "v3.3"}));
        assert_eq!(client.running().err(), Some(expected), "{harm:?}");
        client.running().unwrap_or_else(|fault| panic!("{harm:?}: {fault} afterwards"));
    }
}
