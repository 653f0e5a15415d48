//! Sentence pairs: where they come from, how they are read, what is dropped and what is refused.
//!
//! All text is read by [`Lines`]. Pairs are kept as they were written, but for white space at their ends.
//!
//! Dropped and counted: blank lines, pairs with an over-long side, and one-sided pairs where that is asked for.
//! Refused, with file and line: other one-sided pairs, columns that nobody has named, parallel files of different
//! length, text that is not UTF-8. Or every line is a pair: [`ReadOptions::keep_all`].
//!
//! Where sources are images, the source of a pair is the name of one, and the images are read too.

mod alignment;
mod builtin;
mod collector;
mod columns;
mod compression;
mod content;
mod encoding;
mod lines;
mod open;
mod options;
mod pair;
mod pairs;
mod parallel;
mod part;
mod piped;
mod reader;
mod source;
mod stream;
mod summary;
mod text;
mod tsv;
mod zstd;

pub use alignment::{Alignments, Link, LinkSource, Words, read_alignments, read_alignments_while};
pub use columns::{Column, Columns, WrongColumns};
pub(crate) use content::ContentHasher;
pub use content::{Content, Contents};
pub use encoding::TextEncoding;
pub use lines::{LONGEST_LINE, Line, Lines, read_lines};
pub(crate) use open::check_regular;
pub use options::{OneSided, ReadOptions};
pub use pair::{Features, Pair, Side};
pub use pairs::{Corpus, Totals};
pub use part::Part;
pub use piped::Kept;
#[cfg(test)]
pub(crate) use reader::tests;
pub use reader::{Origin, content, contents, read, read_each, read_while};
pub use source::CorpusSource;
pub use summary::Summary;
pub use text::normalize;
