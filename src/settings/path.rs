//! `Path`: where a value stands, one segment per level.

use super::show;
use std::fmt;

/// Where a value stands. Names chosen by the user may hold dots, so this is not a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<String>);

impl Path {
    /// The path a row of the table writes, `name` in the place of its `*`.
    pub fn of(row: &str, name: &str) -> Self {
        let place = |segment: &str| if segment == "*" { name } else { segment }.to_owned();
        Self(row.split('.').map(place).collect())
    }

    /// One level down.
    #[must_use]
    pub fn below(&self, segment: &str) -> Self {
        Self(self.0.iter().cloned().chain([segment.to_owned()]).collect())
    }

    /// `ROOST_` and the path in capitals, everything but ASCII letters and digits as `_`.
    pub fn variable(&self) -> String {
        let fold = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        format!("ROOST_{}", self.0.join("_").chars().map(fold).collect::<String>())
    }

    /// The path with dots, names as they are; also the name of a systemd credential.
    pub fn dotted(&self) -> String {
        self.0.join(".")
    }

    /// The segments.
    pub fn segments(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Path {
    /// Segments that hold a dot are quoted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "." })?;
            let shown = show::name(segment);
            if segment.contains('.') { write!(f, "\"{shown}\"")? } else { f.write_str(&shown)? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_and_has_an_environment_name() {
        for (row, name, shown, variable) in [
            ("bot-token", "", "bot-token", "ROOST_BOT_TOKEN"),
            ("limits.connections", "", "limits.connections", "ROOST_LIMITS_CONNECTIONS"),
            (
                "servers.*.ip",
                "Head office",
                "servers.Head office.ip",
                "ROOST_SERVERS_HEAD_OFFICE_IP",
            ),
            ("servers.*.ip", "10.0.0.1", "servers.\"10.0.0.1\".ip", "ROOST_SERVERS_10_0_0_1_IP"),
        ] {
            let path = Path::of(row, name);
            assert_eq!((path.to_string().as_str(), path.variable().as_str()), (shown, variable));
        }
    }
}
