//! A secret goes through the private chat once, byte for byte.

use std::time::Duration;

use serde_json::json;

use crate::chat::{
    CLOSED, answered, confide, is_ticket, label, open, read, tickets, times_sent, waits_until_gone,
};
use crate::support::{ADA, BOB};
use crate::world::{World, toast};

#[test]
fn a_secret_is_told_read_once_and_gone() {
    let world = World::new();
    let sent = world.ada.sends("new:the door code is 4711");
    let told = world.ada.waits_for("what opens it", |seen| is_ticket(&seen.text));
    assert_eq!(told.json["entities"][0]["type"], "pre", "{}", told.json);
    assert_eq!(told.json["entities"][0]["length"], told.text.len());
    assert!(told.text.starts_with("1:"), "{}", told.text);
    waits_until_gone(&world, ADA.id, sent);
    let brought = world.bob.sends(&told.text);
    let shown = world.bob.waits_for_text("the door code is 4711");
    assert_eq!(shown.text, "the door code is 4711");
    assert_eq!(shown.json["has_protected_content"], true);
    world.telegram.look(|view| {
        let calls = view.calls("sendMessage");
        let call = calls.iter().find(|call| call.params["text"] == "the door code is 4711");
        let params = &call.unwrap().params;
        assert_eq!(params["link_preview_options"]["is_disabled"], true);
        assert_eq!(params.get("parse_mode"), None);
    });
    waits_until_gone(&world, BOB.id, brought);
    world.ada.waits_for_text("Your one-time message 1 was opened: ");
    for reader in [&world.bob, &world.ada, &world.admin] {
        answered(&world, reader, &told.text, CLOSED);
    }
    assert_eq!(times_sent(&world.telegram, "the door code is 4711"), 1);
    let delete = label(&shown, "Delete now (otherwise in 10 minutes)");
    world.bob.taps(&shown, &delete);
    waits_until_gone(&world, BOB.id, shown.id);
}

#[test]
fn a_text_arrives_byte_for_byte() {
    let world = World::new();
    let settings = ["😀 שלום \u{202e}עולם", "see https://x.org: 12:30", "new:x", "a\n\n\tb:c"];
    let long = format!("{}é", "x".repeat(3_999));
    let formulas = ["=1+1 <b>&amp;</b> _*`[", "👩‍👩‍👧‍👦\u{200d}\u{feff}e\u{301}"];
    for text in settings.into_iter().chain([long.as_str()]).chain(formulas) {
        let ticket = confide(&world, &world.ada, text);
        let shown = read(&world.bob, &ticket, text);
        assert_eq!(shown.text.as_bytes(), text.as_bytes());
    }
}

#[test]
fn a_text_of_4000_emoji_comes_in_pieces_that_fit() {
    let world = World::new();
    let text = "😀".repeat(4_000);
    let output = crate::chat::secret(&world, &["new"], text.as_bytes());
    let ticket = crate::chat::printed(&output);
    world.bob.sends(&ticket);
    let pieces = world.telegram.wait_for("two pieces", |view| {
        let all = view.bot_messages(BOB.id);
        let pieces: Vec<String> =
            all.into_iter().map(|seen| seen.text).filter(|text| text.starts_with('😀')).collect();
        (pieces.len() == 2).then_some(pieces)
    });
    assert_eq!(pieces.concat(), text);
}

#[test]
fn every_no_is_the_same_whatever_the_reason() {
    let world = World::with(&json!({"secrets": {"ttl": "1s"}}), |_| ());
    let hex = "0123456789abcdef".repeat(4);
    let expired = confide(&world, &world.ada, "x");
    world.ada.waits_for_text("Your one-time message 1 has expired");
    let closed = answered(&world, &world.bob, &expired, CLOSED).text;
    for wrong in [
        format!("1:{hex}"),
        format!("99:{hex}"),
        format!("2:{}:{}", &hex[..32], &hex[..32]),
        format!("3:{}", &hex[..63]),
        format!("0:{hex}"),
        format!("/start s_4_{}", "A".repeat(43)),
        format!("https://events.example.org/s/1#{hex}"),
    ] {
        let somebody = world.somebody(2_000 + i64::try_from(wrong.len()).unwrap());
        assert_eq!(answered(&world, &somebody, &wrong, CLOSED).text, closed, "{wrong}");
    }
}

