//! Fixed contexts: layers over the time axis of a source of limited length.

use super::part::parts;
use crate::config::AttentionConfig;
use crate::kind::AttentionKind;
use crate::shape::Shape;

parts! {
    /// x' W + b for a source's features over time: x' is `[features, T]`.
    pub struct TimeLayer {
        /// W, `[T, T]`: from each position, to each position.
        value weight: T,
        /// b, `[T]`
        value bias: T,
    }

    /// The softmax over time of a layer over time, for each of a memory's features.
    pub struct Pool {
        /// W and b.
        part layer: TimeLayer<T>,
        /// Whether the softmax is of the energies' hyperbolic tangents.
        known tanh: bool,
        /// Whether all features have their mean weight.
        known single: bool,
    }
}

impl Pool<Shape> {
    pub(super) fn new(config: &AttentionConfig) -> Option<Self> {
        // The end mark has a position too.
        let positions = config.max_source_length()? + 1;
        let tanh = config.kind == AttentionKind::TanhPool;
        Some(Self {
            layer: TimeLayer {
                weight: [positions, positions].into(),
                bias: [positions].into(),
            },
            tanh,
            single: !tanh && config.single_vector == Some(true),
        })
    }
}
