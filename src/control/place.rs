//! Where the control socket lies: beside the database, for its owner alone, however long the path.
//!
//! Whoever holds the database may put the socket there, so one that is left from a process that was
//! killed is replaced without asking anybody. It gets its name only when it listens.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::Failure;

/// The longest path of a socket (`unix(7)`), without the final NUL.
const PATH_MAX: usize = 107;

/// Commands the kernel keeps for us while all threads are busy.
const BACKLOG: i32 = 128;

/// Where the socket of the server of `database` lies.
pub fn socket_of(database: &Path) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(".sock");
    path.into()
}

/// A socket that listens in the folder; dropping it takes it away.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Device and inode, so that only our own is ever taken away.
    identity: (u64, u64),
}

impl Drop for Place {
    fn drop(&mut self) {
        let found = fs::symlink_metadata(&self.path).map(|found| identity(&found));
        if found.ok() == Some(self.identity) {
            // If it stays, the next server replaces it.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Listens at `path`. The caller must hold the database.
pub(super) fn listen(path: &Path) -> Result<(UnixListener, Place), Failure> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(Failure::InTheWay(path.to_owned()));
        }
        _ => {}
    }
    bind(path).map_err(|error| Failure::Listen(path.to_owned(), error))
}

fn bind(path: &Path) -> io::Result<(UnixListener, Place)> {
    let folder = Folder::of(path)?;
    let socket = socket()?;
    // Linux gives the file the mode of the socket, so it is never anybody else's, not for a moment.
    rustix::fs::fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    let unfinished = OsString::from(format!(".roost-{}.sock", std::process::id()));
    folder.remove(&unfinished)?;
    rustix::net::bind(&socket, &SocketAddrUnix::new(folder.reach(&unfinished))?)?;
    rustix::net::listen(&socket, BACKLOG)?;
    rustix::fs::renameat(&folder.handle, &unfinished, &folder.handle, name(path)?)?;
    let identity = identity(&fs::symlink_metadata(path)?);
    Ok((UnixListener::from(socket), Place { path: path.to_owned(), identity }))
}

/// Connects to the socket at `path`; `None` when nobody listens there. Writing has `patience`.
pub(super) fn connect(path: &Path, patience: Duration) -> io::Result<Option<UnixStream>> {
    match try_connect(path, patience) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => Ok(None),
            _ => Err(error),
        },
    }
}

fn try_connect(path: &Path, patience: Duration) -> io::Result<UnixStream> {
    let folder = Folder::of(path)?;
    let socket = socket()?;
    set_socket_timeout(&socket, Timeout::Send, Some(patience))?;
    if let Ok(address) = SocketAddrUnix::new(folder.reach(name(path)?)) {
        rustix::net::connect(&socket, &address)?;
        return Ok(socket.into());
    }
    // The name alone is too long; the file itself has a short one.
    let file = rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(shortcut(&file))?)?;
    Ok(socket.into())
}

fn socket() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC;
    Ok(rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?)
}

/// The folder of a socket, open, so that its files have short paths.
struct Folder {
    path: PathBuf,
    handle: OwnedFd,
}

impl Folder {
    fn of(path: &Path) -> io::Result<Self> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let path = parent.unwrap_or(Path::new(".")).to_owned();
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::open(&path, flags, Mode::empty())?;
        Ok(Self { path, handle })
    }

    /// A path of the file `name` that is short enough, if there is any.
    fn reach(&self, name: &OsStr) -> PathBuf {
        let whole = self.path.join(name);
        if whole.as_os_str().len() <= PATH_MAX { whole } else { shortcut(&self.handle).join(name) }
    }

    fn remove(&self, name: &OsStr) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.handle, name, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn shortcut(handle: &OwnedFd) -> PathBuf {
    format!("/proc/self/fd/{}", handle.as_raw_fd()).into()
}

fn name(path: &Path) -> io::Result<&OsStr> {
    path.file_name().ok_or(ErrorKind::InvalidInput.into())
}

fn identity(found: &fs::Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_socket_is_found_whatever_the_length_of_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("f".repeat(200)).join("g".repeat(200));
        fs::create_dir_all(&long).unwrap();
        for path in [
            folder.path().join("roost.redb.sock"),
            long.join("roost.redb.sock"),
            folder.path().join("n".repeat(250)),
            long.join("n".repeat(250)),
        ] {
            let (listener, place) = listen(&path).unwrap();
            assert_eq!(mode(&path), 0o600);
            let client = connect(&path, PATIENCE).unwrap().expect("somebody listens");
            let (server, _) = listener.accept().unwrap();
            drop((client, server, place));
            assert!(!path.exists(), "{}", path.display());
            assert!(connect(&path, PATIENCE).unwrap().is_none());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn a_socket_nobody_listens_on_is_replaced_and_another_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.redb.sock");
        let (listener, place) = listen(&path).unwrap();
        std::mem::forget(place);
        drop(listener);
        assert!(connect(&path, PATIENCE).unwrap().is_none());
        let (_listener, place) = listen(&path).unwrap();
        assert!(connect(&path, PATIENCE).unwrap().is_some());
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        drop(place);
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert!(matches!(listen(&path), Err(Failure::InTheWay(_))));
        assert!(connect(&path, PATIENCE).unwrap().is_none());
    }

    #[test]
    fn a_relative_database_has_its_socket_beside_it() {
        assert_eq!(socket_of(Path::new("roost.redb")), Path::new("roost.redb.sock"));
        assert!(connect(Path::new("no-such.sock"), PATIENCE).unwrap().is_none());
    }
}
