//! An order of many things that needs no list of them.

use crate::{Place, Stream};

/// Rounds of mixing. Luby and Rackoff (1988) need four for an order that nobody tells from a random one by asking; half as
/// many again make up for a round that mixes less than theirs.
const ROUNDS: usize = 6;

/// A random order of `0..size`, of which any place can be asked alone: a Feistel network over the bits of a number, walked
/// until the number is below `size` (Black and Rogaway 2002, cycle walking). Each number comes at one place only.
#[derive(Debug, Clone)]
pub struct Permutation {
    size: u64,
    /// Bits of the two halves.
    bits: [u32; 2],
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// The order of `0..size` that belongs to `place`.
    pub fn new(size: u64, place: Place) -> Self {
        let bits = u64::BITS - size.saturating_sub(1).leading_zeros();
        let mut stream = Stream::new(place);
        let keys =
            std::array::from_fn(|_| u64::from(stream.bits()) << 32 | u64::from(stream.bits()));
        Self {
            size,
            bits: [bits / 2, bits - bits / 2],
            keys,
        }
    }

    /// The number at `index` of the order.
    ///
    /// # Panics
    /// If `index` is not below the size.
    pub fn at(&self, index: u64) -> u64 {
        assert!(index < self.size, "{index} is not below {}", self.size);
        // The walk ends: it is on a cycle that comes back to `index`, which is below the size.
        let mut number = self.mix(index);
        while number >= self.size {
            number = self.mix(number);
        }
        number
    }

    /// One step among all numbers of as many bits.
    fn mix(&self, number: u64) -> u64 {
        let [low, high] = self.bits;
        let mask = |bits: u32| (1u64 << bits) - 1;
        let (mut left, mut right) = (number >> low, number & mask(low));
        for (round, key) in self.keys.iter().enumerate() {
            match round % 2 {
                0 => left ^= scramble(right ^ key) & mask(high),
                _ => right ^= scramble(left ^ key) & mask(low),
            }
        }
        left << low | right
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn scramble(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Purpose;
    use proptest::prelude::*;

    fn order(size: u64, seed: u64) -> Vec<u64> {
        let place = Place {
            seed,
            purpose: Purpose::Shuffle,
            step: 0,
            index: 0,
        };
        let permutation = Permutation::new(size, place);
        (0..size).map(|index| permutation.at(index)).collect()
    }

    proptest! {
        #[test]
        fn each_number_comes_once(size in 0u64..3_000, seed: u64) {
            let mut found = order(size, seed);
            found.sort_unstable();
            prop_assert!(found.into_iter().eq(0..size));
        }
    }

    #[test]
    fn orders_of_other_seeds_are_others_and_neighbours_part() {
        let size = 100_000;
        let (one, other) = (order(size, 1), order(size, 2));
        let alike = one.iter().zip(&other).filter(|(one, other)| one == other);
        assert!(alike.count() < 10);
        // Distances between neighbours of a random order are a third of its size on average.
        let distances = one.windows(2).map(|pair| pair[0].abs_diff(pair[1]));
        let mean = distances.sum::<u64>() as f64 / (size - 1) as f64;
        assert!((mean / size as f64 - 1.0 / 3.0).abs() < 0.005, "{mean}");
        // As many of the first half are in the first half as chance has it.
        let low = one[..50_000].iter().filter(|&&number| number < 50_000);
        assert!(low.count().abs_diff(25_000) < 500);
    }
}
