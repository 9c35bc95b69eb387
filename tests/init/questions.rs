//! `roost init` on a terminal.

use crate::support::TOKEN;
use crate::terminal::Terminal;
use crate::world::{World, code_in};

#[test]
fn the_token_is_asked_for_and_not_shown() {
    let world = World::new();
    let mut terminal = Terminal::run(&world.command(&["init"]));
    terminal.shows("Token (not shown): ");
    assert!(!terminal.echoes());
    terminal.types(&format!("{TOKEN}\n"));
    terminal.shows("This is @RoostBot.");
    terminal.shows("Address, https://… (Enter: none yet): ");
    assert!(terminal.echoes());
    terminal.types("http://example.org\n");
    terminal.shows("expected an address that begins with `https://`");
    terminal.shows_times("Enter: none yet", 2);
    terminal.types("https://example.org/\n");
    let (code, shown) = terminal.ended();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("TEST-TOKEN"), "{shown}");
    code_in(&shown);
    assert_eq!(world.settings()["public-url"], "https://example.org");
}

#[test]
fn a_mistyped_token_is_asked_for_again() {
    let world = World::new();
    let mut terminal = Terminal::run(&world.command(&["init"]));
    terminal.shows("Token (not shown): ");
    terminal.types("hello\n");
    terminal.shows("expected a token such as");
    terminal.shows_times("Token (not shown): ", 2);
    terminal.types("999:another-token-of-somebody\n");
    terminal.shows("Telegram does not know it");
    terminal.shows_times("Token (not shown): ", 3);
    terminal.types(&format!("{TOKEN}\n"));
    terminal.shows("Enter: none yet");
    terminal.types("\n");
    let (code, shown) = terminal.ended();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("another-token"), "{shown}");
    assert!(world.settings()["public-url"].is_null());
    assert!(shown.contains("nothing for mini apps yet"), "{shown}");
}

#[test]
fn three_wrong_tokens_are_enough() {
    let world = World::new();
    let mut terminal = Terminal::run(&world.command(&["init"]));
    for (times, keys) in ["one\n", "two\n", "three\n"].into_iter().enumerate() {
        terminal.shows_times("Token (not shown): ", times + 1);
        terminal.types(keys);
    }
    let (code, shown) = terminal.ended();
    assert_eq!(code, Some(2), "{shown}");
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[test]
fn whoever_interrupts_gets_the_terminal_back_and_nothing_else() {
    for keys in ["\x03", "123456:half\x03", "\x04"] {
        let world = World::new();
        let mut terminal = Terminal::run(&world.command(&["init"]));
        terminal.shows("Token (not shown): ");
        terminal.types(keys);
        let (code, shown) = terminal.ended();
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("nothing was written"), "{shown}");
        assert!(world.files().is_empty(), "{:?}", world.files());
    }
}
