//! Embeds the static front end: walks `www/` and writes the table `src/net/files.rs` includes.
//!
//! Each file comes with its digest (the strong `ETag`), and gzipped: a third of the size.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};

fn main() -> io::Result<()> {
    commit();
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("www");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=www");
    let mut files = Vec::new();
    if root.is_dir() {
        walk(&root, &mut files)?;
    }
    let mut named: Vec<_> = files.iter().filter_map(|f| Some((name(&root, f)?, f))).collect();
    named.sort();
    let mut table = format!("static EMBEDDED: [File; {}] = [\n", named.len());
    for (number, (name, file)) in named.into_iter().enumerate() {
        table.push_str(&entry(number, &name, file, &out)?);
    }
    table.push_str("];\n");
    fs::write(out.join("files.rs"), table)
}

/// Every file below `folder`, hidden ones left out.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// The path below `root` with slashes; `None` for a name that is not UTF-8, which no URL reaches.
fn name(root: &Path, file: &Path) -> Option<String> {
    let parts: Option<Vec<_>> =
        file.strip_prefix(root).ok()?.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// One line of the table.
fn entry(number: usize, name: &str, file: &Path, out: &Path) -> io::Result<String> {
    let bytes = fs::read(file)?;
    let digest = Sha256::digest(&bytes).iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let path = out.join(format!("{number}.gz"));
    fs::write(&path, gzip(&bytes)?)?;
    let path = path.display().to_string();
    Ok(format!("    File::packed({name:?}, {digest:?}, include_bytes!({path:?})),\n"))
}

/// Gzipped without a time, so that the same files give the same binary.
fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    writer.write_all(bytes)?;
    writer.finish()
}

/// `COMMIT`: the commit this is built from, or `unknown` outside of a checkout.
fn commit() {
    let head = git(&["rev-parse", "--short=12", "HEAD"]);
    println!("cargo::rustc-env=COMMIT={}", head.as_deref().unwrap_or("unknown"));
    // The log of HEAD changes with every commit; HEAD itself only with the branch.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
}

/// What git says, if this folder itself is its checkout: an unpacked archive inside somebody
/// else's repository has no commit of ours.
fn git(arguments: &[&str]) -> Option<String> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let top = ask(&["rev-parse", "--show-prefix"])?;
    if top.is_empty() { ask(arguments) } else { None }
}
