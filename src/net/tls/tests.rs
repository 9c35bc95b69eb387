//! The certificate in force, with real files and no socket.

use super::*;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn now() -> Timestamp {
    "2026-08-04T10:00:00Z".parse().unwrap()
}

/// A certificate and its key for `host`, apart.
fn pair(host: &str) -> (String, String) {
    let text = self_signed::make(host, now()).unwrap();
    let (certificate, key) = text.split_at(text.find("-----BEGIN PRIVATE").unwrap());
    (certificate.to_owned(), key.to_owned())
}

fn own(folder: &TempDir, host: &str) -> Source {
    Source::SelfSigned { file: folder.path().join("roost.redb.pem"), host: host.to_owned() }
}

fn files(folder: &TempDir) -> Source {
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    Source::Files { certificate, key }
}

#[test]
fn a_certificate_of_our_own_is_for_its_host_alone_and_for_its_owner_to_read() {
    for (host, other) in
        [("bot.example.org", "example.org"), ("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "::1")]
    {
        let folder = tempfile::tempdir().unwrap();
        let tls = Tls::open_at(own(&folder, host), now()).unwrap();
        let leaf = tls.lock().leaf.clone();
        assert!(leaf.is_for(host) && !leaf.is_for(other), "{host}");
        assert!(leaf.is_self_issued && leaf.starts < now() && leaf.ends > now() + DAY * 700);
        let mode = fs::metadata(folder.path().join("roost.redb.pem")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
        let again = Tls::open_at(own(&folder, host), now() + DAY * 600).unwrap();
        assert_eq!(again.lock().leaf, leaf, "it is kept as long as it is good");
        let moved = Tls::open_at(own(&folder, "moved.example.org"), now()).unwrap();
        assert!(moved.lock().leaf.is_for("moved.example.org"));
    }
}

#[test]
fn a_certificate_of_our_own_is_renewed_before_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls::open_at(own(&folder, "bot.example.org"), now()).unwrap();
    let first = tls.lock().leaf.clone();
    tls.look(now() + DAY * 699);
    assert_eq!(tls.lock().leaf, first);
    let later = now() + DAY * 701;
    tls.look(later);
    let second = tls.lock().leaf.clone();
    assert!(second.ends > later + DAY * 700);
    tls.look(later);
    assert_eq!(tls.lock().leaf, second, "once");
    // A clock that was wrong by years at the start, as of a Raspberry Pi without a network.
    let early = Tls::open_at(own(&folder, "bot.example.org"), now() - DAY * 3000).unwrap();
    assert!(early.lock().leaf.starts < now() - DAY * 3000);
}

#[test]
fn a_renewal_that_cannot_be_written_is_tried_again_within_hours() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls::open_at(own(&folder, "bot.example.org"), now()).unwrap();
    let first = tls.lock().leaf.clone();
    let in_the_way = folder.path().join("roost.redb.pem.new");
    fs::create_dir(&in_the_way).unwrap();
    let later = now() + DAY * 701;
    tls.look(later);
    assert_eq!(tls.lock().leaf, first, "the old one stays");
    fs::remove_dir(&in_the_way).unwrap();
    tls.look(later);
    assert_eq!(tls.lock().leaf, first, "not at every connection");
    tls.look(later + AGAIN);
    assert_ne!(tls.lock().leaf, first);
}

#[test]
fn files_that_change_are_read_again_and_broken_ones_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let source = files(&folder);
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let (old, old_key) = pair("old.example.org");
    write("cert.pem", &old);
    write("key.pem", &old_key);
    let tls = Tls::open_at(source, now()).unwrap();
    let host = || {
        tls.look(now());
        let leaf = tls.lock().leaf.clone();
        ["old.example.org", "new.example.org"].into_iter().find(|host| leaf.is_for(host)).unwrap()
    };
    let (new, new_key) = pair("new.example.org");
    for broken in ["", "garbage", &new[..new.len() / 2], &new_key, &new] {
        write("cert.pem", broken);
        assert_eq!(host(), "old.example.org", "{broken:?}");
    }
    write("key.pem", &new_key);
    assert_eq!(host(), "new.example.org");
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    assert_eq!(host(), "new.example.org");
    // As certbot does it: another file under the same name.
    write("next-key", &old_key);
    write("next-cert", &old);
    fs::rename(folder.path().join("next-key"), folder.path().join("key.pem")).unwrap();
    fs::rename(folder.path().join("next-cert"), folder.path().join("cert.pem")).unwrap();
    assert_eq!(host(), "old.example.org");
}

#[test]
fn what_is_wrong_with_the_files_is_said_with_what_to_do() {
    let (certificate, key) = pair("a.example.org");
    let (_, other) = pair("a.example.org");
    for (certificate, key, expected) in [
        (None, Some(&key), "no such file; correct `tls`"),
        (Some(&certificate), None, "no such file; correct `tls`"),
        (Some(&key), Some(&key), "holds no certificate"),
        (Some(&certificate), Some(&certificate), "holds no private key"),
        (Some(&certificate), Some(&other), "does not belong to the certificate"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("cert.pem", certificate), ("key.pem", key)] {
            if let Some(text) = text {
                fs::write(folder.path().join(name), text).unwrap();
            }
        }
        let error = Tls::open_at(files(&folder), now()).expect_err("it is wrong").to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("MII"), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("roost.redb.pem"), "precious").unwrap();
    assert!(Tls::open_at(own(&folder, "a.example.org"), now()).is_err());
    assert_eq!(fs::read(folder.path().join("roost.redb.pem")).unwrap(), b"precious");
}
