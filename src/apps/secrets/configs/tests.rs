//! What is stored, what is handed out, and what happens when the key is not the right one.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

const HASH: &str = "0123456789abcdef0123456789abcdef";
const TOKEN: &str = "123456:CANARY-token_made-up";

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("roost.redb"), prepare, Box::new(drop));
    (folder, store.unwrap())
}

fn text(name: &str) -> String {
    json!({"session_name": name, "api_id": 7_278_174, "api_hash": HASH, "bot_token": TOKEN})
        .to_string()
}

fn put(store: &Store, name: &str) -> Result<u64, String> {
    let draft = Draft::read(&text(name)).map_err(|error| error.to_string())?;
    add(store, draft, now()).map_err(|error| error.to_string())
}

fn answered(store: &Store) -> Result<Option<Value>, String> {
    answer(&store.snapshot().unwrap(), store.path()).map_err(|error| error.to_string())
}

#[test]
fn the_newest_active_one_is_handed_out_in_the_shape_of_the_original() {
    let (_folder, store) = store();
    assert_eq!(answered(&store), Ok(None));
    assert_eq!(put(&store, "one"), Ok(1));
    assert_eq!(put(&store, "two"), Ok(2));
    let body = |id, name: &str| {
        format!(
            "{{\"id\":{id},\"session_name\":\"{name}\",\"api_id\":7278174,\"api_hash\":\"{HASH}\",\"is_active\":true,\"is_bot\":true,\"bot_token\":\"{TOKEN}\",\"timestamp\":\"2026-11-21T12:00:00Z\"}}"
        )
    };
    let last = || answered(&store).unwrap().map(|value| value.to_string());
    assert_eq!(last(), Some(body(2, "two")));
    assert!(store.write(|tx| activate(tx, 1)).unwrap());
    assert!(!store.write(|tx| activate(tx, 1)).unwrap());
    assert_eq!(last(), Some(body(1, "one")));
    assert_eq!(put(&store, "three"), Ok(3));
    assert_eq!(last(), Some(body(3, "three")));
    store.write(|tx| remove(tx, 3)).unwrap();
    assert_eq!(last(), Some(body(1, "one")));
    store.write(|tx| remove(tx, 1)).unwrap();
    assert_eq!(last(), None, "the second is not active");
    for id in [1, 3, 9] {
        let no = store.write(move |tx| activate(tx, id)).unwrap_err().to_string();
        assert!(no.contains(&format!("no application configuration {id}")), "{no}");
        assert!(store.write(move |tx| remove(tx, id)).is_err());
    }
}

