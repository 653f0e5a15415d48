//! Inputs of the walk.

use network::cell::Cell;

use crate::attention::cpu::steps::{self, Shape};
use crate::cell::cpu::{Gates, Parameters};

/// The formula of both transitions.
pub(super) const CELL: Cell = Cell::Gru;

/// Parameters by which a transition reads the state before it.
#[derive(Clone, Copy, Debug)]
pub struct Recurrence<'a> {
    /// `[H, 3H]`
    pub weight: &'a [f32],
    /// Of its gates.
    pub parameters: Parameters<&'a [f32]>,
}

impl<'a> Recurrence<'a> {
    /// The transition's gates.
    pub(super) fn gates(&self) -> Gates<'a> {
        Gates {
            cell: CELL,
            parameters: self.parameters,
        }
    }

    fn check(&self, hidden: usize) {
        let gates = CELL.gates() * hidden;
        assert_eq!(self.weight.len(), hidden * gates, "a recurrence is [H, 3H]");
        self.gates().check(hidden);
    }
}

/// What the walk reads.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// `[T, B, 3H]`: the words' share of the first transition's gates, bias included. The backward pass does not read it.
    pub projected: &'a [f32],
    /// `[B, H]`: the state before the first step.
    pub initial: &'a [f32],
    /// Of the first transition.
    pub first: Recurrence<'a>,
    /// `[M, 3H]`: multiplies the context in the second transition.
    pub context_weight: &'a [f32],
    /// `[3H]`: of the second transition.
    pub bias: &'a [f32],
    /// Of the second transition.
    pub second: Recurrence<'a>,
    /// The memory, and how it is asked.
    pub attention: steps::Inputs<'a>,
}

impl Inputs<'_> {
    pub(super) fn check(&self, shape: Shape) {
        let Shape {
            batch,
            hidden,
            memory,
            ..
        } = shape;
        let gates = CELL.gates() * hidden;
        self.attention.check(shape);
        self.first.check(hidden);
        self.second.check(hidden);
        assert_eq!(self.initial.len(), batch * hidden, "initial is [B, H]");
        assert_eq!(
            self.context_weight.len(),
            memory * gates,
            "context_weight is [M, 3H]"
        );
        assert_eq!(self.bias.len(), gates, "bias is [3H]");
    }
}
