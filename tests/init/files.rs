//! What `init` writes, for whom, and what it tells Telegram.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use crate::support::TOKEN;
use crate::world::{World, files};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn one_question_later_there_are_settings_that_are_all_right() {
    let world = World::new();
    let ended = world.init(&["--public-url", "https://events.example.org"]);
    assert_eq!((ended.code, &*ended.err), (0, ""), "{ended:?}");
    assert_eq!(mode(&world.home.settings()), 0o600);
    assert_eq!(mode(&world.home.database()), 0o600);
    assert_eq!(world.files(), ["roost.redb", "settings.json"]);
    let settings = world.settings();
    assert_eq!(settings["bot-token"], TOKEN);
    assert_eq!(settings["public-url"], "https://events.example.org");
    assert_eq!(settings["trusted-proxies"], json!(["127.0.0.1/32", "::1/128"]));
    for line in [
        "The settings of @RoostBot are in ",
        "Telegram shows its commands, menu button and descriptions",
        "open https://t.me/RoostBot?start=admin-",
        "or write to @RoostBot: admin-",
        "/newapp, choose @RoostBot, Web App URL https://events.example.org/mini_event/, short name `events`",
        "roost serve --settings ",
        "roost check --online --settings ",
    ] {
        assert!(ended.out.contains(line), "{line}\n{}", ended.out);
    }
    // What is allowed already is no step any more.
    assert!(!ended.out.contains("/setinline") && !ended.out.contains("Configure Mini App"));
    let checked = world.roost(&["check", "--settings", "settings.json"]);
    assert_eq!(checked.code, 0, "{checked:?}");
}

#[test]
fn telegram_knows_the_bot_in_every_language_before_it_ever_ran() {
    let world = World::new();
    assert_eq!(world.init(&["--public-url", "https://events.example.org"]).code, 0);
    let told = |method: &str, key: &str| {
        world.telegram.look(|view| {
            let calls = view.calls(method);
            let of = |params: &serde_json::Value| {
                (params["language_code"].as_str().unwrap_or("").to_owned(), params[key].clone())
            };
            calls.iter().map(|call| of(&call.params)).collect::<Vec<_>>()
        })
    };
    for (method, key) in
        [("setMyDescription", "description"), ("setMyShortDescription", "short_description")]
    {
        let texts = told(method, key);
        let mut languages: Vec<&str> =
            texts.iter().map(|(language, _)| language.as_str()).collect();
        languages.sort_unstable();
        assert_eq!(languages, ["", "de", "en", "es", "ru"], "{method}");
        let of = |tag: &str| texts.iter().find(|(language, _)| language == tag).unwrap().1.clone();
        assert_eq!(of(""), of("en"));
        assert_ne!(of("de"), of("en"));
    }
    assert_eq!(told("setMyCommands", "scope").len(), 5);
    let button = world.telegram.look(|view| view.menu_button(100).cloned()).unwrap();
    assert_eq!(button["web_app"]["url"], "https://events.example.org/mini_event/");
}

#[test]
fn a_description_somebody_wrote_stays() {
    let world = World::new();
    let client = roost::telegram::Client::new(
        &world.telegram.base_url(),
        roost::hidden::Hidden::new(TOKEN.to_owned()),
    );
    let own = json!({"description": "The chess club of Wedding"});
    client.call("setMyDescription", &own, crate::support::PATIENCE).unwrap();
    let ended = world.init(&[]);
    assert!(ended.out.contains("The description stays as you wrote it"), "{}", ended.out);
    let calls = |method: &str| world.telegram.look(|view| view.calls(method).len());
    assert_eq!((calls("setMyDescription"), calls("setMyShortDescription")), (1, 5));
}

#[test]
fn the_service_finds_token_settings_and_code_though_it_is_not_root() {
    let world = World::new();
    let root = world.home.folder().join("machine");
    std::fs::create_dir_all(root.join("etc/roost")).unwrap();
    let settings = root.join("etc/roost/settings.json");
    let ended = world.init(&["--settings", settings.to_str().unwrap()]);
    assert_eq!(ended.code, 2, "an option given twice: {ended:?}");
    let file = world.home.folder().join("token");
    std::fs::write(&file, TOKEN).unwrap();
    let mut command = world.command(&["init", "--settings", settings.to_str().unwrap()]);
    command.env("ROOST_BOT_TOKEN_FILE", &file);
    let ended = crate::world::Ended::of(&command.output().unwrap());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("systemctl enable --now roost"), "{}", ended.out);
    assert_eq!(
        files(&root),
        ["etc/roost/bot-token", "etc/roost/settings.json", "var/lib/roost/roost.redb"]
    );
    assert_eq!(std::fs::read_to_string(root.join("etc/roost/bot-token")).unwrap().trim(), TOKEN);
    let text = std::fs::read_to_string(&settings).unwrap();
    assert!(!text.contains("TEST-TOKEN"), "{text}");
    assert_eq!(mode(&root.join("etc/roost/bot-token")), 0o600);
    assert_eq!(mode(&settings), 0o644);
    assert_eq!(mode(&root.join("var/lib/roost")), 0o700);
    // Root's commands find the token beside the settings, and the same database.
    let shown = world.roost(&["settings", "--settings", settings.to_str().unwrap()]);
    assert!(shown.out.contains("bot-token = *** ("), "{}", shown.out);
    let again = world.roost(&["admin-code", "--settings", settings.to_str().unwrap()]);
    assert!(again.out.contains("https://t.me/RoostBot?start=admin-"), "{again:?}");
}

#[test]
fn settings_of_the_package_stay_and_get_their_token() {
    let world = World::new();
    let etc = world.home.folder().join("etc/roost");
    std::fs::create_dir_all(&etc).unwrap();
    let state = world.home.folder().join("var/lib/roost");
    let shipped = json!({"database": state.join("roost.redb"), "port": 2600}).to_string();
    std::fs::write(etc.join("settings.json"), &shipped).unwrap();
    let settings = etc.join("settings.json");
    let mut command = world.command(&["init", "--settings", settings.to_str().unwrap()]);
    command.env("ROOST_BOT_TOKEN", TOKEN);
    let ended = crate::world::Ended::of(&command.output().unwrap());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), shipped);
    assert!(etc.join("bot-token").exists() && state.join("roost.redb").exists());
    let again = crate::world::Ended::of(&command.output().unwrap());
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.err.contains("bot-token` is there already"), "{again:?}");
}
