//! Application configurations: who gets them, and what is said when they cannot be read.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::{World, ok, run};

const PATH: &str = "/api/v1/get_last_active_app_config";
const HASH: &str = "b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1";
const TOKEN: &str = "1000000000:AAH-CANARY_canary";

fn config(name: &str) -> String {
    json!({"session_name": name, "api_id": 7_278_174, "api_hash": HASH, "bot_token": TOKEN, "is_bot": true})
        .to_string()
}

#[test]
fn the_newest_active_configuration_goes_to_whoever_has_the_key_for_it() {
    let mut world = World::new();
    for path in [PATH, "/api/v1/get_last_active_app_config/"] {
        let none = world.get(path);
        assert_eq!((none.status, none.body.len()), (204, 0), "{none:?}");
        assert_eq!(none.header("Cache-Control"), Some("no-store"));
    }
    let add =
        |world: &World, name: &str| run(world.home.folder(), &["app-config", "add"], &config(name));
    assert_eq!(add(&world, "default_bot_session").out, "1\n");
    let reply = world.get(PATH);
    assert_eq!(reply.header("Cache-Control"), Some("no-store"));
    let got = reply.json();
    let members: Vec<&String> = got.as_object().unwrap().keys().collect();
    let expected = [
        "id",
        "session_name",
        "api_id",
        "api_hash",
        "is_active",
        "is_bot",
        "bot_token",
        "timestamp",
    ];
    assert_eq!(members, expected);
    assert!(got["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!((&got["api_id"], &got["api_hash"]), (&json!(7_278_174), &json!(HASH)));
    assert_eq!((&got["bot_token"], &got["is_active"]), (&json!(TOKEN), &json!(true)));
    assert_eq!(add(&world, "second").out, "2\n");
    assert_eq!(world.get(PATH).json()["id"], 2);
    let folder = world.home.folder().to_owned();
    let said = |arguments: &[&str]| ok(&folder, &[&["app-config"], arguments].concat());
    assert_eq!(said(&["activate", "1"]), "application configuration 1 is active\n");
    assert_eq!(said(&["activate", "1"]), "application configuration 1 was active already\n");
    assert_eq!(world.get(PATH).json()["id"], 1);
    // The same without a server.
    world.program.kill();
    assert_eq!(add(&world, "third").out, "3\n");
    let list: Value = serde_json::from_str(&said(&["list", "--json"])).unwrap();
    let active: Vec<&Value> =
        list.as_array().unwrap().iter().map(|row| &row["is_active"]).collect();
    assert_eq!(active, [true, false, true]);
    let table = said(&["list"]);
    assert!(
        table.starts_with("ID  Active  Bot  Stored") && table.contains("default_bot_session"),
        "{table}"
    );
    for secret in [HASH, TOKEN, "CANARY", "7278174"] {
        assert!(!list.to_string().contains(secret) && !table.contains(secret));
    }
    assert_eq!(said(&["remove", "3"]), "application configuration 3 removed\n");
    world.program = world.home.serve();
    assert_eq!(world.get(PATH).json()["id"], 1);
    said(&["remove", "1"]);
    assert_eq!(world.get(PATH).status, 204);
}

#[test]
fn wrong_configurations_are_explained_and_not_stored() {
    let world = World::new();
    let long = config(&"n".repeat(20_000));
    for (arguments, input, code, says) in [
        (&["app-config", "add"][..], "", 1, "no JSON object"),
        (&["app-config", "add"], "{\"session_name\": \"CANARY\"}", 1, "`api_id`: "),
        (&["app-config", "add"], "{\"CANARY\": 1}", 1, "another name than"),
        (&["app-config", "add"], &long, 1, "at most 16384 bytes"),
        (&["app-config", "activate", "7"], "", 1, "no application configuration 7"),
        (&["app-config", "remove", "7"], "", 1, "no application configuration 7"),
        (&["app-config", "remove", "one"], "", 2, "see `roost app-config --help`"),
        (&["app-config"], "", 2, "see `roost app-config --help`"),
    ] {
        let done = run(world.home.folder(), arguments, input);
        assert_eq!((done.code, &*done.out), (code, ""), "{arguments:?}: {}", done.err);
        assert!(done.err.contains(says) && !done.err.contains("CANARY"), "{}", done.err);
        assert_eq!(done.err.matches('\n').count(), 1, "{}", done.err);
    }
    assert_eq!(ok(world.home.folder(), &["app-config", "list", "--json"]), "[]\n");
    assert!(!world.home.folder().join("roost.key").exists(), "nothing needed a key");
}

#[test]
fn without_the_right_key_file_nothing_is_given_away_and_the_log_says_why() {
    let world = World::new();
    let folder = world.home.folder();
    assert_eq!(run(folder, &["app-config", "add"], &config("s")).out, "1\n");
    let path = folder.join("roost.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let right = fs::read(&path).unwrap();
    let check = |says: &str| {
        let reply = world.get(PATH);
        assert_eq!(reply.status, 500, "{reply:?}");
        assert!(!String::from_utf8_lossy(&reply.body).contains("CANARY"));
        let done = run(folder, &["app-config", "add"], &config("t"));
        assert!(done.code == 1 && done.err.contains(says), "{}", done.err);
        assert!(world.program.output().contains(says), "{}", world.program.output());
    };
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    check("(mode 644); run `chmod 600");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, [b'0'; 64]).unwrap();
    check("is not the key");
    fs::write(&path, "what?").unwrap();
    check("holds no key");
    fs::remove_file(&path).unwrap();
    check("is missing");
    fs::write(&path, &right).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(world.get(PATH).json()["bot_token"], TOKEN);
    assert!(!world.program.output().contains("CANARY"));
}
