//! Telegram is away, slow, or says no: the bot shows it, lasts, and answers afterwards.

use roost::demo::telegram::{Denial, Fault, Harm, StandIn};
use roost::hidden::Hidden;
use roost::telegram::Client;
use serde_json::json;

use crate::support::{ADA, PATIENCE, TOKEN};
use crate::world::World;

/// What `roost health` prints and whether it is content.
fn health(world: &World) -> (bool, String) {
    let output = world.roost(&["health"]);
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// `getUpdates` fails with `fault` after a good beginning, until it heals.
#[track_caller]
fn survives(fault: Fault, told: &str) {
    let world = World::new();
    world.is_idle();
    let before = world.telegram.look(|view| view.calls("getUpdates").len());
    world.telegram.fault(fault.on("getUpdates"));
    // The poll that waits already ends well; those after it do not.
    world.ada.sends("/start");
    world.ada.waits_for_text("Hi!");
    world.telegram.wait_for("a repeated call", |view| {
        (view.calls("getUpdates").len() >= before + 2).then_some(())
    });
    // The second failed call tells that the first was noted.
    let (status, telegram) = world.ready("telegram");
    let reason = telegram["reason"].as_str().unwrap();
    assert!(reason.contains(told), "{reason}");
    assert_eq!(status, 200, "the last good answer is not 90 seconds old");
    assert!(health(&world).1.contains(told));
    // It works on without its Telegram: a page sees what happens.
    world.page(ADA);
    world.telegram.heal();
    world.bob.sends("/start");
    world.bob.waits_for_text("Hi!");
    world.is_idle();
    let (status, telegram) = world.ready("telegram");
    assert!(telegram["reason"].as_str().unwrap().starts_with("last contact"), "{telegram}");
    let (is_well, printed) = health(&world);
    assert!(status == 200 && is_well && printed.contains("ok telegram: last contact"), "{printed}");
    assert_eq!((world.told(&world.ada).len(), world.told(&world.bob).len()), (1, 1));
}

#[test]
fn another_poller_takes_turns() {
    survives(Fault::conflict(), "409");
}

#[test]
fn polls_come_too_often() {
    survives(Fault::flood(1), "429");
}

#[test]
fn telegram_restarts() {
    survives(Fault::restart(), "500");
}

#[test]
fn a_proxy_answers_for_telegram() {
    survives(Fault::new(Harm::Html), "502");
}

#[test]
fn answers_end_in_the_middle() {
    survives(Fault::new(Harm::BrokenJson), "not of the bot api's form");
}

#[test]
fn connections_break_in_the_middle_of_answers() {
    survives(Fault::new(Harm::Reset), "broke");
}

#[test]
fn connections_break_before_answers() {
    survives(Fault::new(Harm::LostAnswer), "connection");
}

#[test]
fn a_bot_that_never_reached_telegram_says_so_and_begins_when_it_can() {
    for (fault, told) in [(Fault::restart(), "500"), (Fault::new(Harm::Html), "502")] {
        let world = World::with(&json!({}), |telegram| telegram.fault(fault));
        world.telegram.wait_for("two calls", |view| (view.requests().len() >= 2).then_some(()));
        let (status, telegram) = world.ready("telegram");
        assert_eq!((status, &telegram["ok"]), (503, &json!(false)));
        assert!(telegram["reason"].as_str().unwrap().contains(told), "{telegram}");
        let (is_well, printed) = health(&world);
        assert!(!is_well && printed.contains("wrong telegram"), "{printed}");
        // Nobody needs Telegram to look at the page.
        world.page(ADA);
        world.ada.sends("/start");
        world.telegram.heal();
        world.ada.waits_for_text("Hi!");
        world.is_idle();
        assert_eq!(world.ready("telegram").0, 200);
        assert!(health(&world).0);
        let commands = world.telegram.look(|view| view.commands_for(ADA.id));
        assert!(!commands.is_empty(), "the menus are set as soon as they can be");
    }
}

#[test]
fn a_webhook_set_by_another_program_is_taken_away() {
    let set = |telegram: &StandIn| {
        let client = Client::new(&telegram.base_url(), Hidden::new(TOKEN.to_owned()));
        let webhook = json!({"url": "https://elsewhere.example.org/hook"});
        client.call("setWebhook", &webhook, PATIENCE).unwrap();
    };
    let world = World::with(&json!({}), |telegram| set(telegram));
    world.ada.sends("/start");
    world.ada.waits_for_text("Hi!");
    world.is_idle();
    set(&world.telegram);
    world.bob.sends("/start");
    world.bob.waits_for_text("Hi!");
    assert!(world.program.output().contains("409"), "{}", world.program.output());
}

#[test]
fn a_revoked_token_is_told_with_what_to_do() {
    let world = World::with(&json!({}), StandIn::revoke);
    world.waits_for_calls("getMe", 401, 1);
    let printed = loop {
        // The answer is under way to the program.
        let (is_well, printed) = health(&world);
        assert!(!is_well);
        if printed.contains("401") || printed.contains("bot-token") {
            break printed;
        }
    };
    assert!(printed.contains("bot-token"), "{printed}");
}

#[test]
fn a_flooded_chat_waits_alone() {
    let world = World::new();
    world.telegram.fault(Fault::flood(1).in_chat(ADA.id));
    world.ada.sends("/start");
    world.waits_for_calls("sendMessage", 429, 1);
    world.bob.sends("/start");
    world.bob.waits_for_text("Hi!");
    assert!(world.told(&world.ada).is_empty());
    let (_, sending) = world.ready("sending");
    assert!(sending["reason"].as_str().unwrap().contains(" replies; the oldest"), "{sending}");
    world.telegram.heal();
    world.ada.waits_for_text("Hi!");
    assert_eq!(world.told(&world.ada).len(), 1);
}

#[test]
fn sends_that_fail_for_now_are_made_again() {
    for fault in [Fault::restart(), Fault::new(Harm::Html), Fault::new(Harm::BrokenJson)] {
        let world = World::new();
        world.telegram.fault(fault.on("sendMessage").times(2));
        world.ada.sends("/start");
        world.ada.waits_for_text("Hi!");
    }
}

#[test]
fn who_blocked_the_bot_is_shown_as_unreachable_until_they_come_back() {
    let world = World::new();
    let blocked = Denial::forbidden("bot was blocked by the user");
    world.telegram.fault(Fault::new(Harm::Denied(blocked)).in_chat(ADA.id));
    world.ada.sends("/start");
    world.waits_for_calls("sendMessage", 403, 1);
    world.bob.sends("/start");
    world.bob.waits_for_text("Hi!");
    world.bob.blocks();
    world.is_idle();
    world.admin.sends("/users");
    let users = world.admin.waits_for_text("I know");
    let line = |users: &roost::demo::telegram::Seen, name: &str| {
        users.text.lines().find(|line| line.contains(name)).unwrap().to_owned()
    };
    assert!(line(&users, "Ada Löve").contains("cannot be reminded"), "{users}");
    assert!(line(&users, "Bob Stone").contains("cannot be reminded"), "{users}");
    assert_eq!(world.ready("sending").1["ok"], true, "a blocked bot is no trouble");
    world.telegram.heal();
    world.bob.unblocks();
    world.ada.sends("/start");
    world.ada.waits_for_text("Hi!");
    world.admin.sends("/users");
    let again = world.admin.waits_for("the list again", |message| {
        message.text.contains("I know") && message.id > users.id
    });
    assert!(!again.text.contains("cannot be reminded"), "{again}");
}
