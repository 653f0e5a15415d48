//! Divides generated pairs into the four splits.
//!
//! The splits are disjoint on both sides. Some combinations of a word and a pattern, chosen by a
//! hash of their names, are held out of training, validation and test; every pair of the unseen
//! split has one of them.

use super::aligned_pair::AlignedPair;
use super::lexicon::Lexicon;
use super::mistake::FileError;
use super::pattern::{self, Pattern};
use super::sample::{Drawn, Sampler};
use super::text::source_tokens;
use crate::Split;
use std::collections::{BTreeMap, HashMap, HashSet};

const SEED: u64 = 20_140_901;
/// One in so many combinations of an open-class word and a pattern is held out.
const HELD_OUT_ONE_IN: u64 = 28;
/// A word is held out of a pattern only if it is at home in at least so many.
const HOMES: usize = 5;
/// A sentence is for evaluation only if training may show each of its tokens about so often.
const SHOWN: usize = 10;
/// Greetings and set phrases are said so often: one sight of "How are you?" beside thousands of other
/// questions would not teach it.
const PHRASE_TIMES: usize = 8;
/// Draws are given up after so many tries for each pair wanted: the patterns are exhausted.
const TRIES: usize = 100;

/// The classes whose words may be held out.
const OPEN: [&str; 6] = [
    "countable",
    "mass",
    "verb",
    "activity",
    "adjective",
    "place",
];

/// How many pairs a split has.
pub const fn size(split: Split) -> usize {
    match split {
        Split::Train => 32_000,
        Split::Valid => 800,
        Split::Test => 1_000,
        Split::Unseen => 800,
    }
}

/// The lexicon and the patterns, read.
#[derive(Debug)]
pub(super) struct Grammar {
    /// Words and phrases.
    pub lexicon: Lexicon,
    /// Sentence patterns.
    pub patterns: Vec<Pattern>,
    /// For each pattern, the words held out of it.
    held_out: Vec<HashSet<usize>>,
}

impl Grammar {
    /// Reads the embedded files.
    pub fn load() -> Result<Self, FileError> {
        let lexicon = Lexicon::load()?;
        let patterns = pattern::load(&lexicon)?;
        let words: Vec<_> = patterns.iter().map(|p| p.atoms(&lexicon)).collect();
        let mut homes = vec![0usize; lexicon.words];
        for &atom in words.iter().flatten() {
            homes[atom] += 1;
        }
        let open = |atom: &usize| OPEN.iter().any(|class| lexicon.entries[*atom].is(class));
        let held_out = patterns
            .iter()
            .zip(&words)
            .map(|(pattern, words)| {
                let candidates = words.iter().copied().filter(open);
                let candidates = candidates.filter(|&atom| homes[atom] >= HOMES);
                candidates
                    .filter(|&atom| is_held_out(pattern.name, &lexicon.entries[atom].key))
                    .collect()
            })
            .collect();
        Ok(Self {
            lexicon,
            patterns,
            held_out,
        })
    }

    /// Whether `drawn` has a word in a pattern where training never shows it.
    pub fn has_held_out(&self, drawn: &Drawn) -> bool {
        let held_out = &self.held_out[drawn.pattern];
        let mut entries = drawn
            .filled
            .iter()
            .map(|&entry| &self.lexicon.entries[entry]);
        entries.any(|entry| entry.atoms.iter().any(|atom| held_out.contains(atom)))
    }
}

/// FNV-1a, so that the choice never changes with the compiler or its library.
fn is_held_out(pattern: &str, word: &str) -> bool {
    let bytes = pattern.bytes().chain([0]).chain(word.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 16).is_multiple_of(HELD_OUT_ONE_IN)
}

/// How often each English token and each Chinese character occurs.
#[derive(Debug, Default)]
pub(super) struct Counts {
    english: HashMap<String, usize>,
    chinese: HashMap<char, usize>,
}

