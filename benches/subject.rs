//! What is measured: sizes, which of two ways is taken, and numbers.

use std::fmt;

use burn::tensor::{Device, Tensor, TensorData};
use model::{Lengths, Padded};
use operations::use_reference;
use random::{Place, Purpose, Stream};

/// Sizes of a batch and a model.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    name: &'static str,
    /// Sentences.
    pub batch: usize,
    /// Words of the longest source.
    pub source: usize,
    /// Words of the longest target.
    pub target: usize,
    /// Numbers of a word's vector.
    pub embedding: usize,
    /// Units of a state.
    pub hidden: usize,
    /// Words of the target language.
    pub vocabulary: usize,
}

const SMALL: Sizes = Sizes {
    name: "small",
    batch: 8,
    source: 5,
    target: 6,
    embedding: 32,
    hidden: 64,
    vocabulary: 500,
};

/// Those of `attune bench train --workload yardstick`, and a mean batch's lengths there.
const YARDSTICK: Sizes = Sizes {
    name: "yardstick",
    batch: 64,
    source: 9,
    target: 11,
    embedding: 256,
    hidden: 512,
    vocabulary: 2800,
};

/// Which way an operation is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The CPU's own kernel.
    Kernel,
    /// Plain tensors.
    Reference,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    sizes: Sizes,
    way: Way,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.way {
            Way::Kernel => "kernel",
            Way::Reference => "reference",
        };
        write!(f, "{}, {way}", self.sizes.name)
    }
}

impl Case {
    /// Chooses this case's way from now on. Benchmarks run one after another.
    pub fn begin(self) -> Sizes {
        use_reference(self.way == Way::Reference);
        self.sizes
    }
}

/// Every size each way; only the small one where nothing is timed, as under `cargo test`.
pub fn cases() -> Vec<Case> {
    let of = |sizes| [Way::Kernel, Way::Reference].map(|way| Case { sizes, way });
    sizes().into_iter().flat_map(of).collect()
}

/// The sizes to measure.
pub fn sizes() -> Vec<Sizes> {
    match timed() {
        true => vec![SMALL, YARDSTICK],
        false => vec![SMALL],
    }
}

/// Whether anything is timed: cargo says so by an argument.
pub fn timed() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// `count` numbers from -1 to 1, of any `seed` others.
pub fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut stream = Stream::new(Place {
        seed,
        purpose: Purpose::Weights,
        step: 0,
        index: 0,
    });
    (0..count).map(|_| stream.uniform(-1.0, 1.0)).collect()
}

/// Where gradients are tracked.
pub fn device() -> Device {
    Device::flex().autodiff()
}

/// A tensor of [`numbers`] that a gradient is wanted of.
pub fn tensor<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    let values = numbers(shape.iter().product(), seed);
    Tensor::from_data(TensorData::new(values, shape), &device()).require_grad()
}

/// Lengths of `rows` sentences, of which the longest has `time` words: a bucket of similar ones.
pub fn ragged(rows: usize, time: usize) -> Vec<usize> {
    (0..rows).map(|row| time - row % 3).collect()
}

/// [`ragged`], on the device.
pub fn lengths(rows: usize, time: usize) -> Lengths {
    Lengths::new(&ragged(rows, time), time, &device())
}

/// Sentences of words below `vocabulary`.
#[derive(Debug)]
pub struct Sentences {
    ids: Vec<i32>,
    lengths: Vec<usize>,
    time: usize,
}

impl Sentences {
    /// `rows` sentences; see [`ragged`].
    pub fn new(rows: usize, time: usize, vocabulary: usize) -> Self {
        let lengths = ragged(rows, time);
        let word = |place: usize| {
            let real = place % time < lengths[place / time];
            // A few words are frequent, as in a language.
            let word = 4 + (place * place * 7 + place * 13) % (vocabulary - 4);
            if real { word as i32 } else { 0 }
        };
        Self {
            ids: (0..rows * time).map(word).collect(),
            lengths,
            time,
        }
    }

    /// As models take them.
    pub fn padded(&self) -> Padded<'_> {
        Padded {
            ids: &self.ids,
            lengths: &self.lengths,
            time: self.time,
        }
    }
}
