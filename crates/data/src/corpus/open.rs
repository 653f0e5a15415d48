//! Opens a file, or standard input, and leaves alone what must not be opened.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::DataError;

/// Path that stands for standard input.
const DASH: &str = "-";

/// Whether `path` means standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == DASH
}

/// Returns the name of `path` in messages.
pub(super) fn shown(path: &Path) -> PathBuf {
    match is_standard_input(path) {
        true => PathBuf::from("standard input"),
        false => path.to_owned(),
    }
}

/// Something that bytes come from.
pub(super) enum Raw {
    /// Without a buffer of its own: what has not been read from it is where the system sees it.
    File(File),
    /// Anything else.
    Other(Box<dyn Read + Send>),
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Other(other) => other.read(buffer),
        }
    }
}

/// Opens `path`, or standard input where that is `-`.
pub(super) fn open(path: &Path) -> Result<Raw, DataError> {
    if is_standard_input(path) {
        let reading = |cause| DataError::reading(shown(path), cause);
        return standard_input().map_err(reading);
    }
    let reading = |cause| DataError::reading(path.to_owned(), cause);
    let file = File::open(path).map_err(reading)?;
    if file.metadata().map_err(reading)?.is_dir() {
        return Err(reading(io::ErrorKind::IsADirectory.into()));
    }
    Ok(Raw::File(file))
}

/// The library's own handle keeps a buffer that nobody can look into, so the descriptor is read.
#[cfg(unix)]
fn standard_input() -> io::Result<Raw> {
    use std::os::fd::AsFd;
    let owned = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(Raw::File(File::from(owned)))
}

#[cfg(not(unix))]
fn standard_input() -> io::Result<Raw> {
    Ok(Raw::Other(Box::new(io::stdin())))
}

/// Refuses what cannot be read twice, before it is opened: opening a FIFO waits for its writer.
pub(crate) fn check_regular(path: &Path) -> Result<(), DataError> {
    let refuse = |what| DataError::NotRegular {
        path: shown(path),
        what,
    };
    if is_standard_input(path) {
        return Err(refuse("standard input"));
    }
    let reading = |cause| DataError::reading(path.to_owned(), cause);
    let kind = fs::metadata(path).map_err(reading)?.file_type();
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(reading(io::ErrorKind::IsADirectory.into()));
    }
    Err(refuse(called(kind)))
}

/// Whether `path` means standard input, or names a pipe.
pub(super) fn is_pipe(path: &Path) -> bool {
    is_standard_input(path) || fs::metadata(path).is_ok_and(|found| is_fifo(found.file_type()))
}

#[cfg(unix)]
fn is_fifo(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_fifo(_: FileType) -> bool {
    false
}

/// Whether `path` names a regular file, which can be opened once more.
pub(super) fn is_regular(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}

#[cfg(unix)]
fn called(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a FIFO or pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn called(_: FileType) -> &'static str {
    "a device"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::tests::file;

    #[test]
    fn what_cannot_be_opened_is_named() {
        let (folder, path) = file("x", b"plain text");
        let message = |path: &Path| open(path).err().unwrap().to_string();
        assert!(message(&folder.path().join("y")).contains("no such file"));
        assert!(message(folder.path()).contains("this is a folder"));
        assert!(open(&path).is_ok() && check_regular(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_read_twice_is_refused_unopened() {
        let (folder, path) = file("x", b"text");
        let fifo = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.unwrap().success());
        for (path, what) in [
            (&*fifo, "a FIFO"),
            (Path::new("/dev/zero"), "a device"),
            (Path::new("-"), "standard input"),
        ] {
            let message = check_regular(path).unwrap_err().to_string();
            assert!(message.contains(what) && message.contains("write it to a file"));
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(path, &link).unwrap();
        assert!(check_regular(&link).is_ok());
        assert!(check_regular(folder.path()).is_err());
    }
}
