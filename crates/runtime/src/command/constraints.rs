//! `--prefix`, `--must-contain` and `--must-not-contain`: what each translation has to keep to.

use std::path::{Path, PathBuf};

use clap::Args;
use data::corpus::read_lines;
use data::tokenizer::Tokenizer;
use search::Constraints;

use crate::error::RuntimeError;

/// Files with a line for each sentence of the input.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConstraintArgs {
    /// Begin each translation with its line of a file; an empty line asks for nothing.
    #[arg(long, value_name = "FILE")]
    prefix: Option<PathBuf>,
    /// Words that each translation must contain: a line for each sentence, phrases parted by tabs.
    #[arg(long, value_name = "FILE")]
    must_contain: Option<PathBuf>,
    /// Words that each translation must not contain: a line for each sentence, phrases parted by tabs.
    #[arg(long, value_name = "FILE")]
    must_not_contain: Option<PathBuf>,
}

/// The constraints of all sentences, if there are any.
#[derive(Debug)]
pub(crate) struct ConstraintLines {
    /// The file that a wrong number of lines is blamed on.
    file: PathBuf,
    lines: Vec<Constraints>,
}

/// How the files are used, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Prefix,
    MustContain,
    MustNotContain,
}

impl Use {
    fn option(self) -> &'static str {
        match self {
            Use::Prefix => "--prefix",
            Use::MustContain => "--must-contain",
            Use::MustNotContain => "--must-not-contain",
        }
    }
}

impl ConstraintArgs {
    /// The files that are named.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        let all = [&self.prefix, &self.must_contain, &self.must_not_contain];
        all.into_iter().flatten().map(PathBuf::as_path)
    }

    /// Reads the files with the tokenizer of the target side.
    ///
    /// # Errors
    /// Files that cannot be read or have different numbers of lines, words that the vocabulary lacks, and a phrase
    /// that is both asked for and forbidden.
    pub(crate) fn read(&self, target: &Tokenizer) -> Result<Option<ConstraintLines>, RuntimeError> {
        let mut all: Option<ConstraintLines> = None;
        for (path, how) in [
            (&self.prefix, Use::Prefix),
            (&self.must_contain, Use::MustContain),
            (&self.must_not_contain, Use::MustNotContain),
        ] {
            let Some(path) = path else { continue };
            let lines = read_lines(path)?;
            let whole = all.get_or_insert_with(|| ConstraintLines {
                file: path.clone(),
                lines: vec![Constraints::default(); lines.len()],
            });
            if whole.lines.len() != lines.len() {
                return Err(RuntimeError::Usage(format!(
                    "`{}` has {} lines, `{}` has {}: each must have a line for each sentence",
                    whole.file.display(),
                    whole.lines.len(),
                    path.display(),
                    lines.len(),
                )));
            }
            for (number, (text, constraints)) in lines.iter().zip(&mut whole.lines).enumerate() {
                let place = format!("{}:{}", path.display(), number + 1);
                add(constraints, text, how, target, &place)?;
            }
        }
        Ok(all)
    }
}

/// Adds a line of a file.
fn add(
    constraints: &mut Constraints,
    text: &str,
    how: Use,
    target: &Tokenizer,
    place: &str,
) -> Result<(), RuntimeError> {
    let phrases = match how {
        Use::Prefix => vec![text],
        _ => text.split('\t').collect(),
    };
    for phrase in phrases.into_iter().map(str::trim) {
        if phrase.is_empty() {
            continue;
        }
        let encoding = target.encode(phrase)?;
        if how == Use::MustNotContain {
            // What the vocabulary lacks is never said.
            if encoding.unknown.is_empty() {
                constraints.forbidden.push(encoding.ids);
            }
        } else if let Some(word) = encoding.unknown.first() {
            return Err(RuntimeError::Usage(format!(
                "{place}: the target vocabulary has no `{word}`, so no translation can contain it; leave it out of \
                 `{}`",
                how.option()
            )));
        } else if how == Use::Prefix {
            constraints.prefix = encoding.ids;
        } else {
            constraints.required.push(encoding.ids);
        }
    }
    let within = |long: &[u32], short: &[u32]| {
        !short.is_empty() && long.windows(short.len()).any(|part| part == short)
    };
    for forbidden in &constraints.forbidden {
        let mut required = constraints.required.iter();
        let asked = if within(&constraints.prefix, forbidden) {
            Some("the prefix")
        } else if required.any(|one| within(one, forbidden)) {
            Some("what must be contained")
        } else {
            None
        };
        if let Some(asked) = asked {
            let shown = forbidden.iter().filter_map(|&id| target.shown(id));
            let words: Vec<String> = shown.collect();
            return Err(RuntimeError::Usage(format!(
                "{place}: `{}` must not be contained, but is a part of {asked}",
                words.join(" ")
            )));
        }
    }
    Ok(())
}

impl ConstraintLines {
    /// The constraints of `count` sentences from number `first` on.
    ///
    /// # Errors
    /// When the files have fewer lines.
    pub(crate) fn of(&self, first: usize, count: usize) -> Result<&[Constraints], RuntimeError> {
        self.lines.get(first..first + count).ok_or_else(|| {
            RuntimeError::Usage(format!(
                "`{}` has {} lines, but the input has more: it must have one for each sentence, an empty one for none",
                self.file.display(),
                self.lines.len()
            ))
        })
    }

    /// Refuses files with more lines than the input's `count`.
    pub(crate) fn finish(&self, count: usize) -> Result<(), RuntimeError> {
        if self.lines.len() <= count {
            return Ok(());
        }
        Err(RuntimeError::Usage(format!(
            "`{}` has {} lines, but the input only {count}: it must have one for each sentence",
            self.file.display(),
            self.lines.len()
        )))
    }
}
