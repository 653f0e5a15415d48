//! Batches of token ids.

/// A batch of sentences, padded to one length.
#[derive(Debug, Clone, Copy)]
pub struct Padded<'a> {
    /// Row-major ids, `[rows, time]`.
    pub ids: &'a [i32],
    /// Real tokens of each row, `[rows]`.
    pub lengths: &'a [usize],
    /// The number of positions of every row.
    pub time: usize,
}

impl Padded<'_> {
    /// The number of sentences.
    pub fn rows(&self) -> usize {
        self.lengths.len()
    }

    /// The ids step by step, `[time * rows]`.
    pub fn time_major_ids(&self) -> Vec<i32> {
        let rows = self.rows();
        (0..self.time * rows)
            .map(|place| self.ids[place % rows * self.time + place / rows])
            .collect()
    }
}
