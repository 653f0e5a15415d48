//! Operations on a GPU's own memory as nodes of the autodiff graph.

use std::fmt;
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, DispatchDevice};
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

type Tracked = Autodiff<CubeBackend, NoCheckpointing>;
type TrackedTensor = <Tracked as burn::backend::BackendTypes>::FloatTensorPrimitive;

/// Whether `tensor` lies in a GPU's memory, so that this folder's operations can run on it.
pub(crate) fn runs<const D: usize>(tensor: &Tensor<D>) -> bool {
    match tensor.device().as_dispatch() {
        DispatchDevice::Autodiff(device) => matches!(**device, DispatchDevice::Cube(_)),
        DispatchDevice::Cube(_) => true,
        #[allow(unreachable_patterns)] // The only other one where no other backend is compiled in.
        _ => false,
    }
}

/// An operation on `N` tensors with one result. All tensors are contiguous.
pub(crate) trait Operation<const N: usize>:
    Clone + Send + Sync + fmt::Debug + 'static
{
    /// Values that the backward pass needs beside the inputs.
    type Saved: Send + Sync + 'static;

    /// The result; `gradients` says whether [`Operation::backward`] will follow.
    fn forward(&self, inputs: &[CubeTensor; N], gradients: bool) -> (CubeTensor, Self::Saved);

    /// The gradients of the inputs, each in its input's shape, from that of the result; of those
    /// that are not `wanted` there may be none.
    fn backward(
        &self,
        inputs: &[CubeTensor; N],
        saved: &Self::Saved,
        gradient: CubeTensor,
        wanted: [bool; N],
    ) -> [Option<CubeTensor>; N];
}

/// An input of any rank.
#[derive(Debug)]
pub(crate) enum Operand {
    /// Outside training, or without a gradient.
    Plain(CubeTensor),
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
            tensor
                .try_into_primitive::<CubeBackend>()
                .map(Operand::Plain)
        };
        // Only a tensor of another backend can fail, and `runs` has excluded that.
        taken.unwrap_or_else(|error| unreachable!("{error:?}"))
    }

    /// The numbers alone, row-major and contiguous.
    pub(crate) fn values(&self) -> CubeTensor {
        into_contiguous(match self {
            Operand::Plain(tensor) => tensor.clone(),
            Operand::Tracked(tensor) => tensor.primitive().clone(),
        })
    }

    /// Takes the place of an input that an operation does not have.
    pub(crate) fn stand_in(&self) -> Self {
        Operand::Plain(match self {
            Operand::Plain(tensor) => tensor.clone(),
            Operand::Tracked(tensor) => tensor.primitive().clone(),
        })
    }

    fn tracked(self) -> TrackedTensor {
        match self {
            Operand::Plain(tensor) => TrackedTensor::new(tensor),
            Operand::Tracked(tensor) => tensor,
        }
    }
}

/// Values kept from the forward pass.
struct Kept<O: Operation<N>, const N: usize> {
    operation: O,
    inputs: [CubeTensor; N],
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

impl<O: Operation<N>, const N: usize> Backward<CubeBackend, N> for Node<O> {
    type State = Kept<O, N>;

    fn backward(
        self,
        ops: Ops<Self::State, N>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let gradient = into_contiguous(gradients.consume::<CubeBackend>(&ops.node));
        let Kept {
            operation,
            inputs,
            saved,
        } = ops.state;
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = operation.backward(&inputs, &saved, gradient, wanted);
        for (parent, found) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(gradient)) = (parent, found) {
                gradients.register::<CubeBackend>(parent.id, gradient);
            }
        }
    }
}

/// Runs `operation`. Returns what was saved too.
pub(crate) fn apply<O: Operation<N>, const N: usize, const D: usize>(
    operation: O,
    inputs: [Operand; N],
) -> (Tensor<D>, Arc<O::Saved>) {
    let gradients = inputs.iter().any(|input| match input {
        Operand::Plain(_) => false,
        Operand::Tracked(tensor) => tensor.is_tracked(),
    });
    let context = inputs
        .iter()
        .any(|input| matches!(input, Operand::Tracked(_)));
    let values = inputs.each_ref().map(Operand::values);
    let (output, saved) = operation.forward(&values, gradients);
    let saved = Arc::new(saved);
    if !context {
        return (Tensor::from_primitive::<CubeBackend>(output), saved);
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
