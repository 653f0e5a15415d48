//! Sums over all processes.

use super::{Wait, Workers};

/// Replaces `values`, as many in each process, by their sums over all. Each process adds up a part of them, always in the
/// order of the ranks, and hands the sums round: the same number of processes gives the same bytes, whatever library carries
/// them. Each sends and receives twice the values, however many processes there are.
pub fn sum(workers: &dyn Workers, values: &mut Vec<f32>, wait: Wait) {
    let (size, count) = (workers.size(), values.len());
    if size == 1 || count == 0 {
        return;
    }
    let part = count.div_ceil(size);
    values.resize(part * size, 0.0);
    let mut received = vec![0.0; part * size];
    workers.exchange(values, &mut received, wait);
    workers.collect(add_up(&mut received, part), values, wait);
    values.truncate(count);
}

/// As [`sum`], but what travels has 16 bits a number (bfloat16, rounded to the nearest): for slow networks, and values of
/// which that is enough. All processes get the same.
pub fn sum_rounded(workers: &dyn Workers, values: &mut Vec<f32>) {
    let (size, count) = (workers.size(), values.len());
    if size == 1 || count == 0 {
        return;
    }
    // An even number, so that each part is made of pairs.
    let part = count.div_ceil(size).next_multiple_of(2);
    values.resize(part * size, 0.0);
    let mut received = vec![0.0; part * size / 2];
    workers.exchange(&packed(values), &mut received, Wait::Busy);
    let mut received = unpacked(&received);
    let own = add_up(&mut received, part);
    let mut all = vec![0.0; part * size / 2];
    workers.collect(&packed(own), &mut all, Wait::Busy);
    *values = unpacked(&all);
    values.truncate(count);
}

/// Adds what the others sent, parts of the same length in the order of the ranks, to the part that the first sent.
fn add_up(received: &mut [f32], part: usize) -> &[f32] {
    let (own, others) = received.split_at_mut(part);
    for other in others.chunks(part) {
        for (sum, value) in own.iter_mut().zip(other) {
            *sum += value;
        }
    }
    own
}

/// Two numbers of 16 bits in the place of one of 32.
fn packed(values: &[f32]) -> Vec<f32> {
    let half = |value: f32| {
        let bits = value.to_bits();
        // Half a unit of the last place that stays; to even where it is in the middle. What is no number stays none.
        match value.is_nan() {
            true => bits >> 16 | 1,
            false => (bits + 0x7fff + (bits >> 16 & 1)) >> 16,
        }
    };
    let pairs = values.as_chunks::<2>().0.iter();
    pairs
        .map(|&[low, high]| f32::from_bits(half(low) | half(high) << 16))
        .collect()
}

/// What [`packed`] packed.
fn unpacked(values: &[f32]) -> Vec<f32> {
    let both = |value: &f32| {
        let bits = value.to_bits();
        [bits << 16, bits & 0xffff_0000].map(f32::from_bits)
    };
    values.iter().flat_map(both).collect()
}
