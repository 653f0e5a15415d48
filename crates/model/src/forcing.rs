//! Words that a decoder reads in training: the right ones, or its own.

pub use network::kind::{Coin, Guess};
use random::{Place, Purpose, Rows, Stream};

use crate::search::{Ask, Favour, Marks, Precision, Steps, searcher};
use crate::seq2seq::{Pairs, Seq2Seq};
use network::Padded;

/// How often a decoder reads the right words in training, and its own otherwise.
///
/// Coin tosses and drawn words are functions of the seed, the micro-batch's number and the word's place
/// in the batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forcing {
    /// The probability of the right word, 0 to 1.
    pub ratio: f64,
    /// Scope of one coin toss.
    pub coin: Coin,
    /// Which word is read otherwise.
    pub guess: Guess,
    /// The run's seed.
    pub seed: u64,
    /// The micro-batch's number.
    pub step: u64,
    /// Which rows of the batch these are.
    pub rows: Rows,
}

impl Forcing {
    /// The words that the decoder is to read instead of the inputs of `pairs`, `[rows, time]`.
    ///
    /// The word that follows step t is the right one or what `model` says at step t **after the words
    /// that were chosen before**; so one pass of teacher forcing over these words computes what a
    /// decoder would that ran step by step, and no gradient goes through a chosen word. Dropout has no
    /// part in the choice: the words are those that the model would say in translation. The first
    /// word, the start mark, stays; words never become padding or start marks.
    ///
    /// `model` is best one without gradients.
    ///
    /// # Panics
    /// When the source is not what the encoder reads.
    pub fn mix(&self, model: &Seq2Seq, pairs: Pairs<'_>, marks: &Marks) -> Vec<i32> {
        let mut walk = Walk::new(self, pairs.input, marks);
        if walk.last.iter().any(|&last| last > 0) {
            let searcher = searcher(model, Precision::Full, Favour::Throughput);
            searcher.run(pairs.source, |steps| walk.through(steps));
        }
        walk.words
    }

    /// Whether word `time` of sentence `row` is the right one.
    fn is_told(&self, row: usize, time: usize) -> bool {
        let (row, time) = match self.coin {
            Coin::Token => (row, time),
            // One toss for all rows, that of the first of the whole.
            Coin::Step => return self.toss(0, time),
            Coin::Sentence => (row, 0),
        };
        self.toss(self.rows.number(row), time)
    }

    /// The toss for a row of the whole batch.
    fn toss(&self, row: usize, time: usize) -> bool {
        self.stream(Purpose::Forcing, row, time).double() < self.ratio
    }

    fn stream(&self, purpose: Purpose, row: usize, time: usize) -> Stream {
        Stream::new(Place {
            seed: self.seed,
            purpose,
            step: self.step,
            index: (row as u64) << 32 | time as u64,
        })
    }
}

/// The words of a batch while some of them are being replaced.
struct Walk<'a> {
    forcing: &'a Forcing,
    ask: Ask,
    time: usize,
    /// `[rows, time]`.
    words: Vec<i32>,
    /// Which of them are not told, `[rows, time]`.
    own: Vec<bool>,
    /// Of each row the last word that is not told, or 0.
    last: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(forcing: &'a Forcing, told: Padded<'_>, marks: &Marks) -> Self {
        let time = told.time;
        let own = |place: usize| {
            let (row, word) = (place / time, place % time);
            word > 0 && word < told.lengths[row] && !forcing.is_told(row, word)
        };
        let own: Vec<bool> = (0..told.rows() * time).map(own).collect();
        let last = |row: &[bool]| row.iter().rposition(|&own| own).unwrap_or(0);
        Self {
            forcing,
            ask: Ask {
                count: 1,
                barred: vec![marks.pad, marks.start],
                attention: false,
                everything: forcing.guess == Guess::Sample,
            },
            time,
            words: told.ids.to_vec(),
            last: own.chunks(time.max(1)).map(last).collect(),
            own,
        }
    }

    /// Steps on until no word is left to be replaced.
    fn through(&mut self, steps: &mut dyn Steps) {
        let mut rows: Vec<usize> = (0..self.last.len()).collect();
        let mut parents = rows.clone();
        let mut time = 0;
        while !rows.is_empty() {
            let said: Vec<u32> = rows
                .iter()
                .map(|row| self.words[row * self.time + time] as u32)
                .collect();
            let answer = steps.step(&said, &parents, &self.ask);
            time += 1;
            for (place, &row) in rows.iter().enumerate() {
                let next = row * self.time + time;
                if time > self.last[row] || !self.own[next] {
                    continue;
                }
                let word = match self.forcing.guess {
                    Guess::Best => answer.candidates[place].first().map(|best| best.token),
                    Guess::Sample => {
                        let size = answer.log_probabilities.len() / rows.len();
                        let all = &answer.log_probabilities[place * size..][..size];
                        let mut stream = self.forcing.stream(
                            Purpose::Guess,
                            self.forcing.rows.number(row),
                            time,
                        );
                        draw(all, &self.ask.barred, &mut stream)
                    }
                };
                // With no word but marks there is nothing else to say than the right one.
                if let Some(word) = word {
                    self.words[next] = word as i32;
                }
            }
            parents.clear();
            let mut place = 0;
            let last = &self.last;
            rows.retain(|&row| {
                let stays = last[row] > time;
                if stays {
                    parents.push(place);
                }
                place += 1;
                stays
            });
        }
    }
}

/// A word drawn from the distribution with log-probabilities `all`, but none of `barred`.
fn draw(all: &[f32], barred: &[u32], stream: &mut Stream) -> Option<u32> {
    let allowed = (0..).zip(all).filter(|(word, _)| !barred.contains(word));
    let weights: Vec<(u32, f64)> = allowed
        .map(|(word, &log)| (word, f64::from(log).exp()))
        .collect();
    let target = stream.double() * weights.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut sum = 0.0;
    let passed = |(_, weight): &&(u32, f64)| {
        sum += weight;
        sum > target
    };
    // Rounding may leave the sum a little short.
    let drawn = weights.iter().find(passed).or(weights.last());
    drawn.map(|&(word, _)| word)
}
