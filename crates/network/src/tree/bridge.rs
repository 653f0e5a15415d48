//! From the encoder's last state to the decoder's first.

use super::linear::Linear;
use super::part::parts;
use crate::kind::BridgeKind;
use crate::shape::Shape;

parts! {
    /// Makes a decoder's first state.
    pub struct Bridge {
        /// For `tanh` and `tanh-cell`, and for `copy` between different sizes: `[memory, hidden]`.
        part project: Option<Linear<T>>,
        /// For `learned`: `[layers, hidden]`.
        maybe hidden: Option<T>,
        /// For `learned` and cells with a cell state: `[layers, hidden]`.
        maybe cell: Option<T>,
        /// Which member of the family.
        known kind: BridgeKind,
    }
}

impl Bridge<Shape> {
    /// From an encoder state of `memory` units to `layers` decoder states of `hidden` units, with cell states or not.
    pub(super) fn new(
        kind: BridgeKind,
        memory: usize,
        hidden: usize,
        has_cell_state: bool,
        layers: usize,
    ) -> Self {
        let affine = kind.squashes();
        let projects = affine || (kind == BridgeKind::Copy && memory != hidden);
        let learns = kind == BridgeKind::Learned;
        let states = || [layers, hidden].into();
        Self {
            project: projects.then(|| Linear::new(memory, hidden, affine)),
            hidden: learns.then(states),
            cell: (learns && has_cell_state).then(states),
            kind,
        }
    }
}
