//! Operations on the CPU backend's own memory, with hand-written backward passes.
//!
//! The CPU backend is `burn-flex`, whose tensors are plain slices. `apply` hands the slices of an
//! operation's inputs to it, wraps what it returns and, where gradients are wanted, registers its
//! backward pass in the autodiff graph.

mod graph;
mod operation;

use burn::backend::{DispatchDevice, Flex};
use burn::tensor::{DType, Tensor, TensorData};

pub(crate) use operation::{Back, Operand, Operation, apply};

type FlexTensor = <Flex as burn::backend::BackendTypes>::FloatTensorPrimitive;

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

/// As [`read`], of a tensor that is not needed afterwards: its memory is used again.
pub fn consume<const D: usize, R>(tensor: Tensor<D>, look: impl FnOnce(&[f32]) -> R) -> R {
    match tensor.clone().try_into_primitive::<Flex>() {
        Ok(values) => {
            drop(tensor);
            let values = values.to_contiguous();
            let found = look(slice(&values));
            reuse(values);
            found
        }
        Err(_) => read(tensor, look),
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

/// The numbers of a contiguous tensor.
fn slice(tensor: &FlexTensor) -> &[f32] {
    &tensor.storage::<f32>()[..tensor.layout().num_elements()]
}

/// Hands the memory of a tensor that nobody else holds on to the kernels.
fn reuse(tensor: FlexTensor) {
    let numbers = tensor.layout().num_elements();
    let whole = tensor.is_contiguous() && tensor.bytes().len() == 4 * numbers;
    if tensor.dtype() == DType::F32
        && whole
        && tensor.is_unique()
        && let Ok(list) = tensor.into_data().into_bytes().try_into_vec::<f32>()
    {
        kernels::storage::reuse(list);
    }
}

/// The gradients of a first result, on which something depends, and of a second one, where there is any.
pub(crate) fn of_results<'a>(gradients: &[&'a [f32]]) -> [&'a [f32]; 2] {
    [0, 1].map(|result| gradients.get(result).copied().unwrap_or_default())
}
