//! `roost servers …` and `roost check --online`, run as people run them.

use std::time::Duration;

use roost::demo::trueconf::{
    Fault as Trouble, Harm, Meeting, StandIn, Version, branch, head_office,
};
use serde_json::{Value, json};

use crate::tls::{Authority, Flaw, Terminator};
use crate::world::{Stage, stand_in};

const HOURS: Duration = Duration::from_secs(2 * 3_600);

/// Two servers: one with forgotten conferences, one of version 4.
fn two() -> (Stage, StandIn, StandIn) {
    let (first, second) = (head_office().unwrap(), branch().unwrap());
    let stage = Stage::new();
    stage.add(&first, &json!({}));
    stage.add(&second, &json!({}));
    (stage, first, second)
}

#[test]
fn every_server_is_a_row_in_the_order_of_the_settings() {
    let (stage, first, _second) = two();
    let ran = stage.run(&["servers", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let expected = json!([
        {"name": "Head office", "state": "up", "reason": null, "since": null, "online": 36,
         "conferences": 4},
        {"name": "Branch", "state": "up", "reason": null, "since": null, "online": null,
         "conferences": 2},
    ]);
    assert_eq!(Value::from(ran.rows()), expected);
    first.go_down();
    let ran = stage.run(&["servers", "--json"]);
    let down = &ran.rows()[0];
    assert_eq!((ran.code, &down["state"]), (Some(0), &json!("down")));
    assert_eq!(down["reason"], "connection refused");
    let table = stage.run(&["servers"]).out;
    assert!(table.starts_with("State  Since  Online  Running  Reason"), "{table}");
    assert!(table.contains("connection refused  Head office"), "{table}");
}

#[test]
fn a_server_that_is_not_monitored_is_off_and_still_answers() {
    let (stage, server) = (Stage::new(), stand_in(Version::V33));
    stage.add(&server, &json!({"server_status": {"state": 0, "timeout": 15}}));
    let row = &stage.run(&["servers", "--json"]).rows()[0];
    assert_eq!((&row["state"], &row["conferences"]), (&json!("off"), &json!(0)));
}

#[test]
fn failures_of_the_api_have_their_own_name_while_the_server_is_up() {
    let (stage, server) = (Stage::new(), stand_in(Version::V33));
    stage.add(&server, &json!({}));
    server.manners(|manners| manners.accepts_credentials = false);
    let row = &stage.run(&["servers", "--json"]).rows()[0];
    assert_eq!(
        (&row["state"], &row["reason"]),
        (&json!("up"), &json!("credentials are not accepted"))
    );
    assert_eq!(row["conferences"], Value::Null);
}

#[test]
fn a_check_fails_if_any_server_is_down() {
    let (stage, _first, second) = two();
    for options in [&["servers", "check", "--json"][..], &["servers", "--json", "check"]] {
        let ran = stage.run(options);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let states: Vec<_> = ran.rows().iter().map(|row| row["state"].clone()).collect();
        assert_eq!(states, ["up", "up"]);
        assert_eq!(ran.rows()[0]["api"], "ok");
        assert!(ran.rows()[0]["milliseconds"].is_u64());
    }
    second.go_down();
    let ran = stage.run(&["servers", "check", "--json"]);
    let down = &ran.rows()[1];
    assert_eq!(
        (ran.code, &down["state"], &down["reason"]),
        (Some(1), &json!("down"), &json!("connection refused"))
    );
    assert_eq!(stage.run(&["servers", "check"]).code, Some(1));
}

#[test]
fn forgotten_conferences_are_rows_with_their_rule() {
    let (stage, _first, _second) = two();
    let ran = stage.run(&["servers", "forgotten", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let mut rows = ran.rows();
    for row in &mut rows {
        let lasting = row["duration_seconds"].as_u64().unwrap();
        row["duration_seconds"] = (lasting / 60).into();
    }
    let row = |server: &str, id: &str, topic: Value, people: u32, minutes: u32, rule: &str| {
        json!({"server": server, "id": id, "topic": topic, "owner": "anna@stand-in.example",
               "people": people, "duration_seconds": minutes, "rule": rule})
    };
    let webinar = json!("Webinar: <new> products | part 1");
    let expected = [
        row("Head office", "anna", Value::Null, 1, 400, "moderator-alone"),
        row("Head office", "webinar", webinar, 3, 190, "no-moderator"),
        row("Branch", "stage", json!("Stage"), 0, 600, "no-moderator"),
    ];
    assert_eq!(rows, expected);
    let table = stage.run(&["servers", "forgotten"]).out;
    assert!(table.contains("6:40:0"), "{table}");
}

#[test]
fn nothing_is_stopped_without_a_second_word() {
    let (stage, first, second) = two();
    let before = (first.running(), second.running());
    for options in [&["--stop"][..], &["--stop", "--json"]] {
        let ran = stage.run(&[&["servers", "forgotten"], options].concat());
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains("add `--yes`"), "{}", ran.err);
    }
    assert!(stage.run(&["servers", "forgotten", "--yes"]).code == Some(0), "only looked");
    assert_eq!((first.running(), second.running()), before);
    assert!(
        first.requests().iter().all(|asked| asked.method == "GET" || asked.path.contains("token"))
    );
}

#[test]
fn what_is_forgotten_is_stopped_and_nothing_else() {
    let (stage, first, second) = two();
    let ran = stage.run(&["servers", "forgotten", "--stop", "--yes", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let outcomes: Vec<_> = ran.rows().iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["stopped", "stopped", "stopped"]);
    assert_eq!(first.running(), ["planning", "support"]);
    assert_eq!(second.running(), ["interview"]);
    assert_eq!(stage.run(&["servers", "forgotten", "--json"]).rows(), Vec::<Value>::new());
}

#[test]
fn a_failed_look_up_is_a_row_with_a_reason_and_is_never_stopped() {
    let (stage, server) = (Stage::new(), stand_in(Version::V33));
    stage.add(&server, &json!({}));
    server.begin(Meeting::new("room").ago(HOURS).roles(&[]));
    server.fault(Trouble::new(Harm::Status(500)).on("/participants"));
    let ran = stage.run(&["servers", "forgotten", "--stop", "--yes", "--json"]);
    let row = &ran.rows()[0];
    assert_eq!((&row["id"], &row["reason"]), (&json!("room"), &json!("server error 500")));
    assert!(row.get("rule").is_none() && row.get("outcome").is_none(), "{row}");
    assert_eq!(server.running(), ["room"]);
    server.go_down();
    let ran = stage.run(&["servers", "forgotten", "--json"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.rows()[0]["reason"], "connection refused");
}

#[test]
fn a_stop_that_fails_makes_the_command_fail() {
    let (stage, server) = (Stage::new(), stand_in(Version::V33));
    stage.add(&server, &json!({}));
    server.begin(Meeting::new("room").ago(HOURS).roles(&[]));
    server.fault(Trouble::new(Harm::Status(500)).on("/stop"));
    let ran = stage.run(&["servers", "forgotten", "--stop", "--yes", "--json"]);
    let row = &ran.rows()[0];
    assert_eq!(
        (ran.code, &row["outcome"], &row["reason"]),
        (Some(1), &json!("failed"), &json!("server error 500"))
    );
}

#[test]
fn odd_names_and_topics_do_no_harm_to_rows_and_terminals() {
    let stage = Stage::new();
    let names = ["a <b> | c", &"Ж".repeat(60), "10.0.0.1", "\u{202e}x"];
    let servers: Vec<_> = names
        .iter()
        .map(|name| {
            let server = StandIn::start(name, Version::V33).unwrap();
            let topic = "\u{1b}[31m<i>\u{202e}Тема | \"x\"";
            server.begin(Meeting::new("room").ago(HOURS).roles(&[]).topic(Some(topic)));
            stage.add(&server, &json!({}));
            server
        })
        .collect();
    let told: Vec<_> = stage.run(&["servers", "--json"]).rows();
    let told: Vec<_> = told.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(told, names);
    assert_eq!(stage.run(&["servers", "forgotten", "--json"]).rows().len(), servers.len());
    let table = stage.run(&["servers", "forgotten"]).out;
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table:?}");
    // The name is no host: tokens are fetched from the address.
    servers.iter().for_each(StandIn::revoke);
    assert!(stage.run(&["servers", "--json"]).rows().iter().all(|row| row["reason"].is_null()));
}

#[test]
fn without_servers_there_is_nothing_to_say() {
    let stage = Stage::new();
    for what in [&["servers"][..], &["servers", "check"], &["servers", "forgotten"]] {
        let ran = stage.run(what);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(0), "no servers in the settings; add them under `servers`\n")
        );
        assert_eq!(stage.run(&[what, &["--json"]].concat()).out, "[]\n");
    }
}

#[test]
fn nothing_rewrites_the_settings() {
    let (stage, first, _second) = two();
    let before = stage.text();
    first.revoke();
    for what in [
        &["servers"][..],
        &["servers", "check"],
        &["servers", "forgotten", "--stop", "--yes"],
        &["check", "--online"],
    ] {
        stage.run(what);
        assert_eq!(stage.text(), before, "{what:?}");
    }
}

/// The lines of `roost check --online` about servers.
fn said(stage: &Stage) -> String {
    let out = stage.run(&["check", "--online"]).out;
    out.split_inclusive('\n').filter(|line| line.contains("server `")).collect()
}

#[test]
fn the_online_check_says_what_is_wrong_with_each_server_and_what_to_do() {
    let (stage, first, second) = two();
    let all = said(&stage);
    for line in [
        "ok server `Head office`: up, answers within ",
        "ok server `Head office`: API: running conferences: 4\n",
        "ok server `Head office`: API: people online: 36\n",
        "ok server `Branch`: API: running conferences: 2\n",
        "note server `Branch`: people online: not offered by this server; ",
    ] {
        assert!(all.contains(line), "{line}:\n{all}");
    }
    first.manners(|manners| manners.scopes.retain(|scope| scope != "users:read"));
    let all = said(&stage);
    let line =
        "note server `Head office`: people online: permission `users:read` is missing; tick it in";
    assert!(all.contains(line), "{all}");
    first.manners(|manners| manners.accepts_credentials = false);
    second.go_down();
    let all = said(&stage);
    for line in [
        "wrong server `Head office`: API: credentials are not accepted; correct `client_id` and `client_secret`\n",
        "wrong server `Branch`: down: connection refused; start the server, or correct `ip` and the port\n",
    ] {
        assert!(all.contains(line), "{line}:\n{all}");
    }
}

#[test]
fn the_check_says_how_certificates_are_trusted() {
    let authority = Authority::new();
    let server = stand_in(Version::V33);
    for (trust, flaw, expected) in [
        (json!("ca.pem"), Flaw::None, "ok server `Head office`: certificate until 2090-01-01\n"),
        (
            json!(false),
            Flaw::None,
            "note server `Head office`: `ssl_certificate` is off: its certificate is NOT checked",
        ),
        (
            json!("gone.pem"),
            Flaw::None,
            "wrong server `Head office`: TLS: file of `ssl_certificate` cannot be used; correct the path",
        ),
        (
            json!("ca.pem"),
            Flaw::Expired,
            "wrong server `Head office`: API: TLS: certificate has expired; renew the server's certificate\n",
        ),
        (
            json!("ca.pem"),
            Flaw::Expired,
            "wrong server `Head office`: certificate ended on 2021-01-01; renew it\n",
        ),
        (
            json!("ca.pem"),
            Flaw::OtherName,
            "wrong server `Head office`: API: TLS: certificate is for another name; use the name in the certificate as `ip`\n",
        ),
    ] {
        let terminator = Terminator::start(server.address(), authority.sign(flaw));
        let stage = Stage::new();
        std::fs::write(stage.path("ca.pem"), &authority.pem).unwrap();
        stage.add(&server, &json!({"ip": terminator.place(), "ssl_certificate": trust}));
        let all = said(&stage);
        assert!(all.contains(expected), "{expected}:\n{all}");
    }
}

#[test]
fn a_file_of_the_original_bot_works_unchanged() {
    let server = stand_in(Version::V33);
    server.begin(Meeting::new("room"));
    server.accept("canary-fixed");
    let old = |state: Value| {
        json!({
            "tg-api-token": "123456:TEST-TOKEN-made-up", "tg-users-id": [111],
            "servers": {"Сервер 3": {
                "ip": format!("http://{}", server.address()), "client_id": "made-up",
                "client_secret": "canary", "access_token": "canary-fixed",
                "server_status": {"state": state, "timeout": 15},
            }},
        })
    };
    for (state, expected) in [(json!(0), "off"), (json!(1), "down"), (json!(true), "down")] {
        let stage = Stage::new();
        std::fs::write(stage.path("settings.json"), old(state).to_string()).unwrap();
        let row = &stage.run(&["servers", "--json"]).rows()[0];
        // Nobody listens at the usual status port of this machine.
        assert_eq!((&row["name"], &row["state"]), (&json!("Сервер 3"), &json!(expected)));
        assert_eq!(row["conferences"], 1);
    }
    let toml = format!(
        "tg-api-token = '123456:TEST-TOKEN-made-up'\ntg-users-id = [111]\nlocale = 'ru'\n\
         [servers.'Z']\nip = 'http://{0}'\nclient_id = 'x'\nclient_secret = 'canary'\n\
         access_token = 'canary-fixed'\nssl_certificate = true\nserver_status = {{state = true, timeout = 15}}\n\
         [servers.'A']\nip = 'http://{0}'\nclient_id = 'x'\nclient_secret = 'canary'\n\
         access_token = 'canary-fixed'\nssl_certificate = ''\nserver_status = {{state = false, timeout = 15}}\n",
        server.address()
    );
    let stage = Stage::new();
    std::fs::rename(stage.path("settings.json"), stage.path("old.json")).unwrap();
    std::fs::write(stage.path("settings.toml"), &toml).unwrap();
    let rows = stage.run_with(&["servers", "--json"], "settings.toml").rows();
    assert_eq!(
        (&rows[0]["name"], &rows[1]["name"]),
        (&json!("Z"), &json!("A")),
        "the file's order"
    );
    assert_eq!(rows[1]["conferences"], 1);
    assert_eq!(std::fs::read_to_string(stage.path("settings.toml")).unwrap(), toml);
}
