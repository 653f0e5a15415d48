//! Windows of local attention (Luong et al., 2015, section 3.2).

use std::ops::Range;

use kernels::instruction_sets::Capped;
use kernels::lanes::Dot;

/// The positions within `window` of position `time`, or of the last one if that comes first, in a source of `length`
/// positions.
#[inline]
pub fn monotonic(time: usize, window: usize, length: usize) -> Range<usize> {
    let center = time.min(length - 1);
    center.saturating_sub(window)..(center + window + 1).min(length)
}

/// The positions within `window` of a predicted `center`, at least one.
#[inline]
pub fn predictive(center: f32, window: usize, length: usize) -> Range<usize> {
    // A center is between 0 and the length, so that one of the two positions around it is real.
    let window = window as f32;
    let first = (center - window).ceil().max(0.0) as usize;
    first.min(length - 1)..((center + window).floor() as usize + 1).min(length)
}

/// `n sigmoid(v . squashed)`: the position of a row that asks in a source of `length` positions.
#[inline]
pub fn center(squashed: &[f32], vector: &[f32], length: usize) -> f32 {
    let place = Dot(squashed, vector).run();
    length as f32 / (1.0 + (-place).exp())
}

/// The gradient of the inner product in [`center`] from that of the position.
#[inline]
pub fn center_backward(center: f32, length: usize, gradient: f32) -> f32 {
    gradient * center * (1.0 - center / length as f32)
}

/// `exp(-(s - center)^2 / (2 deviation^2))` for the position `s` (equation 10).
#[derive(Clone, Copy, Debug)]
pub struct Bell {
    center: f32,
    deviation: f32,
}

impl Bell {
    /// Around `center`, with half the `window` for its deviation; positions count from `first`.
    #[inline]
    pub fn new(center: f32, window: usize, first: usize) -> Self {
        Self {
            center: center - first as f32,
            deviation: window as f32 / 2.0,
        }
    }

    /// The factor of the weight of `position`, from the first that counts.
    #[inline]
    pub fn at(self, position: usize) -> f32 {
        let distance = (position as f32 - self.center) / self.deviation;
        (-0.5 * distance * distance).exp()
    }

    /// The derivative of the bell's logarithm with respect to its center.
    #[inline]
    pub fn slope(self, position: usize) -> f32 {
        (position as f32 - self.center) / (self.deviation * self.deviation)
    }
}
