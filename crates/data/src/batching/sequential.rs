//! Batches for evaluation: like lengths together, the order restored afterwards.

use super::dataset::Dataset;
use super::plan::longest_first;

/// The batches of all examples, the longest sources first, as places in the data set; each of
/// `batch_size` examples but the last.
pub fn sequential(dataset: &Dataset, batch_size: usize) -> Vec<Vec<usize>> {
    longest_first(dataset)
        .chunks(batch_size.max(1))
        .map(<[usize]>::to_vec)
        .collect()
}

/// Puts what was computed for each place, given as `(place, output)`, into the order of the places.
pub fn restore_order<T>(mut outputs: Vec<(usize, T)>) -> Vec<T> {
    outputs.sort_by_key(|(place, _)| *place);
    outputs.into_iter().map(|(_, output)| output).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batching::Example;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_order_is_restored(
            lengths in proptest::collection::vec(0usize..20, 0..50),
            batch_size in 0usize..9,
        ) {
            let examples: Vec<Example> = lengths
                .iter()
                .map(|&length| Example { source: vec![4; length].into(), target: Vec::new() })
                .collect();
            let dataset = Dataset { examples, ..Dataset::default() };
            let batches = sequential(&dataset, batch_size);
            prop_assert!(batches.concat().is_sorted_by(|&a, &b| lengths[a] >= lengths[b]));
            let mut outputs = Vec::new();
            for places in batches {
                let batch = dataset.batch(&places, 1);
                outputs.extend(batch.indices.into_iter().zip(batch.source.lengths().to_vec()));
            }
            prop_assert_eq!(restore_order(outputs), lengths);
        }
    }
}
