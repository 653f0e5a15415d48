//! Rows of one length.

use super::dataset::{Dataset, Example};
use super::source::Sources;
use crate::corpus::Link;
use crate::special::{PAD, START};

/// Sequences filled up with `<pad>` to one length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Padded {
    /// The ids, row after row: `[rows, time]`.
    pub ids: Vec<i32>,
    /// For each row how many of its ids are not padding.
    pub lengths: Vec<usize>,
    /// How many sequences there are.
    pub rows: usize,
    /// The length of every row.
    pub time: usize,
}

impl Padded {
    pub(super) fn new<'a>(
        sequences: impl ExactSizeIterator<Item = &'a [u32]> + Clone,
        multiple_of: usize,
    ) -> Self {
        let lengths: Vec<usize> = sequences.clone().map(<[u32]>::len).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let time = longest.next_multiple_of(multiple_of.max(1));
        let mut ids = vec![PAD as i32; lengths.len() * time];
        // A row of length zero has no place to write to; `chunks_mut` wants at least one.
        for (row, sequence) in ids.chunks_mut(time.max(1)).zip(sequences) {
            for (place, &id) in row.iter_mut().zip(sequence) {
                *place = id as i32;
            }
        }
        Self {
            ids,
            rows: lengths.len(),
            lengths,
            time,
        }
    }

    /// One row, padding included.
    pub fn row(&self, row: usize) -> &[i32] {
        &self.ids[row * self.time..(row + 1) * self.time]
    }
}

/// Examples that are worked on together, the longest source first.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Source sentences, ending with `</s>`, or images.
    pub source: Sources,
    /// Input of the decoder: `<s>` and the target sentence.
    pub target_input: Padded,
    /// Expected output of the decoder: the target sentence and `</s>`. Lengths as in `target_input`; both are empty
    /// where no targets are known.
    pub target_output: Padded,
    /// For each row the place of its example.
    pub indices: Vec<usize>,
    /// For each row the links between its tokens, where the data set has any; else empty.
    pub links: Vec<Vec<Link>>,
    /// Source ids, end marks counted, or columns of images, that are not padding.
    pub source_tokens: usize,
    /// Target ids that are not padding, end marks counted.
    pub target_tokens: usize,
}

impl Batch {
    /// How many places of the longer part of the work are not padding, and how many there are: ids of the targets,
    /// or, of images, columns.
    pub fn filled(&self) -> [usize; 2] {
        match &self.source {
            Sources::Words(_) => [self.target_tokens, self.target_output.ids.len()],
            Sources::Pictures(_) => [self.source_tokens, self.source.places()],
        }
    }

    /// Tokens of the longer side, or columns of images, with those of the padding.
    pub fn places(&self) -> usize {
        self.source.places().max(self.target_output.ids.len())
    }

    /// The share of ids that are padding, source and target output together, the columns of images
    /// counted as ids; from 0 to 1.
    pub fn padding(&self) -> f64 {
        let all = self.source.places() + self.target_output.ids.len();
        let real = self.source_tokens + self.target_tokens;
        if all == 0 {
            0.0
        } else {
            1.0 - real as f64 / all as f64
        }
    }
}

/// Puts examples side by side. Rows are sorted by decreasing source length, equals in the order
/// given; lengths are filled up to a multiple of `multiple_of`. [`Batch::indices`] are places in
/// `examples`.
pub fn collate(examples: &[&Example], multiple_of: usize) -> Batch {
    let mut indices: Vec<usize> = (0..examples.len()).collect();
    indices.sort_by_key(|&index| std::cmp::Reverse(examples[index].source.len()));
    let rows = indices.iter().map(|&index| examples[index]);
    let source = Sources::new(rows.clone().map(|example| &example.source), multiple_of);
    let targets = rows.clone().map(|example| example.target.as_slice());
    let target_output = Padded::new(targets, multiple_of);
    let inputs = rows.map(|example| match example.target.split_last() {
        Some((_end, sentence)) => [&[START], sentence].concat(),
        None => Vec::new(),
    });
    let inputs: Vec<Vec<u32>> = inputs.collect();
    let target_input = Padded::new(inputs.iter().map(Vec::as_slice), multiple_of);
    Batch {
        source_tokens: source.lengths().iter().sum(),
        target_tokens: target_output.lengths.iter().sum(),
        source,
        target_input,
        target_output,
        indices,
        links: Vec::new(),
    }
}

