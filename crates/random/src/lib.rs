//! One seeded source of randomness for the whole project.
//!
//! Every random number is a pure function of a [`Place`]: the run's seed, what the number is for,
//! the step it belongs to and the place within that step. Nothing is carried from draw to draw, so
//! a run that is stopped anywhere and resumed draws what it would have drawn, and every backend
//! sees the same numbers. The generator is ChaCha with 8 rounds, whose counter mode gives each
//! place a stream of its own.

mod permutation;
mod rows;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub use permutation::Permutation;
pub use rows::Rows;

/// Units of a mask whose random bits are drawn together.
const BLOCK: usize = 2048;

/// Purpose of a random number. Different purposes never share a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial values of parameters; the place is the parameter's number.
    Weights = 1,
    /// Dropout masks; the step is the micro-batch's number, the place the layer's.
    Dropout = 2,
    /// The order of batches; the step is the epoch.
    Shuffle = 3,
    /// Sampling from a model's distribution; the step is the sentence's number, the place the sample's.
    Sample = 4,
    /// Generated corpora.
    Corpus = 5,
    /// Which words a decoder is told in training; the step is the micro-batch's number, the place the
    /// word's in the batch.
    Forcing = 6,
    /// Words that a decoder is told as its own; step and place as for [`Purpose::Forcing`].
    Guess = 7,
    /// Words that are made unknown; the step is the micro-batch's number, the place the side's.
    Unknown = 8,
    /// Which pairs of a large corpus its vocabularies are learned from.
    Vocabulary = 9,
}

/// Where in a run a stream of random numbers belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The run's seed.
    pub seed: u64,
    /// Purpose of the numbers.
    pub purpose: Purpose,
    /// The step, epoch or sentence.
    pub step: u64,
    /// The layer or parameter within the step.
    pub index: u64,
}

/// A stream of random numbers that starts at one [`Place`].
#[derive(Debug, Clone)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// The stream that belongs to `place`.
    pub fn new(place: Place) -> Self {
        let mut key = [0u8; 32];
        let words = [place.seed, place.purpose as u64, place.step, place.index];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self {
            generator: ChaCha8Rng::from_seed(key),
        }
    }

    /// The next 32 random bits.
    pub fn bits(&mut self) -> u32 {
        self.generator.next_u32()
    }

    /// A number in `[0, 1)` with 24 random bits, so that it is exact in `f32`.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / (1u32 << 24) as f32
    }

    /// A number in `[0, 1)` with 53 random bits, all that an `f64` holds.
    pub fn double(&mut self) -> f64 {
        let bits = u64::from(self.bits()) << 32 | u64::from(self.bits());
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in `[low, high)`.
    pub fn uniform(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `[0, bound)`, without bias (Lemire 2019, rejection of the short range).
    ///
    /// `bound` of zero gives zero.
    pub fn below(&mut self, bound: u32) -> u32 {
        loop {
            let product = u64::from(self.bits()) * u64::from(bound);
            let low = product as u32;
            if low >= bound.wrapping_neg() % bound.max(1) {
                return (product >> 32) as u32;
            }
        }
    }

    /// Shuffles `items` (Fisher and Yates). Longer slices than `u32::MAX` are not shuffled whole.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(u32::try_from(last + 1).unwrap_or(u32::MAX)) as usize;
            items.swap(last, other);
        }
    }

    /// Fills `mask` with `1 / (1 - rate)` where a unit is kept and 0 where it is dropped, so that
    /// the expected value of a masked activation is unchanged (inverted dropout).
    pub fn dropout(&mut self, mask: &mut [f32], rate: f32) {
        let unit_of = masked(rate);
        let mut block = [0; 2 * BLOCK];
        for units in mask.chunks_mut(BLOCK) {
            let bytes = &mut block[..units.len().next_multiple_of(2) * 2];
            self.generator.fill_bytes(bytes);
            for (unit, draw) in units.iter_mut().zip(bytes.as_chunks().0) {
                *unit = unit_of(draw);
            }
        }
    }

    /// As [`Stream::dropout`] of a fresh stream for a mask of all rows, `[time, all, size]`, but for some `rows` of it:
    /// fills `mask`, `[time, own, size]`.
    pub fn dropout_of_rows(&mut self, mask: &mut [f32], rate: f32, rows: Rows, size: usize) {
        let (unit_of, own) = (masked(rate), rows.count());
        let mut bytes = vec![0; 2 * (size + 2)];
        for (time, units) in mask.chunks_mut((own * size).max(1)).enumerate() {
            for (row, units) in units.chunks_mut(size.max(1)).enumerate() {
                // Two units share a word of the generator.
                let unit = (time * rows.all + rows.number(row)) * size;
                self.generator.set_word_pos((unit / 2) as u128);
                let skipped = unit % 2;
                let bytes = &mut bytes[..2 * (skipped + size).next_multiple_of(2)];
                self.generator.fill_bytes(bytes);
                for (unit, draw) in units.iter_mut().zip(&bytes.as_chunks().0[skipped..]) {
                    *unit = unit_of(draw);
                }
            }
        }
    }
}

