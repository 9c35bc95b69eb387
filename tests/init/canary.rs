//! Neither token nor code are in any log line, whatever happens to them.

use serde_json::json;

use crate::support::TOKEN;
use crate::world::World;

#[test]
fn the_code_is_in_no_log_and_in_no_file() {
    for format in ["text", "json"] {
        let world = World::new();
        let ended = world.init(&[]);
        let code = ended.admin_code();
        let mut settings = world.settings();
        settings["log"] = json!({"level": "trace", "format": format});
        // A sink is handed everything that is kept of an update.
        settings["relay"] = json!({"sinks": {"disk": {"type": "file", "path": "updates.jsonl"}}});
        std::fs::write(world.home.settings(), settings.to_string()).unwrap();
        let program = world.serve();
        let ada = world.telegram.person(100, "Ada", "en");
        let bob = world.telegram.person(101, "Bob", "en");
        let second = world.roost(&["admin-code", "--settings", "settings.json"]).admin_code();
        bob.sends(&code);
        bob.waits_for_text("This code does not count");
        ada.sends(&format!("/start {second}"));
        ada.waits_for_text("You are an admin of this bot now.");
        let backup = world.roost(&["backup", "copy.redb", "--settings", "settings.json"]);
        assert_eq!(backup.code, 0, "{backup:?}");
        ada.sends("/status");
        ada.waits_for_text("RoostBot");
        let (status, output) = program.stop();
        assert!(status.success(), "{output}");
        let bare = |code: &str| code.trim_start_matches("admin-").replace('-', "");
        let secrets = [code.clone(), bare(&code), second.clone(), bare(&second)];
        for secret in &secrets {
            assert!(!output.contains(secret), "{output}");
        }
        assert!(!output.contains(TOKEN) && output.contains("user 100 is an admin"), "{output}");
        assert!(world.files().contains(&"copy.redb".to_owned()));
        for file in world.files() {
            let bytes = std::fs::read(world.home.folder().join(&file)).unwrap();
            let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
            for secret in &secrets {
                assert!(!holds(secret), "{file}");
            }
            assert!(file == "settings.json" || !holds(TOKEN), "{file}");
        }
    }
}
