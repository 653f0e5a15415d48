//! Steps of search: the decoder, the output layer and the best words.

use std::fmt;

use burn::tensor::Device;
use divan::{Bencher, black_box_drop};
use model::search::{Ask, Favour, Precision, searcher};
use model::{ModelConfig, Seq2Seq};
use operations::use_reference;

use crate::subject::{Sentences, Sizes, sizes};

/// Whose steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Kernel,
    Int8,
    Reference,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
struct Case(Sizes, By);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.1 {
            By::Kernel => "kernel",
            By::Int8 => "kernel, 8-bit weights",
            By::Reference => "reference",
        };
        write!(f, "{}, {by}", self.0)
    }
}

fn cases() -> Vec<Case> {
    let of = |sizes| [By::Kernel, By::Int8, By::Reference].map(|by| Case(sizes, by));
    sizes().into_iter().flat_map(of).collect()
}

/// Steps that are timed together, with the encoding of the source before them: what runs steps keeps its
/// threads awake from the first to the last.
const STEPS: usize = 10;

/// Each of `sentences` has `beams` rows.
fn steps(bencher: Bencher, Case(sizes, by): Case, sentences: usize, beams: usize) {
    use_reference(by == By::Reference);
    let words = sizes.vocabulary;
    let config = ModelConfig {
        embedding_size: sizes.embedding,
        hidden_size: sizes.hidden,
        ..ModelConfig::default()
    };
    let Ok(model) = Seq2Seq::new(&config.effective(), words, words, 1, &Device::flex()) else {
        unreachable!("the default model has no odd sizes");
    };
    let precision = match by {
        By::Int8 => Precision::Int8,
        By::Kernel | By::Reference => Precision::Full,
    };
    let rows = sentences * beams;
    let favour = Favour::for_rows(rows, Favour::Throughput);
    let searcher = searcher(&model, precision, favour);
    let ask = Ask {
        count: beams,
        barred: vec![0, 1, 2],
        attention: false,
        everything: false,
    };
    let source = Sentences::new(sentences, sizes.source, words);
    let first: Vec<usize> = (0..rows).map(|row| row / beams).collect();
    let parents: Vec<usize> = (0..rows).collect();
    let said: Vec<u32> = (0..rows).map(|row| 4 + row as u32 % 50).collect();
    bencher.bench_local(|| {
        searcher.run(source.padded(), |steps| {
            black_box_drop(steps.step(&said, &first, &ask));
            for _ in 1..STEPS {
                black_box_drop(steps.step(&said, &parents, &ask));
            }
        });
    });
}

#[divan::bench(args = cases())]
fn ten_for_one_sentence(bencher: Bencher, case: Case) {
    steps(bencher, case, 1, 1);
}

#[divan::bench(args = cases())]
fn ten_for_64_sentences(bencher: Bencher, case: Case) {
    steps(bencher, case, 64, 1);
}

#[divan::bench(args = cases())]
fn ten_for_64_sentences_with_beams_of_5(bencher: Bencher, case: Case) {
    steps(bencher, case, 64, 5);
}
