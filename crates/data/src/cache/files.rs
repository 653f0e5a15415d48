//! Names of a cache's files, and errors of writing them.

use std::path::Path;

use crate::error::{DataError, unwritable};
use crate::whole_file;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const PROGRESS: &str = "progress.json";
/// What the name of a folder ends in that is being made.
pub(super) const PART: &str = ".part";
pub(super) const IDS: &str = "pairs.ids";
pub(super) const INDEX: &str = "pairs.idx";
/// The vocabularies of source and target.
pub(super) const TOKENIZERS: [&str; 2] = ["tokenizer.source.json", "tokenizer.target.json"];

/// Writes a file whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    whole_file::write(path, bytes).map_err(unwritable(path))
}
