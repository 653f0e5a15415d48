//! The words that a model reads in training.

use std::borrow::Cow;

use data::batching::{Batch, Padded as HostPadded, Whole};
use data::special::UNK;
use model::{Forcing, Input, Padded, Pairs, Seq2Seq};
use random::{Place, Purpose, Stream};

use crate::config::WordDropoutConfig;
use crate::translator::{MARKS, pairs};

/// The words of a batch as the model reads them: those of the batch, but for what signals have changed. Images stay
/// as they are.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    batch: &'a Batch,
    source: Cow<'a, [i32]>,
    input: Cow<'a, [i32]>,
}

impl<'a> Words<'a> {
    /// Those of `batch`.
    pub(crate) fn of(batch: &'a Batch) -> Self {
        Self {
            batch,
            source: Cow::Borrowed(batch.source.words().map_or(&[], |words| &words.ids)),
            input: Cow::Borrowed(&batch.target_input.ids),
        }
    }

    /// With words made unknown (Bowman et al. 2016, section 3.1): each independently, drawn by the run's `seed`
    /// and the micro-batch's `number`, whoever works on which rows of the `whole`. Marks stay.
    pub(crate) fn with_unknown(
        mut self,
        shares: &WordDropoutConfig,
        seed: u64,
        number: u64,
        whole: &Whole,
    ) -> Self {
        let stream = |index| {
            Stream::new(Place {
                seed,
                purpose: Purpose::Unknown,
                step: number,
                index,
            })
        };
        if let Some(rows) = self.batch.source.words()
            && shares.source > 0.0
        {
            // The last word of a source is its end mark.
            let words = |length: usize| 0..length.saturating_sub(1);
            let ids = self.source.to_mut();
            make_unknown(ids, (rows, whole, 0), words, shares.source, stream(0));
        }
        if shares.target > 0.0 {
            // The first word that is read is the start mark.
            let words = |length: usize| 1..length;
            let (ids, rows) = (self.input.to_mut(), &self.batch.target_input);
            make_unknown(ids, (rows, whole, 1), words, shares.target, stream(1));
        }
        self
    }

    /// With words that `model`, one without gradients, says itself.
    pub(crate) fn with_own(mut self, model: &Seq2Seq, forcing: &Forcing) -> Self {
        let mixed = forcing.mix(model, self.pairs(), &MARKS);
        self.input = Cow::Owned(mixed);
        self
    }

    /// As the model sees them.
    pub(crate) fn pairs(&self) -> Pairs<'_> {
        let of_batch = pairs(self.batch);
        Pairs {
            source: match of_batch.source {
                Input::Words(words) => Input::Words(Padded {
                    ids: &self.source,
                    ..words
                }),
                images => images,
            },
            input: Padded {
                ids: &self.input,
                ..of_batch.input
            },
            ..of_batch
        }
    }
}

/// Replaces a `share` of the `words` of each row of `ids`, `[rows, time]`, a side of the batch. What is drawn for rows of
/// the whole that are not among these is let go.
fn make_unknown(
    ids: &mut [i32],
    (rows, whole, side): (&HostPadded, &Whole, usize),
    words: impl Fn(usize) -> std::ops::Range<usize>,
    share: f64,
    mut stream: Stream,
) {
    let own = whole.own();
    let mut rows = ids.chunks_mut(rows.time.max(1));
    for (number, &length) in whole.lengths[side].iter().enumerate() {
        let is_own = number >= own.first && (number - own.first).is_multiple_of(own.step);
        let mut row = if is_own { rows.next() } else { None };
        for place in words(length) {
            if stream.double() < share
                && let Some(row) = &mut row
            {
                row[place] = UNK as i32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::batching::{Dataset, Example};
    use data::special::{END, START};

    fn batch() -> Batch {
        let of_length = |length: usize| Example {
            source: [&vec![7; length][..], &[END]].concat().into(),
            target: [&vec![8; length][..], &[END]].concat(),
        };
        let dataset = Dataset {
            examples: (1..60).map(of_length).collect(),
            ..Dataset::default()
        };
        dataset.batch(&(0..59).collect::<Vec<_>>(), 8)
    }

    #[test]
    fn a_share_of_the_words_and_no_mark_becomes_unknown() {
        let batch = batch();
        let shares = WordDropoutConfig {
            source: 0.3,
            target: 0.1,
        };
        let words = Words::of(&batch).with_unknown(&shares, 1, 2, &Whole::all_of(&batch));
        for (found, before, share) in [
            (&words.source, &batch.source.words().unwrap().ids, 0.3),
            (&words.input, &batch.target_input.ids, 0.1),
        ] {
            let mut counts = [0; 2];
            for (&found, &before) in found.iter().zip(before.iter()) {
                if [7, 8].contains(&before) {
                    assert!(found == before || found == UNK as i32);
                    counts[usize::from(found != before)] += 1;
                } else {
                    assert_eq!(found, before, "a mark or padding");
                }
            }
            let all = f64::from(counts[0] + counts[1]);
            let lost = f64::from(counts[1]) / all;
            assert!((lost - share).abs() < 0.04, "{lost} is not {share}");
        }
        assert!(words.input.iter().filter(|&&id| id == START as i32).count() == 59);
        assert_eq!(words.pairs().output.ids, batch.target_output.ids);
    }

    #[test]
    fn what_is_lost_depends_on_seed_and_number_alone() {
        let batch = batch();
        let shares = WordDropoutConfig {
            source: 0.5,
            target: 0.5,
        };
        let ids = |seed, number| {
            let words =
                Words::of(&batch).with_unknown(&shares, seed, number, &Whole::all_of(&batch));
            (words.source.into_owned(), words.input.into_owned())
        };
        assert_eq!(ids(1, 2), ids(1, 2));
        assert_ne!(ids(1, 2).0, ids(1, 3).0);
        assert_ne!(ids(1, 2).1, ids(2, 2).1);
        let nothing = Words::of(&batch).with_unknown(
            &WordDropoutConfig::default(),
            1,
            2,
            &Whole::all_of(&batch),
        );
        assert!(matches!(
            (nothing.source, nothing.input),
            (Cow::Borrowed(_), Cow::Borrowed(_))
        ));
    }
}
