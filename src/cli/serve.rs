//! `roost serve`: runs everything until SIGTERM or SIGINT.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use argh::{ArgsInfo, FromArgs};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::{Exit, Failure, Outcome, loaded};
use crate::logging::{self, Clock};
use crate::server::Server;
use crate::settings::table::RELOADED;
use crate::settings::{Flag, Loaded, Path, Problems, Surroundings, relay};
use crate::systemd::{self, Manager, Watchdog};
use crate::thread;

/// A stop takes no longer than this, whatever hangs; what was acknowledged is committed anyway.
const STOP: Duration = Duration::from_secs(4);

/// run the bot and the server of its mini apps
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "serve")]
pub struct Serve {
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
    /// port to listen on instead of the one in the settings; 0 picks one
    #[argh(option)]
    port: Option<u16>,
}

impl Serve {
    pub(super) fn run(&self, around: &Surroundings, _: &mut dyn Write) -> Outcome {
        let loaded = self.loaded(around)?;
        let settings = &loaded.settings;
        let token = settings.token()?.clone();
        let missing = relay::not_built(&settings.sinks);
        if !missing.is_empty() {
            return Err(Problems(missing).into());
        }
        // Before any thread is started, which it asks for.
        let listener = systemd::listener().map_err(Failure::Failed)?;
        logging::start(&settings.log, Clock::of(around));
        loaded.log_notes();
        // Before anything is started, so that no signal is missed.
        let signals = Signals::new([SIGTERM, SIGINT, SIGHUP]);
        let mut signals = signals.map_err(|error| Failure::Failed(format!("signals: {error}")))?;
        let failed = |error: &dyn Display| Failure::Failed(error.to_string());
        let server =
            Server::start_on(listener, settings, &token).map_err(|error| failed(&error))?;
        let manager = Manager::of(around).map(Arc::new);
        let watchdog = watchdog(manager.as_ref(), around, &server).map_err(|e| failed(&e))?;
        if let Some(manager) = &manager {
            manager.ready(&format!("listening on {}", server.url()));
        }
        while signals.forever().next() == Some(SIGHUP) {
            self.reload(&loaded, around);
        }
        if let Some(manager) = &manager {
            manager.stopping();
        }
        stop((watchdog, server));
        Ok(Exit::Done)
    }

    fn loaded(&self, around: &Surroundings) -> Result<Loaded, Failure> {
        let flag = |port: u16| Flag { name: "--port", key: "port", text: port.to_string() };
        loaded(self.settings.as_deref(), self.port.into_iter().map(flag).collect(), around)
    }

    /// Takes over what can change while running: `log`. `running` is what everything else goes by.
    fn reload(&self, running: &Loaded, around: &Surroundings) {
        let newer = match self.loaded(around) {
            Ok(newer) => newer,
            Err(failure) => {
                for line in failure.to_string().lines() {
                    log::error!("{line}");
                }
                return log::error!("the settings stay as they are");
            }
        };
        logging::change(&newer.settings.log);
        log::info!("the settings of `log` are taken over");
        newer.log_notes();
        let is_live = |path: &Path| path.segments().first().is_some_and(|one| one == RELOADED);
        let changes = running.resolved.changes(&newer.resolved);
        let waiting: Vec<String> =
            changes.iter().filter(|path| !is_live(path)).map(|path| format!("`{path}`")).collect();
        if !waiting.is_empty() {
            log::warn!("changed, but needs a restart: {}", waiting.join(", "));
        }
    }
}

/// Feeds the manager's watchdog, if there is one.
fn watchdog(
    manager: Option<&Arc<Manager>>,
    around: &Surroundings,
    server: &Server,
) -> io::Result<Option<Watchdog>> {
    let Some(manager) = manager else { return Ok(None) };
    let mut pulse = server.pulse();
    Watchdog::start(Arc::clone(manager), around, move || pulse.look())
}

/// Drops `running` within [`STOP`].
pub(super) fn stop(running: impl Send + 'static) {
    log::info!("stopping");
    let (done, wait) = sync_channel::<()>(1);
    // Detached: a name look-up under way may take longer than we have.
    let stopping = thread::detach("stop", 256 * 1024, move || {
        drop(running);
        drop(done);
    });
    if stopping.is_ok() && wait.recv_timeout(STOP) == Err(RecvTimeoutError::Timeout) {
        log::warn!("something did not stop in time");
    }
}
