//! Pointwise part of a recurrent layer, between two matrix products, as one program each way.
//!
//! `rows` are the batch's sentences, `size` is the number of hidden units and `gates` the number of
//! blocks of `size` columns. A row's state is held where its mask is zero.

mod backward;
mod forward;
mod gru;
mod lstm;
mod rnn;
mod unit;

pub(crate) use backward::{Backward, backward};
pub(crate) use forward::{Forward, forward};
