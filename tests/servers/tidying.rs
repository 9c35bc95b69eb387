//! Automatic tidying: forgotten conferences are seen twice, warned of and stopped, unless somebody
//! says otherwise.

use std::time::Duration;

use roost::demo::telegram::Seen;
use roost::demo::trueconf::{self, Fault, Harm, Meeting};
use serde_json::{Value, json};

use crate::support;
use crate::world::{ADMIN, HEAD, OPERATOR, OTHER, STRANGER, VIEWER, World, find_button, plain};

/// What counts as forgotten after a second, so that there is a round every second.
fn rule(more: &Value) -> Value {
    let mut rule = json!({"longer-than": "1s", "auto-stop": "on", "warn-before": "2s"});
    for (key, value) in more.as_object().unwrap() {
        rule[key] = value.clone();
    }
    json!({"forgotten": rule})
}

/// A moderator alone, for two hours.
fn forgotten(id: &str) -> Meeting {
    Meeting::new(id).ago(Duration::from_secs(7_200)).roles(&[2])
}

/// Two people with a moderator, for two hours.
fn used(id: &str) -> Meeting {
    Meeting::new(id).ago(Duration::from_secs(7_200))
}

fn world(more: &Value, before: impl FnOnce(&trueconf::StandIn)) -> World {
    World::watched(&rule(more), before)
}

/// What somebody was told of tidying, the oldest first.
fn news(world: &World, person: support::Person) -> Vec<String> {
    let messages = world.telegram.look(|view| view.bot_messages(person.id));
    let texts = messages.into_iter().map(|message| plain(&message.text));
    texts.filter(|text| text.starts_with('🧹')).collect()
}

/// So many more rounds of tidying the first server end.
fn rounds(world: &World, count: usize) {
    let lists = |asked: &[trueconf::Asked]| {
        asked.iter().filter(|one| one.path == "/api/v3.3/logs/calls" && one.status > 0).count()
    };
    let before = lists(&world.head.requests());
    world.head.wait_for("rounds", |asked| (lists(asked) >= before + count).then_some(()));
}

/// The entries of the audit log of one conference, the oldest first: what, and what came of it.
fn audit(world: &World, id: &str) -> Vec<String> {
    let mut rows = world.audit();
    rows.reverse();
    rows.retain(|row| row["conference"]["id"] == id);
    let cell = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| format!("{} {}", cell(row, "what"), cell(row, "result"))).collect()
}

fn warning(world: &World) -> Seen {
    world.is_told(OPERATOR, "It will be stopped at")
}

#[test]
fn a_forgotten_conference_is_warned_of_and_stopped_and_all_others_go_on() {
    let world = world(&json!({"exempt": ["weekly"]}), |head| {
        head.begin(forgotten("lonely").topic(Some("<Q1> & Ümlaut")));
        head.begin(forgotten("weekly"));
        head.begin(used("busy"));
        head.begin(Meeting::new("two").roles(&[2, 2]).ago(Duration::from_secs(7_200)));
    });
    let warning = warning(&world);
    let text = plain(&warning.text);
    assert!(text.contains("<Q1> & Ümlaut on Head office looks forgotten"), "{text}");
    assert!(text.contains("the moderator is alone in it"), "{text}");
    world.is_told(OPERATOR, "was forgotten and is stopped now.");
    world.is_told(OTHER, "war vergessen und ist jetzt beendet.");
    world.is_told(ADMIN, "was forgotten and is stopped now.");
    rounds(&world, 3);
    assert_eq!(world.head.running(), ["weekly", "busy", "two"]);
    assert_eq!((news(&world, OPERATOR).len(), news(&world, VIEWER).len()), (2, 0));
    assert_eq!(audit(&world, "lonely"), ["warn ", "decide ", "stop stopped"]);
    let entry = &world.audit()[0];
    assert_eq!((&entry["by"], &entry["server"]), (&json!("tidying"), &json!(HEAD)));
    assert_eq!(world.asked("/stop"), 1, "one request to stop");
}

