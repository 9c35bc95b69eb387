//! Stopping: that very run, nothing else, and the truth about what came of it.

use roost::demo::trueconf::{Fault as Trouble, Harm, Meeting, Version};
use roost::trueconf::{Fault, Stop};

use crate::world::{client, stand_in};

const BOTH: [Version; 2] = [Version::V33, Version::V4];

#[test]
fn a_running_conference_is_stopped_also_with_a_token_that_was_revoked() {
    for version in BOTH {
        let server = stand_in(version);
        server.begin(Meeting::new("room"));
        server.begin(Meeting::new("other"));
        let client = client(&server);
        let running = client.running().unwrap();
        let room = running.iter().find(|found| found.label() == "room").unwrap();
        server.revoke();
        assert_eq!(client.stop(room), Ok(Stop::Stopped), "{version:?}");
        assert_eq!(server.running(), ["other"], "{version:?}");
        assert_eq!(client.stop(room), Ok(Stop::Gone), "{version:?}");
    }
}

#[test]
fn a_run_that_replaced_the_one_looked_at_is_left_alone() {
    for version in BOTH {
        let server = stand_in(version);
        server.begin(Meeting::new("room"));
        let client = client(&server);
        let room = client.running().unwrap().remove(0);
        let anew = server.replace("room");
        assert_ne!(room.session, anew);
        assert_eq!(client.stop(&room), Ok(Stop::Replaced), "{version:?}");
        assert_eq!(server.running(), ["room"], "{version:?}");
    }
}

#[test]
fn a_stop_that_fails_is_named() {
    for version in BOTH {
        for (harm, expected) in [
            (Harm::Status(500), Fault::Server(500)),
            (Harm::Status(403), Fault::Permission(roost::trueconf::Scope::Conferences)),
            (Harm::Reset, Fault::Broken),
        ] {
            let server = stand_in(version);
            server.begin(Meeting::new("room"));
            let client = client(&server);
            let room = client.running().unwrap().remove(0);
            server.fault(Trouble::new(harm).on("/stop"));
            assert_eq!(client.stop(&room), Err(expected), "{version:?} {harm:?}");
            assert_eq!(server.running(), ["room"]);
        }
        let server = stand_in(version);
        server.begin(Meeting::new("room"));
        let client = client(&server);
        let room = client.running().unwrap().remove(0);
        server.fault(Trouble::new(Harm::Status(404)).on("/stop"));
        assert_eq!(client.stop(&room), Ok(Stop::Gone), "it ended in between");
    }
}

#[test]
fn a_call_without_a_public_id_cannot_be_stopped() {
    let server = stand_in(Version::V33);
    server.begin(Meeting { id: None, ..Meeting::new("") });
    let client = client(&server);
    let room = client.running().unwrap().remove(0);
    assert_eq!(client.stop(&room), Err(Fault::NotOffered));
}

#[test]
fn an_odd_id_stops_only_its_own_conference() {
    let server = stand_in(Version::V33);
    for id in ["a", "../b", "a?x=1", "Ж #1"] {
        server.begin(Meeting::new(id));
    }
    let client = client(&server);
    for id in ["../b", "a?x=1", "Ж #1"] {
        let running = client.running().unwrap();
        let odd = running.iter().find(|found| found.label() == id).unwrap();
        // The gate of the stand-in refuses some of these paths; nothing else may be hit.
        let _ = client.stop(odd);
        assert!(server.running().contains(&"a".to_owned()), "{id}");
    }
}
