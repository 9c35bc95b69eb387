//! How the commands about data reach it, and what their options have in common.

use super::{Failure, loaded};
use crate::apps::Apps;
use crate::apps::events::refusal::Field;
use crate::control::{self, Form, Request};
use crate::ids::UserId;
use crate::server;
use crate::settings::{Loaded, Server, Settings, Surroundings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a command waits for its turn while others have the database.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Ids of users have at most 52 significant bits (Bot API `User.id`).
const USER_MAX: i64 = (1 << 52) - 1;

/// The settings of a command about data.
pub(super) struct Data(Loaded);

impl Data {
    /// Reads the settings; none of them is about data but where these lie.
    pub(super) fn of(file: Option<&PathBuf>, around: &Surroundings) -> Result<Self, Failure> {
        Ok(Self(loaded(file.map(PathBuf::as_path), Vec::new(), around)?))
    }

    /// The settings.
    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The database file.
    pub(super) fn database(&self) -> &Path {
        &self.0.settings.database
    }

    /// The TrueConf servers.
    pub(super) fn servers(&self) -> &[Server] {
        &self.0.settings.servers
    }

    /// Carries out `request`, by the running server or here.
    pub(super) fn carry_out(&self, request: &Request) -> Result<Value, Failure> {
        self.is_somewhere()?;
        let done = control::carry_out(self.database(), &self.apps(), request, PATIENCE);
        done.map_err(|failure| Failure::Failed(failure.to_string()))
    }

    /// The apps, as the settings have them.
    pub(super) fn apps(&self) -> Apps {
        Apps::all(Arc::new(server::context(&self.0.settings)))
    }

    /// An error when nothing says that Roost lives here.
    pub(super) fn is_somewhere(&self) -> Result<(), Failure> {
        let text = "there are neither settings nor a database here; name a settings file with `--settings`";
        if self.is_nowhere() { Err(Failure::Failed(text.to_owned())) } else { Ok(()) }
    }

    /// Nothing says that Roost lives here; a new database would only hide that the settings are
    /// somewhere else.
    fn is_nowhere(&self) -> bool {
        let Loaded { settings, file, .. } = &self.0;
        file.is_none() && settings.bot_token.is_none() && !settings.database.exists()
    }

    /// `form` with the picture in the file `path`; an empty path takes the picture away.
    pub(super) fn with_picture(&self, form: Form, path: Option<&String>) -> Result<Form, Failure> {
        match path {
            None => Ok(form),
            Some(path) if path.is_empty() => Ok(form.with(Field::Image, Some(path))),
            Some(path) => {
                let bytes = read(path, self.0.settings.events.media_limit);
                let bytes = bytes.map_err(|error| Failure::Failed(format!("`{path}`: {error}")))?;
                Ok(Form { image: Some(STANDARD.encode(bytes)), ..form })
            }
        }
    }
}

/// One byte more than allowed is enough to be told that it is too many.
fn read(path: &str, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the id of a user, as argh wants it.
pub(super) fn user(text: &str) -> Result<UserId, String> {
    match text.parse() {
        Ok(id @ 1..=USER_MAX) => Ok(UserId(id)),
        _ => Err("a Telegram id is a whole number above zero".to_owned()),
    }
}

/// The objects of a list.
pub(super) fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// A member in words for people: text as it is, nothing for `null`, `yes` and `no`.
pub(super) fn word(row: &Value, member: &str) -> String {
    match &row[member] {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_ids_above_zero() {
        for (text, expected) in [
            ("1", Some(1)),
            ("4503599627370495", Some(USER_MAX)),
            ("4503599627370496", None),
            ("0", None),
            ("-100123", None),
            ("ada", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(user(text).ok(), expected.map(UserId), "{text}");
        }
    }
}
