//! The built-in corpus `builtin:en-zh`: everyday English and Simplified Chinese sentence pairs.
//!
//! A lexicon (`lexicon/*.tsv`) with semantic classes and sentence patterns with typed slots
//! (`patterns/*.txt`) generate the pairs. Each English sentence has one translation, and the two
//! sides share no sentence between splits.
//!
//! Alignments are known by construction. A content word is linked to every character of its
//! translation, a number or an article to the numeral with its measure word, a preposition to the
//! words around the place, the final mark to the final mark. English articles and `do`, Chinese
//! 了, 的, 吗 and other words that have no counterpart are linked to nothing.
//!
//! Word choice: no contractions but those of `not` (`don't`); an older and a younger brother are
//! told apart; numbers are Chinese numerals throughout.

mod aligned_pair;
mod article;
mod auxiliary;
mod class;
mod entry;
mod lexicon;
mod loader;
mod mistake;
mod number;
mod pattern;
mod phrase;
mod realise;
mod rows;
mod sample;
mod split;
mod tables;
mod template;
mod text;

#[cfg(test)]
mod tests;

use super::Split;
use split::Grammar;
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use aligned_pair::AlignedPair;
pub use split::size;
pub use text::{source_spans, source_tokens};

/// The pairs of one split, always the same.
pub fn pairs(split: Split) -> Vec<AlignedPair> {
    static SPLITS: OnceLock<BTreeMap<Split, Vec<AlignedPair>>> = OnceLock::new();
    let splits = SPLITS.get_or_init(|| split::build(grammar()));
    splits.get(&split).cloned().unwrap_or_default()
}

/// How many English-Chinese entries the lexicon has.
pub fn lexicon_size() -> usize {
    grammar().lexicon.words
}

/// How many sentence patterns there are, fixed sentences not counted.
pub fn pattern_count() -> usize {
    let patterns = grammar().patterns.iter();
    patterns
        .filter(|pattern| !pattern.template.slots.is_empty())
        .count()
}

/// How many ways there are to fill the patterns, those with a word twice included: an upper bound
/// of the distinct pairs.
pub fn combinations() -> u64 {
    grammar()
        .patterns
        .iter()
        .map(pattern::Pattern::combinations)
        .sum()
}

fn grammar() -> &'static Grammar {
    static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
    GRAMMAR.get_or_init(|| match Grammar::load() {
        Ok(grammar) => grammar,
        // The files are compiled in, and the tests read them all: no user can see this.
        Err(error) => panic!("the built-in corpus is broken: {error}"),
    })
}
