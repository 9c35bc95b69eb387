//! Canaries: whatever happens, at `trace` and in both formats, no secret is printed.

mod support;

use serde_json::json;
use support::page::masked;
use support::{ADA, ADMIN, Page, Person, Program, TOKEN, daily, get, http, signed};

/// What somebody says about themselves and nobody else should read in a log.
const NAME: &str = "CanaryFirst CanaryLast";

#[test]
fn neither_token_nor_init_data_are_ever_printed() {
    for format in ["text", "json"] {
        let log = json!({"level": "trace", "format": format, "modules": {"roost::net": "trace"}});
        let (home, mut program) = Program::with(&json!({"log": log, "banned": [77]}));
        let canary = Person { id: 4_242_424, name: NAME, language: "en" };
        let good = canary.init_data_from(Some("CANARYSTART"));
        let hash = good.rsplit_once("hash=").unwrap().1.to_owned();
        let other =
            signed(&[("auth_date", "0"), ("user", &canary.user()), ("query_id", "CANARYQUERY")]);
        let bad = [
            good[..good.len() - 1].to_owned(),
            format!("{good}&x=1"),
            good.replace("CanaryFirst", "CanaryOther"),
            other.clone(),
            good.replace("user=", "usr="),
            Person { id: 77, ..canary }.init_data(),
            TOKEN.to_owned(),
        ];
        for data in bad {
            let mut page = Page::open(program.address());
            page.send(json!({"type": "login", "data": data}));
            page.expect("disconnect");
        }
        let login = json!({"type": "login", "data": good, "app": "mini_event"}).to_string();
        // As it should be, in pieces, against the protocol, to nobody, and over HTTP.
        let mut page = Page::of(program.address(), canary);
        page.send_text(login.clone());
        page.expect_error("unknown-command");
        page.send_text(&login[..login.len() - 1]);
        page.expect_error("invalid-data");
        for first in [0x01, 0x82, 0x83, 0xc1, 0x89] {
            let mut page = Page::open(program.address());
            page.send_raw(&masked(first, login.as_bytes()));
            page.vanish();
        }
        page.send_raw(&masked(0x83, login.as_bytes()));
        page.end();
        for path in
            [format!("/?tgWebAppData={good}"), format!("/bot{TOKEN}/getMe"), format!("/{hash}")]
        {
            get(program.address(), &path);
            let broken = format!(
                "GET {path} HTTP/1.1\r\nHost: {hash}\r\nX-Token: {TOKEN}\r\nTransfer-Encoding: x\r\nConnection: close\r\n\r\n"
            );
            http(program.address(), &broken);
        }
        let mut admin = Page::of(program.address(), ADMIN);
        let id = admin.create(daily("Event"));
        Page::of(program.address(), ADA).ask(json!({"type": "attend", "event": id}));
        program.ask_to_stop();
        let (status, output) = program.ended();
        assert!(status.success(), "{output}");
        assert!(output.contains("login refused"), "trace says something at all:\n{output}");
        let settings = std::fs::read_to_string(home.settings()).unwrap();
        assert!(settings.contains(TOKEN));
        let old_hash = other.rsplit_once("hash=").unwrap().1;
        for secret in [
            TOKEN,
            "TEST-TOKEN",
            &hash[..16],
            &old_hash[..16],
            "CanaryFirst",
            "CanaryLast",
            "CanaryOther",
            "CANARYSTART",
            "CANARYQUERY",
            "AAF0000000000000",
            "auth_date=",
            "first_name",
        ] {
            assert!(!output.contains(secret), "`{secret}` in {format}:\n{output}");
        }
    }
}
