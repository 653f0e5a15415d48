//! Sums over all processes.

use super::Workers;

/// Replaces `values`, as many in each process, by their sums over all. Each process adds up a part of them, always in the
/// order of the ranks, and hands the sums round: the same number of processes gives the same bytes, whatever library carries
/// them. Each sends and receives twice the values, however many processes there are.
pub fn sum(workers: &dyn Workers, values: &mut Vec<f32>) {
    let (size, count) = (workers.size(), values.len());
    if size == 1 || count == 0 {
        return;
    }
    let part = count.div_ceil(size);
    values.resize(part * size, 0.0);
    let mut received = vec![0.0; part * size];
    workers.exchange(values, &mut received);
    let (own, others) = received.split_at_mut(part);
    for other in others.chunks(part) {
        for (sum, value) in own.iter_mut().zip(other) {
            *sum += value;
        }
    }
    workers.collect(own, values);
    values.truncate(count);
}
