//! What can be wrong with settings, in words that name the place, the key and the remedy.

use super::path::Path;
use std::error::Error;
use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file or variable it stands in, as people know it; nothing if it stands nowhere.
    pub place: Option<String>,
    /// The key, if one is meant.
    pub key: Option<String>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such key; perhaps this one was meant.
    NoSuchKey(Option<String>),
    /// The value does not fit.
    Value {
        /// What would have fitted.
        expected: String,
        /// What was found, without secrets.
        found: String,
    },
    /// The key is given twice; the other place.
    Twice(String),
    /// The file, or the file a variable names, cannot be used.
    File(String),
    /// Settings that do not go together, or one that is missing, with the remedy.
    Conflict(String),
}

/// Everything that is wrong, one line each.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problem {
    /// A problem of `key` in `place`.
    pub fn of(place: impl fmt::Display, key: &Path, wrong: Wrong) -> Self {
        Self { place: Some(place.to_string()), key: Some(key.to_string()), wrong }
    }

    /// A problem of a whole file.
    pub fn file(place: impl fmt::Display, what: impl Into<String>) -> Self {
        Self { place: Some(place.to_string()), key: None, wrong: Wrong::File(what.into()) }
    }

    /// Settings that do not go together, named by the key that should change.
    pub fn conflict(key: &str, what: impl Into<String>) -> Self {
        Self { place: None, key: Some(key.to_owned()), wrong: Wrong::Conflict(what.into()) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "`{key}`: ")?;
        }
        self.wrong.fmt(f)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchKey(Some(near)) => write!(f, "no such key; did you mean `{near}`?"),
            Self::NoSuchKey(None) => f.write_str("no such key; remove it"),
            Self::Value { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Twice(other) => write!(f, "given twice, also as {other}; remove one"),
            Self::File(what) | Self::Conflict(what) => f.write_str(what),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "\n" })?;
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl Error for Problem {}
impl Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}