impl Counts {
    /// Counts the tokens of `pairs`.
    pub fn new<'p>(pairs: impl IntoIterator<Item = &'p AlignedPair>) -> Self {
        let mut counts = Self::default();
        for pair in pairs {
            for token in source_tokens(&pair.source) {
                *counts.english.entry(token).or_default() += 1;
            }
            for character in pair.target.chars() {
                *counts.chinese.entry(character).or_default() += 1;
            }
        }
        counts
    }

    /// The least count of any token of `pair`.
    pub fn rarest(&self, pair: &AlignedPair) -> usize {
        let tokens = source_tokens(&pair.source);
        let english = tokens.iter().map(|token| self.english.get(token));
        let chinese = pair.target.chars().map(|c| self.chinese.get(&c));
        english
            .chain(chinese)
            .map(|n| n.copied().unwrap_or(0))
            .min()
            .unwrap_or(0)
    }
}

/// Makes all splits.
pub(super) fn build(grammar: &Grammar) -> BTreeMap<Split, Vec<AlignedPair>> {
    let mut sampler = Sampler::new(&grammar.lexicon, &grammar.patterns, SEED);
    let mut seen = Seen::default();
    let fixed = grammar
        .patterns
        .iter()
        .enumerate()
        .filter(|(_, p)| p.template.slots.is_empty());
    let mut train: Vec<AlignedPair> = fixed
        .map(|(pattern, _)| {
            sampler.realise(&Drawn {
                pattern,
                filled: Vec::new(),
            })
        })
        .filter(|pair| seen.add(pair))
        .collect();

    let phrases = train.clone();
    train.extend((1..PHRASE_TIMES).flat_map(|_| phrases.iter().cloned()));

    let shared = [Split::Train, Split::Valid, Split::Test]
        .map(size)
        .iter()
        .sum::<usize>();
    let wanted = shared - train.len();
    let mut pool = Vec::with_capacity(wanted);
    for _ in 0..wanted * TRIES {
        if pool.len() == wanted {
            break;
        }
        let Some(drawn) = sampler.draw().filter(|drawn| !grammar.has_held_out(drawn)) else {
            continue;
        };
        let pair = sampler.realise(&drawn);
        if seen.add(&pair) {
            sampler.keep(&drawn);
            pool.push(pair);
        }
    }
    let counts = Counts::new(&pool);
    let (mut test, mut valid) = (Vec::new(), Vec::new());
    sampler.shuffle(&mut pool);
    for pair in pool {
        let common = counts.rarest(&pair) >= SHOWN;
        if common && test.len() < size(Split::Test) {
            test.push(pair);
        } else if common && valid.len() < size(Split::Valid) {
            valid.push(pair);
        } else {
            train.push(pair);
        }
    }
    sampler.shuffle(&mut train);

    let counts = Counts::new(&train);
    let mut unseen = Vec::new();
    for _ in 0..size(Split::Unseen) * TRIES {
        if unseen.len() == size(Split::Unseen) {
            break;
        }
        let Some(drawn) = sampler.draw().filter(|drawn| grammar.has_held_out(drawn)) else {
            continue;
        };
        let pair = sampler.realise(&drawn);
        if counts.rarest(&pair) >= SHOWN / 2 && seen.add(&pair) {
            sampler.keep(&drawn);
            unseen.push(pair);
        }
    }
    BTreeMap::from([
        (Split::Train, train),
        (Split::Valid, valid),
        (Split::Test, test),
        (Split::Unseen, unseen),
    ])
}

/// Sentences that were used, on either side.
#[derive(Debug, Default)]
struct Seen {
    sources: HashSet<String>,
    targets: HashSet<String>,
}

impl Seen {
    /// Whether both sides of `pair` are new; then they are so no more.
    fn add(&mut self, pair: &AlignedPair) -> bool {
        let new = !self.sources.contains(&pair.source) && !self.targets.contains(&pair.target);
        if new {
            self.sources.insert(pair.source.clone());
            self.targets.insert(pair.target.clone());
        }
        new
    }
}
