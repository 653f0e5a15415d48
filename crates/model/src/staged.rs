//! A loss whose gradients come in two stages: the output layer's first, then all others.
//!
//! The output layer's gradient is the largest of most models, and all that it needs is there when the pass forward is
//! over. Who has to send it somewhere can do so while the rest is found.

use burn::tensor::{Gradients, Tensor};

/// The way back through a model in two stages.
#[derive(Debug)]
pub struct Staged {
    /// The cross-entropy over `cut`, and the sum of the other signals.
    pub(crate) cross_entropy: Tensor<1>,
    pub(crate) signals: Option<Tensor<1>>,
    /// What the output layer multiplies, `[time * batch, size]`, as the layers below made it.
    pub(crate) states: Tensor<2>,
    /// The same as a leaf of the output layer's own graph.
    pub(crate) cut: Tensor<2>,
}

impl Staged {
    /// The gradients of the output layer's own parameters, and what is left to do.
    ///
    /// # Panics
    /// Never: the output layer reads its states.
    pub fn output(self) -> (Gradients, Rest) {
        let gradients = self.cross_entropy.backward();
        let gradient = self.cut.grad(&gradients);
        let gradient = Tensor::from_inner(gradient.expect("the output layer reads its states"));
        // The gradient of this product with the states is what it multiplies them with.
        let reached = (self.states * gradient).sum();
        let sum = match self.signals {
            Some(signals) => reached + signals,
            None => reached,
        };
        (gradients, Rest { sum })
    }
}

/// The second stage.
#[derive(Debug)]
pub struct Rest {
    sum: Tensor<1>,
}

impl Rest {
    /// The gradients of all other parameters: the same as in one stage.
    pub fn backward(self) -> Gradients {
        self.sum.backward()
    }
}
