//! On tensors.

use burn::tensor::{Device, Tensor, TensorData};

use super::cpu;
use crate::host::{Back, Operand, Operation, apply};
use crate::path::{Path, path};

/// Dropout mask on the host: the factors that values are multiplied by.
#[derive(Debug, Clone)]
pub struct Mask {
    /// Zero for units that are dropped, time-major.
    pub values: Vec<f32>,
    /// `[time, batch, size]`; time is 1 when every step shares the mask.
    pub shape: [usize; 3],
}

impl Mask {
    /// The mask on `device`.
    pub fn tensor(self, device: &Device) -> Tensor<3> {
        Tensor::from_data(TensorData::new(self.values, self.shape), device)
    }
}

/// Drops units of `values`, `[time, batch, size]`.
pub fn dropout(values: Tensor<3>, mask: Mask) -> Tensor<3> {
    if path(&values) == Path::Host {
        return fused(values, mask.values);
    }
    let mask = mask.tensor(&values.device());
    values * mask
}

#[derive(Debug)]
struct Dropout {
    factors: Vec<f32>,
}

impl Operation<1, 1> for Dropout {
    type Saved = ();

    fn forward(&self, [values]: [&[f32]; 1], _gradients: bool) -> ([Vec<f32>; 1], ()) {
        ([cpu::dropout(values, &self.factors)], ())
    }

    fn backward(self, back: Back<'_, (), 1, 1>) -> [Vec<f32>; 1] {
        let gradient = cpu::dropout(back.gradients[0], &self.factors);
        kernels::storage::reuse(self.factors);
        [gradient]
    }
}

/// `values` times `factors`, which all time steps may share.
fn fused(values: Tensor<3>, factors: Vec<f32>) -> Tensor<3> {
    let shape = values.dims();
    let [dropped] = apply(Dropout { factors }, [Operand::new(values)], [&shape]);
    dropped.tensor()
}
