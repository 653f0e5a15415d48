//! A corpus as ids on disk, for corpora larger than memory.
//!
//! A cache is a folder, made once and used by every run of the same corpus and vocabularies:
//!
//! | file                      | holds                                                                       |
//! |---------------------------|-----------------------------------------------------------------------------|
//! | `manifest.json`           | what it was made of, and how much there is: [`Manifest`]; written last      |
//! | `pairs.ids`               | the ids of each pair, source and target, two or four bytes an id            |
//! | `pairs.idx`               | for each pair where its ids lie, how many there are, and a check of them    |
//! | `tokenizer.source.json`, `tokenizer.target.json` | the vocabularies                                     |
//!
//! Until it is whole its folder is called `NAME.part`; who is stopped while it is made goes on where it was.

mod files;
mod manifest;
mod mapped;
mod record;
mod writer;

#[cfg(test)]
mod tests;

pub use manifest::{Manifest, Stamp};
pub use mapped::Cached;
pub use writer::{Failure, Feeder, Plan, make};

use std::path::{Path, PathBuf};

use crate::error::DataError;

/// A cache that is there.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its folder.
    pub folder: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

impl Entry {
    /// Notes that the corpus's files have other times by now, and hold the same.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn stamp(&mut self, stamps: Vec<Stamp>) -> Result<(), DataError> {
        self.manifest.stamps = stamps;
        self.manifest.write(&self.folder)
    }
}

/// The caches in a folder, by name; what is no cache of this version is left out.
pub fn entries(folder: &Path) -> Vec<Entry> {
    let Ok(found) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = found.flatten().map(|entry| entry.path()).collect();
    // One that is being made may have all but its name.
    folders.retain(|folder| !folder.to_string_lossy().ends_with(files::PART));
    folders.sort();
    let read = |folder: PathBuf| {
        let manifest = Manifest::read(&folder)?;
        Some(Entry { folder, manifest })
    };
    folders.into_iter().filter_map(read).collect()
}