#[test]
fn guessing_is_stopped_and_tells_nobody_which_numbers_are_taken() {
    let world = World::new();
    confide(&world, &world.ada, "x");
    let guess = |person: &roost::demo::telegram::Person, id: u64, number: u64| {
        person.sends(&format!("{id}:{number:064x}"));
    };
    for (id, person) in [(1, 3_001), (77, 3_002)] {
        let person = world.somebody(person);
        (0..7).for_each(|number| guess(&person, id, number));
        let answers = world.telegram.wait_for("seven answers", |view| {
            let all = view.bot_messages(person.id().0);
            (all.len() == 7).then(|| all.into_iter().map(|seen| seen.text).collect::<Vec<_>>())
        });
        assert!(answers[..5].iter().all(|text| text.contains(CLOSED)), "{answers:?}");
        let waits = |text: &String| text.starts_with("Too many wrong tries. Try again in ");
        assert!(answers[5..].iter().all(waits), "{answers:?}");
    }
    let person = world.somebody(3_003);
    (100..112).for_each(|id| guess(&person, id, id));
    world.telegram.wait_for("ten tries and no more", |view| {
        let all = view.bot_messages(person.id().0);
        let closed = all.iter().filter(|seen| seen.text.contains(CLOSED)).count();
        (all.len() == 12 && closed == 10).then_some(())
    });
}

#[test]
fn only_those_the_settings_name_make_secrets_and_everybody_reads_them() {
    for (who, ada) in [(json!("admins"), false), (json!([ADA.id]), true), (json!([77]), false)] {
        let world = World::with(&json!({"secrets": {"who": who}}), |_| ());
        let ticket = confide(&world, &world.admin, "by an admin");
        read(&world.ada, &ticket, "by an admin");
        if ada {
            confide(&world, &world.ada, "x");
        } else {
            answered(&world, &world.ada, "new:x", "You cannot make one-time messages here");
            answered(&world, &world.ada, "/new", "You cannot make one-time messages here");
        }
    }
}

#[test]
fn limits_are_told_in_words() {
    let settings = json!({"secrets": {"max-length": 10, "per-user": 2, "ttl": "1h"}});
    let world = World::with(&settings, |_| ());
    answered(&world, &world.ada, "new:12345678901", "the limit in characters is 10");
    answered(&world, &world.ada, "new:", "There is nothing to keep");
    answered(&world, &world.ada, "new:  \n", "There is nothing to keep");
    confide(&world, &world.ada, "😀😀😀😀😀😀😀😀😀😀");
    let second = confide(&world, &world.ada, "x");
    answered(&world, &world.ada, "new:x", "as many unread one-time messages as you may: 2");
    confide(&world, &world.bob, "x");
    read(&world.bob, &second, "x");
    confide(&world, &world.ada, "y");
}

#[test]
fn burning_is_asked_once_and_nobody_burns_those_of_others() {
    let world = World::new();
    let ticket = confide(&world, &world.ada, "x");
    let told = world.ada.waits_for("what opens it", |seen| seen.text == ticket);
    let tap = world.ada.taps(&told, "Burn");
    assert!(toast(&world.ada, &tap).starts_with("Burn it?"));
    let asked = world.ada.waits_for("a question", |seen| seen.button("Keep it").is_some());
    assert_eq!((asked.id, &asked.text), (told.id, &ticket));
    world.ada.taps(&asked, "Keep it");
    let told = world
        .ada
        .waits_for("the button again", |seen| seen.id == told.id && seen.button("Burn").is_some());
    world.bob.sends("/start");
    let other = world.bob.waits_for_text("Hi!");
    for data in ["s:burn:t:1", "s:sure:t:1", "s:sure:l:1", "s:sure:t:99"] {
        let tap = world.bob.taps_with(&other, data);
        assert!(toast(&world.bob, &tap).contains("It is no longer there"), "{data}");
    }
    assert_eq!(open(&world).len(), 1);
    world.ada.taps(&told, "Burn");
    let asked = world.ada.waits_for("a question", |seen| seen.button("Yes, burn it").is_some());
    world.ada.taps(&asked, "Yes, burn it");
    world.turns_into(&asked, "Message 1 is burnt; nobody has read it");
    assert_eq!(tickets(&world, &world.ada), Vec::<String>::new());
    answered(&world, &world.bob, &ticket, CLOSED);
    let tap = world.ada.taps_with(&asked, "s:sure:t:1");
    assert!(toast(&world.ada, &tap).contains("It is no longer there"));
}