/// What the bits drawn for a unit make of it where a share of `rate` is dropped. 16 bits a unit: the rate is met to 1 in
/// 65,536 at half the cost of whole words.
fn masked(rate: f32) -> impl Fn(&[u8; 2]) -> f32 {
    let kept = 1.0 / (1.0 - rate);
    let threshold = (f64::from(rate) * 65_536.0).round() as u32;
    move |draw| {
        let draw = u32::from(u16::from_le_bytes(*draw));
        if draw < threshold { 0.0 } else { kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(seed: u64, step: u64) -> Place {
        Place {
            seed,
            purpose: Purpose::Dropout,
            step,
            index: 0,
        }
    }

    #[test]
    fn a_place_always_gives_the_same_numbers() {
        let draw = |place| {
            (0..8)
                .map(|_| Stream::new(place).bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(place(1, 2)), draw(place(1, 2)));
        assert_ne!(draw(place(1, 2)), draw(place(1, 3)));
        let other = Place {
            purpose: Purpose::Weights,
            ..place(1, 2)
        };
        assert_ne!(draw(place(1, 2)), draw(other));
    }

    #[test]
    fn the_dropout_mask_keeps_the_mean() {
        let mut mask = vec![0.0; 100_001];
        Stream::new(place(7, 0)).dropout(&mut mask, 0.3);
        let mean = mask.iter().sum::<f32>() / mask.len() as f32;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!(mask.iter().all(|&m| m == 0.0 || m == 1.0 / 0.7));
    }

    #[test]
    fn the_dropout_mask_takes_two_units_from_each_word() {
        for length in [0, 1, 7, BLOCK, 3 * BLOCK + 5] {
            let mut mask = vec![9.0; length];
            let mut stream = Stream::new(place(5, 6));
            stream.dropout(&mut mask, 0.25);
            let mut other = Stream::new(place(5, 6));
            let mut bits = 0;
            for (at, unit) in mask.iter().enumerate() {
                bits = if at % 2 == 0 {
                    other.bits()
                } else {
                    bits >> 16
                };
                let dropped = bits & 0xffff < 0x4000;
                assert_eq!(*unit, if dropped { 0.0 } else { 1.0 / 0.75 });
            }
            assert_eq!(stream.bits(), other.bits());
        }
    }

    #[test]
    fn small_ranges_are_uniform() {
        let mut stream = Stream::new(place(3, 9));
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
        }
        // Chi-square with 5 degrees of freedom: 20.5 is exceeded once in a thousand.
        let squared: f64 = counts
            .iter()
            .map(|&c| (f64::from(c) - 1e4).powi(2) / 1e4)
            .sum();
        assert!(squared < 20.5, "{counts:?}");
    }

    proptest! {
        #[test]
        fn masks_of_rows_are_parts_of_the_whole(
            [time, all, size] in [1usize..4, 1usize..7, 1usize..2_100],
            step in 1usize..5,
            seed: u64,
        ) {
            let mut whole = vec![0.0; time * all * size];
            Stream::new(place(seed, 1)).dropout(&mut whole, 0.4);
            for first in 0..step {
                let rows = Rows { first, step, all };
                let numbers: Vec<usize> = (first..all).step_by(step).collect();
                let mut own = vec![0.0; time * numbers.len() * size];
                Stream::new(place(seed, 1)).dropout_of_rows(&mut own, 0.4, rows, size);
                let wanted = (0..time).flat_map(|time| {
                    numbers.iter().flat_map(move |row| (0..size).map(move |unit| (time * all + row) * size + unit))
                });
                prop_assert!(own.iter().copied().eq(wanted.map(|unit| whole[unit])));
            }
        }

        #[test]
        fn a_shuffle_is_a_permutation(seed: u64, length in 0usize..200) {
            let mut items: Vec<usize> = (0..length).collect();
            Stream::new(place(seed, 0)).shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..length).collect::<Vec<_>>());
        }

        #[test]
        fn numbers_stay_in_their_range(seed: u64, bound in 1u32..1000) {
            let mut stream = Stream::new(place(seed, 0));
            prop_assert!(stream.below(bound) < bound);
            let unit = stream.unit();
            prop_assert!((0.0..1.0).contains(&unit));
            prop_assert!((0.0..1.0).contains(&stream.double()));
        }
    }
}
