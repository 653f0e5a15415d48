//! The output layer: from a decoder's state to the words.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation::log_softmax};

use crate::initial::Initialiser;
use crate::linear::Linear;

/// W_o f + b_o, with its own matrix or with the target embedding's.
#[derive(Module, Debug)]
pub struct Output {
    /// `[vocabulary, hidden]`; absent when the target embedding serves.
    pub weight: Option<Param<Tensor<2>>>,
    /// `[hidden, embedding]`: for a tied layer whose embedding has another size.
    pub project: Option<Linear>,
    /// `[vocabulary]`.
    pub bias: Param<Tensor<1>>,
}

impl Output {
    /// A layer from `hidden` units to `vocabulary` words; `tied` to an embedding of `embedding`
    /// units or on its own.
    pub fn new(
        initial: &Initialiser,
        hidden: usize,
        vocabulary: usize,
        embedding: usize,
        tied: bool,
    ) -> Self {
        let initial = initial.part("output");
        let bound = (6.0 / (hidden + vocabulary) as f32).sqrt();
        Self {
            weight: (!tied).then(|| initial.uniform("weight", [vocabulary, hidden], bound)),
            project: (tied && hidden != embedding)
                .then(|| Linear::new(&initial.part("project"), hidden, embedding, false)),
            bias: initial.vector(vec![0.0; vocabulary]),
        }
    }

    /// The matrix, `[vocabulary, size]`.
    pub fn matrix(&self, embedding: &Param<Tensor<2>>) -> Tensor<2> {
        self.weight.as_ref().unwrap_or(embedding).val()
    }

    /// What the matrix multiplies, `[rows, size]`, of states `[rows, hidden]`.
    pub fn input(&self, states: Tensor<2>) -> Tensor<2> {
        match &self.project {
            Some(project) => project.rows(states),
            None => states,
        }
    }

    /// Log-probabilities `[rows, vocabulary]` of states `[rows, hidden]`.
    pub fn log_probabilities(&self, states: Tensor<2>, embedding: &Param<Tensor<2>>) -> Tensor<2> {
        let weight = self.matrix(embedding);
        let logits = self.input(states).matmul(weight.transpose()) + self.bias.val().unsqueeze();
        log_softmax(logits, 1)
    }
}
