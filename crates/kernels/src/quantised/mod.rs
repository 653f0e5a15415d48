//! Matrix products in 8-bit integers, for translation: weights are quantised once, activations at each
//! product.
//!
//! Both sides are symmetric (no zero point): a weight is `scale[column] * integer`, an activation
//! `scale[row] * integer`, with integers in -127..=127 and the scale chosen so that the largest magnitude
//! of the column or row becomes 127 (Jacob et al., "Quantization and Training of Neural Networks for
//! Efficient Integer-Arithmetic-Only Inference", 2018, with Z = 0; one scale for each output channel as
//! in Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference", 2018, section
//! 3.1). The integers are multiplied and summed exactly, in 32 bits, and each sum is scaled once:
//! `out = sum * scale[column] * scale[row]`.
//!
//! Since sums of integers have no order, and the few operations on floats have a fixed one, equal inputs
//! give equal bits on every processor and with any number of threads.
//!
//! A column of weights or a row of activations with a number that is not finite has the scale NaN:
//! whatever it takes part in is NaN. One whose largest magnitude is below 1e-30 counts as zero.

mod activations;
mod block;
mod integer;
mod left;
mod line;
mod multiplication;
mod path;
mod portable;
mod tile;
mod weights;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use left::{Left, multiply_panels};
pub use multiplication::matmul;
pub use weights::Quantised;
