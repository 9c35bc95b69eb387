//! What the documents say to people who come from the originals.

use std::fs;
use std::path::Path;

use roost::settings::table::{IGNORED, KEYS};

use crate::page::{Page, top};
use crate::process::{command, output};

/// A database as Mini Events keeps it.
const OLD: &str = "\
create table event(id integer primary key, title varchar(255), description varchar(255),
    image varchar(255), duration real, start varchar(255));
insert into event values (1, 'Board games', 'Bring \"one\"', 'media/games.png', 1.5, '18:30');
insert into event values (2, 'Nothing to say; $HOME', '', 'games.png', 2.0, '09:05');
insert into event values (3, 'Never', 'No such start', 'games.png', 1.0, '9:05');
";

#[test]
fn events_of_the_original_come_over_as_the_page_says() {
    let page = Page::read("docs/coming-from.md");
    let blocks = page.blocks();
    let script = blocks.iter().find(|block| block.text.contains("sqlite3")).expect("a script");
    let folder = tempfile::tempdir().unwrap();
    let media = folder.path().join("client/media");
    fs::create_dir_all(&media).unwrap();
    fs::create_dir(folder.path().join("db")).unwrap();
    fs::write(media.join("games.png"), crate::support::pictures::png(640, 360)).unwrap();
    fs::write(folder.path().join("settings.json"), "{\"timezone\": \"UTC\"}").unwrap();
    output(command("sqlite3", "sqlite3").current_dir(folder.path()).args(["db/db.sqlite", OLD]));
    let program = Path::new(env!("CARGO_BIN_EXE_roost")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let run = |script: &str| {
        let mut shell = command("sh", "dash");
        shell.current_dir(folder.path()).args(["-c", script]).env("PATH", &path);
        shell.output().expect("sh")
    };
    let ran = run(&script.text);
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "1\n2\n", "{said}");
    assert!(said.contains("start"), "the third is refused with the reason: {said}");
    let list = run("roost list-events --json");
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).expect("JSON");
    let fields = |index: usize| {
        let event = &list[index];
        (event["title"].clone(), event["start"].clone(), event["duration"].clone())
    };
    assert_eq!(fields(0), ("Board games".into(), "18:30".into(), 1.5.into()), "{list}");
    assert_eq!(fields(1), ("Nothing to say; $HOME".into(), "09:05".into(), 2.0.into()), "{list}");
}

#[test]
fn the_page_on_old_names_has_all_of_them() {
    let page = Page::read("docs/deprecations.md");
    let formerly = KEYS.iter().filter_map(|key| key.formerly);
    let variables = KEYS.iter().filter_map(|key| key.variable);
    // Those that mean more than one setting.
    let source = fs::read_to_string(top().join("src/settings/old.rs")).expect("source");
    let others: Vec<&str> = source
        .split('"')
        .filter(|text| text.len() > 5 && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
        .collect();
    assert!(others.len() >= 7, "{others:?}");
    for name in formerly.chain(variables).chain(IGNORED.iter().copied()).chain(others) {
        assert!(
            page.code().iter().any(|code| code == name),
            "docs/deprecations.md is silent on `{name}`"
        );
    }
}
