//! What can go wrong: each with its cure, and nothing left behind.

use std::process::Stdio;

use roost::demo::telegram::{Fault, Harm, StandIn};

use crate::support::TOKEN;
use crate::world::{Ended, World};

#[test]
fn a_settings_file_that_exists_is_never_touched() {
    let world = World::new();
    std::fs::write(world.home.settings(), "precious").unwrap();
    let ended = world.init(&[]);
    assert_eq!(ended.code, 2, "{ended:?}");
    for part in ["is there already and stays as it is", "roost admin-code", "roost check"] {
        assert!(ended.err.contains(part), "{part}: {ended:?}");
    }
    assert_eq!(std::fs::read_to_string(world.home.settings()).unwrap(), "precious");
    assert_eq!(world.files(), ["settings.json"]);
    assert!(world.telegram.requests().is_empty(), "nobody was asked");
}

#[test]
fn a_link_to_nowhere_counts_as_a_file() {
    let world = World::new();
    std::os::unix::fs::symlink("/nowhere/at/all", world.home.settings()).unwrap();
    assert_eq!(world.init(&[]).code, 2);
}

#[test]
fn what_is_no_token_is_not_even_asked_about() {
    let world = World::new();
    for (line, code, says) in [
        ("", 2, "there is no token on standard input"),
        ("\n", 2, "there is no token on standard input"),
        ("hello", 2, "expected a token such as `123456789:AA…` from @BotFather"),
        ("123:short", 2, "expected a token"),
    ] {
        let ended = world.init_with(line, &[]);
        assert_eq!(ended.code, code, "{line}: {ended:?}");
        assert!(ended.err.contains(says), "{line}: {ended:?}");
    }
    let ended = world.init(&["--public-url", "http://events.example.org"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.err.contains("begins with `https://`"), "{ended:?}");
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[test]
fn a_token_telegram_does_not_know_leaves_nothing_behind() {
    let world = World::new();
    world.telegram.revoke();
    let ended = world.init(&[]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.err.contains("Telegram does not know it; ask @BotFather for it again"));
    world.telegram.heal();
    let ended = world.init_with("999:another-token-of-somebody", &[]);
    assert!(ended.err.contains("Telegram does not know it"), "{ended:?}");
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[test]
fn a_telegram_that_cannot_be_asked_leaves_nothing_behind() {
    let world = World::new();
    for harm in [Harm::Html, Harm::BrokenJson, Harm::Reset] {
        world.telegram.fault(Fault::new(harm).on("getMe").times(1));
        let ended = world.init(&[]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.err.contains("nothing was written"), "{ended:?}");
    }
    let mut command = world.command(&["init", "--bot-token", TOKEN]);
    command.env("ROOST_TELEGRAM_API_URL", "http://127.0.0.1:1");
    let ended = Ended::of(&command.output().unwrap());
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.err.contains("see that this machine reaches `telegram-api-url`"), "{ended:?}");
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[test]
fn menus_that_telegram_does_not_take_now_are_no_reason_to_stop() {
    let world = World::new();
    world.telegram.fault(Fault::new(Harm::Reset).on("setMyCommands"));
    let ended = world.init(&[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("`roost serve` sets the menus again"), "{}", ended.out);
    ended.admin_code();
}

#[test]
fn a_folder_that_cannot_be_written_is_named_before_anything_is_asked() {
    let world = World::new();
    let ended = world.roost(&["init", "--settings", "no-such-folder/settings.json"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        ended.err.contains("cannot write in `no-such-folder`")
            && ended.err.contains("make it first")
    );
    assert!(world.telegram.requests().is_empty());
}

#[test]
fn without_a_place_for_the_code_the_settings_are_taken_back() {
    let world = World::new();
    std::fs::write(world.home.database(), "SQLite format 3\0 and so on").unwrap();
    let ended = world.init(&[]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.err.contains("SQLite"), "{ended:?}");
    assert_eq!(world.files(), ["roost.redb"]);
}

#[test]
fn a_bot_that_is_allowed_nothing_yet_has_more_steps() {
    let world = World::new();
    world.telegram.is_newborn();
    let ended = world.init(&["--public-url", "https://events.example.org"]);
    for step in ["/setinline, @RoostBot", "Configure Mini App", "/setprivacy, @RoostBot, Disable"] {
        assert!(ended.out.contains(step), "{step}\n{}", ended.out);
    }
}

#[test]
fn a_bot_of_another_name_is_the_one_that_is_named() {
    let telegram = StandIn::start(TOKEN, "other_bot").unwrap();
    let world = World::new();
    let mut command = world.command(&["init", "--bot-token", TOKEN]);
    command.env("ROOST_TELEGRAM_API_URL", telegram.base_url()).stdin(Stdio::null());
    let ended = Ended::of(&command.output().unwrap());
    assert!(ended.out.contains("https://t.me/other_bot?start=admin-"), "{ended:?}");
}
