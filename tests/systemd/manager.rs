//! The stand-in: it listens to notifications, and holds a listening socket over restarts.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};

use crate::updates_support::{PATIENCE, Program, TOKEN, World};

/// A stand-in for systemd.
pub struct Manager {
    pub world: World,
    notices: UnixDatagram,
    listener: TcpListener,
}

impl Manager {
    pub fn new() -> Self {
        let world = World::new();
        let notices = UnixDatagram::bind(world.folder.path().join("notify")).unwrap();
        notices.set_read_timeout(Some(PATIENCE)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { world, notices, listener }
    }

    /// Where the socket listens that is handed over.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The program with `Type=notify`, and these variables besides.
    pub fn starts(&self, variables: &[(&str, &str)]) -> Program {
        Program::start(&mut self.command(variables))
    }

    pub fn command(&self, variables: &[(&str, &str)]) -> Command {
        let mut command = self.world.command(variables);
        command.env("NOTIFY_SOCKET", self.world.folder.path().join("notify"));
        command
    }

    /// The program with `Type=notify` on a disk that can be filled, fed every `watchdog` microseconds.
    pub fn starts_on_a_small_disk(&self, watchdog: &str) -> Program {
        let notify = self.world.folder.path().join("notify").display().to_string();
        let mut variables = self.world.webhook_settings().to_vec();
        variables.push(("NOTIFY_SOCKET", notify));
        variables.push(("WATCHDOG_USEC", watchdog.to_owned()));
        self.world.runs_on_a_small_disk(&variables)
    }

    /// The program with the listening socket as descriptor 3, as `roost.socket` does it.
    pub fn activates(&self) -> Program {
        let socket: OwnedFd = self.listener.try_clone().unwrap().into();
        Program::start(self.activation(1).stdin(Stdio::from(socket)))
    }

    /// What hands over its standard input as `count` sockets from descriptor 3 on.
    pub fn activation(&self, count: u32) -> Command {
        let script = format!(
            "exec 3<&0 4<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS={count} exec \"$0\" serve"
        );
        let plain = self.command(&[]);
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &script, env!("CARGO_BIN_EXE_roost")])
            .env_clear()
            .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env("ROOST_BOT_TOKEN", TOKEN)
            .current_dir(self.world.folder.path());
        command
    }

    /// The next notification.
    pub fn hears(&self) -> String {
        let mut buffer = [0; 4096];
        let count = self.notices.recv(&mut buffer).expect("a notification");
        String::from_utf8(buffer[..count].to_vec()).unwrap()
    }

    /// The next notification that contains `text`, and all before it.
    pub fn hears_of(&self, text: &str) -> (String, Vec<String>) {
        let (mut before, end) = (Vec::new(), roost::clock::now() + PATIENCE);
        loop {
            let heard = self.hears();
            assert!(roost::clock::now() < end, "waited for {text}, heard {before:?}");
            if heard.contains(text) {
                return (heard, before);
            }
            before.push(heard);
        }
    }

    /// That nothing more is said.
    pub fn hears_nothing_more(&self) {
        self.notices.set_nonblocking(true).unwrap();
        assert!(self.notices.recv(&mut [0; 10]).is_err());
        self.notices.set_nonblocking(false).unwrap();
    }
}