#[test]
fn tidying_is_off_unless_the_settings_say_so_and_while_nothing_is_monitored() {
    for settings in [
        json!({"forgotten": {"longer-than": "1s"}}),
        json!({"server_status": {"state": 0, "timeout": 1},
            "forgotten": {"longer-than": "1s", "auto-stop": "on", "warn-before": "0s"}}),
    ] {
        let world = World::watched(&settings, |head| {
            head.begin(forgotten("lonely"));
        });
        world.branch.wait_for_checks(5);
        assert_eq!(world.asked("/api/"), 0, "nobody asks for conferences: {settings}");
        assert_eq!(world.head.running(), ["lonely"]);
    }
}

#[test]
fn a_dry_run_does_everything_but_the_stop() {
    let world = world(&json!({"auto-stop": "dry-run"}), |head| {
        head.begin(forgotten("lonely"));
    });
    world.is_told(OPERATOR, "but this is a dry run");
    world.is_told(OPERATOR, "would have been stopped now, but this is a dry run.");
    rounds(&world, 4);
    assert_eq!((world.head.running(), world.asked("/stop")), (vec!["lonely".to_owned()], 0));
    assert_eq!(news(&world, OPERATOR).len(), 2, "once each");
    assert_eq!(audit(&world, "lonely"), ["warn ", "would-stop "]);
}

#[test]
fn an_operator_can_put_a_stop_off_or_leave_the_conference_alone() {
    let world = world(&json!({"warn-before": "5s"}), |head| {
        head.begin(forgotten("first"));
        head.begin(forgotten("second"));
    });
    let first = world.is_told(OPERATOR, "Meeting first on Head office looks forgotten");
    let second = world.is_told(OTHER, "Meeting second auf Head office wirkt vergessen");
    let (snooze, keep) =
        (find_button(&first, "One hour more"), find_button(&second, "Weiterlaufen lassen"));
    // Data that somebody made up, or saw on another's screen.
    for person in [STRANGER, VIEWER] {
        for data in [&snooze, &keep] {
            let own = world.person(person).waits_for("a message", |message| message.by_bot);
            let tap = world.person(person).taps_with(&own, data);
            let answer = world.toast(person, &tap);
            assert!(answer.contains("only for") || answer.contains("Only operators"), "{answer}");
        }
    }
    world.person(OPERATOR).taps_with(&first, &snooze);
    world.becomes(&first, "Olga Operator gives Meeting first one hour more.");
    world.person(OTHER).taps_with(&second, &keep);
    world.becomes(&second, "Otto Other lässt Meeting second weiterlaufen.");
    world.is_told(OTHER, "Olga Operator gibt Meeting first noch eine Stunde.");
    world.is_told(OPERATOR, "Otto Other leaves Meeting second running.");
    // The warnings of others still have their buttons.
    let of_admin = world.is_told(ADMIN, "Meeting second on Head office looks forgotten");
    let tap = world.person(ADMIN).taps_with(&of_admin, &find_button(&of_admin, "One hour more"));
    let answer = world.toast(ADMIN, &tap);
    assert_eq!(answer, "This conference is no longer about to be stopped.");
    rounds(&world, 8);
    assert_eq!(world.head.running(), ["first", "second"]);
    assert_eq!(world.asked("/stop"), 0);
    assert_eq!(audit(&world, "first"), ["warn ", "snooze "]);
    assert_eq!(audit(&world, "second"), ["warn ", "keep "]);
}

#[test]
fn nobody_is_told_and_nothing_is_stopped_in_quiet_hours() {
    let world = world(&json!({"quiet-hours": ["00:00", "00:00"], "warn-before": "0s"}), |head| {
        head.begin(forgotten("lonely"));
    });
    rounds(&world, 6);
    assert_eq!(world.head.running(), ["lonely"]);
    assert_eq!(news(&world, OPERATOR), Vec::<String>::new());
}

#[test]
fn a_look_up_that_fails_stops_nothing() {
    let world = world(&json!({"warn-before": "0s"}), |head| {
        head.begin(forgotten("lonely"));
        head.fault(Fault::new(Harm::Status(500)).on("participants"));
    });
    rounds(&world, 5);
    assert_eq!((world.head.running(), world.asked("/stop")), (vec!["lonely".to_owned()], 0));
    world.head.heal();
    world.is_told(OPERATOR, "was forgotten and is stopped now.");
    assert_eq!(world.head.running(), Vec::<String>::new());
}

