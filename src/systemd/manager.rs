//! The service manager: who is told how we are (`sd_notify(3)`).

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::settings::Surroundings;

/// A datagram is sent at once or not at all: a manager that does not read must not hold us up.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whoever reads our notifications.
#[derive(Debug)]
pub struct Manager {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl Manager {
    /// The manager that started this process; `None` if it does not want to hear.
    pub fn of(around: &Surroundings) -> Option<Self> {
        let name = around.variable("NOTIFY_SOCKET")?;
        Self::at(name)
            .inspect_err(|error| log::warn!("systemd cannot be told how we are: {error}"))
            .ok()
    }

    fn at(name: &str) -> io::Result<Self> {
        let address = match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { socket, address })
    }

    /// The port is open.
    pub fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={}", one_line(status)));
    }

    /// What we are at, for people who ask for the status.
    pub fn status(&self, status: &str) {
        self.tell(&format!("STATUS={}", one_line(status)));
    }

    /// We are about to end.
    pub fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=stopping");
    }

    /// We are well; the watchdog waits again.
    pub fn well(&self) {
        self.tell("WATCHDOG=1");
    }

    fn tell(&self, state: &str) {
        if let Err(error) = self.socket.send_to_addr(state.as_bytes(), &self.address) {
            log::debug!("systemd was not told: {error}");
        }
    }
}

/// How often the manager wants to hear that we are well; `None` if it does not.
pub(super) fn watched(around: &Surroundings) -> Option<Duration> {
    let microseconds = around.variable("WATCHDOG_USEC")?.parse().ok().filter(|n| *n > 0)?;
    let ours = std::process::id().to_string();
    let is_for_us = around.variable("WATCHDOG_PID").is_none_or(|id| id == ours);
    is_for_us.then(|| Duration::from_micros(microseconds))
}

/// One line is one assignment.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(variables: &[(&str, &str)]) -> Surroundings {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Surroundings { variables: variables.iter().map(owned).collect(), ..Surroundings::default() }
    }

    #[test]
    fn a_manager_is_told_at_a_path_or_at_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("roost-test-{}", std::process::id());
        let abstract_address = SocketAddr::from_abstract_name(&name).unwrap();
        for (address, socket) in [
            (path.display().to_string(), UnixDatagram::bind(&path).unwrap()),
            (format!("@{name}"), UnixDatagram::bind_addr(&abstract_address).unwrap()),
        ] {
            let manager = Manager::of(&around(&[("NOTIFY_SOCKET", &address)])).unwrap();
            manager.ready("listening on\nhttp://127.0.0.1:1");
            let mut buffer = [0; 100];
            let count = socket.recv(&mut buffer).unwrap();
            assert_eq!(
                std::str::from_utf8(&buffer[..count]),
                Ok("READY=1\nSTATUS=listening on http://127.0.0.1:1")
            );
            drop(socket);
            manager.well();
        }
        assert!(Manager::of(&around(&[])).is_none());
        assert!(Manager::of(&around(&[("NOTIFY_SOCKET", &"x".repeat(200))])).is_none());
    }

    #[test]
    fn the_watchdog_is_for_one_process() {
        let ours = std::process::id().to_string();
        for (variables, expected) in [
            (vec![("WATCHDOG_USEC", "30000000")], Some(30)),
            (vec![("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", &ours)], Some(30)),
            (vec![("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "1")], None),
            (vec![("WATCHDOG_USEC", "0")], None),
            (vec![("WATCHDOG_USEC", "soon")], None),
            (vec![], None),
        ] {
            assert_eq!(watched(&around(&variables)), expected.map(Duration::from_secs));
        }
    }
}
