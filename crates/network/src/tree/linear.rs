//! An affine layer.

use super::part::parts;
use crate::shape::{Shape, Shaped};

parts! {
    /// y = x W + b.
    pub struct Linear {
        /// `[input, output]`
        value weight: T,
        /// `[output]`
        maybe bias: Option<T>,
    }
}

impl Linear<Shape> {
    /// A layer from `input` to `output` units.
    pub(super) fn new(input: usize, output: usize, bias: bool) -> Self {
        Self {
            weight: [input, output].into(),
            bias: bias.then(|| [output].into()),
        }
    }
}

impl<T: Shaped> Linear<T> {
    /// Units of its input.
    pub fn inputs(&self) -> usize {
        self.weight.rows()
    }

    /// Units of its output.
    pub fn outputs(&self) -> usize {
        self.weight.columns()
    }
}