impl Dataset {
    /// The batch of the examples at `places`; [`Batch::indices`] are places in the data set.
    ///
    /// # Panics
    /// If a place is not below the number of examples.
    pub fn batch(&self, places: &[usize], multiple_of: usize) -> Batch {
        let examples: Vec<&Example> = places.iter().map(|&place| &self.examples[place]).collect();
        let mut batch = collate(&examples, multiple_of);
        for index in &mut batch.indices {
            *index = places[*index];
        }
        if !self.links.is_empty() {
            let rows = batch.indices.iter();
            batch.links = rows.map(|&place| self.links[place].clone()).collect();
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::END;
    use proptest::prelude::*;

    fn example(source: &[u32], target: &[u32]) -> Example {
        Example {
            source: [source, &[END]].concat().into(),
            target: [target, &[END]].concat(),
        }
    }

    #[test]
    fn rows_are_padded_and_sorted_by_source_length() {
        let (short, long) = (example(&[7], &[8, 9]), example(&[4, 5], &[6]));
        let batch = collate(&[&short, &long, &short], 1);
        assert_eq!(batch.indices, [1, 0, 2]);
        let source = batch.source.words().unwrap();
        assert_eq!(source.ids, [4, 5, 3, 7, 3, 0, 7, 3, 0]);
        assert_eq!(batch.source.lengths(), [3, 2, 2]);
        assert_eq!(batch.target_input.ids, [2, 6, 0, 2, 8, 9, 2, 8, 9]);
        assert_eq!(batch.target_output.ids, [6, 3, 0, 8, 9, 3, 8, 9, 3]);
        assert_eq!(batch.target_input.lengths, batch.target_output.lengths);
        assert_eq!((batch.source_tokens, batch.target_tokens), (7, 8));
        assert!((batch.padding() - 3.0 / 18.0).abs() < 1e-12);
        assert_eq!(batch.target_output.row(1), [8, 9, 3]);
    }

    #[test]
    fn rows_have_the_links_of_their_examples() {
        let link = |source| vec![Link { source, target: 0 }];
        let mut dataset = Dataset {
            examples: vec![example(&[7], &[8]), example(&[4, 5], &[6])],
            ..Dataset::default()
        };
        assert!(dataset.batch(&[0, 1], 1).links.is_empty());
        dataset.links = vec![link(0), link(1)];
        assert_eq!(dataset.batch(&[0, 1], 1).links, [link(1), link(0)]);
        assert_eq!(dataset.batch(&[0], 1).links, [link(0)]);
    }

    #[test]
    fn lengths_are_filled_up_to_a_multiple() {
        let batch = collate(&[&example(&[4, 4, 4, 4], &[5])], 8);
        let source = batch.source.words().unwrap();
        assert_eq!((source.time, batch.target_output.time), (8, 8));
        assert_eq!(source.lengths, [5]);
    }

    #[test]
    fn sources_without_targets_and_no_examples_at_all_are_fine() {
        let source = Example {
            source: vec![4, END].into(),
            target: Vec::new(),
        };
        let batch = collate(&[&source], 8);
        assert_eq!((batch.target_input.rows, batch.target_input.time), (1, 0));
        assert_eq!(collate(&[], 8).source.rows(), 0);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_added(
            pairs in proptest::collection::vec(
                (proptest::collection::vec(4u32..99, 0..9), proptest::collection::vec(4u32..99, 0..9)),
                1..9),
            multiple_of in 1usize..9,
        ) {
            let examples: Vec<Example> = pairs.iter().map(|(s, t)| example(s, t)).collect();
            let dataset = Dataset { examples: examples.clone(), ..Dataset::default() };
            let places: Vec<usize> = (0..examples.len()).rev().collect();
            let batch = dataset.batch(&places, multiple_of);
            prop_assert!(batch.source.lengths().is_sorted_by(|a, b| a >= b));
            for (row, &index) in batch.indices.iter().enumerate() {
                for (padded, ids) in [
                    (batch.source.words().unwrap(), &[&pairs[index].0[..], &[END]].concat()),
                    (&batch.target_output, &examples[index].target),
                ] {
                    prop_assert_eq!(padded.time % multiple_of, 0);
                    let wanted = ids.iter().map(|&id| id as i32).chain(std::iter::repeat(0));
                    prop_assert!(padded.row(row).iter().copied().eq(wanted.take(padded.time)));
                    prop_assert_eq!(padded.lengths[row], ids.len());
                }
            }
        }
    }
}
