//! `roost demo` as somebody runs it who has nothing: no token, no account, no network.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use roost::telegram::form;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use support::{Page, get, http};
use tempfile::TempDir;

/// A token of the environment that must reach nobody.
const LEAK: &str = "987654:LEAK-leak-leak-leak-leak-leak-leak-1";

/// A running demo with the links it has printed.
struct Demo {
    child: Child,
    /// Its temporary folder is made in here.
    folder: TempDir,
    visitor: String,
    admin: String,
    bot: String,
    servers: String,
    _rest: roost::thread::Handle,
}

/// The program in `folder`, where a real bot is configured in every way there is.
fn command(folder: &Path, port: u16) -> Command {
    fs::create_dir_all(folder.join("tmp")).unwrap();
    fs::write(folder.join(".env"), format!("ROOST_BOT_TOKEN={LEAK}\nROOST_BANNED=1001\n")).unwrap();
    fs::write(folder.join("settings.json"), json!({"bot-token": LEAK}).to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command.args(["demo", "--port", &port.to_string()]).current_dir(folder).env_clear();
    command.envs([
        ("TMPDIR", folder.join("tmp").to_str().unwrap()),
        ("ROOST_BOT_TOKEN", LEAK),
        ("TELEGRAM_TOKEN", LEAK),
        ("ROOST_ADMINS", "[1001]"),
        ("ROOST_BANNED", "[1002]"),
        ("ROOST_HOSTNAME", "0.0.0.0"),
        ("ROOST_DATABASE", "elsewhere.redb"),
        ("ROOST_TELEGRAM_API_URL", "http://127.0.0.1:1"),
        ("ROOST_PUBLIC_URL", "https://leak.example.org"),
        ("ROOST_SETTINGS", "settings.json"),
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command(folder.path(), 0).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut link = |label: &str| {
            let line = lines.by_ref().find_map(|line| Some(line.strip_prefix(label)?.to_owned()));
            line.unwrap_or_else(|| panic!("no `{label}`")).trim().to_owned()
        };
        let (visitor, admin, bot) = (link("visitor:"), link("admin:"), link("bot:"));
        let servers = link("servers:");
        let rest = roost::thread::spawn("stdout", move || lines.for_each(drop)).unwrap();
        Self { child, folder, visitor, admin, bot, servers, _rest: rest }
    }

    /// A page as the browser opens it by `link`, with its `welcome`.
    fn page(link: &str) -> (Page, Value) {
        let (url, fragment) = link.split_once('#').unwrap();
        let data = form::pairs(fragment).unwrap().into_iter().find(|(k, _)| k == "tgWebAppData");
        let server = address(url);
        let (status, head, _) = get(server, "/mini_event/");
        assert!(status == 200 && head.contains("text/html"), "{head}");
        let mut page = Page::open(server);
        page.send(json!({"type": "login", "data": data.unwrap().1}));
        page.snapshot();
        let welcome = page.seen.iter().find(|frame| frame["type"] == "welcome").cloned();
        (page, welcome.unwrap())
    }

    /// What the page of the bot asks; the status and the answer.
    fn does(&self, deed: &Value) -> (u16, Value) {
        let host = address(&self.bot);
        let (status, _, body) = http(host, &post(&host.to_string(), "", deed));
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// The chat of `person` once `is` finds something in it.
    fn chat<T>(&self, person: i64, is: impl Fn(&Value) -> Option<T>) -> T {
        let mut since = -1;
        loop {
            let path = format!("/chat/state?person={person}&since={since}");
            let (status, _, body) = get(address(&self.bot), &path);
            assert_eq!(status, 200);
            let chat: Value = serde_json::from_slice(&body).unwrap();
            if let Some(found) = is(&chat) {
                return found;
            }
            // The next answer waits for a change.
            since = chat["revision"].as_i64().unwrap();
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The address in an URL.
fn address(url: &str) -> SocketAddr {
    let host = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    host.parse().unwrap_or_else(|_| panic!("not an address: {url}"))
}

fn post(host: &str, more: &str, deed: &Value) -> String {
    let body = deed.to_string();
    format!(
        "POST /chat/do HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{more}\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn last_by_bot(chat: &Value) -> Option<Value> {
    chat["messages"].as_array()?.iter().rev().find(|m| m["from"]["is_bot"] == true).cloned()
}

#[test]
fn the_links_open_the_app_as_a_visitor_and_as_an_admin() {
    let demo = Demo::start();
    assert!(demo.bot.ends_with('/'), "{}", demo.bot);
    let (mut visitor, who) = Demo::page(&demo.visitor);
    assert_eq!((&who["is_admin"], &who["name"]), (&json!(false), &json!("Vera Visitor")));
    let (mut admin, who) = Demo::page(&demo.admin);
    assert_eq!((&who["is_admin"], &who["name"]), (&json!(true), &json!("Adam Admin")));
    assert!(visitor.events.len() >= 3, "there is something to see");
    let server = address(&demo.visitor);
    let mut pictures = 0;
    for event in visitor.events.values() {
        let Some(image) = event["image"].as_str() else { continue };
        let path = image.strip_prefix(&format!("http://{server}")).unwrap_or(image);
        assert_eq!(get(server, path).0, 200, "{image}");
        pictures += 1;
    }
    assert!(pictures > 0, "some have pictures");
    // What one does, the other sees.
    visitor.send(support::daily("Mine"));
    visitor.expect_error("not-admin");
    let id = admin.create(support::daily("Ours"));
    assert_eq!(visitor.expect("event")["id"], id);
    visitor.ask(json!({"type": "attend", "event": id}));
    assert_eq!(admin.expect("event")["attendees"], 1);
    // A link that was tampered with opens nothing.
    let forged = demo.visitor.replace("1001", "1002");
    let (url, fragment) = forged.split_once('#').unwrap();
    let data = form::pairs(fragment).unwrap().remove(0).1;
    let mut page = Page::open(address(url));
    page.send(json!({"type": "login", "data": data}));
    page.expect("disconnect");
}

#[test]
fn one_chats_with_the_bot_on_its_page() {
    let demo = Demo::start();
    let (status, head, page) = get(address(&demo.bot), "/");
    assert!(status == 200 && head.contains("text/html"), "{head}");
    let page = String::from_utf8(page).unwrap();
    for file in ["/page.css", "/page.js"] {
        assert!(page.contains(file) && get(address(&demo.bot), file).0 == 200, "{file}");
    }
    let (status, _) = demo.does(&json!({"do": "send", "person": 1001, "text": "/start"}));
    assert_eq!(status, 200);
    let greeting = demo.chat(1001, last_by_bot);
    let url = &greeting["reply_markup"]["inline_keyboard"][0][0]["web_app"]["url"];
    let (_, opened) = demo.does(&json!({"do": "open", "person": 1001, "url": url}));
    let (mut visitor, who) = Demo::page(opened["url"].as_str().unwrap());
    assert_eq!((&who["telegram_id"], &who["is_admin"]), (&json!(1001), &json!(false)));
    // The admin adds an event in the chat, and the open page of the visitor shows it.
    let add = json!({"do": "send", "person": 1002, "text": "/addevent Chess | 18:00 | 1 |"});
    demo.does(&add);
    let created = demo.chat(1002, |chat| {
        last_by_bot(chat).filter(|m| m["text"].as_str().unwrap().starts_with("Created"))
    });
    assert_eq!(visitor.expect("event")["title"], "Chess");
    let attend = created["reply_markup"]["inline_keyboard"][0][0]["callback_data"].clone();
    let tap =
        json!({"do": "tap", "person": 1002, "message": created["message_id"], "data": attend});
    let tap = demo.does(&tap).1["tap"].as_str().unwrap().to_owned();
    assert_eq!(visitor.expect("event")["attendees"], 1);
    demo.chat(1002, |chat| chat["toasts"][&tap].as_object().map(drop));
    let commands = |person| {
        demo.chat(person, |chat| {
            chat["commands"].as_array().filter(|list| !list.is_empty()).map(Vec::len)
        })
    };
    assert!(commands(1002) > commands(1001));
}

#[test]
fn the_people_of_the_demo_pass_on_a_secret() {
    let demo = Demo::start();
    let says = |person: i64, text: &str| {
        demo.does(&json!({"do": "send", "person": person, "text": text}));
    };
    let told = |person: i64, is: &dyn Fn(&str) -> bool| {
        demo.chat(person, |chat| {
            let text = last_by_bot(chat)?["text"].as_str()?.to_owned();
            is(&text).then_some(text)
        })
    };
    says(1001, "new:the door code is 4711");
    let ticket = told(1001, &|text| text.starts_with("1:"));
    says(1002, &ticket);
    told(1002, &|text| text == "the door code is 4711");
    told(1001, &|text| text.contains("was opened"));
    says(1002, &ticket);
    told(1002, &|text| text.contains("There is nothing to read here"));
}

#[test]
fn pages_of_others_cannot_play_our_people() {
    let demo = Demo::start();
    let bot = address(&demo.bot);
    let deed = json!({"do": "send", "person": 1001, "text": "/start"});
    let own = bot.to_string();
    for (host, more) in [
        ("evil.example.org", ""),
        ("evil.example.org:80", ""),
        (&own, "Origin: http://evil.example.org\r\n"),
        (&own, "Origin: null\r\n"),
        (&own, "Origin: http://127.0.0.1:1\r\n"),
        (&own, "Sec-Fetch-Site: cross-site\r\n"),
        (&own, "Sec-Fetch-Site: same-site\r\n"),
    ] {
        assert_eq!(http(bot, &post(host, more, &deed)).0, 403, "{host} {more}");
        let read = format!(
            "GET /chat/state?person=1001 HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n"
        );
        assert_eq!(http(bot, &read).0, 403, "{host} {more}");
    }
    let (_, _, body) = get(bot, "/chat/state?person=1001");
    let chat: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(chat["messages"], json!([]));
}

/// Both ends of every TCP socket of a process, from `/proc`, and how many other internet sockets.
fn sockets(process: u32) -> (Vec<IpAddr>, usize) {
    let inodes: BTreeSet<String> = fs::read_dir(format!("/proc/{process}/fd"))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
        .filter_map(|link| {
            Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let rows = |table: &str| -> Vec<Vec<String>> {
        let text = fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
        let rows = text.lines().skip(1).map(|line| line.split_whitespace().map(str::to_owned));
        rows.map(Iterator::collect::<Vec<_>>).filter(|row| inodes.contains(&row[9])).collect()
    };
    let ends = rows("tcp").into_iter().flat_map(|row| [row[1].clone(), row[2].clone()]);
    let ends = ends.map(|end| {
        let bits = u32::from_str_radix(end.split(':').next().unwrap(), 16).unwrap();
        IpAddr::from(Ipv4Addr::from(bits.to_le_bytes()))
    });
    let others = ["tcp6", "udp", "udp6", "raw", "raw6"].iter().map(|table| rows(table).len()).sum();
    (ends.collect(), others)
}

#[test]
fn two_conference_servers_can_be_broken_with_a_button() {
    let demo = Demo::start();
    let panel = address(&demo.servers);
    let page = || String::from_utf8(get(panel, "/").2).unwrap();
    assert!(page().contains("Head office") && page().contains("Branch"), "{}", page());
    let press = |path: &str| {
        let request = format!("POST {path} HTTP/1.1\r\nHost: {panel}\r\nConnection: close\r\n\r\n");
        http(panel, &request).0
    };
    assert_eq!((press("/break/1"), page().matches(">Mend<").count()), (303, 1));
    assert_eq!((press("/mend/1"), page().matches(">Mend<").count()), (303, 0));
}

#[test]
fn nothing_leaves_the_machine() {
    let demo = Demo::start();
    let _page = Demo::page(&demo.visitor);
    demo.does(&json!({"do": "send", "person": 1001, "text": "/start"}));
    demo.chat(1001, last_by_bot);
    let (ends, others) = sockets(demo.child.id());
    assert!(ends.len() >= 4 && others == 0, "{ends:?} and {others} others");
    // A listening socket has no other end.
    assert!(ends.iter().all(|end| end.is_loopback() || end.is_unspecified()), "{ends:?}");
    assert_eq!(address(&demo.visitor).ip(), Ipv4Addr::LOCALHOST);
    assert_eq!(address(&demo.bot).ip(), Ipv4Addr::LOCALHOST);
}

#[test]
fn it_ends_with_the_signal_and_leaves_nothing_behind() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut demo = Demo::start();
        let tmp = demo.folder.path().join("tmp");
        assert_eq!(fs::read_dir(&tmp).unwrap().count(), 1);
        // An open page and a chat that waits for news hold up nothing.
        let (mut page, _) = Demo::page(&demo.visitor);
        demo.does(&json!({"do": "send", "person": 1001, "text": "/start"}));
        demo.chat(1001, last_by_bot);
        demo.signal(signal);
        let status = demo.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{signal:?}");
        assert_eq!(page.end(), support::page::End::Code(1001));
        assert_eq!(fs::read_dir(&tmp).unwrap().count(), 0, "{signal:?}");
        let mut left: Vec<_> = fs::read_dir(demo.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [".env", "settings.json", "tmp"]);
    }
}

#[test]
fn a_port_in_use_is_named_and_nothing_starts() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), port).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(&port.to_string()) && error.contains("--port"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);
}

#[test]
fn two_demos_run_side_by_side_and_links_of_one_are_nothing_to_the_other() {
    let (one, other) = (Demo::start(), Demo::start());
    let data = one.admin.split_once('#').unwrap().1;
    let link = format!("{}#{data}", other.admin.split_once('#').unwrap().0);
    let data = form::pairs(data).unwrap().remove(0).1;
    let mut page = Page::open(address(&link));
    page.send(json!({"type": "login", "data": data}));
    page.expect("disconnect");
    Demo::page(&other.admin);
}

#[test]
fn whoever_closes_its_output_has_a_demo_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path(), 0).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let visitor = lines.find_map(|line| Some(line.strip_prefix("visitor:")?.trim().to_owned()));
    // Closes both, as `| head -3` does with the first.
    drop(lines);
    drop(child.stderr.take());
    Demo::page(&visitor.unwrap());
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
