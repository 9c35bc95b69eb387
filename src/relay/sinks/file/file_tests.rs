use std::os::unix::fs::PermissionsExt;

use super::*;

fn sink(folder: &tempfile::TempDir, rotate_size: u64, keep: u32) -> Lines {
    let path = folder.path().join("updates.jsonl");
    Lines::new(&relay::File { path, rotate_size, keep }, &Stop::default())
}

fn records(bodies: &[&'static str]) -> Vec<Record<'static>> {
    let record = |body: &&'static str| Record {
        sequence: 1,
        update_id: 1,
        kind: "message",
        chat: None,
        place: "",
        body: body.as_bytes(),
        content_type: "application/json",
    };
    bodies.iter().map(record).collect()
}

/// The file and those it was rotated to, newest first.
fn files(folder: &tempfile::TempDir) -> Vec<String> {
    let path = folder.path().join("updates.jsonl");
    (0..).map_while(|number| fs::read_to_string(numbered(&path, number)).ok()).collect()
}

fn deliver(sink: &mut Lines, bodies: &[&'static str]) {
    Sink::deliver(sink, &records(bodies)).unwrap();
}

#[test]
fn each_update_is_one_line_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = sink(&folder, 1 << 20, 3);
    deliver(&mut sink, &["{}", "{\r\n \"a\": \"\\n\"}"]);
    deliver(&mut sink, &["{\"b\":1}"]);
    assert_eq!(files(&folder), ["{}\n{   \"a\": \"\\n\"}\n{\"b\":1}\n"]);
    let mode = fs::metadata(&sink.settings.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_that_is_full_is_rotated_and_the_oldest_goes() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = sink(&folder, 10, 2);
    // A line longer than a file stands alone.
    deliver(&mut sink, &["{1}", "{2}", "{3}", "{long long}", "{4}"]);
    assert_eq!(files(&folder), ["{4}\n", "{long long}\n", "{3}\n"]);
    deliver(&mut sink, &["{5}"]);
    deliver(&mut sink, &["{6}"]);
    assert_eq!(files(&folder), ["{6}\n", "{4}\n{5}\n", "{long long}\n"]);
}

#[test]
fn a_line_that_was_cut_off_is_taken_away() {
    let long = "x".repeat(200_000);
    for (before, kept) in [
        ("{1}\n{2", "{1}\n"),
        ("{1}\n", "{1}\n"),
        ("{1", ""),
        (&format!("{{1}}\n{long}"), "{1}\n"),
        (&long, ""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("updates.jsonl"), before).unwrap();
        deliver(&mut sink(&folder, 1 << 20, 3), &["{3}"]);
        assert_eq!(files(&folder), [format!("{kept}{{3}}\n")]);
    }
}

#[test]
fn a_file_that_was_moved_away_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = sink(&folder, 1 << 20, 3);
    deliver(&mut sink, &["{1}"]);
    let path = &sink.settings.path;
    fs::rename(path, folder.path().join("moved")).unwrap();
    deliver(&mut sink, &["{2}"]);
    fs::remove_file(&sink.settings.path).unwrap();
    deliver(&mut sink, &["{3}"]);
    assert_eq!(files(&folder), ["{3}\n"]);
    assert_eq!(fs::read_to_string(folder.path().join("moved")).unwrap(), "{1}\n");
}

#[test]
fn what_cannot_be_written_to_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = sink(&folder, 1 << 20, 3);
    sink.settings.path = folder.path().join("no/such/folder");
    let trouble = Sink::deliver(&mut sink, &records(&["{1}"])).unwrap_err();
    assert_eq!(trouble, Trouble::again(0, "there is no such folder; make it"));
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    sink.settings.path = pipe;
    assert_eq!(sink.check(), Err(Cause::again("it is no file")));
}
