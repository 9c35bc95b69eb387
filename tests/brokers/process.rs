//! A child process that ends with the test, however that ends.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::PATIENCE;

/// How often somebody who waits looks.
const LOOK: Duration = Duration::from_millis(20);

/// Where programs are that only root has in its `PATH`.
const PLACES: &str = "/usr/local/sbin:/usr/sbin:/sbin:/usr/lib/rabbitmq/bin";

/// A running program; dropping it kills it.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, which writes to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).expect("a log");
        let also = file.try_clone().expect("a log");
        command.stdin(Stdio::null()).stdout(file).stderr(also).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, log: log.to_owned() }
    }

    /// Waits until `is`; a program that ends before is a failure with its log.
    pub fn waits_until(&mut self, what: &str, mut is: impl FnMut() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is() {
            let ended = self.child.try_wait().expect("a child");
            let late = Instant::now() > until;
            assert!(ended.is_none() && !late, "waited for {what}; {ended:?}\n{}", self.log());
            std::thread::sleep(LOOK);
        }
    }

    /// What it has written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// `kill -9`, also of what it started itself.
    pub fn kill(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        drop(self.child.wait());
    }

    /// Holds it so that it keeps its connections and answers nobody.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What runs `program`, which is in the Debian package `package`. It is killed when the thread that
/// starts it ends, even if that is killed itself.
pub fn command(program: &str, package: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(find(program, package));
    command
}

/// Where `program` is.
pub fn find(program: &str, package: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default() + ":" + PLACES;
    let found = std::env::split_paths(&path).map(|folder| folder.join(program));
    let found = found.into_iter().find(|file| file.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "`{program}` is missing; as root: apt-get install -y --no-install-recommends {package}"
        )
    })
}

/// What `command` prints; anything but success is a failure.
pub fn output(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().expect("started");
    let text = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{command:?}: {text}{}", String::from_utf8_lossy(&stderr));
    text
}

/// A port nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("bound").port()
}

/// Whether somebody listens there.
pub fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether we are root, whom some programs treat differently.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
