//! A fresh Debian that its own systemd has started, in a container: this machine's loopback is its own, and
//! what it writes is gone at the end.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{fresh_debian, ok, runs};

/// Longer than it takes to start on a busy machine; only a fault makes a test wait for it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the machine finds what the test gives it.
pub const GIVEN: &str = "/given";

/// A running machine; dropping it ends it.
pub struct Machine {
    container: Child,
    /// Its first process, as this machine numbers it.
    leader: String,
    _notices: tempfile::TempDir,
}

impl Machine {
    /// Starts one that sees the files in `given`.
    pub fn start(given: &Path) -> Self {
        let debian = fresh_debian();
        let notices = tempfile::tempdir().unwrap();
        let path = notices.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut nspawn = Command::new("systemd-nspawn");
        nspawn.args(["--quiet", "--boot", "--volatile=overlay", "--register=no", "--keep-unit"]);
        nspawn.args(["--console=pipe", "--notify-ready=yes", "--resolv-conf=off"]);
        nspawn.arg(format!("--machine=roost-{}", std::process::id()));
        nspawn.arg(format!("--bind-ro={}:{GIVEN}", given.display()));
        nspawn.arg("--directory").arg(debian).env("NOTIFY_SOCKET", &path);
        nspawn.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let container = nspawn.spawn().unwrap();
        let mut machine = Self { container, leader: String::new(), _notices: notices };
        let mut ready = false;
        while !ready || machine.leader.is_empty() {
            let told = machine.hears(&socket);
            let leader = told.lines().find_map(|line| line.strip_prefix("X_NSPAWN_LEADER_PID="));
            machine.leader = leader.map_or(std::mem::take(&mut machine.leader), str::to_owned);
            ready |= told.lines().any(|line| line == "READY=1");
        }
        // Started, whether or not all of Debian's own services like containers.
        drop(machine.runs("systemctl is-system-running --wait"));
        machine
    }

    fn hears(&mut self, socket: &UnixDatagram) -> String {
        let mut bytes = [0; 4096];
        let Ok(count) = socket.recv(&mut bytes) else {
            drop(self.container.kill());
            let mut told = String::new();
            let stderr = self.container.stderr.take();
            drop(stderr.map(|mut pipe| std::io::Read::read_to_string(&mut pipe, &mut told)));
            panic!("the machine did not start: {told}");
        };
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    /// Runs a line of shell as root; its exit code, and what it printed.
    pub fn runs(&self, line: &str) -> (Option<i32>, String) {
        let (output, told) = runs(self.command().args(["sh", "-c", line]));
        (output.status.code(), told)
    }

    /// Runs a line that has to work; what it printed.
    pub fn ok(&self, line: &str) -> String {
        ok(self.command().args(["sh", "-c", line]))
    }

    fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--all", "--target", &self.leader, "--"]);
        command.env_clear().env("LC_ALL", "C.UTF-8").env("HOME", "/root");
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }
}

impl Drop for Machine {
    /// Its first process takes all others with it, and the container sees to what is left.
    fn drop(&mut self) {
        if self.leader.is_empty() {
            drop(self.container.kill());
        } else {
            drop(runs(Command::new("kill").args(["-KILL", &self.leader])));
        }
        drop(self.container.wait());
    }
}