#[test]
fn what_sessions_log_in_with_is_in_no_file_and_prints_nowhere() {
    let (folder, store) = store();
    put(&store, "visible").unwrap();
    let draft = Draft::read(&text("visible")).unwrap();
    assert!(!format!("{draft:?}").contains("CANARY"));
    let row = all(&store.snapshot().unwrap()).unwrap().remove(0);
    assert!(!row.row().to_string().contains("CANARY") && !format!("{row:?}").contains("CANARY"));
    store.close();
    for file in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for secret in [TOKEN, "CANARY", HASH, "7278174"] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret}");
        }
    }
    let mode = fs::metadata(folder.path().join("roost.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn without_the_right_key_nothing_is_handed_out_and_nothing_is_stored() {
    let (folder, store) = store();
    put(&store, "one").unwrap();
    let path = folder.path().join("roost.key");
    let right = fs::read(&path).unwrap();
    let write = |bytes: &[u8]| fs::write(&path, bytes).unwrap();
    let says = |says: &str| {
        for said in [answered(&store).unwrap_err(), put(&store, "two").unwrap_err()] {
            assert!(said.contains(says) && said.contains("roost.key"), "{said}");
        }
    };
    for broken in
        [&b""[..], b"\n", b"key", &right[..60], &[b'g'; 65], &[&right[..], b"\n"].concat()]
    {
        write(broken);
        says("holds no key");
    }
    write(&[b'0'; 64]);
    says("is not the key");
    write(&right);
    for mode in [0o640, 0o604, 0o644, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        says(&format!("(mode {mode:o}); run `chmod 600"));
    }
    fs::remove_file(&path).unwrap();
    says("is missing");
    fs::create_dir(&path).unwrap();
    says("holds no key");
    fs::remove_dir(&path).unwrap();
    write(right.trim_ascii_end());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(answered(&store).unwrap().is_some());
    assert_eq!(all(&store.snapshot().unwrap()).unwrap().len(), 1);
    // Once nothing is sealed with it, a lost key is no loss.
    fs::remove_file(&path).unwrap();
    store.write(|tx| remove(tx, 1)).unwrap();
    assert_eq!(put(&store, "anew"), Ok(2));
}

#[test]
fn one_row_never_opens_as_another() {
    let (_folder, store) = store();
    put(&store, "one").unwrap();
    let key = KeyFile::read(store.path()).unwrap();
    let row = all(&store.snapshot().unwrap()).unwrap().remove(0);
    assert!(row.open(&key).is_ok());
    for changed in [
        AppConfig { id: 2, ..row.clone() },
        AppConfig { session_name: "two".to_owned(), ..row.clone() },
        AppConfig { is_bot: false, ..row.clone() },
        AppConfig { sealed: row.sealed.replace('A', "B"), ..row.clone() },
        AppConfig { sealed: row.sealed[..20].to_owned(), ..row.clone() },
        AppConfig { sealed: "%".to_owned(), ..row.clone() },
    ] {
        assert!(changed == row || changed.open(&key).is_err(), "{changed:?}");
    }
}

#[test]
fn there_are_not_too_many() {
    let (_folder, store) = store();
    for _ in 0..MOST {
        put(&store, "one").unwrap();
    }
    assert!(put(&store, "one").unwrap_err().starts_with("there are 100"));
}

#[test]
fn what_is_wrong_with_a_configuration_is_said_without_repeating_it() {
    let good = json!({"session_name": "s", "api_id": 1, "api_hash": HASH, "bot_token": TOKEN});
    let with = |name: &str, value: Value| {
        let mut object = good.clone();
        object[name] = value;
        object.to_string()
    };
    let long = "C".repeat(TEXT_MAX);
    for (text, says) in [
        (String::new(), "no JSON object"),
        ("[]".to_owned(), "no JSON object"),
        ("{".to_owned(), "no JSON object"),
        (format!("{good}{good}"), "no JSON object"),
        (with("long", json!(long)), "at most 16384 bytes"),
        (with("CANARY", json!(1)), "a member has another name than `session_name`, `api_id`"),
        (with("session_name", json!("")), "`session_name`: expected 1 to 128"),
        (with("session_name", json!("a\nCANARY")), "`session_name`: "),
        (with("session_name", json!("C".repeat(129))), "`session_name`: "),
        (with("session_name", Value::Null), "`session_name`: "),
        (with("api_id", json!(0)), "`api_id`: "),
        (with("api_id", json!(-1)), "`api_id`: "),
        (with("api_id", json!(1.5)), "`api_id`: "),
        (with("api_id", json!("CANARY")), "`api_id`: "),
        (with("api_id", json!("")), "`api_id`: "),
        (with("api_id", json!("99999999999999999999")), "`api_id`: "),
        (with("api_hash", json!("CANARY hash")), "`api_hash`: "),
        (with("api_hash", json!(12)), "`api_hash`: "),
        (with("bot_token", json!("CANARY")), "`bot_token`: expected a token"),
        (with("bot_token", json!(":CANARY")), "`bot_token`: "),
        (with("bot_token", json!("1:CANARY x")), "`bot_token`: "),
        (with("bot_token", json!(7)), "`bot_token`: "),
        (with("is_bot", json!("yes")), "`is_bot`: expected true or false"),
        (
            json!({"session_name": "s", "api_id": 1, "api_hash": "a", "is_bot": true}).to_string(),
            "`bot_token`: missing",
        ),
    ] {
        let said = Draft::read(&text).map(drop).unwrap_err().to_string();
        assert!(said.contains(says) && !said.contains("CANARY"), "{text}: {said}");
    }
    for (text, is_bot) in [
        (good.to_string(), true),
        (with("is_bot", json!(false)), false),
        (with("bot_token", json!("")), false),
        (with("bot_token", Value::Null), false),
        (with("api_id", json!("7278174")), true),
    ] {
        assert_eq!(Draft::read(&text).unwrap().is_bot, is_bot, "{text}");
    }
}
