//! `roost serve`: runs everything until SIGTERM or SIGINT.

use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use argh::{ArgsInfo, FromArgs};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::{Exit, Failure, Outcome, loaded};
use crate::logging::{self, Clock};
use crate::server::Server;
use crate::settings::{Flag, Problems, Surroundings, relay};
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
        let flag = |port: u16| Flag { name: "--port", key: "port", text: port.to_string() };
        let flags = self.port.into_iter().map(flag).collect();
        let loaded = loaded(self.settings.as_deref(), flags, around)?;
        let settings = &loaded.settings;
        let token = settings.token()?.clone();
        let missing = relay::not_built(&settings.sinks);
        if !missing.is_empty() {
            return Err(Problems(missing).into());
        }
        logging::start(&settings.log, Clock::of(around));
        loaded.log_notes();
        // Before anything is started, so that no signal is missed.
        let signals = Signals::new([SIGTERM, SIGINT]);
        let signals = signals.map_err(|error| Failure::Failed(format!("signals: {error}")))?;
        let server =
            Server::start(settings, &token).map_err(|error| Failure::Failed(error.to_string()))?;
        wait_and_stop(signals, server);
        Ok(Exit::Done)
    }
}

/// Waits for a signal, then drops `running` within [`STOP`].
pub(super) fn wait_and_stop(mut signals: Signals, running: impl Send + 'static) {
    signals.forever().next();
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
