//! The words that a decoder reads.

use burn::tensor::Device;
use model::parameters;
use model::{Coin, Forcing, Guess, Marks, Seq2Seq};

use super::*;

const MARKS: Marks = Marks {
    pad: 0,
    unknown: 1,
    start: 2,
    end: 3,
};

/// Models of every decoder, with words far enough apart to be told from one another.
fn every_model(device: &Device) -> Vec<(String, Seq2Seq)> {
    let mut models = Vec::new();
    let recurrent = [
        DecoderKind::Rnn,
        DecoderKind::Gru,
        DecoderKind::Lstm,
        DecoderKind::Cgru,
    ];
    for decoder in recurrent.into_iter().chain([DecoderKind::Conv]) {
        for attention in [
            AttentionKind::None,
            AttentionKind::Bahdanau,
            AttentionKind::LuongGeneral,
            AttentionKind::LocalP,
        ] {
            for feeding in [true, false] {
                let config = config(decoder, attention, feeding);
                if let Ok(model) = Seq2Seq::new(&config, WORDS, WORDS, 5, device) {
                    let name = format!("{decoder}, {attention}, feeding {feeding}");
                    models.push((name, strong(model)));
                }
            }
        }
    }
    assert!(models.len() > 20, "{}", models.len());
    models
}

/// The model with larger parameters: less flat than at the beginning of training.
fn strong(model: Seq2Seq) -> Seq2Seq {
    let mut values = parameters::collect(&model);
    for values in values.values_mut() {
        values.data.iter_mut().for_each(|value| *value *= 3.0);
    }
    parameters::place(model, values).unwrap()
}

fn forcing(ratio: f64, coin: Coin, guess: Guess) -> Forcing {
    Forcing {
        rows: random::Rows {
            first: 0,
            step: 1,
            all: usize::MAX,
        },
        ratio,
        coin,
        guess,
        seed: 3,
        step: 4,
    }
}

/// The pairs with other words to read.
fn reading(words: &[i32]) -> Pairs<'_> {
    Pairs {
        input: Padded {
            ids: words,
            ..PAIRS.input
        },
        ..PAIRS
    }
}

/// Log-probability of `word` at step `time` of `row` under teacher forcing with `words`.
fn log_probability(model: &Seq2Seq, words: &[i32], row: usize, time: usize, word: i32) -> f32 {
    let mut right = PAIRS.output.ids.to_vec();
    right[row * PAIRS.output.time + time] = word;
    let output = Padded {
        ids: &right,
        ..PAIRS.output
    };
    let pairs = Pairs {
        output,
        ..reading(words)
    };
    model.score(pairs)[row][time]
}

#[test]
fn told_words_are_the_right_ones() {
    let (_, model) = every_model(&Device::flex()).swap_remove(0);
    for coin in [Coin::Token, Coin::Step, Coin::Sentence] {
        let mixed = forcing(1.0, coin, Guess::Best).mix(&model, PAIRS, &MARKS);
        assert_eq!(mixed, PAIRS.input.ids);
    }
}

/// Every word that is not the right one is the most probable after the words before it, in the one
/// pass of teacher forcing that will be trained.
#[test]
fn own_words_are_what_the_model_says_after_the_mixed_words() {
    for (name, model) in every_model(&Device::flex()) {
        let mut own = 0;
        for coin in [Coin::Token, Coin::Step, Coin::Sentence] {
            let mixed = forcing(0.3, coin, Guess::Best).mix(&model, PAIRS, &MARKS);
            for (row, &length) in PAIRS.input.lengths.iter().enumerate() {
                let at = |time: usize| row * PAIRS.input.time + time;
                assert_eq!(mixed[at(0)], 2);
                for time in 1..length {
                    if mixed[at(time)] == PAIRS.input.ids[at(time)] {
                        continue;
                    }
                    own += 1;
                    let of = |word| log_probability(&model, &mixed, row, time - 1, word);
                    let said = of(mixed[at(time)]);
                    let best = (0..WORDS as i32).filter(|word| ![0, 2].contains(word));
                    let best = best.map(of).fold(f32::NEG_INFINITY, f32::max);
                    assert!(said >= best - 1e-4, "{name}: {said} is not {best}");
                }
                assert!(
                    (length..PAIRS.input.time).all(|time| mixed[at(time)] == 0),
                    "{name}: {mixed:?}"
                );
            }
        }
        assert!(own > 3, "{name}: {own} words");
    }
}

/// Rows of words, all alike.
struct Rows {
    ids: Vec<i32>,
    lengths: Vec<usize>,
}

