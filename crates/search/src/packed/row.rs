//! One row of logits: its normaliser and its best words.

use rten_simd::ops::{BitOps, MaskOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp, SimdUnaryOp};
use rten_vecmath::Exp;

use crate::steps::Candidate;

/// Finds the best `count` words that are not barred, and the logarithm of the sum of all exponentials.
pub(super) struct Scan<'a> {
    pub logits: &'a [f32],
    pub count: usize,
    pub barred: &'a [u32],
}

/// Vectors that are compared at once with the worst word kept.
const GROUP: usize = 4;

/// The best words so far, with logits in the place of log-probabilities.
struct Best<'a> {
    kept: Vec<Candidate>,
    count: usize,
    barred: &'a [u32],
}

impl Best<'_> {
    /// Returns the logit that a later word must exceed.
    #[inline(always)]
    fn least(&self) -> f32 {
        match self.kept.get(self.count.wrapping_sub(1)) {
            Some(worst) => worst.log_probability,
            None if self.count == 0 => f32::INFINITY,
            None => f32::NEG_INFINITY,
        }
    }

    /// Offers whole vectors of logits, of words from `first` on.
    #[inline(always)]
    fn offer_all<I: Isa>(&mut self, isa: I, first: u32, logits: &[f32]) {
        let (ops, masks) = (isa.f32(), isa.m32());
        for (index, vector) in logits.chunks_exact(ops.len()).enumerate() {
            let open = self.kept.len() < self.count;
            if !open && !masks.any(ops.gt(ops.load(vector), ops.splat(self.least()))) {
                continue;
            }
            let mut least = self.least();
            for (place, &logit) in vector.iter().enumerate() {
                if open || logit > least {
                    self.offer(first + (index * ops.len() + place) as u32, logit);
                    least = self.least();
                }
            }
        }
    }

    fn offer(&mut self, token: u32, logit: f32) {
        // The first ones are kept whatever they are, so a logit of minus infinity may be among them.
        let full = self.kept.len() >= self.count;
        if (full && logit <= self.least()) || logit.is_nan() || self.barred.contains(&token) {
            return;
        }
        let place = self
            .kept
            .partition_point(|other| other.log_probability >= logit);
        let candidate = Candidate {
            token,
            log_probability: logit,
        };
        self.kept.insert(place, candidate);
        self.kept.truncate(self.count);
    }
}

impl SimdOp for Scan<'_> {
    type Output = (Vec<Candidate>, f64);

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> Self::Output {
        let (ops, masks) = (isa.f32(), isa.m32());
        let lanes = ops.len();
        let mut best = Best {
            kept: Vec::with_capacity(self.count + 1),
            count: self.count,
            barred: self.barred,
        };
        let (whole, rest) = self
            .logits
            .split_at(self.logits.len() - self.logits.len() % lanes);
        let mut largest = ops.splat(f32::NEG_INFINITY);
        let mut token = 0;
        for group in whole.chunks(GROUP * lanes) {
            let mut highest = ops.splat(f32::NEG_INFINITY);
            for vector in group.chunks_exact(lanes) {
                highest = ops.max(highest, ops.load(vector));
            }
            largest = ops.max(largest, highest);
            let open = best.kept.len() < self.count;
            if open || masks.any(ops.gt(highest, ops.splat(best.least()))) {
                best.offer_all(isa, token, group);
            }
            token += group.len() as u32;
        }
        for (place, &logit) in rest.iter().enumerate() {
            best.offer(token + place as u32, logit);
        }
        let largest = largest
            .to_array()
            .as_ref()
            .iter()
            .chain(rest)
            .fold(f32::NEG_INFINITY, |a, &b| a.max(b));
        let offset = ops.splat(largest);
        let mut sums = [ops.zero(); GROUP];
        for group in whole.chunks(GROUP * lanes) {
            for (vector, sum) in group.chunks_exact(lanes).zip(&mut sums) {
                *sum = ops.add(*sum, Exp::apply(isa, ops.sub(ops.load(vector), offset)));
            }
        }
        let x = ops.sub(ops.load_pad(rest).0, offset);
        let values = Exp::apply(isa, x).to_array();
        let rest_mass: f32 = values.as_ref()[..rest.len()].iter().sum();
        let low = ops.add(sums[0], sums[1]);
        let high = ops.add(sums[2], sums[3]);
        let mass = ops.sum(ops.add(low, high)) + rest_mass;
        (best.kept, f64::from(largest) + f64::from(mass).ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::instruction_sets::Capped;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_best_are_found_and_the_mass_is_summed(
            steps in prop::collection::vec(-20i8..20, 1..200),
            count in 0usize..9,
            barred in prop::collection::vec(0u32..200, 0..4),
        ) {
            // Few different values: many ties.
            let logits: Vec<f32> = steps.iter().map(|&step| f32::from(step) / 4.0).collect();
            let (found, normaliser) = Scan { logits: &logits, count, barred: &barred }.run();
            let mut wanted: Vec<u32> = (0..logits.len() as u32).filter(|id| !barred.contains(id)).collect();
            wanted.sort_by(|&a, &b| logits[b as usize].total_cmp(&logits[a as usize]).then(a.cmp(&b)));
            wanted.truncate(count);
            prop_assert_eq!(found.iter().map(|candidate| candidate.token).collect::<Vec<_>>(), wanted);
            for candidate in &found {
                prop_assert_eq!(candidate.log_probability, logits[candidate.token as usize]);
            }
            let mass: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
            prop_assert!((normaliser - mass.ln()).abs() < 1e-5);
        }
    }
}
