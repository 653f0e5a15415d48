//! The seam between search and models.

use std::fmt::Debug;

use network::Input;

use crate::packed::Precision;

/// A batch on its way through a model: all that search needs to know of it.
///
/// Search walks over rows: partial hypotheses, each of one sentence of the batch. At first there is one row
/// for each sentence.
pub trait Steps {
    /// One step: row `i` continues row `parents[i]` of the step before (at first, sentence `parents[i]`)
    /// with `words[i]`. Rows of one sentence stand together, and sentences keep their order; a sentence
    /// without rows has left for good.
    fn step(&mut self, words: &[u32], parents: &[usize], ask: &Ask) -> Answer;
}

/// A model that can be searched, in whatever form it computes.
pub trait Model: Debug + Send + Sync {
    /// How many positions of its memory each source of a batch has.
    fn lengths(&self, source: &Input<'_>) -> Vec<usize>;

    /// Encodes a batch.
    ///
    /// # Panics
    /// When `source` is not what the encoder reads.
    fn start(&self, source: Input<'_>) -> Box<dyn Steps + '_>;

    /// Most tokens of a source, the end mark not counted, where there is such a limit.
    fn longest_source(&self) -> Option<usize>;

    /// Whether it is a network whose weights are packed for the CPU.
    fn is_packed(&self) -> bool {
        false
    }

    /// Returns the precision of its weights.
    fn precision(&self) -> Precision {
        Precision::Full
    }

    /// How many threads share each step, so that it pays to keep them awake between steps.
    fn threads(&self) -> usize {
        1
    }
}

/// Request to a step.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// How many next words of each row.
    pub count: usize,
    /// Words that are not to be among them, though they keep their probability.
    pub barred: Vec<u32>,
    /// Whether the attention of each row is wanted.
    pub attention: bool,
    /// Whether the log-probabilities of all words are wanted.
    pub everything: bool,
}

/// A next word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Its id.
    pub token: u32,
    /// Its log-probability (natural logarithm), among all words.
    pub log_probability: f32,
}

/// Answer of a step about each row.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The most probable words that are allowed, best first, the smaller id first among equals; for each
    /// row at most as many as were asked for.
    pub candidates: Vec<Vec<Candidate>>,
    /// If asked for and the model has attention: for each row the weight of each position of its sentence.
    pub attention: Vec<Vec<f32>>,
    /// If asked for: `[rows, V]`.
    pub log_probabilities: Vec<f32>,
}
