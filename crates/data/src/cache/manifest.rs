//! What a cache says of itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::files::{MANIFEST, write_whole};
use crate::batching::Counts;
use crate::corpus::{Contents, CorpusSource};
use crate::error::DataError;

/// The form of the files; others are not read.
const VERSION: u32 = 1;

/// A file as it was when it was read: if length and time are the same, so is what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The file, from the root of the file system.
    path: PathBuf,
    bytes: u64,
    /// Nanoseconds since 1970 at which it was last written, as the system tells.
    written: u128,
}

impl Stamp {
    /// Those of the files of a corpus; `None` where one cannot be looked at.
    pub fn of(source: &CorpusSource) -> Option<Vec<Self>> {
        source.files().into_iter().map(Self::of_file).collect()
    }

    fn of_file(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        let written = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            path: fs::canonicalize(path).ok()?,
            bytes: found.len(),
            written: written.as_nanos(),
        })
    }
}

/// What a cache was made of, and how much there is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    /// The corpus's files as they were.
    pub stamps: Vec<Stamp>,
    /// What they held.
    pub contents: Contents,
    /// Fingerprints of the vocabularies of source and target.
    pub fingerprints: [String; 2],
    /// The most tokens of a source and of a target.
    pub longest: [usize; 2],
    /// How much there is.
    pub counts: Counts,
    /// For each number of tokens of a source, the length of the longest target beside one, its end mark counted.
    pub(super) longest_targets: Vec<u32>,
    /// For each corpus of a list, or the only one, how many of the examples come from it and those before; corpora at the
    /// end of which no pair came are left out.
    #[serde(default)]
    pub(super) ends: Vec<usize>,
    /// Whether an id has four bytes, and not two.
    pub(super) is_wide: bool,
    /// Bytes of `pairs.ids`.
    pub(super) bytes: u64,
    /// What else its maker wants to know again: settings, and what the corpus decided.
    pub about: serde_json::Value,
}

impl Manifest {
    pub(super) fn new(fingerprints: [String; 2], longest: [usize; 2], is_wide: bool) -> Self {
        Self {
            version: VERSION,
            stamps: Vec::new(),
            contents: Contents::default(),
            fingerprints,
            longest,
            counts: Counts::default(),
            longest_targets: Vec::new(),
            ends: Vec::new(),
            is_wide,
            bytes: 0,
            about: serde_json::Value::Null,
        }
    }

    /// That of a folder, if it holds a whole cache of this version.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let text = fs::read(folder.join(MANIFEST)).ok()?;
        let found: Self = serde_json::from_slice(&text).ok()?;
        (found.version == VERSION).then_some(found)
    }

    /// Writes it into a folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), DataError> {
        // It holds nothing that JSON cannot.
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        write_whole(&folder.join(MANIFEST), &text)
    }

    /// Bytes of an id.
    pub(super) fn id_bytes(&self) -> usize {
        if self.is_wide { 4 } else { 2 }
    }
}
