//! The real program with TLS, and the clients people have: `curl`, OpenSSL, a browser's websocket,
//! Telegram.

mod support;
mod updates_support;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use rustls::ClientConfig;
use serde_json::{Value, json};
use support::line::{Line, trusting};
use support::page::End;
use support::{ADA, ADMIN, BOB, Home, Page, Person, Program, daily};
use updates_support::{SECRET, World};

/// Runs a program of the system; what it needs to be installed is said when it is not.
fn runs(package: &str, command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| {
        let name = command.get_program().display();
        panic!("`{name}` cannot be run: {error}; as root: apt-get install -y {package}")
    })
}

/// What `curl` gets at `path`, trusting the certificates in `trusted`; its complaint if nothing.
fn curl(server: SocketAddr, path: &str, trusted: &Path) -> Result<String, String> {
    let mut command = Command::new("curl");
    let url = format!("https://{server}{path}");
    command.args(["--silent", "--show-error", "--noproxy", "*", "--cacert"]).arg(trusted).arg(url);
    let output = runs("curl", &mut command);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// A certificate as people make one with OpenSSL, in `folder`.
fn openssl(folder: &Path, key: &[&str]) -> (PathBuf, PathBuf) {
    let (certificate, secret) = (folder.join("cert.pem"), folder.join("key.pem"));
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-nodes", "-days", "90", "-subj", "/CN=127.0.0.1"]);
    command.args(["-addext", "subjectAltName=IP:127.0.0.1", "-newkey"]).args(key);
    command.arg("-out").arg(&certificate).arg("-keyout").arg(&secret);
    let output = runs("openssl", &mut command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (certificate, secret)
}

fn self_signed() -> (Home, Program) {
    Program::with(&json!({"tls": "self-signed", "log": {"level": "debug"}}))
}

/// The certificate the program made.
fn own(home: &Home) -> PathBuf {
    home.folder().join("roost.redb.pem")
}

fn page(program: &Program, config: &Arc<ClientConfig>, person: Person) -> Page {
    let mut page = Page::over(Line::secure(program.address(), config), "/wss/");
    page.login(person);
    page
}

#[test]
fn curl_and_openssl_trust_a_certificate_of_our_own_they_were_given() {
    let (home, program) = self_signed();
    let own = own(&home);
    assert_eq!(fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o600);
    let settings: Value =
        serde_json::from_str(&curl(program.address(), "/settings.json", &own).unwrap()).unwrap();
    assert_eq!(settings["socket"], format!("wss://{}/wss/", program.address()));
    let nobody = home.folder().join("settings.json");
    assert!(curl(program.address(), "/", &nobody).is_err(), "without it nobody does");
    for version in ["-tls1_2", "-tls1_3"] {
        let mut command = Command::new("openssl");
        command.args(["s_client", version, "-verify_return_error", "-verify_ip", "127.0.0.1"]);
        command.arg("-CAfile").arg(&own).args(["-connect", &program.address().to_string()]);
        let output = runs("openssl", &mut command);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains("Verify return code: 0 (ok)"), "{told}");
    }
    let mut old = Command::new("openssl");
    old.args(["s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]);
    old.args(["-connect", &program.address().to_string()]);
    assert!(!runs("openssl", &mut old).status.success(), "nothing older than TLS 1.2");
    // It is kept over a restart.
    let before = fs::read(&own).unwrap();
    assert!(program.stop().0.success());
    let again = home.serve();
    assert!(curl(again.address(), "/healthz", &own).is_ok());
    assert_eq!(fs::read(&own).unwrap(), before);
    assert!(again.stop().0.success());
}

#[test]
fn certificates_of_the_operator_are_replaced_while_serving() {
    let home = Home::new(&json!({"tls": {"certificate": "cert.pem", "key": "key.pem"}}));
    let (certificate, key) = openssl(home.folder(), &["rsa:2048"]);
    let program = home.serve();
    assert!(curl(program.address(), "/healthz", &certificate).is_ok());
    let told = curl(program.address(), "/readyz", &certificate).unwrap();
    assert!(told.contains(r#""certificate":{"ok":true,"reason":"valid until 2"#), "{told}");
    let next = tempfile::tempdir().unwrap();
    let (new_certificate, new_key) =
        openssl(next.path(), &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    // As certbot does it, one name after the other; a client comes in between.
    fs::copy(&new_certificate, home.folder().join("next")).unwrap();
    let old_certificate = next.path().join("old.pem");
    fs::copy(&certificate, &old_certificate).unwrap();
    fs::rename(home.folder().join("next"), &certificate).unwrap();
    for _ in 0..3 {
        assert!(curl(program.address(), "/healthz", &old_certificate).is_ok(), "the old pair");
    }
    fs::copy(&new_key, &key).unwrap();
    assert!(curl(program.address(), "/healthz", &new_certificate).is_ok());
    assert!(curl(program.address(), "/healthz", &old_certificate).is_err());
    let (status, log) = program.stop();
    assert!(status.success());
    assert_eq!(log.matches("the old certificate stays in force").count(), 1, "said once: {log}");
    assert!(log.contains("a new certificate is in force"), "{log}");
}

#[test]
fn pages_work_over_tls_and_see_each_others_changes() {
    let (home, program) = self_signed();
    let config = trusting(&own(&home));
    let mut admin = page(&program, &config, ADMIN);
    let id = admin.create(daily("Over TLS"));
    let mut ada = page(&program, &config, ADA);
    let mut plain = Vec::new();
    for person in 100..130 {
        plain.push(page(&program, &config, Person::number(person)));
    }
    ada.ask(json!({"type": "attend", "event": id}));
    admin.until_going(id, 1);
    for page in &mut plain {
        page.until_going(id, 1);
    }
    // A picture's worth of message, and of answer.
    let long = "x".repeat(900_000);
    ada.send(json!({"type": "dance", "x": long}));
    assert_eq!(ada.expect_error("unknown-command")["what"]["x"], long);
    program.ask_to_stop();
    assert_eq!(ada.end(), End::Code(1001));
    assert_eq!(admin.end(), End::Code(1001));
}

#[test]
fn clients_that_stop_reading_are_dropped_over_tls_too() {
    let (home, program) = self_signed();
    let config = trusting(&own(&home));
    let mut admin = page(&program, &config, ADMIN);
    let ids: Vec<u64> = (0..5).map(|_| admin.create(daily("Event"))).collect();
    let mut stuck: Vec<Page> =
        (1..=10).map(|person| page(&program, &config, Person::number(person))).collect();
    let mut healthy = [page(&program, &config, ADA), page(&program, &config, BOB)];
    for turn in 0..20 {
        let description = format!("{turn:04}{}", "\u{1f980}".repeat(1996));
        for id in &ids {
            admin.ask(json!({"type": "edit-event", "id": id, "description": description}));
        }
        for page in &mut healthy {
            page.until(|frame| frame["id"] == ids[4] && frame["description"] == description);
        }
    }
    for page in &mut stuck {
        let end = page.end();
        assert!(matches!(end, End::Code(1013) | End::Broken), "{end:?}");
    }
}

#[test]
fn a_large_snapshot_reaches_a_slow_reader_whole_over_tls() {
    let (home, program) = self_signed();
    let config = trusting(&own(&home));
    let mut admin = page(&program, &config, ADMIN);
    for turn in 0..200 {
        let mut event = daily("Large");
        event["description"] = format!("{turn:04}{}", "\u{1f980}".repeat(1996)).into();
        admin.create(event);
    }
    let mut slow = Page::over(Line::secure(program.address(), &config), "/wss/");
    slow.send(json!({"type": "login", "data": ADA.init_data()}));
    // It reads nothing yet, and the events change.
    for turn in 0..5 {
        let title = format!("Changed {turn}");
        admin.send(json!({"type": "edit-event", "id": 100, "title": title}));
        admin.until(|frame| frame["title"] == title);
    }
    slow.until(|frame| frame["type"] == "events-loaded");
    assert_eq!(slow.events.len(), 200);
    if slow.events["100"]["title"] != "Changed 4" {
        slow.until(|frame| frame["title"] == "Changed 4");
    }
    slow.is_quiet();
}

#[test]
fn plain_http_to_the_port_is_closed_with_a_word_in_the_log() {
    let (_home, program) = self_signed();
    let mut command = Command::new("curl");
    command.args(["--silent", "--noproxy", "*"]).arg(format!("http://{}/", program.address()));
    assert!(!runs("curl", &mut command).status.success());
    let (_, log) = program.stop();
    assert!(log.contains("closed: this port speaks TLS"), "{log}");
    for line in log.lines().filter(|line| line.contains("this port speaks TLS")) {
        assert!(line.contains("DEBUG") && line.contains("127.0.0.1: closed"), "{line}");
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_at_the_start_and_by_check() {
    let home = Home::new(&json!({"tls": {"certificate": "cert.pem", "key": "key.pem"}}));
    let roost = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.args(arguments).current_dir(home.folder()).env_clear();
        let output = command.output().unwrap();
        let both = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(both).unwrap())
    };
    let (code, told) = roost(&["serve", "--port", "0"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("`tls`: `cert.pem`: no such file") || told.contains("no such file"));
    let (code, told) = roost(&["check"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("wrong `tls`: "), "{told}");
    openssl(home.folder(), &["rsa:2048"]);
    let (code, told) = roost(&["check"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("ok `tls`: the certificate is valid until"), "{told}");
    home.set(&json!({"tls": {"certificate": "cert.pem", "key": "key.pem"},
        "public-url": "https://bot.example.org"}));
    let (code, told) = roost(&["check"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("the certificate is not for `bot.example.org`"), "{told}");
}

/// A world whose program speaks TLS, with these further settings.
fn hooked(world: &World, tls: &[(&str, &str)]) -> updates_support::Program {
    let mut settings = world.webhook_settings();
    settings[2].1 = format!("https://127.0.0.1:{}", world.port);
    let all = settings.iter().map(|(name, value)| (*name, value.as_str()));
    world.runs(&all.chain(tls.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn telegram_is_given_a_certificate_of_our_own_and_trusts_it() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    ada.sends("/start");
    let program = hooked(&world, &[("ROOST_TLS", "self-signed")]);
    ada.waits_for("the greeting", |message| message.by_bot);
    let delivered = world
        .telegram
        .wait_for("a delivery", |view| view.deliveries().first().map(|one| one.status));
    assert_eq!(delivered, 200);
    let call = world.telegram.look(|view| view.calls("setWebhook").last().unwrap().params.clone());
    assert_eq!(call["secret_token"].as_str().unwrap().len(), 48);
    assert_eq!(call["max_connections"], "40", "a form has texts");
    assert!(call["allowed_updates"].as_str().unwrap().starts_with("[\"message\""), "{call}");
    assert!(!call.to_string().contains("PRIVATE"), "{call}");
    // Without the secret it is still nobody's.
    let config = trusting(&world.folder.path().join("roost.redb.pem"));
    let address = SocketAddr::from(([127, 0, 0, 1], program.port()));
    let mut line = Line::secure(address, &config);
    let request = format!("POST /hook HTTP/1.1\r\nHost: h\r\n{SECRET}: x\r\nConnection: close\r\n");
    let answer = exchange(&mut line, &(request + "Content-Length: 2\r\n\r\n{}"));
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let (status, log) = program.stops("TERM");
    assert!(status.success() && !log.contains("BEGIN"), "{log}");
}

/// Sends a request and reads to the end.
fn exchange(line: &mut Line, request: &str) -> String {
    use std::io::{Read, Write};
    line.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn telegram_is_given_a_certificate_the_operator_signed_alone() {
    let world = World::new();
    let (certificate, key) = openssl(world.folder.path(), &["rsa:2048"]);
    let [certificate, key] = [certificate, key].map(|path| path.display().to_string());
    let _program =
        hooked(&world, &[("ROOST_TLS_CERTIFICATE", &certificate), ("ROOST_TLS_KEY", &key)]);
    world.waits_for_webhook();
    let client = roost::telegram::Client::new(
        &world.telegram.base_url(),
        roost::hidden::Hidden::new(updates_support::TOKEN.to_owned()),
    );
    let info = client.call("getWebhookInfo", &json!({}), updates_support::PATIENCE).unwrap();
    assert_eq!(info["has_custom_certificate"], true, "{info}");
}
