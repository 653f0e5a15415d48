//! Sentence pairs: where they come from, how they are read, what is dropped and what is refused.
//!
//! Dropped and counted: blank lines, pairs with an over-long side. Refused, with file and line: a
//! pair with one empty side, parallel files of different length, text that is not UTF-8.
//!
//! Where sources are images, the source of a pair is the name of one, and the images are read too.

mod alignment;
mod encoding;
mod lines;
mod open;
mod parallel;
mod source;
mod summary;
mod text;
mod tsv;
mod zstd;

use std::fmt;
use std::path::Path;

pub use alignment::{Alignments, Link, LinkSource, Words, read_alignments};
pub use encoding::TextEncoding;
pub use source::CorpusSource;
pub use summary::Summary;
pub use text::normalize;

use crate::error::DataError;
use crate::image::{ImageOptions, Names, Picture};

/// One side of a sentence pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The language that is translated from.
    Source,
    /// The language that is translated to.
    Target,
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// A sentence and its translation, both in Unicode normal form C and without outer white space.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The sentence.
    pub source: String,
    /// Its translation.
    pub target: String,
}

/// What to keep of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Pairs with more characters than this on either side are dropped.
    pub max_characters: usize,
    /// How images are read, where sources name them.
    pub images: Option<ImageOptions>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            max_characters: 2_000,
            images: None,
        }
    }
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
    /// The last line that is not blank, from 1.
    pub last_line: usize,
    /// What was read, kept and dropped.
    pub summary: Summary,
}

/// Reads a whole corpus, line by line.
///
/// # Errors
/// A file that is missing, unreadable, damaged or not UTF-8; a one-sided pair; parallel files of
/// different length; a corpus of which nothing is left; an image that cannot be read; a built-in corpus
/// of text where images are wanted, or the other way round.
pub fn read(source: &CorpusSource, options: &ReadOptions) -> Result<Corpus, DataError> {
    let mut collector = Collector::new(source, options);
    if let CorpusSource::Builtin(builtin) = source {
        builtin.check(options.images.is_some())?;
    }
    match source {
        CorpusSource::Tsv(path) => tsv::read(path, &mut collector)?,
        CorpusSource::Parallel { source, target } => {
            parallel::read(source, target, &mut collector)?;
        }
        CorpusSource::Builtin(builtin) => {
            for pair in builtin.pairs() {
                collector.take(&pair.source, &pair.target);
            }
        }
    }
    let mut corpus = collector.finish()?;
    if let Some(images) = &options.images {
        let sources = corpus.pairs.iter().map(|pair| pair.source.as_str());
        let names: Vec<(&str, usize)> = sources.zip(corpus.lines.iter().copied()).collect();
        corpus.pictures = names_in(source).pictures(&names, images)?;
    }
    Ok(corpus)
}

/// Where the sources of a corpus stand.
fn names_in(source: &CorpusSource) -> Names {
    match source {
        CorpusSource::Tsv(path) | CorpusSource::Parallel { source: path, .. } => {
            Names::of_file(path)
        }
        CorpusSource::Builtin(builtin) => Names {
            list: builtin.to_string(),
            folder: Path::new("").to_owned(),
        },
    }
}

/// Gathers what the readers of the formats find.
struct Collector {
    pairs: Vec<Pair>,
    lines: Vec<usize>,
    last_line: usize,
    summary: Summary,
    max_characters: usize,
    /// Whether sources are names of files.
    named: bool,
}

impl Collector {
    fn new(source: &CorpusSource, options: &ReadOptions) -> Self {
        Self {
            pairs: Vec::new(),
            lines: Vec::new(),
            last_line: 0,
            summary: Summary::new(source.to_string(), options.max_characters),
            max_characters: options.max_characters,
            named: options.images.is_some(),
        }
    }

    /// Counts a blank line.
    fn blank(&mut self) {
        self.summary.read += 1;
        self.summary.empty += 1;
    }

    /// Counts a pair that was too long to be looked at.
    fn over_long(&mut self) {
        self.summary.read += 1;
        self.summary.over_long += 1;
        self.last_line = self.summary.read;
    }

    /// Keeps a pair unless it is too long. Says which side is blank if only one is.
    fn take(&mut self, source: &str, target: &str) -> Option<Side> {
        let pair = Pair {
            source: match self.named {
                // A file is called what it is called.
                true => source.trim().to_owned(),
                false => normalize(source),
            },
            target: normalize(target),
        };
        match (pair.source.is_empty(), pair.target.is_empty()) {
            (true, true) => self.blank(),
            (true, false) => return Some(Side::Source),
            (false, true) => return Some(Side::Target),
            (false, false) => {
                let fits = |text: &str| text.chars().nth(self.max_characters).is_none();
                if fits(&pair.source) && fits(&pair.target) {
                    self.summary.read += 1;
                    self.last_line = self.summary.read;
                    self.lines.push(self.last_line);
                    self.pairs.push(pair);
                } else {
                    self.over_long();
                }
            }
        }
        None
    }

