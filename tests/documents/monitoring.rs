//! The dashboard and the alerts, held against what the running program tells, and against Prometheus'
//! own checker.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::page::{Page, top};
use crate::process::{command, output};
use crate::support::{Program, get};

/// `/metrics` of a server that has something of everything.
static EXPOSITION: LazyLock<String> = LazyLock::new(|| {
    let (_home, program) = Program::with(&json!({
        "metrics": {"listen": "127.0.0.1:0"},
        "tls": "self-signed",
        "backup": {"folder": "backups"},
        "relay": {"sinks": {"disk": {"type": "file", "path": "updates.jsonl"}}},
        "servers": {"Office": {"ip": "127.0.0.1:1", "status-url": "http://127.0.0.1:1/",
            "server_status": {"state": 1, "timeout": 1}}},
    }));
    let line = program.output();
    let line = line.split_once("metrics on http://").expect("a metrics listener").1;
    let address = line.split('/').next().expect("an address").parse().expect("an address");
    // Nobody answers, Telegram neither.
    program.says("our own network seems to be gone", 1);
    program.says("backup `", 1);
    let (status, _, body) = get(address, "/metrics");
    assert_eq!(status, 200);
    String::from_utf8(body).expect("text")
});

/// The families of the exposition, and the labels of each, as far as it has samples.
fn families() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let text: &'static str = &EXPOSITION;
    let mut families = BTreeMap::<_, BTreeSet<_>>::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            families.entry(rest.split(' ').next().expect("a name")).or_default();
            continue;
        }
        let Some((name, labels)) = line.split_once('{') else { continue };
        let labels = labels.split("=\"").filter_map(|part| part.rsplit(['"', ',']).next());
        families.entry(name).or_default().extend(labels.filter(|label| !label.contains('}')));
    }
    families
}

/// The names of metrics in an expression.
fn metrics(expression: &str) -> Vec<&str> {
    let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("roost_")).collect()
}

/// Fails unless the program tells everything `expression` asks for, with the labels of `legend`.
fn is_told(expression: &str, legend: &str) {
    let families = families();
    let names = metrics(expression);
    assert!(!names.is_empty() || expression.starts_with("up{"), "{expression}");
    for name in &names {
        assert!(families.contains_key(name), "nobody tells `{name}`: {expression}");
    }
    let labels =
        legend.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim()));
    for label in labels.filter_map(|label| label.strip_prefix("$labels.").or(Some(label))) {
        let known = ["instance", "job"].contains(&label) || !is_word(label);
        let has =
            names.iter().any(|name| families[name].is_empty() || families[name].contains(label));
        assert!(known || has, "{expression} has no label `{label}`");
    }
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn promtool() -> std::process::Command {
    command("promtool", "prometheus")
}

fn dashboard() -> Value {
    let text = fs::read_to_string(top().join("docs/grafana.json")).expect("docs/grafana.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_exposition_pleases_promtool() {
    let mut child = promtool()
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("promtool");
    child.stdin.take().expect("piped").write_all(EXPOSITION.as_bytes()).expect("written");
    let ran = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success() && said.is_empty(), "{said}");
}

#[test]
fn alerts_ask_for_what_is_told_and_fire_when_they_should() {
    let alerts = top().join("docs/alerts.yml");
    output(promtool().args(["check", "rules"]).arg(&alerts));
    output(promtool().args(["test", "rules"]).arg(top().join("tests/documents/alerts.yml")));
    let text = fs::read_to_string(&alerts).expect("docs/alerts.yml");
    let cases = fs::read_to_string(top().join("tests/documents/alerts.yml")).expect("cases");
    let mut tried = 0;
    for rule in text.split("- alert: ").skip(1) {
        let name = rule.lines().next().expect("a name");
        let expression = rule.split_once("expr: ").expect("an expression").1;
        is_told(expression.lines().next().expect("a line"), rule);
        assert!(cases.contains(&format!("alertname: {name}\n")), "{name} has no case");
        tried += 1;
    }
    assert!(tried > 10, "{tried} alerts");
}

#[test]
fn prometheus_takes_the_configuration_of_the_page() {
    let page = Page::read("docs/monitoring.md");
    let blocks = page.blocks();
    let block = blocks.iter().find(|block| block.language == "yaml").expect("a configuration");
    let installed = "/etc/prometheus/roost-alerts.yml";
    assert!(block.text.contains(installed) && page.text.matches(installed).count() > 1);
    let alerts = top().join("docs/alerts.yml").display().to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prometheus.yml");
    fs::write(&file, block.text.replace(installed, &alerts)).unwrap();
    let said = output(promtool().args(["check", "config"]).arg(&file));
    assert!(said.contains("rules found"), "{said}");
}

#[test]
fn the_page_on_monitoring_tells_every_metric() {
    let page = Page::read("docs/monitoring.md");
    for name in families().keys() {
        assert!(
            page.text.contains(&format!("`{name}`")),
            "docs/monitoring.md is silent on `{name}`"
        );
    }
    for name in metrics(&page.text) {
        assert!(families().contains_key(name), "docs/monitoring.md: nobody tells `{name}`");
    }
    let alerts = fs::read_to_string(top().join("docs/alerts.yml")).expect("docs/alerts.yml");
    for rule in alerts.split("- alert: ").skip(1) {
        let name = rule.lines().next().expect("a name");
        assert!(page.text.contains(&format!("`{name}`")), "docs/monitoring.md is silent on {name}");
    }
}

#[test]
fn the_dashboard_can_be_imported_and_shows_what_is_told() {
    let dashboard = dashboard();
    assert!(dashboard["id"].is_null(), "Grafana chooses the number");
    assert!(
        dashboard["schemaVersion"].as_u64().is_some_and(|version| (36..=41).contains(&version))
    );
    let variables = dashboard["templating"]["list"].as_array().expect("variables");
    let variables: Vec<&str> = variables.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(variables, ["datasource", "instance"]);
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().expect("a title");
        assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{title}: its id is taken");
        let place = |name: &str| panel["gridPos"][name].as_u64().expect("a place");
        assert!(place("x") + place("w") <= 24, "{title} is too wide");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(taken.insert((x, y)), "{title} lies on another");
            }
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title} has no unit");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        let targets = panel["targets"].as_array().expect("targets");
        assert!(!targets.is_empty(), "{title} asks nothing");
        for target in targets {
            let expression = target["expr"].as_str().expect("a query");
            is_told(expression, target["legendFormat"].as_str().expect("a legend"));
            assert!(expression.contains("instance=~\"$instance\""), "{title}: {expression}");
        }
    }
    assert!(panels.len() > 20, "{} panels", panels.len());
}

/// What the dashboard asks is `PromQL`: as rules, with Grafana's variables filled in.
#[test]
fn queries_of_the_dashboard_are_promql() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    let rule = |(number, target): (usize, &Value)| {
        let expression = target["expr"].as_str().expect("a query");
        let expression = expression.replace("$__rate_interval", "5m").replace("$instance", ".*");
        json!({"record": format!("query:{number}"), "expr": expression})
    };
    let rules: Vec<Value> = targets.enumerate().map(rule).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.yml");
    // JSON is YAML.
    fs::write(&file, json!({"groups": [{"name": "all", "rules": rules}]}).to_string()).unwrap();
    output(promtool().args(["check", "rules", "--lint=none"]).arg(&file));
}
