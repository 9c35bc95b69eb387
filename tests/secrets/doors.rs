//! The command line, strangers at every door, and everybody at all doors at once.

use std::os::unix::net::UnixStream;
use std::sync::Barrier;

use roost::demo::telegram::Person;
use serde_json::{Value, json};

use crate::chat::{
    CLOSED, answered, confide, is_ticket, open, printed, read, run, secret, secret_in, times_sent,
};
use crate::support::{ADA, Home};
use crate::world::World;

#[test]
fn the_command_line_makes_reads_lists_and_burns_with_and_without_a_server() {
    let mut world = World::new();
    for is_served in [true, false] {
        if !is_served {
            world.is_idle();
            world.program.kill();
        }
        let text = "see https://x: 12:30\n\n  😀 שלום\u{202e} \n";
        let ticket = printed(&secret(&world, &["new", "--ttl", "2h"], text.as_bytes()));
        assert!(is_ticket(ticket.trim_end()) && ticket.ends_with('\n'), "{ticket}");
        let rows = open(&world);
        let names: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
        let expected = ["id", "created", "expires", "recipient", "state", "passphrase", "by"];
        assert_eq!(names, expected);
        let table = printed(&secret(&world, &["list"], b""));
        assert!(table.starts_with("ID") && table.contains("open"), "{table}");
        let read = || secret(&world, &["read", ticket.trim_end()], b"");
        assert_eq!(printed(&read()), text);
        let again = read();
        assert_eq!(again.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&again.stderr).contains("there is nothing to read"));
        let ticket = printed(&secret(&world, &["new"], b"x"));
        assert_eq!(printed(&secret(&world, &["read"], ticket.as_bytes())), "x");
        let ticket = printed(&secret(&world, &["new"], b"x"));
        let id = ticket.split(':').next().unwrap();
        assert_eq!(
            printed(&secret(&world, &["burn", id], b"")),
            format!("one-time message {id} burnt\n")
        );
        let gone = secret(&world, &["burn", id], b"");
        assert_eq!(gone.status.code(), Some(1));
        assert_eq!(open(&world), Vec::<Value>::new());
    }
}

#[test]
fn wrong_use_of_the_command_line_is_told_and_never_repeats_what_opens_a_secret() {
    let world = World::new();
    let ticket = printed(&secret(&world, &["new", "--for", "6"], b"x")).trim_end().to_owned();
    let file = world.home.folder().join("word");
    std::fs::write(&file, "open sesame\n").unwrap();
    let sesame = file.to_str().unwrap();
    let sealed = printed(&secret(&world, &["new", "--passphrase-file", sesame], b"canary"));
    let long = "x".repeat(4_001);
    let rows: [(&[&str], &[u8], i32, &str); 12] = [
        (&["new"], b"", 1, "there is no text"),
        (&["new"], b" \n", 1, "there is no text"),
        (&["new"], &[0xff, 0xfe], 1, "standard input: "),
        (&["new"], long.as_bytes(), 1, "more than 4000 characters"),
        (&["new", "--ttl", "8d"], b"x", 1, "`ttl`: expected one second to 7 days"),
        (&["new", "--ttl", "soon"], b"x", 2, "such as `12h`"),
        (&["new", "the door code"], b"", 2, "unrecognized argument"),
        (&["read", &ticket], b"", 1, "there is nothing to read"),
        (&["read", &ticket[..60]], b"", 1, "this is no `ID:TOKEN`"),
        (&["read", &ticket, &ticket], b"", 2, "unrecognized argument: ***"),
        (&["read", sealed.trim_end()], b"", 1, "it has a passphrase"),
        (&["burn", "99"], b"", 1, "there is no unread one-time message with this number"),
    ];
    for (arguments, input, code, says) in rows {
        let output = secret(&world, arguments, input);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(says), "{arguments:?}: {errors}");
        assert!(!errors.contains(&ticket[4..30]) && output.stdout.is_empty(), "{errors}");
    }
    let read = secret(&world, &["read", sealed.trim_end(), "--passphrase-file", sesame], b"");
    assert_eq!(printed(&read), "canary");
    world.bob.sends(&ticket);
    world.bob.waits_for("the text", |seen| seen.text == "x");
}

