//! Shapes of parameters.

use crate::values::Values;

/// The length of each axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape(pub Vec<usize>);

impl Shape {
    /// How many numbers there are.
    pub fn size(&self) -> usize {
        self.0.iter().product()
    }
}

impl<const D: usize> From<[usize; D]> for Shape {
    fn from(axes: [usize; D]) -> Self {
        Self(axes.to_vec())
    }
}

/// A value with a shape.
pub trait Shaped {
    /// The length of each axis.
    fn axes(&self) -> &[usize];

    /// The length of the first axis.
    fn rows(&self) -> usize {
        self.axes().first().copied().unwrap_or_default()
    }

    /// The length of the last axis.
    fn columns(&self) -> usize {
        self.axes().last().copied().unwrap_or_default()
    }
}

impl Shaped for Shape {
    fn axes(&self) -> &[usize] {
        &self.0
    }
}

impl Shaped for Values {
    fn axes(&self) -> &[usize] {
        &self.shape
    }
}
