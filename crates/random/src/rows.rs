//! Rows of a batch that one of several processes works on.

/// Some rows of a whole: `first`, `first + step`, ... of `all`. Random numbers that belong to rows are those of the whole,
/// whoever draws them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// The first.
    pub first: usize,
    /// From one to the next.
    pub step: usize,
    /// Rows of the whole.
    pub all: usize,
}

impl Rows {
    /// How many they are.
    pub fn count(&self) -> usize {
        self.all
            .saturating_sub(self.first)
            .div_ceil(self.step.max(1))
    }

    /// The number in the whole of row `own` of these.
    pub fn number(&self, own: usize) -> usize {
        self.first + own * self.step
    }
}