#[test]
fn a_run_that_begins_anew_after_the_warning_is_not_stopped_for_the_old_one() {
    let world = world(&json!({"warn-before": "10s"}), |head| {
        head.begin(forgotten("lonely"));
    });
    warning(&world);
    world.head.replace("lonely");
    world.is_told(OPERATOR, "Meeting lonely on Head office has ended by itself.");
    // The new run is another case, with looks and a warning of its own.
    world.telegram.wait_for("another warning", |view| {
        let messages = view.bot_messages(OPERATOR.id);
        let warnings = messages.iter().filter(|message| message.text.contains("will be stopped"));
        (warnings.count() == 2).then_some(())
    });
    assert_eq!((world.head.running(), world.asked("/stop")), (vec!["lonely".to_owned()], 0));
}

#[test]
fn a_conference_that_ends_by_itself_after_the_warning_is_told_and_not_stopped() {
    let world = world(&json!({"warn-before": "10s"}), |head| {
        head.begin(forgotten("lonely"));
    });
    warning(&world);
    world.head.end("lonely");
    world.is_told(OPERATOR, "Meeting lonely on Head office has ended by itself.");
    rounds(&world, 3);
    assert_eq!(world.asked("/stop"), 0);
    assert_eq!(audit(&world, "lonely"), ["warn ", "spare ended"]);
}

#[test]
fn a_stop_that_is_refused_is_tried_again_and_told_in_the_log() {
    let world = world(&json!({"warn-before": "0s"}), |head| {
        head.begin(forgotten("lonely"));
        head.fault(Fault::new(Harm::Status(500)).on("/stop"));
    });
    world.head.wait_for("a try to stop", |asked| {
        asked.iter().any(|one| one.path.ends_with("/stop") && one.status == 500).then_some(())
    });
    rounds(&world, 3);
    assert_eq!(world.head.running(), ["lonely"]);
    assert_eq!(audit(&world, "lonely"), ["decide ", "stop server-error-500"]);
    assert_eq!(world.asked("/stop"), 1, "not in a hurry");
}

#[test]
fn a_kill_after_the_warning_neither_forgets_it_nor_warns_again() {
    let mut world = world(&json!({"warn-before": "6s"}), |head| {
        head.begin(forgotten("lonely"));
    });
    warning(&world);
    // Whoever is answered has got, and has the server know that they got, what came before.
    for person in [ADMIN, OPERATOR, OTHER] {
        world.person(person).sends("/mute");
        world.is_told(person, "/mute off");
    }
    world.program.kill();
    assert_eq!(world.head.running(), ["lonely"]);
    world.restart();
    world.is_told(OPERATOR, "was forgotten and is stopped now.");
    assert_eq!(news(&world, OPERATOR).len(), 2, "one warning, one stop");
    assert_eq!(audit(&world, "lonely"), ["warn ", "decide ", "stop stopped"]);
}

#[test]
fn the_audit_log_is_a_table_for_people_and_rows_for_programs() {
    let world = world(&json!({"warn-before": "0s"}), |head| {
        head.begin(forgotten("lonely"));
    });
    world.is_told(OPERATOR, "was forgotten and is stopped now.");
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_roost"));
        let command = command.args(arguments).arg("--settings").arg(world.home.settings());
        let output = command.current_dir(world.home.folder()).env_clear().output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let table = run(&["servers", "audit"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("When") && lines[0].contains("Server"), "{table}");
    assert!(lines[1].contains("tidying") && lines[1].contains("stopped"), "{table}");
    assert!(lines[1].ends_with("Meeting lonely"), "{table}");
    let newest = run(&["servers", "audit", "--limit", "1", "--json"]);
    let newest: Vec<Value> = serde_json::from_str(&newest).unwrap();
    assert_eq!((newest.len(), &newest[0]["what"]), (1, &json!("stop")));
    // A stop on the command line is in it, too.
    world.head.begin(used("other"));
    let listed = run(&["servers", "--json"]);
    let listed: Vec<Value> = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed[0]["state"], listed[0]["since"].is_string()), (&json!("up"), true));
}
