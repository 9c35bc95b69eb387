//! Settings as people meet them: the real program, its output and its exit codes.

mod settings_support;

use roost::settings::{Asked, Flag, Loaded, Problems, Surroundings, load};
use serde_json::{Value, json};
use settings_support::{Ran, Stage, TOKEN, leaves, slip, with};
use std::time::Duration;

const EVERYTHING: &str = include_str!("data/everything.json");

fn everything() -> Value {
    serde_json::from_str(EVERYTHING).expect("JSON")
}

/// Loads `file` in this process.
fn loaded(file: &Value, variables: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let stage = Stage::new();
    stage.write("settings.json", &file.to_string());
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let variables = variables.iter().map(own).collect();
    load(&Asked::default(), &Surroundings { variables, folder: stage.folder() })
}

fn problems(file: &Value) -> Vec<String> {
    let problems = loaded(file, &[]).expect_err("the file is wrong");
    problems.0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_with_everything_in_it_loads() {
    let stage = Stage::new();
    stage.write("settings.json", EVERYTHING);
    let ran = stage.run(&["settings", "--json"]).done();
    let rows: Vec<Value> = serde_json::from_str(&ran.out).expect("JSON");
    for (path, value) in leaves(&everything()) {
        let Some(row) = rows.iter().find(|row| row["key"] == *path.join(".")) else {
            assert!(value.is_null(), "{path:?} is missing");
            continue;
        };
        assert!(value.is_null() || row["source"] == "settings.json", "{row}");
    }
}

#[test]
fn the_example_and_the_files_of_the_originals_load_unchanged() {
    for (name, text, expected) in [
        ("settings.json", include_str!("../settings.json.example"), "port = 2536 (settings.json)"),
        (
            "settings.json",
            include_str!("data/events.json"),
            "hostname = \"localhost\" (settings.json)",
        ),
        (
            "settings.json",
            include_str!("data/trueconf.json"),
            "admins = [111,222,111] (settings.json)",
        ),
        (
            "settings.json",
            include_str!("data/trueconf.json"),
            "servers.\"192.168.0.1\".client_secret = ***",
        ),
        ("bot.toml", include_str!("data/trueconf.toml"), "language = \"de\" (bot.toml)"),
        (
            "bot.toml",
            include_str!("data/trueconf.toml"),
            "servers.Head office.server_status.state = true",
        ),
    ] {
        let stage = Stage::new();
        stage.write(name, text);
        let ran = stage.run(&["settings", "--settings", name]).done();
        assert!(ran.out.contains(expected), "{name}: {}", ran.out);
        assert!(!ran.out.contains("canary"), "{name}: {}", ran.out);
    }
}

#[test]
fn a_slip_in_any_key_is_answered_with_the_right_one() {
    let mut tried = 0;
    for (path, wrong) in settings_support::slips(&everything()) {
        let found = problems(&wrong);
        let meant = format!("no such key; did you mean `{path}`?");
        assert!(found.len() == 1 && found[0].ends_with(&meant), "{path}: {found:?}");
        tried += 1;
    }
    assert!(tried > 100, "{tried} keys");
}

#[test]
fn a_wrong_type_in_any_key_is_named_with_what_was_expected() {
    for key in roost::settings::table::KEYS {
        let path = key.path.replace('*', "x");
        let segments: Vec<&str> = path.split('.').collect();
        let file = with(&json!({}), &segments, json!([[TOKEN]]));
        let found = problems(&file);
        let start = format!("settings.json: `{path}");
        assert!(found.len() == 1 && found[0].starts_with(&start), "{path}: {found:?}");
        assert!(found[0].contains("expected ") && !found[0].contains(TOKEN), "{found:?}");
    }
    for group in ["limits", "log", "updates", "servers", "relay", "relay.sinks", "events"] {
        let segments: Vec<&str> = group.split('.').collect();
        let found = problems(&with(&json!({}), &segments, json!(TOKEN)));
        let expected = format!(
            "settings.json: `{group}`: expected an object (`{{…}}`), found a text of {} characters",
            TOKEN.len()
        );
        assert_eq!(found, [expected]);
    }
}

/// Every command that needs settings says `lines` about the file `text`.
fn check(text: &str, lines: &[&str]) {
    let stage = Stage::new();
    stage.write("settings.json", text);
    let ran = stage.run(&["settings"]).ended(2);
    assert_eq!(ran.err.lines().collect::<Vec<_>>(), lines, "{}", &text[..text.len().min(60)]);
    assert_eq!(ran.out, "");
    let ran = stage.run(&["check"]).ended(2);
    let wrong: Vec<String> = lines.iter().map(|line| format!("wrong {line}")).collect();
    assert_eq!(ran.out.lines().collect::<Vec<_>>(), wrong);
}

#[test]
fn wrong_keys_and_values_are_explained_one_per_line() {
    for (text, lines) in [
        (r#"{"prot": 1}"#, vec!["settings.json: `prot`: no such key; did you mean `port`?"]),
        (
            r#"{"connections": 1}"#,
            vec!["settings.json: `connections`: no such key; did you mean `limits.connections`?"],
        ),
        (
            r#"{"limits": {"conections": 1}}"#,
            vec![
                "settings.json: `limits.conections`: no such key; did you mean `limits.connections`?",
            ],
        ),
        (r#"{"zebra": 1}"#, vec!["settings.json: `zebra`: no such key; remove it"]),
        (
            r#"{"port": "x", "language": "fr", "admins": [1, "2"]}"#,
            vec![
                "settings.json: `port`: expected a whole number from 0 to 65535, found `\"x\"`",
                "settings.json: `language`: expected one of `en`, `ru`, `de`, `es`, found `\"fr\"`",
                "settings.json: `admins.1`: expected a Telegram user id (a whole number above 0), found `\"2\"`",
            ],
        ),
        (
            r#"{"port": 65536}"#,
            vec!["settings.json: `port`: expected a whole number from 0 to 65535, found `65536`"],
        ),
        (
            r#"{"bot-token": "(your bot token)"}"#,
            vec![
                "settings.json: `bot-token`: expected a token such as `123456789:AA…` from @BotFather, found a text of 16 characters",
            ],
        ),
        (
            r#"{"public-url": "http://bot.example.org"}"#,
            vec![
                "settings.json: `public-url`: expected an address that begins with `https://` (`http://` only for this machine), without query or fragment, found `\"http://bot.example.org\"`",
            ],
        ),
        (
            r#"{"timezone": "Mars/Base"}"#,
            vec![
                "settings.json: `timezone`: expected an IANA time zone such as `Europe/Berlin`, found `\"Mars/Base\"`",
            ],
        ),
        (
            r#"{"port": 1, "port": 2}"#,
            vec!["settings.json: `port`: stands in the file twice; remove one"],
        ),
        (
            r#"{"bot-token": "1:aaaaaaaaaaaa", "tg-api-token": "1:aaaaaaaaaaaa"}"#,
            vec![
                "settings.json: `tg-api-token`: given twice, also as `bot-token` or its older name; remove one",
            ],
        ),
    ] {
        check(text, &lines);
    }
}

#[test]
fn a_file_that_is_no_json_object_is_explained() {
    let deep = "[".repeat(100_000);
    let large = " ".repeat(1_100_000);
    for (text, lines) in [
        (
            "{\"port\": 1\n \"x\"",
            vec![
                "settings.json: line 2, column 2: not JSON: expected `,` or `}`; correct it there",
            ],
        ),
        ("[]", vec!["settings.json: expected an object (`{…}`), found a list"]),
        ("null", vec!["settings.json: expected an object (`{…}`), found null"]),
        (
            &deep,
            vec![
                "settings.json: line 1, column 128: not JSON: recursion limit exceeded; correct it there",
            ],
        ),
        (&large, vec!["settings.json: is larger than 1 MiB; is this the right file?"]),
    ] {
        check(text, &lines);
    }
}

#[test]
fn settings_that_do_not_go_together_are_explained() {
    for (text, lines) in [
        (
            r#"{"updates": {"mode": "webhook"}}"#,
            vec!["`updates.mode`: `webhook` needs `public-url`; set it, or use `polling`"],
        ),
        (
            r#"{"updates": {"mode": "webhook"}, "public-url": "http://127.0.0.1:443"}"#,
            vec![
                "`public-url`: Telegram sends updates to `https://` only; use that, or a local Bot API server",
            ],
        ),
        (
            r#"{"updates": {"endpoint": "/status"}}"#,
            vec![
                "`updates.endpoint`: cannot be the webhook's path; use `random`, `token` or a path of its own",
            ],
        ),
        (
            r#"{"updates": {"endpoint": "//"}}"#,
            vec![
                "`updates.endpoint`: cannot be the webhook's path; use `random`, `token` or a path of its own",
            ],
        ),
        (
            r#"{"updates": {"mode": "webhook"}, "public-url": "https://a.example:2536"}"#,
            vec![
                "`public-url`: Telegram sends updates to the ports 443, 80, 88 and 8443 only, not 2536; use one of them",
            ],
        ),
        (
            r#"{"tls": {"certificate": "c.pem"}}"#,
            vec!["`tls.key`: missing; `tls.certificate` needs its key"],
        ),
        (r#"{"servers": {"A.b": {}}}"#, vec!["`servers.\"A.b\".ip`: missing; add it"]),
        (
            r#"{"relay": {"sinks": {"q": {"type": "mqtt", "url": "mqtt://h", "list": "l"}}}}"#,
            vec![
                "`relay.sinks.q.topic`: missing; add it",
                "settings.json: `relay.sinks.q.list`: a sink of type `mqtt` has no such key; remove it",
            ],
        ),
        (
            r#"{"log": {"modules": {"ureq": "trace"}}}"#,
            vec![
                "settings.json: `log.modules.ureq`: only modules of `roost` may log more than warnings, others would log tokens; use `warn`, `error` or `off`",
            ],
        ),
    ] {
        check(text, &lines);
    }
}

#[test]
fn the_stronger_place_wins_and_is_named() {
    let stage = Stage::new();
    let port = |stage: &Stage, variables: &[(&str, &str)]| {
        let ran = stage.run_with(&["settings"], variables).done();
        ran.out.lines().find(|line| line.starts_with("port")).expect("port").to_owned()
    };
    assert_eq!(port(&stage, &[]), "port = 2536 (default)");
    stage.write("settings.json", r#"{"port": 1}"#);
    assert_eq!(port(&stage, &[]), "port = 1 (settings.json)");
    stage.write(".env", "WEBHOOK_PORT=2 # old name");
    assert_eq!(port(&stage, &[]), "port = 2 (.env WEBHOOK_PORT)");
    stage.write(".env", "WEBHOOK_PORT=2\nexport ROOST_PORT='3'");
    assert_eq!(port(&stage, &[]), "port = 3 (.env ROOST_PORT)");
    stage.write("other.env", "ROOST_PORT=4");
    assert_eq!(port(&stage, &[("ENV_FILE", "other.env")]), "port = 4 (other.env ROOST_PORT)");
    assert_eq!(port(&stage, &[("ENV_FILE", "none.env")]), "port = 1 (settings.json)");
    assert_eq!(port(&stage, &[("WEBHOOK_PORT", "5")]), "port = 5 (environment WEBHOOK_PORT)");
    stage.write("port", "6\n");
    let pointer = ("ROOST_PORT_FILE", "port");
    assert_eq!(port(&stage, &[pointer]), "port = 6 (environment ROOST_PORT_FILE)");
    assert_eq!(
        port(&stage, &[("ROOST_PORT", "7"), ("WEBHOOK_PORT", "5")]),
        "port = 7 (environment ROOST_PORT)"
    );
    assert_eq!(port(&stage, &[("ROOST_PORT", "")]), "port = 3 (.env ROOST_PORT)");
}

#[test]
fn the_settings_file_is_found_in_its_order() {
    let stage = Stage::new();
    for (name, port) in [("settings.json", 1), ("b.json", 2), ("c.json", 3)] {
        stage.write(name, &json!({"port": port}).to_string());
    }
    let named = [("ROOST_SETTINGS", "b.json")];
    for (arguments, variables, line) in [
        (&["settings"][..], &[][..], "port = 1 (settings.json)"),
        (&["settings"], &named, "port = 2 (b.json)"),
        (&["settings", "--settings", "c.json"], &named, "port = 3 (c.json)"),
    ] {
        let ran = stage.run_with(arguments, variables).done();
        assert!(ran.out.lines().any(|found| found == line), "{line}: {}", ran.out);
    }
    let ran = stage.run(&["settings", "--settings", "none.json"]).ended(2);
    assert!(ran.err.starts_with("none.json: cannot be read: "), "{}", ran.err);
}

#[test]
fn every_key_has_an_environment_name() {
    let base = everything();
    for (path, value) in leaves(&base) {
        let name = format!("ROOST_{}", path.join("_").to_uppercase().replace(['-', ' ', ':'], "_"));
        let text = match &value {
            Value::String(text) if text.is_empty() => continue,
            Value::String(text) => text.clone(),
            Value::Null => continue,
            other => other.to_string(),
        };
        let loaded = loaded(&base, &[(&name, &text)]).unwrap_or_else(|p| panic!("{name}: {p}"));
        let all = loaded.resolved.all();
        let given =
            all.iter().find(|(_, at, _)| at.dotted() == path.join(".")).and_then(|row| row.2);
        let source = given.map(|given| given.source.to_string());
        assert_eq!(source, Some(format!("environment {name}")));
        assert_eq!(given.map(|given| &given.value), Some(&value), "{name}");
    }
}

#[test]
fn whatever_the_environment_says_is_a_value_or_a_sentence() {
    let long = "x".repeat(100_000);
    let keys = roost::settings::table::KEYS;
    let above = |path: &'static str| path.rsplit_once('.').map(|(group, _)| group);
    let own: Vec<String> = keys
        .iter()
        .flat_map(|key| [Some(key.path), above(key.path)])
        .flatten()
        .map(|path| format!("ROOST_{}", path.to_uppercase().replace(['-', '.', '*'], "_")))
        .collect();
    let pointers: Vec<String> = own.iter().map(|name| format!("{name}_FILE")).collect();
    let older = keys.iter().filter_map(|key| key.variable);
    let older = older.chain(["REDIS_URL", "AMQP_URL", "WEBHOOK_DOMAIN", "ENV_FILE"]);
    let older: Vec<String> = older.map(str::to_owned).collect();
    for text in ["{", "{}", "[", "[[]]", "-1", "1e999", "\u{1}", "é:é", "://", "@", "/", "0", &long]
    {
        for names in [&own, &pointers, &older] {
            let variables: Vec<_> = names.iter().map(|name| (name.as_str(), text)).collect();
            let Err(problems) = loaded(&json!({}), &variables) else { continue };
            for line in problems.to_string().lines() {
                assert!(line.len() < 1_500 && line.contains(": "), "{line}");
            }
        }
    }
    let problems = loaded(&json!({}), &[("ROOST_LIMITS", "{1}")]).expect_err("no JSON").to_string();
    let expected = "environment ROOST_LIMITS: line 1, column 2: not JSON: key must be a string; correct it there";
    assert_eq!(problems, expected);
}

#[test]
fn groups_may_be_written_as_json_and_single_names_win() {
    let limits = ("ROOST_LIMITS", r#"{"connections": 5, "body": 2048}"#);
    let loaded = loaded(&json!({}), &[limits, ("ROOST_LIMITS_BODY", "4096")]).expect("fits");
    assert_eq!((loaded.settings.limits.connections, loaded.settings.limits.body), (5, 4096));
}

#[test]
fn a_secret_may_be_a_systemd_credential() {
    let stage = Stage::new();
    stage.write("settings.json", r#"{"servers": {"A b": {"ip": "host"}}}"#);
    stage.write("credentials/bot-token", &format!("{TOKEN}\n"));
    stage.write("credentials/servers.A b.client_secret", "canary");
    let folder = stage.folder().join("credentials");
    let folder = folder.to_str().expect("UTF-8");
    let ran = stage.run_with(&["settings"], &[("CREDENTIALS_DIRECTORY", folder)]).done();
    assert!(ran.out.contains("bot-token = *** (credential bot-token)"), "{}", ran.out);
    assert!(ran.out.contains("servers.A b.client_secret = *** (credential "), "{}", ran.out);
    let variables = [("CREDENTIALS_DIRECTORY", folder), ("ROOST_BOT_TOKEN", TOKEN)];
    let ran = stage.run_with(&["settings"], &variables).done();
    assert!(ran.out.contains("bot-token = *** (environment ROOST_BOT_TOKEN)"), "{}", ran.out);
}

#[test]
fn the_environment_of_the_receiver_works_unchanged() {
    let stage = Stage::new();
    let variables = [
        ("TELEGRAM_TOKEN", TOKEN),
        ("TELEGRAM_DELETE_WEBHOOK", "False"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:8081/"),
        ("TELEGRAM_POLLING_TIMEOUT", "10"),
        ("WEBHOOK_DOMAIN", "bot.example.org"),
        ("WEBHOOK_ENDPOINT", "token"),
        ("WEBHOOK_BIND", "0.0.0.0"),
        ("WEBHOOK_PORT", "8025"),
        ("WEBHOOK_STATUS_ENDPOINT", "0"),
        ("WEBHOOK_LIMIT_SUBNETS", "149.154.160.0/20,91.108.4.0/22"),
        ("REDIS_URL", "redis://:canary@127.0.0.1:6379"),
        ("REDIS_QUEUE_NAME", "queue"),
        ("AMQP_URL", "amqp://127.0.0.1"),
        ("AMQP_EXCHANGE", "telegram"),
        ("AMQP_DELIVERYMODE_PERSISTENT", "true"),
        ("LOG_LEVEL", "WARNING"),
    ];
    let ran = stage.run_with(&["settings"], &variables).done();
    for line in [
        "bot-token = *** (environment TELEGRAM_TOKEN)",
        "telegram-api-url = \"http://127.0.0.1:8081/\" (environment TELEGRAM_API_URL)",
        "public-url = \"https://bot.example.org\" (environment WEBHOOK_DOMAIN)",
        "hostname = \"0.0.0.0\" (environment WEBHOOK_BIND)",
        "port = 8025 (environment WEBHOOK_PORT)",
        "log.level = \"warn\" (environment LOG_LEVEL)",
        "updates.mode = \"webhook\" (environment WEBHOOK_DOMAIN)",
        "updates.polling-timeout = 10 (environment TELEGRAM_POLLING_TIMEOUT)",
        "updates.endpoint = \"token\" (environment WEBHOOK_ENDPOINT)",
        "updates.subnets = [\"149.154.160.0/20\",\"91.108.4.0/22\"] (environment WEBHOOK_LIMIT_SUBNETS)",
        "updates.delete-on-exit = false (environment TELEGRAM_DELETE_WEBHOOK)",
        "updates.status-endpoint = false (environment WEBHOOK_STATUS_ENDPOINT)",
        "relay.sinks.redis.type = \"redis\" (environment REDIS_URL)",
        "relay.sinks.redis.url = \"redis://***@127.0.0.1:6379\" (environment REDIS_URL)",
        "relay.sinks.redis.list = \"queue\" (environment REDIS_QUEUE_NAME)",
        "relay.sinks.amqp.exchange = \"telegram\" (environment AMQP_EXCHANGE)",
        "relay.sinks.amqp.routing-key = \"\" (environment AMQP_URL)",
        "relay.sinks.amqp.persistent = true (environment AMQP_DELIVERYMODE_PERSISTENT)",
    ] {
        assert!(ran.out.lines().any(|found| found == line), "{line}\n{}", ran.out);
    }
    for domain in ["https://bot.example.org", "https://bot.example.org/"] {
        let loaded = loaded(&json!({}), &[("WEBHOOK_DOMAIN", domain)]).expect("fits");
        assert_eq!(loaded.settings.public_url.as_deref(), Some("https://bot.example.org"));
    }
}

#[test]
fn a_sink_of_the_environment_must_not_stand_in_the_file_too() {
    let sink = json!({"type": "redis", "url": "redis://a"});
    let file = json!({"relay": {"sinks": {"redis": sink}}});
    let problems = loaded(&file, &[("REDIS_URL", "redis://b")]).expect_err("twice").to_string();
    assert_eq!(
        problems,
        "environment REDIS_URL: `relay.sinks.redis`: adds a sink of this name, which the settings \
         file has as well; remove one"
    );
}

#[test]
fn a_slip_in_a_name_of_the_environment_is_a_note() {
    let stage = Stage::new();
    let variables = [("ROOST_BOT_TOKEN", TOKEN), ("ROOST_PROT", "1")];
    let ran = stage.run_with(&["check"], &variables).done();
    let note = "note environment ROOST_PROT: means nothing; did you mean `ROOST_PORT`?";
    assert!(ran.out.lines().any(|line| line == note), "{}", ran.out);
}

#[test]
fn the_database_lies_where_people_expect_it() {
    let stage = Stage::new();
    stage.write("conf/settings.json", "{}");
    let folder = stage.folder();
    let file = Asked { file: Some("conf/settings.json".into()), flags: Vec::new() };
    for (asked, variables, expected) in [
        (Asked::default(), vec![], folder.join("roost.redb")),
        (file.clone(), vec![], folder.join("conf/roost.redb")),
        (file.clone(), vec![("ROOST_DATABASE", "d/x.redb")], folder.join("conf/d/x.redb")),
        (
            file.clone(),
            vec![("STATE_DIRECTORY", "/var/lib/a:/var/lib/b")],
            "/var/lib/a/roost.redb".into(),
        ),
        (file, vec![("ROOST_DATABASE", "/x.redb"), ("STATE_DIRECTORY", "/s")], "/x.redb".into()),
    ] {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let variables = variables.into_iter().map(own).collect();
        let around = Surroundings { variables, folder: folder.clone() };
        assert_eq!(load(&asked, &around).expect("fits").settings.database, expected);
    }
}

#[test]
fn a_token_never_appears_in_any_output() {
    let secret = TOKEN.split_once(':').expect("a colon").1;
    let files = [
        format!(r#"{{"bot-token": "{TOKEN}"}}"#),
        format!(r#"{{"bot-token": "{TOKEN} "}}"#),
        format!(r#"{{"bot-token": ["{TOKEN}"]}}"#),
        format!(r#"{{"bot-token": {{"a": "{TOKEN}"}}}}"#),
        format!(r#"{{"bot-tokne": "{TOKEN}"}}"#),
        format!(r#"{{"{TOKEN}": 1, "limits": {{"{TOKEN}": 1}}, "servers": {{"{TOKEN}": 1}}}}"#),
        format!(r#"{{"hostname": "{TOKEN}", "port": "{TOKEN}", "admins": "{TOKEN}"}}"#),
        format!(r#"{{"public-url": "http://a/bot{TOKEN}/", "timezone": "a {TOKEN}"}}"#),
        format!(r#"{{"relay": "{TOKEN}", "servers": ["{TOKEN}"]}}"#),
        format!(r#"{{"bot-token": "{TOKEN}" "port": 1}}"#),
        format!(r#"{{"bot-token": {TOKEN}}}"#),
        format!(r#""{TOKEN}""#),
        TOKEN.to_owned(),
    ];
    let silent = |ran: &Ran, case: &str| {
        let said = format!("{}{}", ran.out, ran.err);
        assert!(!said.contains(secret), "{case}: {said}");
    };
    for file in &files {
        let stage = Stage::new();
        stage.write("settings.json", file);
        stage.write("settings.toml", &format!("bot-token = \"{TOKEN}\n"));
        for command in ["settings", "check"] {
            silent(&stage.run(&[command]), file);
            silent(&stage.run(&[command, "--json"]), file);
            silent(&stage.run(&[command, "--settings", "settings.toml"]), "toml");
            silent(&stage.run(&[command, "--settings", TOKEN]), "path");
            silent(&stage.run(&[command, TOKEN]), "argument");
        }
    }
    let stage = Stage::new();
    stage.write(".env", &format!("{TOKEN}\nROOST_PORT={TOKEN}"));
    silent(&stage.run(&["check"]), ".env");
    silent(&stage.run(&[TOKEN]), "command");
    for name in [
        "ROOST_BOT_TOKEN",
        "ROOST_BOT_TOKEN_FILE",
        "ROOST_PORT",
        "ROOST_LIMITS",
        "LOG_LEVEL",
        "REDIS_URL",
        "WEBHOOK_DOMAIN",
        "ENV_FILE",
        "ROOST_SETTINGS",
        "ROOST_DATABASE",
        "ROOST_WWW",
        "ROOST_SERVERS",
    ] {
        let wrong = format!("{TOKEN} ");
        for command in ["settings", "check"] {
            silent(&stage.run_with(&[command], &[(name, TOKEN)]), name);
            silent(&Stage::new().run_with(&[command], &[(name, TOKEN)]), name);
            let variables = [(name, TOKEN), ("TELEGRAM_TOKEN", wrong.as_str())];
            silent(&Stage::new().run_with(&[command], &variables), name);
        }
    }
}

#[test]
fn exit_codes_tell_done_from_wrong_use() {
    let stage = Stage::new();
    for (arguments, code, out, err) in [
        (&["--help"][..], 0, "Usage: roost", ""),
        (&["check", "--help"], 0, "Usage: roost check", ""),
        (&["version"], 0, "roost ", ""),
        (&["--version"], 0, "roost ", ""),
        (&["settings"], 0, "bot-token is not set", ""),
        (&[], 2, "", "Usage: roost"),
        (&["setings"], 2, "", "roost: `setings`: no such command; did you mean `settings`?"),
        (
            &["settings", "--jsno"],
            2,
            "",
            "roost settings: unrecognized argument: --jsno; see `roost settings --help`",
        ),
        (&["check"], 2, "ok no settings file", ""),
    ] {
        let ran = stage.run(arguments).ended(code);
        assert!(
            ran.out.starts_with(out) && ran.out.is_empty() == out.is_empty(),
            "{arguments:?}: {}",
            ran.out
        );
        assert!(
            ran.err.starts_with(err) && ran.err.is_empty() == err.is_empty(),
            "{arguments:?}: {}",
            ran.err
        );
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    for arguments in [&["settings"][..], &["settings", "--json"], &["--help"], &["version"]] {
        let ran = Stage::new().run_unread(arguments).ended(0);
        assert_eq!(ran.err, "", "{arguments:?}");
    }
}

#[test]
fn check_says_what_is_fine_and_what_to_do() {
    let stage = Stage::new();
    stage.write(
        "settings.json",
        &json!({"bot-token": TOKEN, "www": "none", "database": "no/x.redb"}).to_string(),
    );
    let ran = stage.run(&["check"]).ended(2);
    for line in [
        "ok settings.json: every key is known and every value fits",
        "ok `bot-token`: has the form of a token",
        "ok `hostname`: listens on 127.0.0.1:2536",
        "wrong `database`: there is no folder no; make it, or change `database`",
        "wrong `www`: none is no folder; correct it, or remove `www`",
        "note settings.json: holds the token and anybody may read it; run `chmod 600 settings.json`",
        "note `public-url`: not set; without it the bot works but offers no mini app",
    ] {
        assert!(ran.out.lines().any(|found| found == line), "{line}\n{}", ran.out);
    }
}

#[test]
fn a_full_disk_under_the_output_is_a_failure() {
    let ran = Stage::new().run_into(&["settings"], "/dev/full").ended(1);
    assert!(ran.err.starts_with("cannot write the output: "), "{}", ran.err);
}

#[test]
fn values_have_the_types_the_program_works_with() {
    let mut file = everything();
    file["hostname"] = json!("[::1]");
    file["telegram-api-url"] = json!("http://127.0.0.1:8081/");
    let settings = loaded(&file, &[]).expect("fits").settings;
    assert_eq!(settings.hostname, "::1");
    assert_eq!(settings.telegram_api_url, "http://127.0.0.1:8081");
    assert_eq!(settings.public_url.as_deref(), Some("https://bot.example.org"));
    assert_eq!((settings.port, settings.language.as_str()), (2536, "en"));
    assert_eq!(settings.admins, [roost::ids::UserId(111)]);
    assert_eq!(settings.timezone.iana_name(), Some("Europe/Berlin"));
    assert_eq!(settings.trusted_proxies.len(), 1);
    assert_eq!((settings.limits.connections, settings.limits.body), (1000, 1_048_576));
    let reminders: Vec<u64> = settings.events.reminders.iter().map(Duration::as_secs).collect();
    assert_eq!(reminders, [86_400, 3_600, 0]);
    assert_eq!(settings.log.modules, [("roost::net".to_owned(), log::LevelFilter::Debug)]);
    let token = settings.token().expect("given");
    assert_eq!(token.to_string(), "***");
    let missing = loaded(&json!({}), &[]).expect("fits").settings;
    let problem = missing.token().expect_err("missing").to_string();
    assert!(problem.starts_with("`bot-token`: missing; ask @BotFather"), "{problem}");
}

#[test]
fn flags_are_stronger_than_everything_else() {
    let flag = Flag { name: "--port", key: "port", text: "9".to_owned() };
    let asked = Asked { file: None, flags: vec![flag] };
    let variables = [("ROOST_PORT".to_owned(), "8".to_owned())].into();
    let folder = Stage::new().folder();
    let loaded = load(&asked, &Surroundings { variables, folder }).expect("fits");
    assert_eq!(loaded.settings.port, 9);
    let source = loaded.resolved.named("port", "").map(|given| given.source.to_string());
    assert_eq!(source.as_deref(), Some("flag --port"));
}

#[test]
fn the_service_unit_has_room_for_all_connections() {
    let unit = include_str!("../systemd/roost.service");
    let connections = loaded(&json!({}), &[]).expect("fits").settings.limits.connections;
    for name in ["LimitNOFILE=", "TasksMax="] {
        let value = unit.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        assert!(value.parse::<usize>().expect(name) > connections + 100, "{name}{value}");
    }
    let mut commented = true;
    for line in unit.lines().filter(|line| !line.is_empty() && !line.starts_with('[')) {
        let comment = line.starts_with('#');
        let wants = line.starts_with("After=");
        assert!(comment || commented || wants, "{line} has no comment");
        commented = comment;
    }
}

#[test]
fn a_slip_is_two_letters_swapped_or_one_doubled() {
    assert_eq!(
        (slip("port").as_str(), slip("url").as_str(), slip("keyy").as_str()),
        ("potr", "ulr", "keyyy")
    );
}
