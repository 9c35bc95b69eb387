//! The machine: room and rights where data live, file descriptors, what a proxy in front needs.

use std::io;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};
use rustix::process::{Resource, getrlimit};

use crate::cli::check::{Line, State};
use crate::settings::{Settings, show};

/// With less room than this nothing may be committed any more within a day.
const TIGHT: u64 = 16 << 20;

/// With less room than this somebody should have a look.
const SCARCE: u64 = 256 << 20;

/// Descriptors beside those of connections: the database, Telegram, sinks, files being served.
const OURS: u64 = 128;

/// Lines about the machine.
pub(in crate::cli) fn lines(settings: &Settings) -> Vec<Line> {
    let folder = settings.database.parent().filter(|folder| *folder != Path::new(""));
    let mut lines = folder_of_data("database", folder.unwrap_or(Path::new(".")));
    if let Some(backups) = &settings.backups {
        lines.extend(folder_of_data("backup.folder", &backups.folder));
    }
    lines.extend(descriptors(settings));
    lines.extend(proxies(settings));
    lines
}

/// Whether there is a folder with room in it that we may write to. One that is missing is told of
/// elsewhere, or made.
fn folder_of_data(key: &str, folder: &Path) -> Vec<Line> {
    if !folder.is_dir() {
        return Vec::new();
    }
    let shown = show::place(folder);
    if let Err(error) = access(folder, Access::WRITE_OK | Access::EXEC_OK) {
        let error = io::Error::from(error);
        let text = format!(
            "`{key}`: cannot write in {shown}: {error}; let the user that runs roost write there, or check as that user"
        );
        return vec![Line::new(State::Wrong, text)];
    }
    let Ok(found) = statvfs(folder) else { return Vec::new() };
    vec![room(key, &shown, found.f_bavail.saturating_mul(found.f_frsize))]
}

fn room(key: &str, folder: &str, bytes: u64) -> Line {
    let left = format!("`{key}`: {} MiB are left in {folder}", bytes >> 20);
    match bytes {
        ..TIGHT => Line::new(State::Wrong, format!("{left}; make room, or nothing can be kept")),
        TIGHT..SCARCE => Line::new(State::Note, format!("{left}; make room soon")),
        SCARCE.. => Line::new(State::Ok, left),
    }
}

/// A server that is started from here; the unit has limits of its own.
fn descriptors(settings: &Settings) -> Option<Line> {
    let wanted = settings.limits.connections as u64 + OURS;
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    (limit < wanted).then(|| {
        let connections = settings.limits.connections;
        let text = format!(
            "`limits.connections`: {connections} connections need {wanted} file descriptors, and a program started \
             here gets {limit}; run `ulimit -n {wanted}` before `roost serve`, set LimitNOFILE in the unit, or lower it"
        );
        Line::new(State::Note, text)
    })
}

/// A server that listens on this machine alone and is reached from elsewhere has a tunnel or proxy in front.
fn proxies(settings: &Settings) -> Option<Line> {
    let is_local = matches!(settings.hostname.as_str(), "127.0.0.1" | "::1" | "localhost");
    let is_behind = settings.public_url.is_some() && is_local && settings.tls.is_none();
    let is_blind = is_behind && settings.trusted_proxies.is_empty();
    is_blind.then(|| {
        Line::new(
            State::Note,
            "`trusted-proxies`: empty, so all who come through the tunnel or proxy count as one address and share \
             its limit; write [\"127.0.0.1/32\"]",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_told_before_there_is_none() {
        for (bytes, expected) in [
            (0, "wrong `database`: 0 MiB are left in /x; make room, or nothing can be kept"),
            (TIGHT, "note `database`: 16 MiB are left in /x; make room soon"),
            (SCARCE, "ok `database`: 256 MiB are left in /x"),
            (u64::MAX, "ok `database`: 17592186044415 MiB are left in /x"),
        ] {
            assert_eq!(room("database", "/x", bytes).to_string(), expected);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_passed_over() {
        assert_eq!(folder_of_data("backup.folder", Path::new("/no/such/folder")), []);
        assert_eq!(folder_of_data("database", Path::new(".")).len(), 1);
    }
}
