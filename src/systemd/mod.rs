//! What systemd hands over and what it is told: the listening socket, readiness, the watchdog.
//!
//! Nothing here happens without the variables systemd sets (`sd_listen_fds(3)`, `sd_notify(3)`), so
//! other supervisors that set them are served alike.

mod manager;
mod watchdog;

use std::net::TcpListener;

use listenfd::ListenFd;
use rustix::net::sockopt::socket_acceptconn;

pub use manager::Manager;
pub use watchdog::Watchdog;

/// The listener for the public port that was handed over, if one was.
///
/// Call it before any thread is started: it takes the variables out of the environment.
pub fn listener() -> Result<Option<TcpListener>, String> {
    let mut given = ListenFd::from_env();
    if given.len() > 1 {
        let count = given.len();
        return Err(format!("systemd hands over {count} sockets; leave one `ListenStream=`"));
    }
    let failed = |error: &dyn std::fmt::Display| {
        format!(
            "the socket systemd hands over cannot be used: {error}; `ListenStream=` takes an address and a port"
        )
    };
    let Some(listener) = given.take_tcp_listener(0).map_err(|error| failed(&error))? else {
        return Ok(None);
    };
    match socket_acceptconn(&listener) {
        Ok(true) => Ok(Some(listener)),
        Ok(false) => Err(failed(&"it does not listen; set `Accept=no`")),
        Err(error) => Err(failed(&error)),
    }
}
