//! A folder to run the program in, and files made wrong on purpose.

use serde_json::{Map, Value};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A made-up token; no output may ever hold it.
pub const TOKEN: &str = "123456:TEST-TOKEN-made-up-canary";

/// Keys below these are names people choose.
const CHOSEN: &[&str] = &["servers", "sinks", "consumers", "modules"];

/// A folder with files, in which the program runs with an environment of its own.
pub struct Stage(TempDir);

/// How a run ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Stage {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn folder(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = self.command(arguments);
        let output = command.envs(variables.iter().copied()).output().expect("run");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs with a standard output nobody reads.
    pub fn run_unread(&self, arguments: &[&str]) -> Ran {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        self.run_out(arguments, writer.into())
    }

    /// Runs with the standard output going into a file.
    pub fn run_into(&self, arguments: &[&str], file: &str) -> Ran {
        let file = std::fs::OpenOptions::new().write(true).open(file).expect("opened");
        self.run_out(arguments, file.into())
    }

    fn run_out(&self, arguments: &[&str], out: Stdio) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command.stdout(out).stderr(Stdio::piped()).spawn().expect("run");
        let mut err = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut err).expect("UTF-8");
        Ran { code: child.wait().expect("ended").code(), out: String::new(), err }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.args(arguments).env_clear().current_dir(self.folder());
        command
    }
}

impl Ran {
    /// Checks the exit code.
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }

    pub fn done(self) -> Self {
        let ran = self.ended(0);
        assert_eq!(ran.err, "");
        ran
    }
}

/// All values that are no objects, with their paths.
pub fn leaves(value: &Value) -> Vec<(Vec<String>, Value)> {
    let Value::Object(fields) = value else { return vec![(Vec::new(), value.clone())] };
    let below = |(name, value): (&String, &Value)| {
        let name = name.clone();
        leaves(value).into_iter().map(move |(mut path, value)| {
            path.insert(0, name.clone());
            (path, value)
        })
    };
    fields.iter().flat_map(below).filter(|(path, _)| !path.is_empty()).collect()
}

/// `file` with `value` at `path`.
pub fn with(file: &Value, path: &[&str], value: Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return value };
    let mut fields = file.as_object().cloned().unwrap_or_default();
    let inner = with(fields.get(*first).unwrap_or(&Value::Null), rest, value);
    fields.insert((*first).to_owned(), inner);
    Value::Object(fields)
}

/// `file` once for each key in it, that key misspelt; with the path the right key has.
pub fn slips(file: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    below(file, &mut Vec::new(), &mut |path, fields, name| {
        let mut wrong = fields.clone();
        let value = wrong.remove(name).expect("it is there");
        wrong.insert(slip(name), value);
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let meant = [&path[..], &[name]].concat().join(".");
        all.push((meant, with(file, &path, Value::Object(wrong))));
    });
    all
}

fn below(
    value: &Value,
    path: &mut Vec<String>,
    each: &mut impl FnMut(&[String], &Map<String, Value>, &str),
) {
    let Value::Object(fields) = value else { return };
    let chosen = path.last().is_some_and(|name| CHOSEN.contains(&name.as_str()));
    for (name, inner) in fields {
        if !chosen {
            each(path, fields, name);
        }
        path.push(name.clone());
        below(inner, path, each);
        path.pop();
    }
}

/// The last two letters swapped, or the last one doubled if they are the same.
pub fn slip(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    match letters.as_mut_slice() {
        [.., one, other] if one != other => std::mem::swap(one, other),
        _ => letters.extend(name.chars().next_back()),
    }
    letters.into_iter().collect()
}
