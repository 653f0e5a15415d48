//! A model of another program in this project's terms.

use config::Config;
use data::tokenizer::Tokenizer;
use network::Parameters;

/// A model of another program.
#[derive(Debug)]
pub struct Imported {
    /// A run's config with its `[model]`, `[tokenizer]` and `[search]`.
    pub config: Config,
    /// Tokenizers of source and target.
    pub tokenizers: [Tokenizer; 2],
    /// Its tensors under PyTorch's names and in its layouts, the rows of words in the order of the tokenizers.
    pub tensors: Parameters,
    /// Updates that it was trained for.
    pub step: u64,
    /// What users are told.
    pub notes: Vec<String>,
}
