//! The steps before.

/// Summary of the steps before, as far as a step's weights may depend on them.
#[derive(Clone, Debug)]
pub(super) struct Past {
    /// How many there were.
    pub steps: usize,
    /// For each row the sums of the weights that its sentence's positions had; no rows where they do not count.
    pub sums: Vec<Vec<f32>>,
}

impl Past {
    /// That of the rows that continue rows `parents`.
    pub(super) fn of(&self, parents: &[usize]) -> Self {
        let sums = match self.sums.is_empty() {
            true => Vec::new(),
            false => parents.iter().map(|&row| self.sums[row].clone()).collect(),
        };
        Self { sums, ..*self }
    }

    /// With a step more, in which each row had these `weights`.
    pub(super) fn and(mut self, weights: &[Vec<f32>]) -> Self {
        self.steps += 1;
        for (sums, weights) in self.sums.iter_mut().zip(weights) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += weight;
            }
        }
        self
    }
}
