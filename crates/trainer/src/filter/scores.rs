//! By the scores that models have given the pairs.

use std::path::{Path, PathBuf};

use data::corpus::{Lines, Origin};

use super::{Filter, Text};
use crate::config::FilterConfig;

/// Bytes of a line of scores; `attune score --tokens` writes long ones.
const LONGEST: usize = 1 << 20;

pub(super) struct Scores {
    /// Of the target given the source, and of the source given the target.
    files: Vec<ScoreFile>,
    least: f64,
    failure: Option<String>,
}

/// A number for each line of the corpus.
struct ScoreFile {
    path: PathBuf,
    lines: Lines,
    /// Lines that were read.
    read: usize,
}

impl Scores {
    pub(super) fn of(config: &FilterConfig) -> Result<Option<Box<dyn Filter>>, String> {
        let files = config.scores.iter().chain(&config.reverse_scores);
        let files: Vec<ScoreFile> = files
            .map(|path| ScoreFile::open(path))
            .collect::<Result<_, _>>()?;
        let Some(least) = config.min_score.filter(|_| !files.is_empty()) else {
            return Ok(None);
        };
        let failure = None;
        Ok(Some(Box::new(Self {
            files,
            least,
            failure,
        })))
    }

    /// The score of the pair in a line: that of one model, or the agreement of two (dual conditional cross-entropy,
    /// Junczys-Dowmunt 2018, equation 3, without the exponential).
    fn score(&mut self, line: usize) -> Result<f64, String> {
        let scores: Vec<f64> = self
            .files
            .iter_mut()
            .map(|file| file.score(line))
            .collect::<Result<_, _>>()?;
        Ok(match scores[..] {
            [forward, reverse] => (forward + reverse) / 2.0 - (forward - reverse).abs(),
            _ => scores.iter().sum(),
        })
    }
}

impl ScoreFile {
    fn open(path: &Path) -> Result<Self, String> {
        let lines = Lines::open_regular(path, LONGEST).map_err(|error| error.to_string())?;
        Ok(Self {
            path: path.to_owned(),
            lines,
            read: 0,
        })
    }

    /// The score in `line`, from 1. Lines are asked for in their order.
    fn score(&mut self, line: usize) -> Result<f64, String> {
        let path = self.path.display().to_string();
        loop {
            let next = self.lines.next_line().map_err(|error| error.to_string())?;
            let Some(next) = next else {
                return Err(unlike(
                    &path,
                    self.read,
                    &format!("a pair stands in its line {line}"),
                ));
            };
            self.read += 1;
            if self.read < line {
                continue;
            }
            let text = next.text.split('\t').next().unwrap_or_default().trim();
            let score = text.parse::<f64>().ok().filter(|score| !score.is_nan());
            return score.ok_or_else(|| {
                format!(
                    "{path}:{line}: `{}` is no score: each line has a number",
                    super::shown(text)
                )
            });
        }
    }
}

impl ScoreFile {
    /// Refuses a file of more lines than the corpus has.
    fn end(&mut self, lines: usize) -> Result<(), String> {
        while self
            .lines
            .next_line()
            .map_err(|error| error.to_string())?
            .is_some()
        {
            self.read += 1;
        }
        match self.read == lines {
            true => Ok(()),
            false => Err(unlike(
                &self.path.display().to_string(),
                self.read,
                &format!("it has {lines}"),
            )),
        }
    }
}

/// Scores of another corpus.
fn unlike(path: &str, read: usize, corpus: &str) -> String {
    format!(
        "`{path}` has {read} lines, and of the corpus {corpus}: scores belong to the lines of the corpus they were made of, as \
         `attune score` writes them"
    )
}

impl Filter for Scores {
    fn reason(&self) -> String {
        let names: Vec<String> = self
            .files
            .iter()
            .map(|file| file.path.display().to_string())
            .collect();
        format!("a score below {} by {}", self.least, names.join(" and "))
    }

    fn keeps(&mut self, _: &Text<'_>, origin: Origin) -> bool {
        if self.failure.is_some() {
            return false;
        }
        match self.score(origin.line) {
            Ok(score) => score >= self.least,
            Err(failure) => {
                self.failure = Some(failure);
                false
            }
        }
    }

    fn failure(&mut self, lines: usize) -> Option<String> {
        let mut files = self.files.iter_mut();
        let failure = self.failure.take();
        failure.or_else(|| files.find_map(|file| file.end(lines).err()))
    }
}
