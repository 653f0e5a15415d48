//! Learns the pieces of a unigram language model by expectation maximisation (Kudo 2018, section
//! 3.2): a word's probability is the sum over its segmentations of the product of their pieces'.
//!
//! The library's own trainer adds numbers up in an order that changes from run to run; here every
//! sum and every choice has one order, so that the same corpus always gives the same pieces.

use std::cmp::Ordering;

use super::alphabet::Alphabet;
use super::substrings::repeated;
use super::trie::Trie;

/// Longer pieces would be whole phrases.
const LONGEST_PIECE: usize = 16;
/// How many candidates to begin with at most.
const CANDIDATES: usize = 200_000;
/// Rounds of expectation maximisation between two prunings.
const ROUNDS: usize = 2;
/// The share of pieces that survives a pruning.
const SURVIVING: f64 = 0.75;
/// Pruning by loss stops at this multiple of the wanted size; the last step goes by score.
const OVERSIZE: f64 = 1.1;
/// A piece expected less often than this is given up.
const LEAST_EXPECTED: f64 = 0.5;

/// A piece and its log-probability.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) symbols: Vec<u32>,
    pub(super) score: f64,
}

/// Learns at most `alphabet.room` pieces; every single character is among them.
pub(super) fn learn(alphabet: &Alphabet) -> Vec<Piece> {
    let mut model = Model::seeded(alphabet);
    let oversize = (alphabet.room as f64 * OVERSIZE) as usize;
    loop {
        for _ in 0..ROUNDS {
            let expected = model.expected_counts(&alphabet.words);
            model.maximise(&expected);
        }
        if model.pieces.len() <= oversize {
            break;
        }
        let survivors = (model.pieces.len() as f64 * SURVIVING) as usize;
        model.prune(&alphabet.words, survivors.max(oversize));
    }
    let singles = model.singles;
    let mut longer = model.pieces.split_off(singles);
    longer.sort_by(|a, b| best_first((a.score, a), (b.score, b)));
    longer.truncate(alphabet.room - singles);
    model.pieces.append(&mut longer);
    model.pieces
}

fn best_first((a_value, a): (f64, &Piece), (b_value, b): (f64, &Piece)) -> Ordering {
    b_value
        .total_cmp(&a_value)
        .then_with(|| a.symbols.cmp(&b.symbols))
}

/// A stretch of a word that is a piece.
struct Edge {
    start: usize,
    end: usize,
    piece: usize,
}

struct Model {
    /// The single characters in the order of their numbers, then longer pieces.
    pieces: Vec<Piece>,
    singles: usize,
    trie: Trie,
}

impl Model {
    /// All single characters and the repeated substrings, scored by the text that they cover.
    fn seeded(alphabet: &Alphabet) -> Self {
        let singles = alphabet.characters.len();
        let mut counts = vec![0u64; singles];
        for (word, count) in &alphabet.words {
            for &symbol in word {
                counts[symbol as usize] += count;
            }
        }
        let mut pieces: Vec<Piece> = (0..)
            .zip(&counts)
            .map(|(symbol, &count)| Piece {
                symbols: vec![symbol],
                score: (count as f64).max(LEAST_EXPECTED),
            })
            .collect();
        for found in repeated(&alphabet.words, LONGEST_PIECE, CANDIDATES) {
            let score = (found.count * found.symbols.len() as u64) as f64;
            pieces.push(Piece {
                symbols: found.symbols,
                score,
            });
        }
        let total: f64 = pieces.iter().map(|piece| piece.score).sum();
        for piece in &mut pieces {
            piece.score = (piece.score / total).ln();
        }
        let trie = Trie::new(pieces.iter().map(|piece| piece.symbols.as_slice()));
        Self {
            pieces,
            singles,
            trie,
        }
    }

    fn replace(&mut self, pieces: Vec<Piece>) {
        self.trie = Trie::new(pieces.iter().map(|piece| piece.symbols.as_slice()));
        self.pieces = pieces;
    }

    /// All pieces in `word`, by start and then by length. The single characters connect every
    /// place with the next.
    fn edges(&self, word: &[u32], edges: &mut Vec<Edge>) {
        edges.clear();
        for start in 0..word.len() {
            self.trie.prefixes(&word[start..], |length, piece| {
                edges.push(Edge {
                    start,
                    end: start + length,
                    piece,
                });
            });
        }
    }

