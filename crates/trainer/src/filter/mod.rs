//! Filters of the training pairs, as `[data.filter]` asks for them. Each has a file of its own; a pair is dropped by the
//! first that refuses it, which counts it and keeps a few as examples.

mod equal;
mod language;
mod letters;
mod pattern;
mod ratio;
mod repeated;
mod scores;
mod script;
mod word_length;
mod words;

use data::DataError;
use data::corpus::{Content, Contents, Corpus, Origin, Pair, content};

use crate::config::FilterConfig;

/// How many dropped pairs of each filter are shown.
const EXAMPLES: usize = 2;
/// Characters of a side that are shown.
const SHOWN: usize = 60;

/// A reason to drop a pair.
trait Filter {
    /// The reason, as in "12 pairs dropped: {reason}".
    fn reason(&self) -> String;

    /// Whether the pair that stands at `origin` stays.
    fn keeps(&mut self, text: &Text<'_>, origin: Origin) -> bool;

    /// What went wrong on the way, if anything did; the corpus had so many `lines`.
    fn failure(&mut self, _lines: usize) -> Option<String> {
        None
    }
}

/// What filters see of a pair: its text without features.
#[derive(Clone, Copy)]
struct Text<'a> {
    /// Nothing where sources are images.
    source: Option<&'a str>,
    target: &'a str,
}

impl<'a> Text<'a> {
    fn of(pair: &'a Pair, has_images: bool) -> Self {
        let source = match &pair.features {
            Some(_) => pair.source.split('\t').next().unwrap_or_default(),
            None => &pair.source,
        };
        Self {
            source: (!has_images).then_some(source),
            target: &pair.target,
        }
    }

    /// The sides that are text.
    fn sides(self) -> impl Iterator<Item = &'a str> {
        self.source.into_iter().chain([self.target])
    }
}

/// Pairs that a filter has dropped.
#[derive(Default)]
struct Dropped {
    count: usize,
    /// The first of them, each as a line.
    examples: Vec<String>,
}

/// The filters that a config asks for, and what they have done so far.
pub struct Filters {
    all: Vec<Box<dyn Filter>>,
    /// Of each filter.
    dropped: Vec<Dropped>,
    read: usize,
}

impl Filters {
    /// Nothing is dropped yet.
    ///
    /// # Errors
    /// A script, a language or an expression that is none, in words.
    pub fn new(config: &FilterConfig) -> Result<Self, String> {
        let all: [Option<Box<dyn Filter>>; 10] = [
            words::Words::of(config),
            ratio::Ratio::of(config),
            word_length::WordLength::of(config),
            equal::Equal::of(config),
            letters::Letters::of(config),
            script::Scripts::of(config)?,
            pattern::Pattern::of(config)?,
            scores::Scores::of(config)?,
            language::Languages::of(config)?,
            // Last, so that a pair that another filter drops is no first occurrence.
            repeated::Seen::of(config),
        ];
        let all: Vec<_> = all.into_iter().flatten().collect();
        Ok(Self {
            dropped: all.iter().map(|_| Dropped::default()).collect(),
            all,
            read: 0,
        })
    }

    /// Whether the pair that stands at `origin` stays; counts it if it does not.
    pub fn keeps(&mut self, pair: &Pair, origin: Origin, has_images: bool) -> bool {
        self.read += 1;
        let text = Text::of(pair, has_images);
        let refusing = self
            .all
            .iter_mut()
            .position(|filter| !filter.keeps(&text, origin));
        let Some(filter) = refusing else {
            return true;
        };
        let dropped = &mut self.dropped[filter];
        dropped.count += 1;
        if dropped.examples.len() < EXAMPLES {
            let [source, target] = [&pair.source, &pair.target].map(|side| shown(side));
            let Origin { part, line } = origin;
            let place = match part {
                0 => format!("line {line}"),
                later => format!("corpus {}, line {line}", later + 1),
            };
            let example = format!("    {place}: {source} | {target}");
            dropped.examples.push(example);
        }
        false
    }

    /// Lines that say how many pairs were dropped of a corpus of so many `lines`, why, and which for example; none without
    /// filters.
    ///
    /// # Errors
    /// When nothing is left, or something went wrong on the way, in words.
    pub fn report(&mut self, lines: usize) -> Result<Vec<String>, String> {
        if self.all.is_empty() {
            return Ok(Vec::new());
        }
        let mut filters = self.all.iter_mut();
        if let Some(failure) = filters.find_map(|filter| filter.failure(lines)) {
            return Err(failure);
        }
        let read = self.read;
        let kept = read - self.dropped.iter().map(|one| one.count).sum::<usize>();
        let each = self.all.iter().zip(&self.dropped);
        let reasons: Vec<String> = each
            .map(|(filter, dropped)| format!("{} dropped: {}", dropped.count, filter.reason()))
            .collect();
        if kept == 0 && read > 0 {
            return Err(format!(
                "`[data.filter]` leaves none of {read} training pairs; of these {}",
                reasons.join("; ")
            ));
        }
        let mut said = vec![format!("filters kept {kept} of {read} training pairs")];
        for (reason, dropped) in reasons.iter().zip(&self.dropped) {
            said.push(format!("  {reason}"));
            said.extend(dropped.examples.iter().cloned());
        }
        Ok(said)
    }
}

/// What the files of scores hold, if there are any.
///
/// # Errors
/// A file that cannot be read.
pub fn score_contents(config: &FilterConfig) -> Result<Option<Contents>, DataError> {
    let files = config.scores.iter().chain(&config.reverse_scores);
    let texts: Vec<Content> = files.map(|path| content(path)).collect::<Result<_, _>>()?;
    let images = None;
    Ok((!texts.is_empty()).then_some(Contents { texts, images }))
}

/// Whether all that `config` names is known.
///
/// # Errors
/// Those of [`Filters::new`].
pub fn check(config: &FilterConfig) -> Result<(), String> {
    Filters::new(config).map(drop)
}

/// Drops pairs from `corpus`; returns lines that say how many, why, and which for example.
///
/// # Errors
/// Those of [`Filters::new`] and [`Filters::report`].
pub fn apply(config: &FilterConfig, corpus: &mut Corpus) -> Result<Vec<String>, String> {
    let mut filters = Filters::new(config)?;
    let has_images = !corpus.pictures.is_empty();
    let numbered = corpus.pairs.iter().enumerate();
    let keep: Vec<bool> = numbered
        .map(|(place, pair)| {
            let origin = Origin {
                part: corpus.ends.partition_point(|&end| end <= place),
                line: corpus.lines.get(place).copied().unwrap_or(place + 1),
            };
            filters.keeps(pair, origin, has_images)
        })
        .collect();
    let said = filters.report(corpus.summary.read)?;
    let left = |end: &usize| keep[..*end].iter().filter(|keeps| **keeps).count();
    corpus.ends = corpus.ends.iter().map(left).collect();
    retain(&mut corpus.pairs, &keep);
    retain(&mut corpus.pictures, &keep);
    retain(&mut corpus.lines, &keep);
    Ok(said)
}

/// Keeps what `keep` says; a list that is empty stays so.
fn retain<T>(values: &mut Vec<T>, keep: &[bool]) {
    let mut flags = keep.iter();
    values.retain(|_| *flags.next().unwrap_or(&true));
}

/// The beginning of a text, fit for one line of a terminal.
fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
