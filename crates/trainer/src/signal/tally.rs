//! Totals of the signals over some batches.

/// Sums over batches.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Tally {
    /// How far attention was from its links, summed over target tokens.
    pub(crate) guided: f64,
    /// Target tokens that have links.
    pub(crate) linked: usize,
    /// The expected risk, summed over sentences.
    pub(crate) risk: f64,
    /// Sentences of which the risk was estimated.
    pub(crate) judged: usize,
}

impl Tally {
    /// Adds `other`.
    pub(crate) fn add(&mut self, other: &Tally) {
        self.guided += other.guided;
        self.linked += other.linked;
        self.risk += other.risk;
        self.judged += other.judged;
    }

    /// The distance of attention from its links, for each target token that has any.
    pub(crate) fn alignment_loss(&self) -> Option<f64> {
        (self.linked > 0).then(|| self.guided / self.linked as f64)
    }

    /// The expected risk of a sentence, 0 to 1.
    pub(crate) fn expected_risk(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.risk / self.judged as f64)
    }
}
