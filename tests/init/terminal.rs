//! A terminal with somebody at it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::PATIENCE;

/// Everything that was shown, and who waits for more.
#[derive(Default)]
struct Screen(Mutex<String>, Condvar);

/// A terminal and the program on it.
pub struct Terminal {
    child: Child,
    keyboard: File,
    line: Option<File>,
    screen: Arc<Screen>,
    reader: Option<roost::thread::Handle>,
}

impl Terminal {
    /// Runs `command` on a terminal of its own, which Ctrl-C of that terminal reaches.
    pub fn run(command: &Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let line = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let mut leader = Command::new("setsid");
        leader.arg("--ctty").arg(command.get_program()).args(command.get_args());
        leader.current_dir(command.get_current_dir().unwrap()).env_clear();
        leader.env("PATH", "/usr/bin:/bin");
        leader.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let end = || line.try_clone().unwrap();
        let child = leader.stdin(end()).stdout(end()).stderr(end()).spawn();
        let child = child.expect("`setsid` of util-linux; apt-get install util-linux");
        let keyboard = File::from(master);
        let (screen, mut shown) = (Arc::new(Screen::default()), keyboard.try_clone().unwrap());
        let kept = Arc::clone(&screen);
        let reader = roost::thread::spawn("terminal", move || {
            let mut bytes = [0; 1024];
            // Fails once the last user of the terminal is gone.
            while let Ok(length @ 1..) = shown.read(&mut bytes) {
                kept.0.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..length]));
                kept.1.notify_all();
            }
        });
        Self { child, keyboard, line: Some(line), screen, reader: Some(reader.unwrap()) }
    }

    /// Waits until `text` is shown.
    pub fn shows(&self, text: &str) -> String {
        self.shows_times(text, 1)
    }

    /// Waits until `text` is shown so many times.
    pub fn shows_times(&self, text: &str, times: usize) -> String {
        let shown = self.screen.0.lock().unwrap();
        let waits = |shown: &mut String| shown.matches(text).count() < times;
        let (shown, waited) = self.screen.1.wait_timeout_while(shown, PATIENCE, waits).unwrap();
        assert!(!waited.timed_out(), "waited for `{text}`:\n{shown}");
        shown.clone()
    }

    /// Types.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Whether what is typed is shown.
    pub fn echoes(&self) -> bool {
        tcgetattr(self.line.as_ref().unwrap()).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end; its code and all that was shown.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        assert!(self.echoes(), "the terminal is as it was");
        // The end of the line is the end of what is shown.
        drop(self.line.take());
        drop(self.reader.take());
        let shown = self.screen.0.lock().unwrap().clone();
        (code, shown)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        // Before the reader, which else would wait for ever.
        drop(self.line.take());
    }
}
