//! Who has no right tries every button, command and message: one refusal for everything.

use roost::apps::conferences::fleet::ServerId;
use roost::demo::trueconf::Meeting;
use serde_json::{Value, json};

use crate::support::Page;
use crate::world::{
    ADMIN, BRANCH, HEAD, OPERATOR, OTHER, STRANGER, VIEWER, World, is_quiet, plain,
};

const NOT_YOURS: &str = "This is only for people who look after the servers.";

const OPEN_AGAIN: &str = "This button is out of date. Open the menu again with /servers.";

fn world() -> World {
    World::with(&json!({}), |head| {
        head.begin(Meeting::new("weekly").topic(Some("Weekly")));
    })
}

/// The data of every button there is for a server, with real keys where they can be known.
fn every_button(server: ServerId, run: &str) -> Vec<String> {
    let mut all: Vec<String> =
        ["go", "is", "who", "on", "off", "mute"].map(|verb| format!("c:{verb}:{server}")).into();
    for list in ["r0", "f0", "r99999"] {
        all.push(format!("c:ls:{server}:{list}"));
        all.push(format!("c:pg:{server}:{list}"));
        all.push(format!("c:end:{server}:{run}:{list}"));
    }
    all.extend(["c:all:0", "c:all:9", "c:yes:1", "c:yes:99"].map(str::to_owned));
    all
}

/// The key of the run in the list of an operator.
fn run_key(world: &World) -> String {
    let list = world.running(OPERATOR);
    let stop = crate::world::find_button(&list, "Weekly");
    stop.split(':').nth(3).unwrap().to_owned()
}

#[test]
fn a_stranger_in_a_group_pressing_every_button_gets_nothing_but_the_same_refusal() {
    let world = world();
    let group = -100_900;
    let people = [STRANGER, OPERATOR].map(|person| world.person(person));
    world.telegram.group(group, "Everybody", &[&people[0], &people[1]]);
    let run = run_key(&world);
    // A real question waits.
    let list = world.telegram.look(|view| view.bot_messages(OPERATOR.id).pop()).unwrap();
    world.taps(OPERATOR, &list, "Weekly", "Stop it");
    let asked = world.head.requests().len();
    let stranger = world.person(STRANGER);
    stranger.sends_in(group, "/help");
    let message = world.telegram.wait_for("help", |view| view.bot_messages(group).pop());
    let mut buttons = every_button(ServerId::of_name(HEAD), &run);
    buttons.extend(every_button(ServerId::of_name(BRANCH), &run));
    buttons.extend(every_button(ServerId(1), "1"));
    buttons.extend(["c:", "c:zebra", "c:go:", "c:yes:x", "c:go:1:2:3"].map(str::to_owned));
    for data in &buttons {
        let tap = stranger.taps_with(&message, data);
        assert_eq!(world.toast(STRANGER, &tap), NOT_YOURS, "{data}");
    }
    for command in ["/servers", "/servers@RoostBot"] {
        stranger.sends_in(group, command);
        world.telegram.wait_for("the refusal", |view| {
            view.bot_messages(group).pop().filter(|message| message.text == NOT_YOURS)
        });
    }
    stranger.sends("/servers");
    world.is_told(STRANGER, NOT_YOURS);
    // Who may, is sent to the private chat.
    let tap = world.person(OPERATOR).taps_with(&message, &buttons[0]);
    assert_eq!(world.toast(OPERATOR, &tap), "Let us do that in a private chat.");
    world.is_idle();
    assert_eq!(world.head.requests().len(), asked, "nothing was asked");
    assert_eq!(world.branch.requests().len(), 0);
    assert_eq!(world.asked("/stop"), 0);
    for message in world.telegram.look(|view| view.bot_messages(group)) {
        let text = plain(&message.text);
        assert!(!text.contains(HEAD) && !text.contains("Weekly"), "{message}");
    }
}

#[test]
fn keys_of_a_server_that_is_not_theirs_are_as_stale_as_forged_ones() {
    let world = world();
    let run = run_key(&world);
    let list = world.servers(OPERATOR);
    let (theirs, forged) = (ServerId::of_name(BRANCH), ServerId(12345));
    for server in [theirs, forged] {
        for data in every_button(server, &run) {
            if data.starts_with("c:all") || data.starts_with("c:mute") {
                continue;
            }
            let tap = world.person(OPERATOR).taps_with(&list, &data);
            assert_eq!(world.toast(OPERATOR, &tap), OPEN_AGAIN, "{data}");
        }
    }
    for data in ["c:", "c:zebra", "c:go:zzz", "c:pg:1", "c:yes:99999999999999999999999"] {
        let tap = world.person(OPERATOR).taps_with(&list, data);
        assert_eq!(world.toast(OPERATOR, &tap), OPEN_AGAIN, "{data}");
    }
    assert_eq!(world.branch.requests().len(), 0);
}

