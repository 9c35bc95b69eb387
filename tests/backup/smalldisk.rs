//! A disk of a few MiB: a tmpfs in a mount namespace of its own, as any user may make one.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The disk; it goes with this value.
pub struct SmallDisk {
    holder: Child,
    place: TempDir,
}

impl SmallDisk {
    /// An empty disk of so many KiB.
    pub fn new(kibibytes: u64) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut holder = Command::new("/usr/bin/unshare")
            .args(["--user", "--map-root-user", "--mount", "/bin/sh", "-c"])
            .arg("mount -t tmpfs -o mode=700,size=\"$1\"k tmpfs \"$2\" && echo mounted && exec cat")
            .args(["sh", &kibibytes.to_string()])
            .arg(place.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`unshare` runs: it is in the package util-linux (apt-get install util-linux)");
        let mut line = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(
            line, "mounted\n",
            "a user namespace with a tmpfs can be made: root or `sysctl user.max_user_namespaces` allow it"
        );
        Self { holder, place }
    }

    /// Where programs run by [`SmallDisk::command`] see it.
    pub fn inside(&self) -> &Path {
        self.place.path()
    }

    /// Where we see one of its files.
    pub fn outside(&self, name: &str) -> PathBuf {
        let inside = self.place.path().strip_prefix("/").unwrap();
        Path::new("/proc").join(self.holder.id().to_string()).join("root").join(inside).join(name)
    }

    /// `roost` with these arguments, on the disk.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("/usr/bin/nsenter");
        command.args(["--preserve-credentials", "--user", "--mount", "--target"]);
        command.arg(self.holder.id().to_string()).arg(env!("CARGO_BIN_EXE_roost"));
        command.args(arguments).arg("--settings").arg(self.inside().join("settings.json"));
        command.env_clear();
        command
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut file = std::fs::File::create(self.outside("ballast")).unwrap();
        for size in [64 << 10, 4 << 10, 1] {
            while file.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }

    /// Makes room again.
    pub fn empty(&self) {
        std::fs::remove_file(self.outside("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}
