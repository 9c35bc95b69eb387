//! What the command line and open pages see of each other.

use std::path::Path;

use serde_json::{Value, json};

use super::page::Page;
use super::server::Server;
use super::{add, list, ok};

#[test]
fn an_open_page_sees_at_once_what_the_command_line_does() {
    let server = Server::start(&json!({}));
    let folder = server.folder.path();
    let mut page = Page::of(&server, 5, "Ada");
    let id = add(folder, "From the shell");
    let event = page.next("event");
    assert_eq!((event["id"].to_string(), &event["title"]), (id.clone(), &json!("From the shell")));
    ok(folder, &["edit-event", &id, "-t", "Renamed", "--capacity", "1"]);
    let event = page.next("event");
    assert_eq!((&event["title"], &event["version"]), (&json!("Renamed"), &json!(2)));
    ok(folder, &["cancel-event", &id, "--reason", "rain"]);
    assert_eq!(page.next("event")["cancel_reason"], "rain");
    ok(folder, &["delete-event", &id]);
    assert_eq!(page.next("delete-event")["id"].to_string(), id);
    ok(folder, &["make-admin", "5"]);
    assert_eq!(page.next("welcome")["is_admin"], true);
    ok(folder, &["remove-admin", "5"]);
    assert_eq!(page.next("welcome")["is_admin"], false);
    ok(folder, &["ban", "5"]);
    assert_eq!(page.next("disconnect")["reason"], "banned");
}

#[test]
fn attendees_are_listed_for_people_for_spreadsheets_and_for_programs() {
    let server = Server::start(&json!({}));
    let id = add(server.folder.path(), "Two seats");
    ok(server.folder.path(), &["edit-event", &id, "--capacity", "2"]);
    for (user, name) in [(5, "Ada, \"the\" Löve"), (60, "=1+1"), (7, "\u{202e}日本\n")] {
        let mut page = Page::of(&server, user, name);
        page.send(json!({"type": "attend", "event": id.parse::<u64>().unwrap()}));
        page.next("event");
    }
    let look = |folder: &Path| {
        let json = list(folder, &["attendees", &id, "--json"]);
        let since: Vec<String> =
            json.iter().map(|person| person["since"].as_str().unwrap().to_owned()).collect();
        let texts = [
            ok(folder, &["attendees", &id, "--csv"]),
            ok(folder, &["attendees", &id]),
            ok(folder, &["list-users"]),
            ok(folder, &["list-events"]),
        ];
        (json, since, texts)
    };
    let (people, since, texts) = look(server.folder.path());
    let ids: Vec<&Value> = people.iter().map(|person| &person["telegram_id"]).collect();
    assert_eq!(ids, [&json!(5), &json!(60), &json!(7)]);
    assert_eq!(people[2]["state"], "waitlisted");
    let name = people[2]["name"].as_str().unwrap();
    let [csv, attendees, users, events] = &texts;
    assert_eq!(
        *csv,
        format!(
            "telegram_id,name,state,since,reachable\r\n\
             5,\"Ada, \"\"the\"\" Löve\",going,{},no\r\n\
             60,'=1+1,going,{},no\r\n\
             7,{name},waitlisted,{},no\r\n",
            since[0], since[1], since[2]
        )
    );
    assert_eq!(
        *attendees,
        format!(
            "Telegram ID  State       {:width$}  Reachable  Name\n\
             5            going       {:width$}  no         Ada, \"the\" Löve\n\
             60           going       {:width$}  no         =1+1\n\
             7            waitlisted  {:width$}  no         日本\n",
            "Since",
            since[0],
            since[1],
            since[2],
            width = since.iter().map(String::len).max().unwrap()
        )
    );
    assert!(users.contains("\n7            no     no      日本\n"), "{users}");
    assert!(events.contains("  2/2+1  open   Two seats\n"), "{events}");
    // Killed, it leaves its socket behind and loses nothing.
    let folder = server.kill();
    assert!(folder.path().join("roost.redb.sock").exists());
    assert_eq!(look(folder.path()), (people, since, texts));
}
