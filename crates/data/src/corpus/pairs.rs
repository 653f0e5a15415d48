//! The pairs of a corpus, and what is known of them.

use super::content::Contents;
use super::pair::Pair;
use super::summary::Summary;
use crate::image::Picture;

/// What is known of a corpus whose pairs were handed on one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// The last line that is not blank, from 1; of a list of corpora that of the last.
    pub last_line: usize,
    /// What was read, kept and dropped.
    pub summary: Summary,
    /// What the corpus holds, by which it is known again.
    pub contents: Contents,
}

/// The pairs of a corpus, in the order they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corpus {
    /// What was kept.
    pub pairs: Vec<Pair>,
    /// The image of each pair, where sources name images.
    pub pictures: Vec<Picture>,
    /// For each of these its line in the file or files, from 1; in a built-in corpus its number.
    pub lines: Vec<usize>,
    /// For each corpus of a list, or the only one, how many of the pairs come from it and those before.
    pub ends: Vec<usize>,
    /// The last line that is not blank, from 1; of a list of corpora that of the last.
    pub last_line: usize,
    /// What was read, kept and dropped.
    pub summary: Summary,
    /// What the corpus holds, by which it is known again.
    pub contents: Contents,
}
