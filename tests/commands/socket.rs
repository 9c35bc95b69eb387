//! The way to the data: many commands at once, servers that come and go, and the socket itself.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::page::Page;
use super::server::{Server, folder, roost};
use super::{Done, PATIENCE, add, both, list, run};

fn spawn_adds(folder: &Path, count: usize) -> Vec<Child> {
    let start = |number: usize| {
        let title = format!("Event {number}");
        let arguments = ["add-event", "-t", &title, "-s", "18:30", "-r", "1"];
        let mut command = roost(folder, &arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    (0..count).map(start).collect()
}

/// Waits for all; the ids they printed, sorted.
fn ids(children: Vec<Child>) -> Vec<u64> {
    let id = |child: Child| {
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        out.trim().parse::<u64>().unwrap_or_else(|_| panic!("{out}{err}"))
    };
    let mut ids: Vec<u64> = children.into_iter().map(id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn twenty_commands_at_once_all_succeed() {
    both(&json!({}), |folder| {
        let expected: Vec<u64> = (1..=20).collect();
        assert_eq!(ids(spawn_adds(folder, 20)), expected);
        assert_eq!(list(folder, &["list-events", "--json"]).len(), 20);
    });
}

#[test]
fn a_server_starts_among_commands_and_stops_among_commands() {
    let folder = folder(&json!({}));
    let before = spawn_adds(folder.path(), 5);
    let mut server = Server::start_in(folder);
    let mut all = ids(before);
    let through = spawn_adds(server.folder.path(), 5);
    all.extend(ids(through));
    stop(&mut server);
    all.extend(ids(spawn_adds(server.folder.path(), 5)));
    all.sort_unstable();
    assert_eq!(all, (1..=15).collect::<Vec<u64>>());
    assert!(!server.folder.path().join("roost.redb.sock").exists());
}

fn stop(server: &mut Server) {
    let pid = Pid::from_child(&server.child);
    kill_process(pid, Signal::TERM).unwrap();
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn the_socket_is_for_its_owner_and_goes_with_the_server() {
    let mut server = Server::start(&json!({}));
    let socket = server.folder.path().join("roost.redb.sock");
    let found = fs::symlink_metadata(&socket).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    // Somebody who says nothing does not keep the server from stopping.
    let silent = UnixStream::connect(&socket).unwrap();
    add(server.folder.path(), "One");
    stop(&mut server);
    drop(silent);
    assert!(!socket.exists());
    let files = |folder: &TempDir| {
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(files(&server.folder), ["roost.redb", "settings.json"]);
}

#[test]
fn a_socket_left_by_a_killed_server_is_in_nobodys_way() {
    let server = Server::start(&json!({}));
    add(server.folder.path(), "One");
    let folder = server.kill();
    assert!(folder.path().join("roost.redb.sock").exists());
    assert_eq!(add(folder.path(), "Two"), "2");
    let server = Server::start_in(folder);
    assert_eq!(add(server.folder.path(), "Three"), "3");
}

#[test]
fn a_second_server_is_refused_at_once_and_the_first_one_goes_on() {
    let server = Server::start(&json!({}));
    let done = run(server.folder.path(), &["serve", "--port", "0"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("is in use by another process"), "{}", done.err);
    assert_eq!(add(server.folder.path(), "One"), "1");
}

#[test]
fn a_database_deep_down_has_its_socket_beside_it() {
    let deep = "d".repeat(200);
    let name = "n".repeat(150);
    let home = folder(&json!({"database": format!("{deep}/{name}")}));
    fs::create_dir(home.path().join(&deep)).unwrap();
    let server = Server::start_in(home);
    let socket = server.folder.path().join(&deep).join(format!("{name}.sock"));
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let mut page = Page::of(&server, 5, "Ada");
    let id = add(server.folder.path(), "Deep");
    assert_eq!(page.next("event")["id"].to_string(), id);
}

#[test]
fn health_is_an_exit_code_and_a_list_of_checks() {
    let server = Server::start(&json!({}));
    let folder = server.folder.path();
    // Nobody has been reached yet, so the exit code may be either.
    let done = run(folder, &["health"]);
    assert!(done.out.starts_with("ok server\nok pages: 0 open\n"), "{}", done.out);
    assert!(done.out.contains("\nok store\n"), "{}", done.out);
    assert_eq!(done.code, i32::from(done.out.contains("wrong ")));
    let done = run(folder, &["health", "--json"]);
    let checks: Vec<Value> = serde_json::from_str(&done.out).unwrap();
    assert_eq!(checks[0], json!({"name": "server", "ok": true, "reason": null}));
    assert_eq!(done.code, i32::from(checks.iter().any(|check| check["ok"] == false)));
    let folder = server.kill();
    let sentence = "no server is running; start it with `roost serve`";
    let expected = Done { code: 1, out: String::new(), err: format!("{sentence}\n") };
    assert_eq!(run(folder.path(), &["health"]), expected);
    let expected = json!([{"name": "server", "ok": false, "reason": sentence}]);
    let done = run(folder.path(), &["health", "--json"]);
    assert_eq!((done.code, done.out), (1, format!("{expected}\n")));
}

#[test]
fn whatever_comes_through_the_socket_is_answered_within_bounds() {
    let server = Server::start(&json!({}));
    let socket = server.folder.path().join("roost.redb.sock");
    let say = |line: &[u8]| {
        let stream = UnixStream::connect(&socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // A line that is too long is answered before it ends.
        let _ = (&stream).write_all(line);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = String::new();
        BufReader::new((&stream).take(10_000)).read_line(&mut answer).unwrap();
        answer
    };
    let long = vec![b'x'; 2 << 20];
    for (line, says) in [
        (&b"{}\n"[..], "does not understand this command"),
        (b"\xff\xfe\n", "does not understand this command"),
        (b"[[[[[[\n", "does not understand this command"),
        (b"{\"command\":\"format-disk\"}\n", "unknown variant"),
        (b"{\"command\":\"delete-event\",\"id\":-1}\n", "does not understand this command"),
        (b"{\"command\":\"add-event\",\"form\":{\"texts\":[[\"id\",\"7\"]]}}\n", "`id`: "),
        (
            b"{\"command\":\"add-event\",\"form\":{\"texts\":[[\"x\",\"7\"]]}}\n",
            "`x`: no such field",
        ),
        (b"{\"command\":\"add-event\",\"form\":{\"texts\":[],\"image\":\"%\"}}\n", "`image`: "),
        (b"{\"command\":\"list-events\"}\n", "{\"done\":[]}"),
        (&long, "a line of more than 1048576 bytes"),
        (b"no line feed", ""),
        (b"", ""),
    ] {
        let answer = say(line);
        assert!(answer.contains(says), "{}: {answer}", line[..line.len().min(60)].escape_ascii());
    }
    // Many who say nothing: the places are given back as they leave.
    let silent: Vec<UnixStream> = (0..40).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    drop(silent);
    assert_eq!(add(server.folder.path(), "Still there"), "1");
}
