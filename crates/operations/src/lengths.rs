//! Batches of token ids, and which of their positions are real.

use burn::tensor::{Device, Int, Tensor, TensorData};
pub use network::Padded;

/// The `step`-th of `values`, `[time, rows, size]`, or the only one where all steps share it.
pub(crate) fn at(values: &Tensor<3>, step: usize) -> Tensor<2> {
    let [time, rows, size] = values.dims();
    let step = if time == 1 { 0 } else { step };
    values.clone().narrow(0, step, 1).reshape([rows, size])
}

/// The ids of `words` step by step, `[time * rows]`.
pub fn time_major(words: &Padded<'_>, device: &Device) -> Tensor<1, Int> {
    let ids = words.time_major_ids();
    let count = ids.len();
    Tensor::from_data(TensorData::new(ids, [count]), device)
}

/// The lengths of a batch, with the masks that follow from them.
#[derive(Debug, Clone)]
pub struct Lengths {
    host: Vec<usize>,
    time: usize,
    mask: Option<Tensor<2>>,
}

impl Lengths {
    /// Lengths of sentences padded to `time` positions.
    pub fn new(lengths: &[usize], time: usize, device: &Device) -> Self {
        let ragged = lengths.iter().any(|&length| length < time);
        let mask = ragged.then(|| {
            let rows = lengths.len();
            let values: Vec<f32> = (0..time * rows)
                .map(|place| f32::from(place / rows < lengths[place % rows]))
                .collect();
            Tensor::from_data(TensorData::new(values, [time, rows]), device)
        });
        Self {
            host: lengths.to_vec(),
            time,
            mask,
        }
    }

    /// Real positions of each row.
    pub fn host(&self) -> &[usize] {
        &self.host
    }

    /// Positions of every row, padding included.
    pub fn time(&self) -> usize {
        self.time
    }

    /// 1 at real positions and 0 at padding, `[time, rows]`; `None` where nothing is padded.
    pub fn mask(&self) -> Option<&Tensor<2>> {
        self.mask.as_ref()
    }

    /// `values`, `[time, rows, size]`, with zeros at padding.
    pub fn clear(&self, values: Tensor<3>) -> Tensor<3> {
        match &self.mask {
            Some(mask) => values * mask.clone().unsqueeze_dim(2),
            None => values,
        }
    }

    /// The mean over real positions of `values`, `[time, rows, size]`, that are zero at padding:
    /// `[rows, size]`.
    pub fn mean(&self, values: Tensor<3>) -> Tensor<2> {
        let shares = self.host.iter().map(|&length| 1.0 / length.max(1) as f32);
        let shares = TensorData::new(shares.collect::<Vec<f32>>(), [self.host.len(), 1]);
        let shares = Tensor::from_data(shares, &values.device());
        values.sum_dim(0).squeeze_dim::<2>(0) * shares
    }

    /// Keeps the rows of `indices`, in that order.
    pub fn select(&self, indices: &Tensor<1, Int>, host: &[usize]) -> Self {
        Self {
            host: host.iter().map(|&row| self.host[row]).collect(),
            time: self.time,
            mask: self
                .mask
                .clone()
                .map(|mask| mask.select(1, indices.clone())),
        }
    }
}
