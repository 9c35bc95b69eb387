//! What is kept about the servers: asked of the running server, else read from the database.

use crate::cli::Failure;
use crate::cli::data::{Data, rows};
use crate::control::{self, Answer, Request};
use serde_json::Value;

/// How a server stands, as last confirmed.
pub(super) struct Kept(Option<(Value, Fresh)>);

/// Whether what is kept is of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fresh {
    /// A server runs and watches.
    Yes,
    /// Nobody has watched since.
    No,
}

impl Kept {
    /// Asks for it. Where neither a server runs nor a database is, nothing is made.
    pub(super) fn of(data: &Data) -> Result<Self, Failure> {
        Ok(Self(ask(data, &Request::Servers)?))
    }

    /// Nothing is known.
    pub(super) fn nothing() -> Self {
        Self(None)
    }

    /// What is kept about the server `name`.
    pub(super) fn find(&self, name: &str) -> Option<(&Value, Fresh)> {
        let (all, fresh) = self.0.as_ref()?;
        rows(all).find(|row| row["name"] == name).map(|row| (row, *fresh))
    }
}

/// The answer to `request`, if anybody has one.
pub(super) fn ask(data: &Data, request: &Request) -> Result<Option<(Value, Fresh)>, Failure> {
    let failed = |failure: control::Failure| Failure::Failed(failure.to_string());
    match control::ask(data.database(), request).map_err(failed)? {
        Some(Answer::Done(value)) => Ok(Some((value, Fresh::Yes))),
        Some(Answer::Failed(sentence)) => Err(Failure::Failed(sentence)),
        None if !data.database().exists() => Ok(None),
        None => Ok(Some((data.carry_out(request)?, Fresh::No))),
    }
}