    /// How often each piece is expected over all segmentations of all words (forward-backward).
    fn expected_counts(&self, words: &[(Vec<u32>, u64)]) -> Vec<f64> {
        let mut expected = vec![0.0; self.pieces.len()];
        let mut edges = Vec::new();
        for (word, count) in words {
            self.edges(word, &mut edges);
            let mut forward = vec![f64::NEG_INFINITY; word.len() + 1];
            let mut backward = forward.clone();
            forward[0] = 0.0;
            backward[word.len()] = 0.0;
            for edge in &edges {
                let path = forward[edge.start] + self.pieces[edge.piece].score;
                forward[edge.end] = log_add(forward[edge.end], path);
            }
            for edge in edges.iter().rev() {
                let path = backward[edge.end] + self.pieces[edge.piece].score;
                backward[edge.start] = log_add(backward[edge.start], path);
            }
            let whole = forward[word.len()];
            for edge in &edges {
                let score = self.pieces[edge.piece].score;
                let share = (forward[edge.start] + score + backward[edge.end] - whole).exp();
                expected[edge.piece] += *count as f64 * share;
            }
        }
        expected
    }

    /// Gives up rare pieces and scores the others. The digamma function in place of the logarithm
    /// favours fewer pieces (variational Bayes with a sparse prior; Liang and Klein 2007).
    fn maximise(&mut self, expected: &[f64]) {
        let singles = self.singles;
        let mut kept: Vec<(Piece, f64)> = std::mem::take(&mut self.pieces)
            .into_iter()
            .zip(expected)
            .enumerate()
            .filter(|(index, (_, count))| *index < singles || **count >= LEAST_EXPECTED)
            .map(|(_, (piece, count))| (piece, count.max(LEAST_EXPECTED)))
            .collect();
        let total = digamma(kept.iter().map(|(_, count)| count).sum());
        for (piece, count) in &mut kept {
            piece.score = digamma(*count) - total;
        }
        self.replace(kept.into_iter().map(|(piece, _)| piece).collect());
    }

    /// Keeps the single characters and those longer pieces whose loss would cost the most
    /// likelihood, `size` pieces in all.
    fn prune(&mut self, words: &[(Vec<u32>, u64)], size: usize) {
        let mut uses = vec![0.0; self.pieces.len()];
        let mut total_words = 0.0;
        let mut edges = Vec::new();
        for (word, count) in words {
            total_words += *count as f64;
            self.edges(word, &mut edges);
            for piece in self.best_path(word.len(), &edges, None) {
                uses[piece] += *count as f64;
            }
        }
        let total: f64 = uses.iter().sum();
        let mut losses: Vec<(f64, usize)> = Vec::new();
        for index in self.singles..self.pieces.len() {
            let used = uses[index];
            if used == 0.0 {
                continue;
            }
            let symbols = &self.pieces[index].symbols;
            self.edges(symbols, &mut edges);
            // Without the piece, its uses go to the pieces of its second-best segmentation.
            let substitutes = self.best_path(symbols.len(), &edges, Some(index));
            let new_total = (total + used * (substitutes.len() - 1) as f64).ln();
            let substituted: f64 = substitutes
                .iter()
                .map(|&piece| (uses[piece] + used).ln() - new_total)
                .sum();
            losses.push((
                used / total_words * (used.ln() - total.ln() - substituted),
                index,
            ));
        }
        losses.sort_by(|&(a_loss, a), &(b_loss, b)| {
            best_first((a_loss, &self.pieces[a]), (b_loss, &self.pieces[b]))
        });
        losses.truncate(size.saturating_sub(self.singles));
        let mut kept: Vec<usize> = losses.into_iter().map(|(_, index)| index).collect();
        kept.sort_unstable();
        let pieces = (0..self.singles)
            .chain(kept)
            .map(|index| self.pieces[index].clone())
            .collect();
        self.replace(pieces);
    }