#[test]
fn the_sender_is_told_of_what_the_operator_does() {
    let world = World::new();
    let ticket = confide(&world, &world.ada, "canary");
    assert_eq!(printed(&secret(&world, &["read", &ticket], b"")), "canary");
    world.ada.waits_for_text("Your one-time message 1 was opened");
    confide(&world, &world.ada, "x");
    printed(&secret(&world, &["burn", "2"], b""));
    world.ada.waits_for_text("Your one-time message 2 was burnt by the operator");
}

#[test]
fn strangers_get_nothing_at_any_door() {
    let banned = 77;
    let world = World::with(&json!({"banned": [banned], "secrets": {"who": "admins"}}), |_| ());
    let ticket = confide(&world, &world.admin, "canary");
    let stranger = world.somebody(banned);
    stranger.sends(&ticket);
    stranger.sends("new:x");
    stranger.sends("/secrets");
    world.ada.sends("/start");
    let other = world.ada.waits_for_text("Hi!");
    for data in ["s:burn:t:1", "s:sure:t:1", "s:sure:l:1", "s:keep:t:1", "s:ttl:1:3600", "s:any:1"]
    {
        world.ada.waits_for_toast(&world.ada.taps_with(&other, data));
        stranger.waits_for_toast(&stranger.taps_with(&other, data));
    }
    let list = answered(&world, &world.ada, "/secrets", "no unread one-time messages");
    assert!(list.buttons.is_empty());
    let query = world.ada.types_inline("new:canary", "");
    world.telegram.wait_for("an answer", |view| view.inline_answer(&query).cloned());
    // The socket of the command line is for its user, and pages make and read nothing on theirs.
    let mut page = world.page(ADA);
    for kind in ["new", "read", "list", "burn"] {
        page.send(json!({"type": kind, "app": "secrets", "id": 1, "data": ticket}));
        page.expect("error");
    }
    let path = world.home.folder().join("roost.redb.sock");
    drop(UnixStream::connect(path));
    assert_eq!((world.told(&stranger).len(), open(&world).len()), (0, 1));
    assert_eq!(times_sent(&world.telegram, "canary"), 0);
    read(&world.bob, &ticket, "canary");
}

#[test]
fn of_200_readers_at_once_through_bot_and_command_line_one_gets_the_text() {
    const IN_CHAT: i64 = 140;
    const COMMANDS: usize = 60;
    let world = World::new();
    let ticket = confide(&world, &world.ada, "canary");
    let people: Vec<Person> = (0..IN_CHAT).map(|n| world.somebody(5_000 + n)).collect();
    let start = Barrier::new(COMMANDS + 1);
    let by_command = std::thread::scope(|scope| {
        let home = &world.home;
        let one = || {
            start.wait();
            secret_in(home, &["read", &ticket], b"")
        };
        let commands: Vec<_> = (0..COMMANDS).map(|_| scope.spawn(one)).collect();
        start.wait();
        for person in &people {
            person.sends(&ticket);
        }
        let outputs = commands.into_iter().map(|command| command.join().unwrap());
        outputs.filter(|output| output.stdout == b"canary").count()
    });
    for person in &people {
        person.waits_for("an answer", |seen| {
            seen.by_bot && (seen.text.contains(CLOSED) || seen.text == "canary")
        });
    }
    world.is_idle();
    assert_eq!(by_command + times_sent(&world.telegram, "canary"), 1, "one plaintext");
    assert_eq!(open(&world).len(), 0);
    world.ada.waits_for_text("Your one-time message 1 was opened");
}

#[test]
fn a_command_needs_no_token_of_the_bot() {
    let home = Home::new(&json!({}));
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_roost"));
    command.args(["secret", "--settings", "settings.json", "new"]).current_dir(home.folder());
    let ticket = printed(&run(command, b"x"));
    assert!(is_ticket(ticket.trim_end()), "{ticket}");
}
