//! A child process: ended with us, and what `/proc` says of it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Clock ticks of `/proc/<pid>/stat` in a second (`USER_HZ`, the same on every Linux we run on).
const TICKS: f64 = 100.0;

/// How long a child may take to end before it is killed.
const PATIENCE: Duration = Duration::from_secs(8);

/// A running child; dropping it ends it.
pub struct Process(Child);

impl Process {
    /// Starts `command`.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// The child itself, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Processor seconds used so far, by all of its threads, the ended ones included.
    pub fn cpu(&self) -> Result<f64, Box<dyn Error>> {
        let stat = self.proc("stat")?;
        // The second field is the name in brackets, which may hold anything.
        let fields = stat.rsplit_once(") ").ok_or("no name in /proc/<pid>/stat")?.1;
        let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / TICKS)
    }

    /// Resident memory in KiB.
    pub fn resident(&self) -> Result<f64, Box<dyn Error>> {
        self.status("VmRSS:")
    }

    /// How many threads it has.
    pub fn threads(&self) -> Result<f64, Box<dyn Error>> {
        self.status("Threads:")
    }

    /// Resident memory in KiB, and how much of it is the program's file and libraries.
    pub fn resident_of_files(&self) -> Result<(f64, f64), Box<dyn Error>> {
        Ok((self.resident()?, self.status("RssFile:")?))
    }

    /// Bytes it has had written to disk, as the kernel counts what is handed to it.
    pub fn written(&self) -> Result<f64, Box<dyn Error>> {
        Ok(field(&self.proc("io")?, "write_bytes:").ok_or("no write_bytes in /proc/<pid>/io")?)
    }

    /// How often its living threads have gone to sleep, which is how often they were woken.
    pub fn sleeps(&self) -> Result<f64, Box<dyn Error>> {
        Ok(self.sleeps_by_name()?.values().sum())
    }

    /// The same for each name of threads.
    pub fn sleeps_by_name(&self) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
        let mut found = BTreeMap::new();
        for task in fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            // A thread that has ended meanwhile counts no more.
            let status = fs::read_to_string(task?.path().join("status")).unwrap_or_default();
            let name = status.lines().find_map(|line| line.strip_prefix("Name:"));
            let sleeps = field(&status, "voluntary_ctxt_switches:").unwrap_or_default();
            *found.entry(name.unwrap_or_default().trim().to_owned()).or_default() += sleeps;
        }
        Ok(found)
    }

    fn status(&self, name: &str) -> Result<f64, Box<dyn Error>> {
        Ok(field(&self.proc("status")?, name).ok_or("a field of /proc/<pid>/status is missing")?)
    }

    fn proc(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.0.id()))
    }

    fn end(&mut self) {
        let id = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process(id, Signal::TERM);
        }
        let due = Instant::now() + PATIENCE;
        while Instant::now() < due {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

fn field(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Processor seconds this thread has used.
pub fn own_cpu() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = stat.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}
