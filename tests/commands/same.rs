//! One script of commands, done through a server and without one: the same words, the same data.

use roost::apps::events::refusal::Refusal;
use roost::apps::events::text;
use roost::i18n::Language;
use serde_json::{Value, json};

use super::server::{Server, folder};
use super::{list, run};

/// Command lines and what they print; `?` for anything.
const SCRIPT: &[(&[&str], &str)] = &[
    (&["list-events"], "ID  Start  Repeats  Zone  Hours  Going  State  Title\n"),
    (&["list-events", "--json"], "[]\n"),
    (
        &["list-users"],
        "Telegram ID  Admin  Banned  Name\n\
         900          yes    no\n\
         901          no     yes\n",
    ),
    (&["add-event", "-t", "Chess", "-d", "Bring a board", "-s", "18:30", "-r", "1.5"], "1\n"),
    (
        &[
            "add-event",
            "--title",
            "Gala",
            "--description",
            "Dress up",
            "--start",
            "2199-12-24 18:00",
            "--duration",
            "2",
            "--timezone",
            "Europe/Berlin",
            "--location",
            "Town hall",
            "--capacity",
            "10",
            "--recurrence",
            "weekly",
            "--until",
            "2200-06-30",
        ],
        "2\n",
    ),
    (&["edit-event", "1", "-t", "Chess club", "-d", ""], "event 1 changed\n"),
    (&["edit-event", "1", "-t", "Chess club"], "event 1 was like that already\n"),
    (
        &["edit-event", "2", "--capacity", "", "--location", "", "--until", "2200-05-31"],
        "event 2 changed\n",
    ),
    (&["cancel-event", "2", "--date", "2199-12-31"], "event 2 on 2199-12-31 cancelled\n"),
    (
        &["cancel-event", "2", "--date", "2199-12-31", "--reason", "holidays"],
        "event 2 on 2199-12-31 was cancelled already\n",
    ),
    (&["cancel-event", "1", "--reason", "no boards"], "event 1 cancelled\n"),
    (&["cancel-event", "1"], "event 1 was cancelled already\n"),
    (&["attendees", "1"], "Telegram ID  State  Since  Reachable  Name\n"),
    (&["attendees", "1", "--json"], "[]\n"),
    (&["attendees", "1", "--csv"], "telegram_id,name,state,since,reachable\r\n"),
    (&["add-event", "-t", "Short", "-s", "2199-01-01 10:00", "-r", "1"], "3\n"),
    (&["delete-event", "3"], "event 3 deleted\n"),
    (&["delete-event", "3"], "?"),
    (&["make-admin", "5"], "5 is an admin\n"),
    (&["make-admin", "5"], "5 is an admin\n"),
    (&["ban", "6"], "6 is banned\n"),
    (&["unban", "7"], "7 is not banned\n"),
    (&["remove-admin", "5"], "5 is no admin\n"),
    (
        &["remove-admin", "900"],
        "900 is an admin by the settings; take the id out of `admins` and restart the server\n",
    ),
    (
        &["ban", "900"],
        "900 is an admin by the settings; take the id out of `admins` and restart the server\n",
    ),
    (
        &["unban", "901"],
        "901 is banned by the settings; take the id out of `banned` and restart the server\n",
    ),
    (
        &["list-users"],
        "Telegram ID  Admin  Banned  Name\n\
         5            no     no\n\
         6            no     yes\n\
         7            no     no\n\
         900          yes    no\n\
         901          no     yes\n",
    ),
    (&["list-users", "--json"], "?"),
    (
        &["list-events"],
        "ID  Start             Repeats  Zone           Hours  Going  State      Title\n\
         1   18:30             daily    UTC            1.5    0      cancelled  Chess club\n\
         2   2199-12-24 18:00  weekly   Europe/Berlin  2      0      open       Gala\n",
    ),
];

#[test]
fn commands_say_and_do_the_same_with_a_server_and_without_one() {
    let settings = json!({"admins": [900], "banned": [901]});
    let server = Server::start(&settings);
    let (beside, alone) = (server.folder.path(), folder(&settings));
    for (arguments, expected) in SCRIPT {
        let done = run(beside, arguments);
        assert_eq!(done, run(alone.path(), arguments), "{arguments:?}");
        let said = format!("{}{}", done.out, done.err);
        assert!(said == *expected || *expected == "?", "{arguments:?}: {said}");
        assert_eq!(done.code, i32::from(!done.err.is_empty()), "{arguments:?}");
    }
    let refused = text::refusal(&Refusal::NoSuchEvent, Language::En);
    assert_eq!(run(beside, &["delete-event", "3"]).err, format!("{refused}\n"));
    let users = list(beside, &["list-users", "--json"]);
    let expected = json!({"telegram_id": 6, "is_admin": false, "name": "", "banned": true,
        "language": null, "reachable": false, "muted": false});
    assert_eq!(users[1], expected);
    let events = list(beside, &["list-events", "--json"]);
    assert_eq!(events, list(alone.path(), &["list-events", "--json"]));
    for (row, member, expected) in [
        (0, "id", json!(1)),
        (0, "title", json!("Chess club")),
        (0, "description", json!("")),
        (0, "cancelled", json!(true)),
        (0, "cancel_reason", json!("no boards")),
        (0, "created_by", json!(0)),
        (0, "over", json!(false)),
        (0, "attending", Value::Null),
        (1, "capacity", Value::Null),
        (1, "location", json!("")),
        (1, "until", json!("2200-05-31")),
        (1, "cancelled_dates", json!(["2199-12-31"])),
    ] {
        assert_eq!(events[row][member], expected, "{member}");
    }
}
