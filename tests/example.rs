//! README's "Make your own mini app", word for word: built, started and clicked.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tungstenite::Message;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The text of the code block that follows `heading` in README.
fn block(readme: &str, heading: &str) -> String {
    let after = readme.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("{heading}"));
    let code = after.1.split_once("```").expect("a block").1;
    let code = code.split_once('\n').expect("its language").1;
    code.split_once("```").expect("its end").0.to_owned()
}

/// A copy of the program under another name, so that it shares what is built with the original
/// and overwrites nothing of it.
fn copy(root: &Path) -> PathBuf {
    let copy = root.join("target/example");
    drop(fs::remove_dir_all(&copy));
    for folder in ["src", "www"] {
        copy_folder(&root.join(folder), &copy.join(folder));
    }
    for file in ["build.rs", "Cargo.lock"] {
        fs::copy(root.join(file), copy.join(file)).expect(file);
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let manifest = manifest.replace("name = \"roost\"", "name = \"roost-example\"");
    let manifest = manifest.replace("[lib]\n", "[lib]\nname = \"roost\"\n");
    let manifest = without(&manifest, "[[bench]]");
    let manifest = manifest + "\n[workspace]\n";
    fs::write(copy.join("Cargo.toml"), manifest).expect("Cargo.toml");
    copy
}

/// The manifest without the section `head`.
fn without(manifest: &str, head: &str) -> String {
    let Some((before, after)) = manifest.split_once(head) else { return manifest.to_owned() };
    let rest = after.find("\n[").map_or("", |end| &after[end..]);
    before.to_owned() + rest
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in from.read_dir().expect("a folder").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a file");
        }
    }
}

/// Does what README says.
fn follow(readme: &str, copy: &Path) {
    for file in ["src/apps/clicks.rs", "www/apps/clicks/index.html", "www/apps/clicks/clicks.js"] {
        let path = copy.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, block(readme, &format!("`{file}`"))).expect(file);
    }
    let list = readme.lines().find(|line| line.starts_with("pub const LIST")).expect("the list");
    edit(&copy.join("src/apps/registry.rs"), |text| {
        let old = text.lines().find(|line| line.starts_with("pub const LIST")).expect("the list");
        text.replace(old, list)
    });
    edit(&copy.join("src/apps/mod.rs"), |text| {
        text.replacen("pub mod events;", "pub mod clicks;\npub mod events;", 1)
    });
}

fn edit(file: &Path, change: impl Fn(&str) -> String) {
    let before = fs::read_to_string(file).expect("a file");
    let after = change(&before);
    assert_ne!(before, after, "README's change of `{}` does not apply", file.display());
    fs::write(file, after).expect("a file");
}

fn build(root: &Path, copy: &Path) -> PathBuf {
    let target = root.join("target");
    // With the same kinds of sinks as these tests, what is built already is used again.
    let features = if cfg!(feature = "full") { "full" } else { "default" };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--features", features, "--manifest-path"])
        .arg(copy.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("debug/roost-example")
}

#[test]
fn the_example_of_readme_counts_clicks_for_everybody() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    let copy = copy(root);
    follow(&readme, &copy);
    let program = build(root, &copy);
    let mut child = Command::new(program)
        .args(["demo", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let _running = Running(child);
    let link = lines.map_while(Result::ok).find(|line| line.starts_with("visitor:"));
    let link = link.expect("a link").trim_start_matches("visitor:").trim().to_owned();
    let (base, data) = link.split_once("/mini_event/#tgWebAppData=").expect("a launch link");
    let data = data.split('&').next().expect("always one");
    let data = roost::telegram::form::decode(data).expect("percent-encoded");
    let page = format!("GET /clicks/ at {base}");
    assert!(ureq::get(format!("{base}/clicks/")).call().is_ok(), "{page}");
    let mut one = socket(base, &data);
    let mut other = socket(base, &data);
    assert_eq!(next(&mut one, "clicks")["count"], 0);
    assert_eq!(next(&mut other, "clicks")["count"], 0);
    one.send(Message::text(json!({"app": "clicks", "type": "click"}).to_string())).expect("sent");
    assert_eq!(next(&mut one, "clicks")["count"], 1);
    assert_eq!(next(&mut other, "clicks")["count"], 1);
}

type Socket = tungstenite::WebSocket<tungstenite::stream::MaybeTlsStream<std::net::TcpStream>>;

fn socket(base: &str, data: &str) -> Socket {
    let address = format!("{}/wss/", base.replacen("http", "ws", 1));
    let (mut socket, _) = tungstenite::connect(address).expect("a websocket");
    let login = json!({"app": "clicks", "type": "login", "data": data});
    socket.send(Message::text(login.to_string())).expect("sent");
    socket
}

fn next(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let message = socket.read().expect("a frame");
        let Message::Text(text) = message else { continue };
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        if frame["type"] == kind {
            return frame;
        }
    }
}
