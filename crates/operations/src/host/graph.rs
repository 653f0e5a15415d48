//! Operations as nodes of the autodiff graph.
//!
//! A node of the graph has one result. An operation with several is a hub, whose own result is one
//! idle number, with a tap behind it for each result: the taps leave their gradients where the hub,
//! which is walked after all of them, finds them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::{Shape, TensorData};

use super::operation::{Back, Operation};
use super::{FlexTensor, reuse, slice};

pub(super) type Tracked = Autodiff<Flex, NoCheckpointing>;
pub(super) type TrackedTensor = <Tracked as burn::backend::BackendTypes>::FloatTensorPrimitive;

/// A value that is put down once and taken once.
struct Once<T>(Arc<Mutex<Option<T>>>);

impl<T> Once<T> {
    fn new(value: Option<T>) -> Self {
        Self(Arc::new(Mutex::new(value)))
    }

    fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    fn take(&self) -> Option<T> {
        // A panic elsewhere leaves an option as good as it was.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for Once<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once")
    }
}

/// Values kept from the forward pass.
struct Kept<O: Operation<N, M>, const N: usize, const M: usize> {
    operation: O,
    inputs: [FlexTensor; N],
    /// Of the inputs, also of those whose values are gone.
    shapes: [Shape; N],
    results: Option<[FlexTensor; M]>,
    saved: O::Saved,
    /// Where taps leave gradients; used with several results only.
    taps: [Once<FlexTensor>; M],
}

/// The backward pass of an operation, with one result or as a hub.
struct Node<O, const M: usize>(PhantomData<fn() -> O>);

impl<O, const M: usize> fmt::Debug for Node<O, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Node")
    }
}

impl<O, const N: usize, const M: usize> Backward<Flex, N> for Node<O, M>
where
    O: Operation<N, M>,
{
    type State = Once<Kept<O, N, M>>;

    fn backward(
        self,
        ops: Ops<Self::State, N>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let own = gradients.consume::<Flex>(&ops.node);
        let Some(kept) = ops.state.take() else {
            unreachable!("a graph is walked back once");
        };
        let Kept {
            operation,
            inputs,
            shapes,
            results,
            saved,
            taps,
        } = kept;
        let mut left = taps.map(|tap| tap.take().map(|gradient| gradient.to_contiguous()));
        if let [only] = &mut left[..] {
            *only = Some(own.to_contiguous());
        }
        drop(own);
        let found = operation.backward(Back {
            inputs: inputs.each_ref().map(slice),
            results: match &results {
                Some(results) => results.each_ref().map(slice),
                None => [&[]; M],
            },
            gradients: left.each_ref().map(|gradient| match gradient {
                Some(gradient) => slice(gradient),
                None => &[],
            }),
            saved,
        });
        left.into_iter().flatten().for_each(reuse);
        results.into_iter().flatten().for_each(reuse);
        inputs.into_iter().for_each(reuse);
        for ((parent, values), shape) in ops.parents.into_iter().zip(found).zip(shapes) {
            match parent {
                Some(parent) => {
                    let gradient = FlexTensor::from_data(TensorData::new(values, shape));
                    gradients.register::<Flex>(parent.id, gradient);
                }
                None => kernels::storage::reuse(values),
            }
        }
    }
}

/// One of several results.
#[derive(Debug)]
struct Tap;

impl Backward<Flex, 1> for Tap {
    type State = Once<FlexTensor>;

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        ops.state.put(gradients.consume::<Flex>(&ops.node));
        let [hub] = ops.parents;
        if let Some(hub) = hub {
            gradients.register::<Flex>(hub.id, idle());
        }
    }
}

/// A tensor without numbers.
pub(super) fn nothing() -> FlexTensor {
    FlexTensor::from_data(TensorData::new(Vec::<f32>::new(), [0]))
}

/// A hub's own result, and its gradient.
fn idle() -> FlexTensor {
    FlexTensor::from_data(TensorData::new(vec![0.0f32], [1]))
}

/// Registers the backward pass of an operation that ran on `inputs`, at least one of which needs a
/// gradient.
pub(super) fn register<O, const N: usize, const M: usize>(
    operation: O,
    inputs: [FlexTensor; N],
    results: [FlexTensor; M],
    saved: O::Saved,
    guards: [NodeGuard; N],
) -> [TrackedTensor; M]
where
    O: Operation<N, M>,
{
    let taps = [(); M].map(|()| Once::new(None));
    let shapes = inputs
        .each_ref()
        .map(|input| input.layout().shape().clone());
    let mut read = operation.reads_input().into_iter();
    let inputs = inputs.map(|input| {
        // There is an answer for each input.
        if read.next().unwrap_or(true) {
            return input;
        }
        reuse(input);
        nothing()
    });
    let kept = Once::new(Some(Kept {
        inputs,
        shapes,
        results: operation.reads_results().then(|| results.clone()),
        operation,
        saved,
        taps: taps.clone(),
    }));
    let node = |result| finish(Node::<O, M>(PhantomData), guards, kept, result);
    if M == 1 {
        // There is exactly one.
        let mut node = Some(node);
        return results.map(|result| match node.take() {
            Some(node) => node(result),
            None => TrackedTensor::new(result),
        });
    }
    let hub = node(idle());
    let mut taps = taps.into_iter();
    results.map(|result| {
        // There are as many taps as results.
        let tap = taps.next().unwrap_or_else(|| Once::new(None));
        finish(Tap, [hub.node()], tap, result)
    })
}

fn finish<S, const N: usize>(
    step: S,
    guards: [NodeGuard; N],
    state: S::State,
    result: FlexTensor,
) -> TrackedTensor
where
    S: Backward<Flex, N>,
{
    match step
        .prepare::<NoCheckpointing>(guards)
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(prepared) => prepared.finish(state, result),
        OpsKind::UnTracked(prepared) => prepared.finish(result),
    }
}