    /// The pieces, last first, of the likeliest segmentation that does not use `without`.
    fn best_path(&self, length: usize, edges: &[Edge], without: Option<usize>) -> Vec<usize> {
        let mut best: Vec<(f64, Option<&Edge>)> = vec![(f64::NEG_INFINITY, None); length + 1];
        best[0].0 = 0.0;
        for edge in edges.iter().filter(|edge| Some(edge.piece) != without) {
            let score = best[edge.start].0 + self.pieces[edge.piece].score;
            if score > best[edge.end].0 {
                best[edge.end] = (score, Some(edge));
            }
        }
        let mut path = Vec::new();
        let mut place = length;
        while let Some(edge) = best[place].1 {
            path.push(edge.piece);
            place = edge.start;
        }
        path
    }
}

/// `ln(exp(a) + exp(b))`.
fn log_add(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if small == f64::NEG_INFINITY {
        large
    } else {
        large + (small - large).exp().ln_1p()
    }
}

/// The derivative of the logarithm of the gamma function, for positive `x`: its recurrence up to 6
/// and from there its asymptotic series (Abramowitz and Stegun 6.3.5 and 6.3.18).
fn digamma(mut x: f64) -> f64 {
    let mut value = 0.0;
    while x < 6.0 {
        value -= 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = square * (1.0 / 12.0 - square * (1.0 / 120.0 - square / 252.0));
    value + x.ln() - 0.5 / x - series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::config::{Kind, TokenizerConfig};
    use proptest::prelude::*;

    fn alphabet(words: &[(&str, u64)], room: usize) -> Alphabet {
        let config = TokenizerConfig {
            vocab_size: 260 + room,
            ..TokenizerConfig::default()
        };
        let pieces: Vec<(String, u64)> = words
            .iter()
            .map(|&(word, count)| (word.to_owned(), count))
            .collect();
        Alphabet::new(Kind::Unigram, &config, &pieces).unwrap()
    }

    #[test]
    fn digamma_has_its_known_values() {
        // -gamma, -gamma - 2 ln 2, and psi(10).
        for (x, value) in [
            (1.0, -0.577_215_664_901_532_9),
            (0.5, -1.963_510_026_021_423_5),
            (10.0, 2.251_752_589_066_721),
        ] {
            assert!((digamma(x) - value).abs() < 1e-8, "{x}");
        }
    }

    #[test]
    fn expected_counts_are_those_of_all_segmentations() {
        let alphabet = alphabet(&[("ab", 6)], 9);
        let mut model = Model::seeded(&alphabet);
        // Pieces space, a, b, ab with these probabilities: "ab" is 0.1 as one piece, 0.06 as two.
        for (piece, probability) in model.pieces.iter_mut().zip([0.4_f64, 0.3, 0.2, 0.1]) {
            piece.score = probability.ln();
        }
        let expected = model.expected_counts(&alphabet.words);
        for (found, wanted) in expected.iter().zip([0.0, 2.25, 2.25, 3.75]) {
            assert!((found - wanted).abs() < 1e-12, "{expected:?}");
        }
    }

    #[test]
    fn the_wanted_number_of_pieces_is_learned_and_words_are_among_them() {
        let words = [
            (" the", 50),
            (" then", 20),
            (" cat", 30),
            (" cats", 20),
            (" hats", 9),
        ];
        let alphabet = alphabet(&words, 12);
        let pieces = learn(&alphabet);
        assert!(pieces.len() <= 12);
        let spelt: Vec<String> = pieces
            .iter()
            .map(|piece| alphabet.spell(&piece.symbols))
            .collect();
        assert!(spelt.contains(&" the".to_owned()), "{spelt:?}");
        assert!(spelt.contains(&" cat".to_owned()), "{spelt:?}");
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_no_more_than_one_and_singles_stay(
            words in proptest::collection::vec(("[abcd]{1,12}", 1u64..9), 1..30),
            room in 5usize..40,
        ) {
            let words: Vec<(&str, u64)> = words.iter().map(|(w, n)| (w.as_str(), *n)).collect();
            let alphabet = alphabet(&words, room);
            let pieces = learn(&alphabet);
            prop_assert!(pieces.len() <= room);
            for (symbol, piece) in (0..alphabet.characters.len() as u32).zip(&pieces) {
                prop_assert_eq!(&piece.symbols, &[symbol]);
            }
            let mass: f64 = pieces.iter().map(|piece| piece.score.exp()).sum();
            prop_assert!(mass <= 1.0, "{}", mass);
            prop_assert_eq!(learn(&alphabet), pieces);
        }
    }
}
