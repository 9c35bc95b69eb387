//! What is in the package, and whether Debian's own checker likes it.

use std::fs;
use std::process::Command;

use super::{VERSIONS, ok, pack, program, runs, top};

/// What the checker says about the program of the tests, which is not the static one of a release.
const OF_DEBUG_BUILDS: &str =
    "missing-dependency-on-libc,undeclared-elf-prerequisites,unused-override";

/// Mode and path of everything that is no folder.
const FILES: &str = "\
-rwxr-xr-x ./usr/bin/roost
-rw-r--r-- ./usr/lib/systemd/system/roost.service
-rw-r--r-- ./usr/share/bash-completion/completions/roost
-rw-r--r-- ./usr/share/doc/roost/README.Debian
-rw-r--r-- ./usr/share/doc/roost/README.md.gz
-rw-r--r-- ./usr/share/doc/roost/changelog.Debian.gz
-rw-r--r-- ./usr/share/doc/roost/changelog.gz
-rw-r--r-- ./usr/share/doc/roost/copyright
-rw-r--r-- ./usr/share/doc/roost/crates.gz
-rw-r--r-- ./usr/share/doc/roost/examples/roost.socket
-rw-r--r-- ./usr/share/doc/roost/examples/settings.json
-rw-r--r-- ./usr/share/fish/vendor_completions.d/roost.fish
-rw-r--r-- ./usr/share/lintian/overrides/roost
-rw-r--r-- ./usr/share/man/man1/roost.1.gz
-rw-r--r-- ./usr/share/zsh/vendor-completions/_roost
";

#[test]
fn a_package_has_what_it_promises_and_is_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let package = pack(folder.path(), VERSIONS[0], &[]);
    let first = fs::read(&package).unwrap();
    let list = ok(Command::new("dpkg-deb").arg("--contents").arg(&package));
    let mut files = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('d')) {
        let mut words = line.split_whitespace();
        let (mode, owner, path) =
            (words.next().unwrap(), words.next().unwrap(), words.last().unwrap());
        assert_eq!(owner, "0/0", "{line}");
        files.push((path.to_owned(), mode.to_owned()));
    }
    files.sort();
    let files: Vec<String> = files.iter().map(|(path, mode)| format!("{mode} {path}\n")).collect();
    assert_eq!(files.concat(), FILES);
    let control = ok(Command::new("dpkg-deb").arg("--field").arg(&package));
    for line in
        ["Package: roost", &format!("Version: {}", VERSIONS[0]), "Recommends: ca-certificates"]
    {
        assert!(control.lines().any(|found| found == line), "{control}");
    }
    let tags = ["--suppress-tags", OF_DEBUG_BUILDS, "--fail-on", "error,warning"];
    let (output, told) = runs(Command::new("lintian").arg("--allow-root").args(tags).arg(&package));
    assert!(output.status.success() && told.is_empty(), "{told}");
    let again = pack(folder.path(), VERSIONS[0], &[]);
    assert_eq!(fs::read(again).unwrap(), first, "the same program gives another package");
}

#[test]
fn a_program_for_another_machine_is_not_packed() {
    let other = if cfg!(target_arch = "x86_64") { "arm64" } else { "amd64" };
    let mut pack = Command::new(top().join("packaging/deb"));
    let (output, told) = runs(pack.args(["--arch", other, "--binary"]).arg(program()));
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains(&format!("is not a program for {other}")), "{told}");
}
