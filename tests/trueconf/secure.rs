//! TLS: checked by default, an authority of each server's own, and the end of the certificate.

use roost::demo::trueconf::{Meeting, StandIn, Version};
use roost::trueconf::{Client, Fault, TlsFault};
use serde_json::{Value, json};

use crate::support::Home;
use crate::tls::{Authority, Flaw, Identity, Terminator, own};
use crate::world::{Stage, stand_in};

/// A server behind TLS, and a client of it that believes `trust` (the setting), with `pem` in `ca.pem`.
struct Secured {
    client: Client,
    server: StandIn,
    terminator: Terminator,
    _stage: Stage,
}

fn secured(identity: Identity, trust: &Value, pem: &str) -> Secured {
    let server = stand_in(Version::V33);
    server.begin(Meeting::new("room"));
    let terminator = Terminator::start(server.address(), identity);
    let stage = Stage::new();
    std::fs::write(stage.path("ca.pem"), pem).unwrap();
    stage.add(&server, &json!({"ip": terminator.place(), "ssl_certificate": trust}));
    let client = Client::new(&stage.servers()[0]);
    Secured { client, server, terminator, _stage: stage }
}

fn file() -> Value {
    json!("ca.pem")
}

#[test]
fn the_authority_of_a_server_is_believed_for_every_call() {
    let authority = Authority::new();
    let world = secured(authority.sign(Flaw::None), &file(), &authority.pem);
    let running = world.client.running().unwrap();
    assert_eq!(running.len(), 1);
    assert!(world.client.online().is_ok());
    assert!(world.client.stop(&running[0]).is_ok());
    assert!(world.server.running().is_empty());
}

#[test]
fn a_certificate_that_is_not_believed_gets_no_secret() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (identity, trust, pem, expected) in [
        (authority.sign(Flaw::None), json!(true), "", TlsFault::UnknownIssuer),
        (authority.sign(Flaw::None), file(), &*stranger.pem, TlsFault::UnknownIssuer),
        (own(Flaw::None), json!(true), "", TlsFault::UnknownIssuer),
        (authority.sign(Flaw::Expired), file(), &authority.pem, TlsFault::Expired),
        (authority.sign(Flaw::NotYetValid), file(), &authority.pem, TlsFault::NotYetValid),
        (authority.sign(Flaw::OtherName), file(), &authority.pem, TlsFault::WrongName),
        (authority.sign(Flaw::None), json!("missing.pem"), "", TlsFault::AuthorityFile),
        (authority.sign(Flaw::None), file(), "no certificate", TlsFault::AuthorityFile),
    ] {
        let world = secured(identity, &trust, pem);
        let fault = world.client.running().err();
        // A system without authorities, such as a bare container, cannot know the issuer either.
        let bare = trust == json!(true) && fault == Some(Fault::Tls(TlsFault::NoAuthorities));
        assert!(bare || fault == Some(Fault::Tls(expected)), "{expected:?}: {fault:?}");
        assert!(world.server.requests().is_empty(), "{expected:?}: something was asked");
    }
}

#[test]
fn the_very_certificate_in_the_file_is_believed_whatever_name_it_bears() {
    for flaw in [Flaw::None, Flaw::OtherName] {
        let identity = own(flaw);
        let pem = identity.pem.clone();
        assert_eq!(secured(identity, &file(), &pem).client.running().unwrap().len(), 1, "{flaw:?}");
    }
    let identity = own(Flaw::Expired);
    let pem = identity.pem.clone();
    let fault = secured(identity, &file(), &pem).client.running().err();
    assert_eq!(fault, Some(Fault::Tls(TlsFault::Expired)));
}

#[test]
fn an_opt_out_accepts_anything() {
    for trust in [json!(false), json!("")] {
        let world = secured(own(Flaw::Expired), &trust, "");
        assert_eq!(world.client.running().unwrap().len(), 1);
    }
}

#[test]
fn what_does_not_speak_tls_is_named() {
    let server = stand_in(Version::V33);
    let stage = Stage::new();
    stage.add(&server, &json!({"ip": server.address().to_string(), "ssl_certificate": false}));
    let client = Client::new(&stage.servers()[0]);
    assert_eq!(client.running(), Err(Fault::Tls(TlsFault::NotTls)));
    assert!(server.requests().is_empty());
    assert_eq!(client.certificate_expiry(), Err(Fault::Tls(TlsFault::NotTls)));
}

#[test]
fn the_end_of_a_certificate_is_known_also_if_it_is_not_believed() {
    let authority = Authority::new();
    for (identity, trust, expected) in [
        (authority.sign(Flaw::None), file(), "2090-01-01T00:00:00Z"),
        (authority.sign(Flaw::None), json!(true), "2090-01-01T00:00:00Z"),
        (own(Flaw::Expired), json!(true), "2021-01-01T00:00:00Z"),
        (own(Flaw::OtherName), json!(false), "2090-01-01T00:00:00Z"),
    ] {
        let world = secured(identity, &trust, &authority.pem);
        let end = world.client.certificate_expiry().unwrap().map(|end| end.to_string());
        assert_eq!(end.as_deref(), Some(expected));
        assert!(world.server.requests().is_empty(), "nothing was asked");
    }
    let server = stand_in(Version::V33);
    assert_eq!(crate::world::client(&server).certificate_expiry(), Ok(None), "in the clear");
    server.go_down();
}

#[test]
fn a_server_that_is_down_has_no_certificate_to_show() {
    let authority = Authority::new();
    let world = secured(authority.sign(Flaw::None), &file(), &authority.pem);
    assert!(world.client.certificate_expiry().is_ok());
    drop(world.terminator);
    assert_eq!(world.client.certificate_expiry(), Err(Fault::Refused));
    assert_eq!(world.client.running(), Err(Fault::Refused));
}

#[test]
fn a_certificate_that_is_not_checked_is_said_loudly_and_once() {
    let server = stand_in(Version::V33);
    let terminator = Terminator::start(server.address(), own(Flaw::None));
    let mut settings = server.settings();
    settings["ip"] = terminator.place().into();
    settings["ssl_certificate"] = false.into();
    let program = Home::new(&json!({"servers": {"Head office": settings}})).serve();
    let said = program.output().matches("its certificate is NOT checked").count();
    assert_eq!(said, 1, "{}", program.output());
}
