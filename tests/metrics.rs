//! What Prometheus is told, read the way Prometheus reads it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};
use support::{ADA, PATIENCE, Page, Program, TOKEN, get, http};

/// The samples of a text by name and labels; panics where Prometheus (or `promtool check metrics`)
/// would refuse or complain.
fn samples(text: &str) -> BTreeMap<String, String> {
    let (mut samples, mut begun) = (BTreeMap::new(), BTreeSet::new());
    let mut family = "";
    assert!(text.ends_with('\n'), "the last line ends");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a help text");
            assert!(begun.insert(name.to_owned()), "`{name}` is begun twice");
            assert!(!help.is_empty(), "`{name}` is explained");
            family = name;
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            assert_eq!(name, family);
            assert!(["gauge", "counter"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let name = series.split('{').next().unwrap();
        assert_eq!(name, family, "samples stand below their own family");
        assert!(name.starts_with("roost_"), "{name}");
        assert!(
            name.bytes().all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte))
        );
        labels(&series[name.len()..]);
        assert!(value.parse::<f64>().is_ok(), "`{value}` is no number");
        assert!(
            samples.insert(series.to_owned(), value.to_owned()).is_none(),
            "{series} stands twice"
        );
    }
    samples
}

/// `{a="…",b="…"}`, or nothing.
fn labels(text: &str) {
    let Some(inner) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
        return assert!(text.is_empty(), "{text}");
    };
    let mut rest = inner;
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").expect("a quoted value");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        let mut escaped = false;
        let end = value
            .find(|letter| {
                let ends = letter == '"' && !escaped;
                escaped = letter == '\\' && !escaped;
                ends
            })
            .expect("a closing quote");
        rest = value[end + 1..].strip_prefix(',').unwrap_or(&value[end + 1..]);
    }
}

fn listening(program: &Program) -> SocketAddr {
    let output = program.output();
    let line = output.split_once("metrics on http://").expect("a metrics listener").1;
    line.split('/').next().unwrap().parse().unwrap()
}

fn everything() -> Value {
    json!({"metrics": {"listen": "127.0.0.1:0"}})
}

#[test]
fn prometheus_reads_what_the_server_tells() {
    let (_home, program) = Program::with(&everything());
    let metrics = listening(&program);
    let (status, head, body) = get(metrics, "/metrics");
    assert_eq!(status, 200, "{head}");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    let before = samples(std::str::from_utf8(&body).unwrap());
    assert!(before["roost_resident_memory_bytes"].len() > 6);
    assert_eq!(before["roost_ready{check=\"store\"}"], "1");
    assert_eq!(before["roost_ready{check=\"telegram\"}"], "0", "nobody answers there");
    assert_eq!(before["roost_pages"], "0");

    let page = Page::of(program.address(), ADA);
    // The hub counts a page when it has greeted it.
    let deadline = Instant::now() + PATIENCE;
    let (after, body) = loop {
        let (_, _, body) = get(metrics, "/metrics");
        let after = samples(std::str::from_utf8(&body).unwrap());
        if after["roost_pages"] == "1" {
            break (after, body);
        }
        assert!(Instant::now() < deadline, "{}", after["roost_pages"]);
    };
    assert_eq!(after["roost_users"], "1");
    assert!(!String::from_utf8(body).unwrap().contains(TOKEN));
    drop(page);
}

#[test]
fn every_server_has_its_state_its_checks_and_its_times() {
    let mut settings = everything();
    settings["servers"] = json!({
        "Office \"A\\B\"": {"ip": "127.0.0.1:1", "status-url": "http://127.0.0.1:1/",
            "server_status": {"state": 1, "timeout": 1}},
        "Off": {"ip": "127.0.0.1:1"},
    });
    let (_home, program) = Program::with(&settings);
    // Nobody answers, Telegram neither.
    program.says("our own network seems to be gone", 1);
    let (_, _, body) = get(listening(&program), "/metrics");
    let text = String::from_utf8(body).unwrap();
    let all = samples(&text);
    let of = |name: &str, labels: &str| {
        let series = format!("roost_conferences_{name}{{server=\"{labels}}}");
        all.get(&series).map(String::as_str)
    };
    let office = "Office \\\"A\\\\B\\\"\"";
    for (name, labels, expected) in [
        ("server_state", format!("{office},state=\"unknown\""), Some("1")),
        ("server_state", format!("{office},state=\"up\""), Some("0")),
        ("server_state", "Off\",state=\"off\"".to_owned(), Some("1")),
        ("checks_total", format!("{office},result=\"good\""), Some("0")),
        ("checks_total", "Off\",result=\"failed\"".to_owned(), Some("0")),
        ("network_gone", office.to_owned(), Some("1")),
        ("maintenance", office.to_owned(), Some("0")),
        ("server_up", office.to_owned(), None),
        ("response_seconds", office.to_owned(), None),
        ("network_gone", "Off\"".to_owned(), None),
    ] {
        assert_eq!(of(name, &labels), expected, "{name} {labels}: {text}");
    }
    let failed = of("checks_total", &format!("{office},result=\"failed\"")).unwrap();
    assert!(failed.parse::<u64>().unwrap() >= 3, "{failed}");
}

#[test]
fn metrics_stand_on_their_own_port_only() {
    let (_home, program) = Program::with(&everything());
    let metrics = listening(&program);
    assert_eq!(get(program.address(), "/metrics").0, 404);
    assert_eq!(get(metrics, "/mini_event/").0, 404);
    assert_eq!(get(metrics, "/healthz").0, 200);
    let (status, _, body) = get(metrics, "/readyz");
    let report: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &report["ready"]), (503, &json!(false)), "Telegram has not answered");
    assert!(report["checks"]["telegram"]["reason"].is_string(), "{report}");
    let post =
        "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert_eq!(http(metrics, post).0, 405);
}

#[test]
fn without_the_setting_nothing_is_told() {
    let (_home, program) = Program::start();
    assert!(!program.output().contains("metrics on"));
}
