//! A folder that is there whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::RuntimeError;

/// A folder that is being written, beside the place where it will be.
#[derive(Debug)]
pub struct OutputFolder {
    place: PathBuf,
    part: PathBuf,
}

impl OutputFolder {
    /// Begins the folder `place`, which is missing or empty.
    ///
    /// # Errors
    /// When something is there, or nothing can be written beside it.
    pub fn begin(place: &Path) -> Result<Self, RuntimeError> {
        let is_empty = |mut entries: fs::ReadDir| entries.next().is_none();
        if place.exists() && !fs::read_dir(place).is_ok_and(is_empty) {
            return Err(RuntimeError::Usage(format!(
                "`{}` is there already and not an empty folder: name another with `--out`, or remove it first",
                place.display()
            )));
        }
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let part = place.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let folder = Self {
            place: place.to_owned(),
            part,
        };
        let made = fs::create_dir_all(&folder.part);
        made.map_err(|source| folder.failed(place, source))?;
        Ok(folder)
    }

    /// Writes a file of the folder; `name` may have folders before it.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RuntimeError> {
        let path = self.part.join(name);
        let above = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = above.and_then(|()| fs::write(&path, bytes));
        written.map_err(|source| self.failed(&self.place.join(name), source))
    }

    /// Puts the folder in its place.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn finish(self) -> Result<(), RuntimeError> {
        // What is there is an empty folder.
        let _ = fs::remove_dir(&self.place);
        fs::rename(&self.part, &self.place).map_err(|source| self.failed(&self.place, source))
    }

    fn failed(&self, path: &Path, source: std::io::Error) -> RuntimeError {
        RuntimeError::UserFile {
            action: "write",
            path: path.to_owned(),
            source,
        }
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        // After the end there is none.
        let _ = fs::remove_dir_all(&self.part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_there_whole_or_not_at_all() {
        let outer = tempfile::tempdir().unwrap();
        let place = outer.path().join("new");
        let folder = OutputFolder::begin(&place).unwrap();
        folder.write("a/b.txt", b"text").unwrap();
        assert!(!place.exists());
        drop(folder);
        assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 0);
        let folder = OutputFolder::begin(&place).unwrap();
        folder.write("a/b.txt", b"text").unwrap();
        folder.finish().unwrap();
        assert_eq!(fs::read(place.join("a/b.txt")).unwrap(), b"text");
        let message = OutputFolder::begin(&place).unwrap_err().to_string();
        assert!(message.contains("there already"), "{message}");
    }
}
