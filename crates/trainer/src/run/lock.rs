//! One process at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::RunError;

/// Holds a run folder. The system lets go of it when the process ends, however it ends, so that the
/// lock of a killed process is simply taken over.
#[derive(Debug)]
pub struct Lock {
    file: File,
    name: PathBuf,
}

impl Lock {
    /// Locks the folder at `path`.
    ///
    /// # Errors
    /// When another process holds it, or the folder cannot be written.
    pub fn take(path: &Path) -> Result<Self, RunError> {
        let name = path.join("lock");
        let failed = |source| RunError::UserFile {
            action: "write",
            path: name.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&name)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let holder = holder.trim();
                return Err(RunError::RunLocked {
                    path: path.to_owned(),
                    holder: if holder.is_empty() {
                        String::new()
                    } else {
                        format!(" (process {holder})")
                    },
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let id = std::process::id();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{id}"))
            .map_err(failed)?;
        Ok(Self { file, name })
    }

    /// Whether the folder is still the one that was locked, and has not been moved, removed or replaced.
    pub fn is_there(&self) -> bool {
        match (self.file.metadata(), fs::metadata(&self.name)) {
            (Ok(held), Ok(found)) => is_same(&held, &found),
            (_, found) => found.is_ok(),
        }
    }
}

#[cfg(unix)]
fn is_same(held: &fs::Metadata, found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (held.dev(), held.ino()) == (found.dev(), found.ino())
}

/// Elsewhere an open file keeps its folder from being moved.
#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_moved_or_replaced_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        fs::create_dir(&path).unwrap();
        let lock = Lock::take(&path).unwrap();
        assert!(lock.is_there());
        fs::rename(&path, folder.path().join("moved")).unwrap();
        assert!(!lock.is_there());
        fs::create_dir(&path).unwrap();
        let other = Lock::take(&path).unwrap();
        assert!(!lock.is_there() && other.is_there());
    }
}
