//! Numbers as 8-bit integers with a scale.

/// The largest magnitude of an integer.
const LARGEST: f32 = 127.0;

/// Smaller numbers have no reciprocal or a coarse one.
const TINY: f32 = 1e-30;

/// Adding it leaves the nearest integer, halves to even, in the low bits of the sum.
const ROUND: f32 = 12_582_912.0;

/// The magnitude's bits: ordered as magnitudes are, infinity and NaN above all others.
#[inline(always)]
pub(super) fn magnitude(value: f32) -> u32 {
    value.to_bits() & 0x7fff_ffff
}

/// The scale of numbers whose largest magnitude has these bits, and what to multiply them by to get
/// integers, zero where they count as zero.
#[inline(always)]
pub(super) fn scale(largest: u32) -> (f32, f32) {
    let largest = f32::from_bits(largest);
    if !largest.is_finite() {
        (f32::NAN, 0.0)
    } else if largest < TINY {
        (0.0, 0.0)
    } else {
        (largest / LARGEST, LARGEST / largest)
    }
}

/// The nearest integer in the lowest eight bits, for at most 127 in magnitude.
#[inline(always)]
pub(super) fn integer(value: f32, inverse: f32) -> u8 {
    (value * inverse + ROUND).to_bits() as u8
}