#[test]
fn who_may_only_look_cannot_act_by_any_key() {
    let world = world();
    let run = run_key(&world);
    let list = world.servers(VIEWER);
    let server = ServerId::of_name(HEAD);
    for data in
        [format!("c:end:{server}:{run}:r0"), format!("c:on:{server}"), format!("c:off:{server}")]
    {
        let tap = world.person(VIEWER).taps_with(&list, &data);
        let refusal = "Only operators of this server may do that.";
        assert_eq!(world.toast(VIEWER, &tap), refusal, "{data}");
    }
    assert_eq!(world.asked("/stop"), 0);
}

/// Messages that do something, with real ids.
fn every_message(server: u64, run: &str) -> Vec<Value> {
    vec![
        json!({"type": "look"}),
        json!({"type": "look", "id": server}),
        json!({"type": "conferences", "id": server, "from": 0}),
        json!({"type": "ask-stop", "id": server, "conference": run}),
        json!({"type": "stop", "id": server, "ask": 1}),
        json!({"type": "watch", "id": server, "on": true}),
        json!({"type": "zebra"}),
        json!({}),
        json!({"type": "look", "id": "x"}),
    ]
}

/// Types of the frames a page got.
fn kinds(page: &Page) -> Vec<String> {
    page.seen.iter().map(|frame| frame["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_page_of_a_stranger_gets_no_frame_and_every_message_the_same_refusal() {
    let world = world();
    let run = run_key(&world);
    let mut page = world.page(STRANGER);
    assert_eq!(kinds(&page), ["connect", "welcome", "servers-loaded"]);
    let asked = world.head.requests().len();
    for message in every_message(ServerId::of_name(HEAD).0, &run) {
        page.send(message.clone());
        assert_eq!(page.expect_error("not-yours")["msg"], NOT_YOURS, "{message}");
    }
    // Through a page of events, too.
    let mut events = Page::of(world.program.address(), STRANGER);
    events.app = Some("conferences");
    events.send(json!({"type": "watch", "id": ServerId::of_name(HEAD).0, "on": true}));
    events.expect_error("not-yours");
    // While others are shown a change.
    let mut operator = world.page(OPERATOR);
    operator.send(json!({"type": "watch", "id": ServerId::of_name(HEAD).0, "on": true}));
    operator.until(|frame| frame["type"] == "server" && frame["monitored"] == true);
    is_quiet(&mut page);
    assert_eq!(world.head.requests().iter().filter(|a| a.path.contains("api")).count(), {
        let api = |list: &[roost::demo::trueconf::Asked]| {
            list.iter().filter(|asked| asked.path.contains("api")).count()
        };
        api(&world.head.requests()[..asked])
    });
}

#[test]
fn each_page_shows_the_servers_of_its_person_alone() {
    let world = world();
    for (person, expected) in [
        (ADMIN, vec![(HEAD, true), (BRANCH, true)]),
        (OPERATOR, vec![(HEAD, true)]),
        (OTHER, vec![(HEAD, true)]),
        (VIEWER, vec![(HEAD, false)]),
        (STRANGER, vec![]),
    ] {
        let page = world.page(person);
        let mut servers: Vec<(&str, bool)> = page
            .seen
            .iter()
            .filter(|frame| frame["type"] == "server")
            .map(|frame| (frame["name"].as_str().unwrap(), frame["may_stop"].as_bool().unwrap()))
            .collect();
        let by_name = |name: &str| expected.iter().position(|(other, _)| *other == name);
        servers.sort_by_key(|(name, _)| by_name(name));
        assert_eq!(servers, expected, "{}", person.name);
    }
}

#[test]
fn a_right_that_is_taken_away_takes_the_tiles_with_it() {
    let world = world();
    world.person(STRANGER).sends("/start");
    world.is_told(STRANGER, "Hi!");
    let mut page = world.page(STRANGER);
    let mut viewer = world.page(VIEWER);
    world.person(ADMIN).sends(&format!("/makeadmin {}", STRANGER.id));
    assert_eq!(page.expect("welcome")["is_admin"], true);
    let mut names = [page.expect("server")["name"].clone(), page.expect("server")["name"].clone()];
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, [json!(BRANCH), json!(HEAD)]);
    world.telegram.wait_for("the menu", |view| {
        view.commands_for(STRANGER.id).iter().any(|(name, _)| name == "servers").then_some(())
    });
    world.person(ADMIN).sends(&format!("/removeadmin {}", STRANGER.id));
    assert_eq!(page.expect("welcome")["is_admin"], false);
    assert_eq!(
        [page.expect("gone")["type"].clone(), page.expect("gone")["type"].clone()],
        ["gone", "gone"]
    );
    page.send(json!({"type": "look"}));
    page.expect_error("not-yours");
    is_quiet(&mut page);
    // Others see the same as before, and nothing of servers that are not theirs.
    viewer.send(json!({"type": "zebra"}));
    let frame = viewer.until(|frame| frame["type"] == "error");
    assert_eq!(frame["code"], "unknown-command");
    assert!(viewer.seen.iter().all(|frame| frame["name"] != BRANCH && frame["type"] != "gone"));
}
