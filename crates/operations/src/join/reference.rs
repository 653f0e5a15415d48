//! In plain tensor operations.

use burn::tensor::Tensor;

use super::cpu::Order;

/// See [`super::join`].
pub(super) fn join(first: Tensor<3>, second: Option<Tensor<3>>, order: Order) -> Tensor<3> {
    let joined = match second {
        Some(second) => Tensor::cat(vec![first, second], 2),
        None => first,
    };
    match order {
        Order::TimeMajor => joined,
        Order::BatchMajor => joined.swap_dims(0, 1),
    }
}
