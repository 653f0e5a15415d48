//! Pairs, alone and side by side.

use model::parameters::{self, Parameters};
use model::{Padded, Pairs, Seq2Seq};

/// Sources and targets of very different lengths, one of each empty but for the end mark.
pub(crate) const PAIRS: [(&[i32], &[i32]); 4] = [
    (&[4, 9, 3], &[5, 12, 8, 3]),
    (&[7, 5, 10, 8, 6, 9, 3], &[3]),
    (&[3], &[9, 4, 3]),
    (&[6, 6, 4, 3], &[7, 8, 9, 10, 11, 12, 3]),
];

/// Sentences filled up to one length.
pub(crate) struct Rows {
    ids: Vec<i32>,
    pub(crate) lengths: Vec<usize>,
    time: usize,
}

impl Rows {
    /// With `more` positions behind the longest one's end; `filler` stands behind every end.
    pub(crate) fn new(sentences: &[Vec<i32>], more: usize, filler: i32) -> Self {
        let lengths: Vec<usize> = sentences.iter().map(Vec::len).collect();
        let time = lengths.iter().max().unwrap() + more;
        let mut ids = Vec::new();
        for sentence in sentences {
            ids.extend(sentence);
            ids.resize(ids.len().next_multiple_of(time), filler);
        }
        Self { ids, lengths, time }
    }

    pub(crate) fn padded(&self) -> Padded<'_> {
        Padded {
            ids: &self.ids,
            lengths: &self.lengths,
            time: self.time,
        }
    }
}

/// Some of [`PAIRS`], side by side.
pub(crate) struct Batch {
    pub(crate) source: Rows,
    pub(crate) input: Rows,
    pub(crate) output: Rows,
}

impl Batch {
    pub(crate) fn new(places: &[usize], more: usize, filler: i32) -> Self {
        let rows = |of: fn(usize) -> Vec<i32>| {
            let sentences: Vec<_> = places.iter().map(|&place| of(place)).collect();
            Rows::new(&sentences, more, filler)
        };
        Self {
            source: rows(|place| PAIRS[place].0.to_vec()),
            input: rows(|place| {
                let (_, words) = PAIRS[place].1.split_last().unwrap();
                [&[2], words].concat()
            }),
            output: rows(|place| PAIRS[place].1.to_vec()),
        }
    }

    /// The batch of one pair, without padding.
    pub(crate) fn alone(place: usize) -> Self {
        Self::new(&[place], 0, 0)
    }

    pub(crate) fn pairs(&self) -> Pairs<'_> {
        Pairs {
            source: self.source.padded().into(),
            input: self.input.padded(),
            output: self.output.padded(),
        }
    }

    /// The loss with the gradient of every parameter.
    pub(crate) fn learn(&self, model: &Seq2Seq) -> (f32, Parameters) {
        let loss = model.loss(self.pairs(), 0.1, None);
        let tokens: usize = self.output.lengths.iter().sum();
        assert_eq!(loss.tokens, tokens);
        let gradients = parameters::gradients(model, &loss.sum.backward());
        (loss.sum.into_scalar::<f32>(), gradients)
    }
}