impl Rows {
    fn new(count: usize, words: &[i32]) -> Self {
        Self {
            ids: words.repeat(count),
            lengths: vec![words.len(); count],
        }
    }

    fn padded(&self) -> Padded<'_> {
        Padded {
            ids: &self.ids,
            lengths: &self.lengths,
            time: self.lengths[0],
        }
    }
}

/// Many pairs alike.
struct Alike {
    source: Rows,
    target: Rows,
}

impl Alike {
    fn new(count: usize, source: &[i32], target: &[i32]) -> Self {
        Self {
            source: Rows::new(count, source),
            target: Rows::new(count, target),
        }
    }

    fn pairs(&self) -> Pairs<'_> {
        Pairs {
            source: Input::Words(self.source.padded()),
            input: self.target.padded(),
            output: self.target.padded(),
        }
    }
}

#[test]
fn coins_are_tossed_for_what_they_are_said_to() {
    let (_, model) = every_model(&Device::flex()).swap_remove(0);
    // Nothing but 9 is told, and the model never says 9.
    let mut values = parameters::collect(&model);
    values.get_mut("output.bias").unwrap().data[9] = -1e4;
    let model = parameters::place(model, values).unwrap();
    let rows = 64;
    let alike = Alike::new(rows, &[4, 8, 3], &[2, 9, 9, 9, 9, 9, 9, 9]);
    let pairs = alike.pairs();
    let told = |ratio, coin| -> Vec<bool> {
        let mixed = forcing(ratio, coin, Guess::Best).mix(&model, pairs, &MARKS);
        mixed.iter().map(|&word| word == 9).collect()
    };
    assert!(told(0.0, Coin::Token).iter().all(|&told| !told));
    let share = |told: &[bool]| {
        let count = told.iter().filter(|&&told| told).count();
        count as f64 / (7 * rows) as f64
    };
    let even = |row: &[bool]| row[1..].iter().all(|&one| one == row[1]);
    let token = told(0.4, Coin::Token);
    assert!((share(&token) - 0.4).abs() < 0.08, "{}", share(&token));
    assert!(!token.chunks(8).all(even));
    let sentence = told(0.4, Coin::Sentence);
    assert!(sentence.chunks(8).all(even));
    assert!((share(&sentence) - 0.4).abs() < 0.2, "{sentence:?}");
    let step = told(0.4, Coin::Step);
    assert!(step.chunks(8).all(|row| row == &step[..8]));
    assert!(!even(&step[..8]), "{step:?}");
}

#[test]
fn the_choice_depends_on_seed_and_step_alone() {
    let (_, model) = every_model(&Device::flex()).swap_remove(3);
    for guess in [Guess::Best, Guess::Sample] {
        let forcing = forcing(0.2, Coin::Token, guess);
        let found = forcing.mix(&model, PAIRS, &MARKS);
        assert_eq!(found, forcing.mix(&model, PAIRS, &MARKS));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build();
        let elsewhere = pool.unwrap().install(|| forcing.mix(&model, PAIRS, &MARKS));
        assert_eq!(found, elsewhere);
        let others = (5..9).map(|step| Forcing { step, ..forcing }.mix(&model, PAIRS, &MARKS));
        assert!(others.into_iter().any(|other| other != found));
    }
}

/// The second word of a sentence, drawn many times, against the distribution it is drawn from.
#[test]
fn drawn_words_fit_the_distribution() {
    let (_, model) = every_model(&Device::flex()).swap_remove(1);
    let draws = 3_000;
    let alike = Alike::new(draws, &[4, 8, 7, 3], &[2, 5]);
    let pairs = alike.pairs();
    let mixed = forcing(0.0, Coin::Token, Guess::Sample).mix(&model, pairs, &MARKS);
    let mut counts = [0u32; WORDS];
    for row in mixed.chunks(2) {
        counts[row[1] as usize] += 1;
    }
    assert_eq!((counts[0], counts[2]), (0, 0), "marks are never drawn");
    // The first pair has the same source.
    let probability = |word: i32| {
        let log = log_probability(&model, PAIRS.input.ids, 0, 0, word);
        f64::from(log).exp()
    };
    let allowed: Vec<i32> = (0..WORDS as i32)
        .filter(|word| ![0, 2].contains(word))
        .collect();
    let all: f64 = allowed.iter().map(|&word| probability(word)).sum();
    let squared: f64 = allowed
        .iter()
        .map(|&word| {
            let expected = draws as f64 * probability(word) / all;
            (f64::from(counts[word as usize]) - expected).powi(2) / expected
        })
        .sum();
    // Chi-square with 7 degrees of freedom: 24.3 is exceeded once in a thousand.
    assert!(squared < 24.3, "{squared}: {counts:?}");
}
