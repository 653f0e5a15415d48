//! Hands on the pairs that the readers of the formats find, and counts the others.

use std::path::{Path, PathBuf};

use super::lines::Lines;
use super::{
    Content, Contents, CorpusSource, Features, LONGEST_LINE, OneSided, Pair, ReadOptions, Side,
    Summary, Totals,
};
use crate::error::DataError;

/// Lines after which it is asked whether to go on.
const LINES_BETWEEN: usize = 4_096;
/// UTF-8 spends at most this many bytes on a character.
const BYTES_PER_CHARACTER: usize = 4;
/// Room for what is not counted: further columns, white space at the ends.
const SLACK: usize = 16 * 1024;

/// Contents of a line, or of a line of each of two parallel files.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row<'a> {
    pub(super) source: &'a str,
    pub(super) target: &'a str,
    pub(super) features: Option<&'a str>,
    /// False where a TSV line had one column only.
    pub(super) tab: bool,
}

/// Takes what the readers of the formats find.
pub(super) struct Collector<'a> {
    pub(super) options: &'a ReadOptions,
    go_on: &'a (dyn Fn() -> bool + Sync),
    /// Takes each pair with its line.
    taker: &'a mut dyn FnMut(Pair, usize),
    last_line: usize,
    summary: Summary,
    contents: Contents,
    /// The files of source and target, as messages call them.
    paths: [PathBuf; 2],
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        source: &CorpusSource,
        options: &'a ReadOptions,
        go_on: &'a (dyn Fn() -> bool + Sync),
        taker: &'a mut dyn FnMut(Pair, usize),
    ) -> Self {
        let name = source.to_string();
        Self {
            options,
            go_on,
            taker,
            last_line: 0,
            paths: [PathBuf::from(&name), PathBuf::from(&name)],
            summary: Summary::new(name, options.max_characters),
            contents: Contents::default(),
        }
    }

    /// Opens a file whose lines have room for `sides` texts.
    pub(super) fn open(&self, path: &Path, sides: usize) -> Result<Lines, DataError> {
        let of_side = match self.options.keep_all {
            true => LONGEST_LINE,
            false => {
                let characters = self.options.max_characters.saturating_add(1);
                characters.saturating_mul(BYTES_PER_CHARACTER)
            }
        };
        let limit = of_side.saturating_mul(sides).saturating_add(SLACK);
        match self.options.regular_only {
            true => Lines::open_regular(path, limit),
            false => Lines::open(path, limit),
        }
    }

    /// Says what messages call the files of source and target.
    pub(super) fn name_files(&mut self, source: &Path, target: &Path) {
        self.paths = [source.to_owned(), target.to_owned()];
    }

    /// Takes over what a file has told by its end.
    pub(super) fn end(&mut self, lines: &Lines) {
        self.contents.texts.push(lines.content());
        self.summary.stray_returns += lines.stray_returns();
        self.summary.ends_in_returns |= lines.ends_in_returns();
    }

    /// Whether every line is a pair.
    pub(super) fn keeps_all(&self) -> bool {
        self.options.keep_all
    }

    fn path(&self, side: Side) -> PathBuf {
        self.paths[match side {
            Side::Source => 0,
            Side::Target => 1,
        }]
        .clone()
    }

    /// Counts a line; ends where nobody wants to go on.
    fn count(&mut self) -> Result<(), DataError> {
        if self.summary.read.is_multiple_of(LINES_BETWEEN) {
            self.check_stopped()?;
        }
        self.summary.read += 1;
        Ok(())
    }

    pub(super) fn check_stopped(&self) -> Result<(), DataError> {
        match (self.go_on)() {
            true => Ok(()),
            false => Err(DataError::Stopped {
                path: self.paths[0].clone(),
                lines: self.summary.read,
            }),
        }
    }

    /// Counts a blank line.
    pub(super) fn blank(&mut self) -> Result<(), DataError> {
        self.count()?;
        match self.keeps_all() {
            true => self.keep(Pair::default()),
            false => self.summary.empty += 1,
        }
        Ok(())
    }

    /// Counts a pair of which `side` was too long to be looked at; the line has so many bytes.
    pub(super) fn over_long(&mut self, side: Side, bytes: u64) -> Result<(), DataError> {
        self.count()?;
        self.last_line = self.summary.read;
        if self.keeps_all() {
            return Err(self.too_long(side, bytes));
        }
        self.summary.over_long += 1;
        Ok(())
    }

    fn too_long(&self, side: Side, bytes: u64) -> DataError {
        DataError::LongLine {
            path: self.path(side),
            line: self.summary.read,
            bytes,
            most: LONGEST_LINE,
        }
    }

    /// Keeps a pair unless it is too long.
    pub(super) fn take(&mut self, row: Row<'_>) -> Result<(), DataError> {
        let (source, target) = (row.source.trim(), row.target.trim());
        let empty = match (source.is_empty(), target.is_empty()) {
            (true, true) => return self.blank(),
            (true, false) => Some(Side::Source),
            (false, true) => Some(Side::Target),
            (false, false) => None,
        };
        self.count()?;
        self.last_line = self.summary.read;
        let pair = || Pair {
            features: row.features.and_then(Features::new),
            ..Pair::new(source, target)
        };
        if self.keeps_all() {
            for (side, text) in [(Side::Source, source), (Side::Target, target)] {
                if text.len() > LONGEST_LINE {
                    return Err(self.too_long(side, text.len() as u64));
                }
            }
            self.keep(pair());
            return Ok(());
        }
        let fits = |text: &str| text.chars().nth(self.options.max_characters).is_none();
        match (empty, self.options.one_sided) {
            (Some(side), OneSided::Refuse) => {
                return Err(DataError::OneSided {
                    path: self.path(side),
                    line: self.summary.read,
                    side,
                    tab: row.tab,
                });
            }
            (Some(_), OneSided::Skip) => self.summary.one_sided += 1,
            (None, _) => match fits(source) && fits(target) && row.features.is_none_or(fits) {
                true => self.keep(pair()),
                false => self.summary.over_long += 1,
            },
        }
        Ok(())
    }

    /// The pairs of a built-in corpus.
    pub(super) fn take_all(&mut self, pairs: &[corpora::Pair]) -> Result<(), DataError> {
        self.contents.texts.push(Content::of_pairs(pairs));
        pairs.iter().try_for_each(|pair| {
            self.take(Row {
                source: &pair.source,
                target: &pair.target,
                features: None,
                tab: true,
            })
        })
    }

    fn keep(&mut self, pair: Pair) {
        self.summary.kept += 1;
        (self.taker)(pair, self.summary.read);
    }

    /// Returns what was seen of the corpus, or an error if it has no pairs.
    pub(super) fn finish(self) -> Result<Totals, DataError> {
        if self.summary.kept == 0 {
            return Err(DataError::EmptyCorpus {
                summary: self.summary,
            });
        }
        Ok(Totals {
            last_line: self.last_line,
            summary: self.summary,
            contents: self.contents,
        })
    }
}
