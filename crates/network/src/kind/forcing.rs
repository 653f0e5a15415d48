//! Which words a decoder reads in training.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Scope of one coin toss, which decides whether the right word is read, or the decoder's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coin {
    /// Each word of each sentence (Bengio et al. 2015).
    Token,
    /// Each step, for all sentences of a batch.
    Step,
    /// Each sentence, for all its words.
    Sentence,
}

impl fmt::Display for Coin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Coin::Token => "token",
            Coin::Step => "step",
            Coin::Sentence => "sentence",
        })
    }
}

/// Which word is a decoder's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Guess {
    /// The most probable one.
    Best,
    /// One drawn from its distribution.
    Sample,
}

impl fmt::Display for Guess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Guess::Best => "best",
            Guess::Sample => "sample",
        })
    }
}
