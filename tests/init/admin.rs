//! The one-time code, from the terminal to the chat.

use crate::world::World;

/// A world with a server that `init` began, and its code.
fn begun() -> (World, String) {
    let world = World::new();
    let ended = world.init(&[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let code = ended.admin_code();
    (world, code)
}

#[test]
fn the_first_who_opens_the_link_becomes_the_admin_and_is_told_so_in_their_language() {
    let (world, code) = begun();
    let _program = world.serve();
    for (id, language, says, heading) in [
        (100, "de", "Du bist jetzt Admin dieses Bots.", "/users"),
        (101, "en", "This code does not count, or no longer.", "roost admin-code"),
    ] {
        let person = world.telegram.person(id, "First Comer", language);
        person.sends(&format!("/start {code}"));
        let told = person.waits_for("an answer", |message| message.by_bot);
        assert!(told.text.contains(says) && told.text.contains(heading), "{told}");
    }
    let names = |id| -> Vec<String> {
        world
            .telegram
            .look(|view| view.commands_for(id))
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    world.telegram.wait_for("the menu of an admin", |view| {
        view.commands_for(100).iter().any(|(name, _)| name == "makeadmin").then_some(())
    });
    assert!(!names(101).contains(&"makeadmin".to_owned()));
    let list = world.roost(&["list-users", "--settings", "settings.json", "--json"]);
    assert!(list.out.contains(r#""telegram_id":100,"is_admin":true"#), "{}", list.out);
    assert!(list.out.contains(r#""telegram_id":101,"is_admin":false"#), "{}", list.out);
}

#[test]
fn a_code_is_typed_with_large_letters_and_other_admins_are_told() {
    let (world, code) = begun();
    let _program = world.serve();
    let ada = world.telegram.person(100, "Ada", "en");
    ada.sends(&code.to_uppercase());
    ada.waits_for_text("You are an admin of this bot now.");
    ada.sends(&code);
    ada.waits_for_text("You are an admin already");
    // While the server runs, a new code is made on the command line.
    let ended = world.roost(&["admin-code", "--settings", "settings.json"]);
    assert!(ended.out.contains("https://t.me/RoostBot?start=admin-"), "{ended:?}");
    let second = ended.admin_code();
    assert_ne!(second, code);
    let bob = world.telegram.person(101, "Bob & Co", "ru");
    bob.sends(&second.replace('-', ""));
    bob.waits_for_text("Теперь вы администратор этого бота.");
    let told = ada.waits_for_text("by a one-time code");
    assert!(told.text.contains("Bob & Co") && told.text.contains("101"), "{told}");
}

#[test]
fn the_code_survives_restarts_and_a_new_one_replaces_it() {
    let (world, first) = begun();
    let second = world.roost(&["admin-code", "--settings", "settings.json"]).admin_code();
    let mut program = world.serve();
    program.kill();
    let _program = world.serve();
    let ada = world.telegram.person(100, "Ada", "en");
    ada.sends(&format!("/start {first}"));
    ada.waits_for_text("This code does not count");
    // Somebody pastes the link rather than opening it.
    ada.sends(&format!("https://t.me/RoostBot?start={second}"));
    ada.waits_for_text("You are an admin of this bot now.");
}

#[test]
fn whoever_guesses_wrong_too_often_is_not_listened_to() {
    let (world, code) = begun();
    let _program = world.serve();
    let thief = world.telegram.person(100, "Thief", "en");
    let wrong = code.replace(['2', '3', '4', '5', '6', '7', '8', '9'], "0");
    let wrong = if wrong == code { code.replace('a', "b") } else { wrong };
    let answers = |count: usize| {
        world.telegram.wait_for(&format!("{count} answers"), |view| {
            let told = view.bot_messages(100);
            (told.iter().filter(|m| m.text.contains("does not count")).count() == count)
                .then_some(())
        });
    };
    for count in 1..=5 {
        thief.sends(&wrong);
        answers(count);
    }
    thief.sends(&code);
    answers(6);
    let ada = world.telegram.person(101, "Ada", "en");
    ada.sends(&code);
    ada.waits_for_text("You are an admin of this bot now.");
}

#[test]
fn a_code_that_is_shown_to_a_group_makes_nobody_an_admin() {
    let (world, code) = begun();
    let _program = world.serve();
    let (ada, bob) =
        (world.telegram.person(100, "Ada", "en"), world.telegram.person(101, "Bob", "en"));
    world.telegram.group(-5, "Chess", &[&ada, &bob]);
    ada.sends_in(-5, &format!("what is {code} ?"));
    bob.sends(&code);
    bob.waits_for_text("This code does not count");
    let list = world.roost(&["list-users", "--settings", "settings.json", "--json"]);
    assert!(!list.out.contains(r#""is_admin":true"#), "{}", list.out);
}