#[test]
fn ones_own_are_listed_and_burnt_from_the_list() {
    let world = World::new();
    answered(&world, &world.ada, "/secrets", "You have no unread one-time messages");
    confide(&world, &world.ada, "x");
    confide(&world, &world.bob, "y");
    confide(&world, &world.ada, "z");
    let list = answered(&world, &world.ada, "/secrets", "Your unread one-time messages");
    assert!(list.text.contains("\n1: until ") && list.text.contains("\n3: until "), "{list}");
    assert!(list.button("Burn 2").is_none(), "{list}");
    world.ada.taps(&list, "Burn 3");
    let asked = world.ada.waits_for("a question", |seen| seen.button("Yes, burn it").is_some());
    world.ada.taps(&asked, "Yes, burn it");
    world.ada.waits_for("a shorter list", |seen| {
        seen.button("Burn 1").is_some() && seen.button("Burn 3").is_none()
    });
    assert_eq!(open(&world).len(), 2);
}

#[test]
fn what_is_shown_goes_after_its_time_also_across_a_restart() {
    let mut world = World::with(&json!({"secrets": {"reveal-timer": "2s"}}), |_| ());
    let ticket = confide(&world, &world.ada, "x");
    let shown = read(&world.bob, &ticket, "x");
    world.ada.waits_for_text("was opened");
    world.program.kill();
    world.restart();
    waits_until_gone(&world, BOB.id, shown.id);
}

#[test]
fn what_expires_while_the_server_is_down_is_gone_and_its_sender_told() {
    let mut world = World::with(&json!({"secrets": {"ttl": "2s"}}), |_| ());
    let ticket = confide(&world, &world.ada, "canary");
    world.is_idle();
    world.program.kill();
    let end = roost::clock::now() + Duration::from_secs(2);
    while roost::clock::now() <= end {
        std::thread::yield_now();
    }
    world.bob.sends(&ticket);
    world.restart();
    world.ada.waits_for_text("Your one-time message 1 has expired");
    world.bob.waits_for_text(CLOSED);
    assert_eq!((times_sent(&world.telegram, "canary"), open(&world).len()), (0, 0));
}

#[test]
fn links_open_what_their_ticket_opens() {
    let world = World::new();
    for open in ["page", "bot"] {
        let ticket = confide(&world, &world.ada, "x");
        let told = world.ada.waits_for("what opens it", |seen| seen.text == ticket);
        let rows = &told.json["reply_markup"]["inline_keyboard"];
        let link = rows[1][0]["copy_text"]["text"].as_str().unwrap().to_owned();
        let (id, token) = ticket.split_once(':').unwrap();
        assert_eq!(link, format!("https://events.example.org/s/{id}#{token}"));
        let link = if open == "bot" { deep_link(id, token) } else { link };
        read(&world.bob, &link, "x");
    }
}

fn deep_link(id: &str, token: &str) -> String {
    use roost::apps::secrets::{SecretId, Ticket, Token};
    let token = Token::parse(token).unwrap();
    let ticket = Ticket { id: SecretId::parse(id).unwrap(), token };
    let link = ticket.expose_deep_link("RoostBot");
    link.reveal().replace("https://t.me/RoostBot?start=", "/start ")
}
