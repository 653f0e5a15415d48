//! What a corpus has of the one that is learned from.

use std::collections::{HashMap, HashSet};

use data::corpus::Corpus;
use serde::Serialize;

use super::side::words;

/// Sizes of vocabularies for which unknown words are counted; the last stands for all words.
const SIZES: [usize; 5] = [1_000, 4_000, 16_000, 64_000, usize::MAX];

/// Shares of words that a vocabulary of the most frequent words of the training corpus lacks.
#[derive(Debug, Serialize)]
pub(super) struct Unknown {
    /// Words of the vocabulary, at most.
    size: usize,
    pub source: f64,
    target: f64,
}

/// What both have.
#[derive(Debug, Serialize)]
pub(super) struct Overlap {
    /// Pairs that training has too.
    pub pairs: usize,
    pub sources: usize,
    pub targets: usize,
    all: usize,
    /// By the size of a vocabulary, as far as the training corpus has words for it.
    pub unknown: Vec<Unknown>,
}

/// The words of some texts, the most frequent first.
fn ranked<'a>(texts: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    texts
        .flat_map(words)
        .for_each(|word| *counts.entry(word).or_default() += 1);
    let mut all: Vec<(&str, usize)> = counts.into_iter().collect();
    all.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
    all.into_iter()
        .enumerate()
        .map(|(rank, (word, _))| (word, rank))
        .collect()
}

impl Overlap {
    pub fn of(train: &Corpus, corpus: &Corpus) -> Self {
        let sources: HashSet<&str> = train
            .pairs
            .iter()
            .map(|pair| pair.source.as_str())
            .collect();
        let targets: HashSet<&str> = train
            .pairs
            .iter()
            .map(|pair| pair.target.as_str())
            .collect();
        let pairs: HashSet<_> = train
            .pairs
            .iter()
            .map(|pair| (&pair.source, &pair.target))
            .collect();
        let count = |seen: &dyn Fn(&data::corpus::Pair) -> bool| {
            corpus.pairs.iter().filter(|pair| seen(pair)).count()
        };
        let ranks = [
            ranked(train.pairs.iter().map(|pair| pair.source.as_str())),
            ranked(train.pairs.iter().map(|pair| pair.target.as_str())),
        ];
        let of_side = |side: usize, size: usize| {
            let texts = corpus
                .pairs
                .iter()
                .map(|pair| [pair.source.as_str(), &pair.target][side]);
            let (mut unknown, mut all) = (0, 0);
            for word in texts.flat_map(words) {
                unknown += usize::from(ranks[side].get(word).is_none_or(|&rank| rank >= size));
                all += 1;
            }
            unknown as f64 / f64::from(all.max(1))
        };
        let largest = ranks.iter().map(HashMap::len).max().unwrap_or(0);
        let mut sizes: Vec<usize> = SIZES.into_iter().filter(|&size| size < largest).collect();
        sizes.push(usize::MAX);
        Self {
            pairs: count(&|pair| pairs.contains(&(&pair.source, &pair.target))),
            sources: count(&|pair| sources.contains(pair.source.as_str())),
            targets: count(&|pair| targets.contains(pair.target.as_str())),
            all: corpus.pairs.len(),
            unknown: sizes
                .into_iter()
                .map(|size| Unknown {
                    size: size.min(largest),
                    source: of_side(0, size),
                    target: of_side(1, size),
                })
                .collect(),
        }
    }

    pub fn lines(&self) -> Vec<String> {
        let share = |count: usize| {
            let percent = 100.0 * count as f64 / self.all.max(1) as f64;
            format!("{count} ({percent:.1}%)")
        };
        let mut lines = vec![format!(
            "  also in the first corpus: pairs {}, sources {}, targets {}",
            share(self.pairs),
            share(self.sources),
            share(self.targets)
        )];
        lines.extend(self.unknown.iter().map(|unknown| {
            format!(
                "  unknown to its {} most frequent words: {:.2}% of the source's, {:.2}% of the target's",
                unknown.size,
                100.0 * unknown.source,
                100.0 * unknown.target
            )
        }));
        lines
    }
}
