//! One process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::error::RunError;

/// Holds a run folder. The system lets go of it when the process ends, however it ends, so that the
/// lock of a killed process is simply taken over.
#[derive(Debug)]
pub struct Lock {
    _file: File,
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
        Ok(Self { _file: file })
    }
}
