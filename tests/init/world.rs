//! A folder without settings, and a Telegram.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use roost::demo::telegram::StandIn;
use serde_json::{Value, json};

use crate::models;
use crate::support::{Home, Program, TOKEN};

/// Everything one test needs. At the end every call is held against the models.
pub struct World {
    pub telegram: StandIn,
    pub home: Home,
}

/// How a command ended, and what it printed.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl World {
    pub fn new() -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
        let home = Home::new(&json!({}));
        std::fs::remove_file(home.settings()).unwrap();
        Self { telegram, home }
    }

    /// `roost` with these arguments in the folder, at this Telegram.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.args(arguments).current_dir(self.home.folder()).env_clear();
        command.env("ROOST_TELEGRAM_API_URL", self.telegram.base_url());
        command.stdin(Stdio::null());
        command
    }

    pub fn roost(&self, arguments: &[&str]) -> Ended {
        Ended::of(&self.command(arguments).output().unwrap())
    }

    /// `roost init` with the token on standard input, and these arguments.
    pub fn init(&self, arguments: &[&str]) -> Ended {
        self.init_with(TOKEN, arguments)
    }

    /// The same with another line on standard input.
    pub fn init_with(&self, line: &str, arguments: &[&str]) -> Ended {
        let settings = self.home.settings();
        let mut all = vec!["init", "--settings", settings.to_str().unwrap()];
        all.extend(arguments);
        let file = self.home.folder().join("typed");
        std::fs::write(&file, line).unwrap();
        let mut command = self.command(&all);
        command.stdin(std::fs::File::open(&file).unwrap());
        std::fs::remove_file(&file).unwrap();
        Ended::of(&command.output().unwrap())
    }

    /// The server, with the settings that `init` wrote.
    pub fn serve(&self) -> Program {
        self.home.serve()
    }

    /// What is in the settings file.
    pub fn settings(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.home.settings()).unwrap()).unwrap()
    }

    /// The names of all files in the folder.
    pub fn files(&self) -> Vec<String> {
        files(self.home.folder())
    }
}

impl Ended {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ended = Self {
            code: output.status.code().expect("an exit code"),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        assert!(!format!("{ended:?}").contains("TEST-TOKEN"), "{ended:?}");
        ended
    }

    /// The code that was printed.
    pub fn admin_code(&self) -> String {
        code_in(&self.out)
    }
}

/// The first code in `text`.
pub fn code_in(text: &str) -> String {
    let at = text.find("admin-").unwrap_or_else(|| panic!("no code in:\n{text}"));
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let code: String = text[at..].chars().take_while(|c| is_letter(*c)).collect();
    assert_eq!(code.len(), "admin-12345-12345-12345-12345".len(), "{code}");
    code
}

/// The names of all files below `folder`.
pub fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            models::check_all(&self.telegram);
        }
    }
}
