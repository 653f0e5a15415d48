//! The output layer: from a decoder's state to the words.

use super::linear::Linear;
use super::part::parts;
use crate::config::ModelConfig;
use crate::shape::Shape;

parts! {
    /// W_o f + b_o, with its own matrix or with the target embedding's.
    pub struct Output {
        /// `[vocabulary, hidden]`: a vector a word; missing where the target embedding serves.
        maybe weight: Option<T>,
        /// `[hidden, embedding]`: for a tied layer whose embedding has another size.
        part project: Option<Linear<T>>,
        /// `[vocabulary]`
        value bias: T,
    }
}

impl Output<Shape> {
    pub(super) fn new(config: &ModelConfig, words: usize) -> Self {
        let (hidden, embedding) = (config.hidden_size, config.embedding_size);
        let tied = config.tie_embeddings;
        Self {
            weight: (!tied).then(|| [words, hidden].into()),
            project: (tied && hidden != embedding).then(|| Linear::new(hidden, embedding, false)),
            bias: [words].into(),
        }
    }
}
