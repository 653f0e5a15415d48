//! Filters of the training pairs, as `[data.filter]` asks for them. Each has a file of its own; a pair is dropped by the
//! first that refuses it, which counts it and keeps a few as examples.

mod equal;
mod language;
mod letters;
mod pattern;
mod ratio;
mod repeated;
mod script;
mod word_length;
mod words;

use data::corpus::{Corpus, Pair};

use crate::config::FilterConfig;

/// How many dropped pairs of each filter are shown.
const EXAMPLES: usize = 2;
/// Characters of a side that are shown.
const SHOWN: usize = 60;

/// A reason to drop a pair.
trait Filter {
    /// The reason, as in "12 pairs dropped: {reason}".
    fn reason(&self) -> String;

    /// Whether the pair stays.
    fn keeps(&mut self, text: &Text<'_>) -> bool;
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

/// The filters that `config` asks for.
fn filters(config: &FilterConfig) -> Result<Vec<Box<dyn Filter>>, String> {
    let all: [Option<Box<dyn Filter>>; 9] = [
        words::Words::of(config),
        ratio::Ratio::of(config),
        word_length::WordLength::of(config),
        equal::Equal::of(config),
        letters::Letters::of(config),
        script::Scripts::of(config)?,
        pattern::Pattern::of(config)?,
        language::Languages::of(config)?,
        // Last, so that a pair that another filter drops is no first occurrence.
        repeated::Seen::of(config),
    ];
    Ok(all.into_iter().flatten().collect())
}

/// Whether all that `config` names is known.
///
/// # Errors
/// A script, a language or an expression that is none, in words.
pub fn check(config: &FilterConfig) -> Result<(), String> {
    filters(config).map(drop)
}

/// Drops pairs from `corpus`; returns lines that say how many, why, and which for example.
///
/// # Errors
/// Those of [`check`].
pub fn apply(config: &FilterConfig, corpus: &mut Corpus) -> Result<Vec<String>, String> {
    let mut filters = filters(config)?;
    if filters.is_empty() {
        return Ok(Vec::new());
    }
    let mut dropped: Vec<Vec<usize>> = filters.iter().map(|_| Vec::new()).collect();
    let mut kept = Vec::with_capacity(corpus.pairs.len());
    let has_images = !corpus.pictures.is_empty();
    for (place, pair) in corpus.pairs.iter().enumerate() {
        let text = Text::of(pair, has_images);
        match filters.iter_mut().position(|filter| !filter.keeps(&text)) {
            Some(filter) => dropped[filter].push(place),
            None => kept.push(place),
        }
    }
    let read = corpus.pairs.len();
    let mut said = vec![format!(
        "filters kept {} of {read} training pairs",
        kept.len()
    )];
    for (filter, dropped) in filters.iter().zip(&dropped) {
        said.push(format!("  {} dropped: {}", dropped.len(), filter.reason()));
        let examples = if kept.is_empty() { 0 } else { EXAMPLES };
        for &place in dropped.iter().take(examples) {
            let pair = &corpus.pairs[place];
            let line = corpus.lines.get(place).copied().unwrap_or(place + 1);
            said.push(format!(
                "    line {line}: {} | {}",
                shown(&pair.source),
                shown(&pair.target)
            ));
        }
    }
    if kept.is_empty() && read > 0 {
        let reasons: Vec<&str> = said.iter().skip(1).map(|line| line.trim()).collect();
        return Err(format!(
            "`[data.filter]` leaves none of {read} training pairs; of these {}",
            reasons.join("; ")
        ));
    }
    let mut keep = vec![false; read];
    kept.iter().for_each(|&place| keep[place] = true);
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
