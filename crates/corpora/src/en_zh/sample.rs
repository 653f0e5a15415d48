//! Draws filled patterns, so that every word of the lexicon is shown about as often.

use super::aligned_pair::AlignedPair;
use super::lexicon::Lexicon;
use super::pattern::Pattern;
use super::realise;
use random::{Place, Purpose, Stream};

/// Candidates for a slot; the one whose words were shown least is taken.
const CANDIDATES: usize = 8;

/// A stream of filled patterns.
pub(super) struct Sampler<'c> {
    lexicon: &'c Lexicon,
    patterns: &'c [Pattern],
    /// Running sums of the patterns' weights.
    weights: Vec<f64>,
    shown: Vec<u32>,
    stream: Stream,
}

/// A pattern with what fills its slots.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    /// The pattern's place.
    pub pattern: usize,
    /// The entry of each slot.
    pub filled: Vec<usize>,
}

impl<'c> Sampler<'c> {
    /// A sampler whose draws depend on nothing but `seed`.
    pub fn new(lexicon: &'c Lexicon, patterns: &'c [Pattern], seed: u64) -> Self {
        let mut sum = 0.0;
        let weights = patterns
            .iter()
            .map(|pattern| {
                // Rich patterns are drawn more often than poor ones, but not in proportion.
                let rich = pattern.combinations().min(100_000) as f64;
                sum += if pattern.template.slots.is_empty() {
                    0.0
                } else {
                    rich.powf(0.15)
                };
                sum
            })
            .collect();
        let place = Place {
            seed,
            purpose: Purpose::Corpus,
            step: 0,
            index: 0,
        };
        Self {
            lexicon,
            patterns,
            weights,
            shown: vec![0; lexicon.words],
            stream: Stream::new(place),
        }
    }

    /// Draws a pattern and fills it; `None` where the draw had a word twice.
    pub fn draw(&mut self) -> Option<Drawn> {
        let total = self.weights.last().copied().unwrap_or_default();
        let at = f64::from(self.stream.unit()) * total;
        let pattern = self.weights.partition_point(|&sum| sum <= at);
        let chosen = self.patterns.get(pattern)?;
        let mut filled = vec![usize::MAX; chosen.template.slots.len()];
        let mut atoms: Vec<usize> = Vec::new();
        for &slot in &chosen.order {
            let domain = chosen.domain(slot, &filled)?;
            let all: u32 = domain.kinds.iter().map(|(weight, _)| weight).sum();
            let mut left = self.stream.below(all);
            let (_, entries) = domain.kinds.iter().find(|(weight, _)| {
                let here = left < *weight;
                left = left.saturating_sub(*weight);
                here
            })?;
            let bound = u32::try_from(entries.len()).unwrap_or(u32::MAX);
            let entry = (0..CANDIDATES)
                .map(|_| entries[self.stream.below(bound) as usize])
                .min_by_key(|&entry| {
                    let atoms = self.lexicon.entries[entry].atoms.iter();
                    atoms.map(|&atom| self.shown[atom]).min()
                })?;
            let new = &self.lexicon.entries[entry].atoms;
            if new.iter().any(|atom| atoms.contains(atom)) {
                return None;
            }
            atoms.extend(new);
            filled[slot] = entry;
        }
        Some(Drawn { pattern, filled })
    }

    /// Counts the words of `drawn` as shown.
    pub fn keep(&mut self, drawn: &Drawn) {
        for &entry in &drawn.filled {
            for &atom in &self.lexicon.entries[entry].atoms {
                self.shown[atom] += 1;
            }
        }
    }

    /// The sentence pair of `drawn`.
    pub fn realise(&self, drawn: &Drawn) -> AlignedPair {
        let pattern = &self.patterns[drawn.pattern];
        realise::pair(pattern.name, &pattern.template, self.lexicon, &drawn.filled)
    }

    /// Puts `items` into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.stream.shuffle(items);
    }
}