    fn finish(mut self) -> Result<Corpus, DataError> {
        self.summary.kept = self.pairs.len();
        if self.pairs.is_empty() {
            return Err(DataError::EmptyCorpus {
                summary: self.summary,
            });
        }
        Ok(Corpus {
            pairs: self.pairs,
            pictures: Vec::new(),
            lines: self.lines,
            last_line: self.last_line,
            summary: self.summary,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::image::{Background, Raster};
    use std::path::PathBuf;

    /// A file with these bytes in a folder that lives as long as the first value.
    pub(crate) fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn read_tsv(bytes: &[u8]) -> Result<Corpus, DataError> {
        let (_folder, path) = file("pairs.tsv", bytes);
        read(&CorpusSource::Tsv(path), &ReadOptions::default())
    }

    #[test]
    fn nothing_but_blank_lines_is_an_empty_corpus() {
        for bytes in [&b""[..], b"\n\r\n \t \n", b"\xef\xbb\xbf\n"] {
            let message = read_tsv(bytes).unwrap_err().to_string();
            assert!(message.contains("the corpus is empty"), "{message}");
        }
    }

    #[test]
    fn the_longest_pair_is_kept_and_the_next_longer_dropped() {
        let text = format!("{0}\tb\n{0}a\tb\nb\t{0}a\n", "a".repeat(10));
        let (_folder, path) = file("pairs.tsv", text.as_bytes());
        let options = ReadOptions {
            max_characters: 10,
            ..ReadOptions::default()
        };
        let corpus = read(&CorpusSource::Tsv(path), &options).unwrap();
        assert_eq!(corpus.pairs.len(), 1);
        assert_eq!((corpus.lines, corpus.last_line), (vec![1], 3));
        assert_eq!((corpus.summary.read, corpus.summary.over_long), (3, 2));
    }

    const IMAGES: ReadOptions = ReadOptions {
        max_characters: 100,
        images: Some(ImageOptions {
            height: 4,
            channels: 1,
            max_width: 9,
            background: Background::Light,
        }),
    };

    #[test]
    fn images_are_looked_for_beside_the_list() {
        let (folder, path) = file("list.tsv", b"a/1.png\tone\n\na/e\xcc\x81.png\ttwo\n");
        std::fs::create_dir(folder.path().join("a")).unwrap();
        for (name, width) in [("1", 2), ("e\u{301}", 3)] {
            let image = Raster::grey(width, 4, |_, _| 0).png();
            let path = folder.path().join(format!("a/{name}.png"));
            std::fs::write(path, image).unwrap();
        }
        let corpus = read(&CorpusSource::Tsv(path.clone()), &IMAGES).unwrap();
        let widths: Vec<usize> = corpus.pictures.iter().map(|one| one.width).collect();
        assert_eq!(widths, [2, 3]);
        assert_eq!(corpus.pairs[1].target, "two");
        std::fs::write(folder.path().join("a/1.png"), "no image").unwrap();
        let text = "\na/e\u{301}.png\tx\na/1.png\tone\n";
        std::fs::write(&path, text).unwrap();
        let message = read(&CorpusSource::Tsv(path), &IMAGES).unwrap_err();
        let message = message.to_string();
        assert!(message.contains("list.tsv:3: `a/1.png`: "), "{message}");
    }

    #[test]
    fn lists_of_images_may_have_their_texts_beside_them() {
        let (folder, _) = file("texts", b"one\n\ntwo\n");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("list"), "1.png\n\nbuiltin:digits:test:1\n").unwrap();
        let image = Raster::grey(5, 4, |_, _| 0).png();
        std::fs::write(path("1.png"), image).unwrap();
        let source = CorpusSource::Parallel {
            source: path("list"),
            target: path("texts"),
        };
        let corpus = read(&source, &IMAGES).unwrap();
        assert_eq!((corpus.pictures.len(), corpus.pictures[0].width), (2, 5));
        std::fs::remove_file(path("1.png")).unwrap();
        let message = read(&source, &IMAGES).unwrap_err().to_string();
        assert!(message.contains("list:1: "), "{message}");
    }

    #[test]
    fn built_in_corpora_are_of_text_or_of_images() {
        let text: CorpusSource = "builtin:dates:test".parse().unwrap();
        let images: CorpusSource = "builtin:digits:test".parse().unwrap();
        let message = read(&text, &IMAGES).unwrap_err().to_string();
        assert!(message.contains("holds text, but the model reads images"));
        assert!(message.contains("builtin:digits"), "{message}");
        let message = read(&images, &ReadOptions::default()).unwrap_err();
        let message = message.to_string();
        assert!(message.contains("holds images, but the model reads text"));
    }
}
