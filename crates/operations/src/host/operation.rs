//! Operations of several tensors on slices.

use std::fmt;

use burn::backend::Flex;
use burn::tensor::{Tensor, TensorData};

use super::graph::{Tracked, TrackedTensor, nothing, register};
use super::{FlexTensor, slice};

/// An operation on `N` tensors with `M` results.
pub(crate) trait Operation<const N: usize, const M: usize>:
    fmt::Debug + Send + 'static
{
    /// Values that the backward pass needs beside the inputs.
    type Saved: Send + 'static;

    /// Whether the backward pass reads the results.
    fn reads_results(&self) -> bool {
        false
    }

    /// Of each input, whether the backward pass reads its values; it finds none if not.
    fn reads_input(&self) -> [bool; N] {
        [true; N]
    }

    /// The values of the results; `gradients` says whether [`Operation::backward`] will follow.
    fn forward(&self, inputs: [&[f32]; N], gradients: bool) -> ([Vec<f32>; M], Self::Saved);

    /// The gradient of each input; of what needs none (masks, inputs that are absent) it may be
    /// empty.
    fn backward(self, back: Back<'_, Self::Saved, N, M>) -> [Vec<f32>; N];
}

/// Inputs of a backward pass.
pub(crate) struct Back<'a, S, const N: usize, const M: usize> {
    /// As they were handed to the forward pass; empty where the operation does not read them.
    pub inputs: [&'a [f32]; N],
    /// Results of the forward pass; empty unless the operation reads them.
    pub results: [&'a [f32]; M],
    /// Of the results; empty where nothing depends on one.
    pub gradients: [&'a [f32]; M],
    /// Values that the forward pass saved.
    pub saved: S,
}

/// An input or a result, of any rank.
#[derive(Debug)]
pub(crate) enum Operand {
    /// Outside training.
    Plain(FlexTensor),
    /// In training.
    Tracked(TrackedTensor),
}

impl Operand {
    /// Takes a tensor for which [`super::runs`] holds.
    pub(crate) fn new<const D: usize>(tensor: Tensor<D>) -> Self {
        let tracked = tensor.device().is_autodiff();
        let taken = if tracked {
            tensor.try_into_primitive::<Tracked>().map(Operand::Tracked)
        } else {
            tensor.try_into_primitive::<Flex>().map(Operand::Plain)
        };
        // Only a tensor of another backend can fail, and `runs` has excluded that.
        taken.unwrap_or_else(|error| unreachable!("{error:?}"))
    }

    /// An input that an operation does not have: no numbers.
    pub(crate) fn absent() -> Self {
        Operand::Plain(nothing())
    }

    /// An input that an operation may not have.
    pub(crate) fn maybe<const D: usize>(tensor: Option<Tensor<D>>) -> Self {
        tensor.map_or_else(Self::absent, Self::new)
    }

    /// The tensor, of rank `D`.
    pub(crate) fn tensor<const D: usize>(self) -> Tensor<D> {
        match self {
            Operand::Plain(tensor) => Tensor::from_primitive::<Flex>(tensor),
            Operand::Tracked(tensor) => Tensor::from_primitive::<Tracked>(tensor),
        }
    }

    fn values(&self) -> FlexTensor {
        match self {
            Operand::Plain(tensor) => tensor.to_contiguous(),
            Operand::Tracked(tensor) => tensor.primitive().to_contiguous(),
        }
    }

    fn tracked(self) -> TrackedTensor {
        match self {
            Operand::Plain(tensor) => TrackedTensor::new(tensor),
            Operand::Tracked(tensor) => tensor,
        }
    }
}

/// Runs `operation`; its results have `shapes`.
pub(crate) fn apply<O, const N: usize, const M: usize>(
    operation: O,
    inputs: [Operand; N],
    shapes: [&[usize]; M],
) -> [Operand; M]
where
    O: Operation<N, M>,
{
    let gradients = inputs.iter().any(|input| match input {
        Operand::Plain(_) => false,
        Operand::Tracked(tensor) => tensor.is_tracked(),
    });
    let context = inputs
        .iter()
        .any(|input| matches!(input, Operand::Tracked(_)));
    let values = inputs.each_ref().map(Operand::values);
    let (found, saved) = operation.forward(values.each_ref().map(slice), gradients);
    let mut shapes = shapes.into_iter();
    let results = found.map(|numbers| {
        // There are as many shapes as results.
        let shape = shapes.next().unwrap_or_default();
        FlexTensor::from_data(TensorData::new(numbers, shape))
    });
    if !context {
        return results.map(Operand::Plain);
    }
    if !gradients {
        return results.map(|result| Operand::Tracked(TrackedTensor::new(result)));
    }
    let guards = inputs.map(|input| input.tracked().into_parts().1);
    register(operation, values, results, saved, guards).map(Operand::Tracked)
}
