//! Links between the words of a pair.

/// A source place and a target place that belong together, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The place in the source.
    pub source: usize,
    /// The place in the target.
    pub target: usize,
}
