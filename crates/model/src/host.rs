//! Operations on the CPU backend's own memory, with hand-written backward passes.
//!
//! The CPU backend is `burn-flex`, whose tensors are plain slices. `apply` hands the slices of an
//! operation's inputs to it, wraps what it returns and, where gradients are wanted, registers its
//! backward pass as one node of the autodiff graph.

use std::fmt;
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, DispatchDevice, Flex};
use burn::tensor::{Tensor, TensorData};

type FlexTensor = <Flex as burn::backend::BackendTypes>::FloatTensorPrimitive;
type Tracked = Autodiff<Flex, NoCheckpointing>;
type TrackedTensor = <Tracked as burn::backend::BackendTypes>::FloatTensorPrimitive;

/// Whether `tensor` lies in the host's own memory, so that this module's operations can run on it.
pub fn runs<const D: usize>(tensor: &Tensor<D>) -> bool {
    match tensor.device().as_dispatch() {
        DispatchDevice::Autodiff(device) => matches!(**device, DispatchDevice::Flex(_)),
        DispatchDevice::Flex(_) => true,
        #[allow(unreachable_patterns)] // The only other one where no other backend is compiled in.
        _ => false,
    }
}

/// Hands the numbers of `tensor`, row-major, to `look`. Takes a tensor without autodiff for which
/// [`runs`] holds; others are copied to the host first.
pub fn read<const D: usize, R>(tensor: Tensor<D>, look: impl FnOnce(&[f32]) -> R) -> R {
    match tensor.clone().try_into_primitive::<Flex>() {
        Ok(values) => look(slice(&values.to_contiguous())),
        Err(_) => look(&tensor.into_data().iter::<f32>().collect::<Vec<f32>>()),
    }
}

/// Hands the numbers of `values` and of each of `others` to `change`, and gives back the changed
/// tensors; in place where nobody else holds them. See [`read`] for which tensors are right.
pub fn edit_with(
    values: Tensor<1>,
    others: Vec<Tensor<1>>,
    change: impl FnOnce(&mut [f32], &mut [&mut [f32]]),
) -> (Tensor<1>, Vec<Tensor<1>>) {
    let mut values = owned(values);
    let mut others: Vec<FlexTensor> = others.into_iter().map(owned).collect();
    {
        let mut slices: Vec<&mut [f32]> = others
            .iter_mut()
            .map(|tensor| tensor.storage_mut::<f32>())
            .collect();
        change(values.storage_mut::<f32>(), &mut slices);
    }
    let others = others.into_iter().map(Tensor::from_primitive::<Flex>);
    (Tensor::from_primitive::<Flex>(values), others.collect())
}

/// A tensor whose storage is exactly its numbers, in order.
fn owned(tensor: Tensor<1>) -> FlexTensor {
    let count = tensor.shape().num_elements();
    let device = tensor.device();
    match tensor.try_into_primitive::<Flex>() {
        Ok(tensor) if tensor.is_contiguous() && tensor.bytes().len() == 4 * count => tensor,
        Ok(tensor) => {
            let numbers = slice(&tensor.to_contiguous()).to_vec();
            FlexTensor::from_data(TensorData::new(numbers, [count]))
        }
        Err(error) => unreachable!("a tensor on {device:?}, not in the host's memory: {error:?}"),
    }
}

/// An operation on `N` tensors with one result.
pub(crate) trait Operation<const N: usize>:
    Clone + Send + Sync + fmt::Debug + 'static
{
    /// What the backward pass needs beside the inputs.
    type Saved: Send + Sync + 'static;

    /// The result's values; `gradients` says whether [`Operation::backward`] will follow.
    fn forward(&self, inputs: [&[f32]; N], gradients: bool) -> (Vec<f32>, Self::Saved);

    /// The gradient of each input, from that of the result.
    fn backward(&self, inputs: [&[f32]; N], saved: &Self::Saved, gradient: &[f32])
    -> [Vec<f32>; N];
}

/// An input of any rank.
#[derive(Debug)]
pub(crate) enum Operand {
    /// Outside training.
    Plain(FlexTensor),
    /// In training.
    Tracked(TrackedTensor),
}

impl Operand {
    /// Takes a tensor for which [`runs`] holds.
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

/// What is kept from the forward pass.
struct Kept<O: Operation<N>, const N: usize> {
    operation: O,
    inputs: [FlexTensor; N],
    saved: Arc<O::Saved>,
}

impl<O: Operation<N>, const N: usize> Clone for Kept<O, N> {
    fn clone(&self) -> Self {
        Self {
            operation: self.operation.clone(),
            inputs: self.inputs.clone(),
            saved: self.saved.clone(),
        }
    }
}

impl<O: Operation<N>, const N: usize> fmt::Debug for Kept<O, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.operation.fmt(f)
    }
}

/// The backward pass of an operation, as a node of the graph.
struct Node<O>(std::marker::PhantomData<fn() -> O>);

impl<O> fmt::Debug for Node<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Node")
    }
}

impl<O: Operation<N>, const N: usize> Backward<Flex, N> for Node<O> {
    type State = Kept<O, N>;

    fn backward(
        self,
        ops: Ops<Self::State, N>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let gradient = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let Kept {
            operation,
            inputs,
            saved,
        } = ops.state;
        let found = operation.backward(slices(&inputs), &saved, slice(&gradient));
        for ((parent, values), input) in ops.parents.into_iter().zip(found).zip(&inputs) {
            if let Some(parent) = parent {
                let shape = input.layout().shape().clone();
                let gradient = FlexTensor::from_data(TensorData::new(values, shape));
                gradients.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

fn slice(tensor: &FlexTensor) -> &[f32] {
    &tensor.storage::<f32>()[..tensor.layout().num_elements()]
}

fn slices<const N: usize>(tensors: &[FlexTensor; N]) -> [&[f32]; N] {
    tensors.each_ref().map(slice)
}

/// Runs `operation`; its result has `shape`. Returns what was saved too.
pub(crate) fn apply<O, const N: usize, const D: usize>(
    operation: O,
    inputs: [Operand; N],
    shape: [usize; D],
) -> (Tensor<D>, Arc<O::Saved>)
where
    O: Operation<N>,
{
    let gradients = inputs.iter().any(|input| match input {
        Operand::Plain(_) => false,
        Operand::Tracked(tensor) => tensor.is_tracked(),
    });
    let context = inputs
        .iter()
        .any(|input| matches!(input, Operand::Tracked(_)));
    let values = inputs.each_ref().map(Operand::values);
    let (output, saved) = operation.forward(slices(&values), gradients);
    let output = FlexTensor::from_data(TensorData::new(output, shape));
    let saved = Arc::new(saved);
    if !context {
        return (Tensor::from_primitive::<Flex>(output), saved);
    }
    let guards = inputs.map(|input| input.tracked().into_parts().1);
    let node = Node::<O>(std::marker::PhantomData);
    let output = match node
        .prepare::<NoCheckpointing>(guards)
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(prepared) => {
            let kept = Kept {
                operation,
                inputs: values,
                saved: saved.clone(),
            };
            prepared.finish(kept, output)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    (Tensor::from_primitive::<Tracked>(output), saved)
}
