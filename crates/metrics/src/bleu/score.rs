//! A BLEU score and how it follows from the counts.

use std::fmt;

use serde::Serialize;

use super::statistics::Statistics;
use super::{Bleu, MAX_ORDER, Smoothing};

/// A BLEU score with everything it was computed from. As text it reads like sacreBLEU's:
/// `BLEU = 42.86 71.4/50.0/40.0/25.0 (BP = 0.986 ratio = 0.986 hyp_len = 70 ref_len = 71)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BleuScore {
    /// BLEU, from 0 to 100 (rounding may add a few units in the last place).
    pub score: f64,
    /// Precisions of the orders 1 to 4 in percent, smoothed; all 0 when nothing matches.
    pub precisions: [f64; MAX_ORDER],
    /// The factor, from 0 to 1, for hypotheses shorter than their references.
    pub brevity_penalty: f64,
    /// `hypothesis_length` over `reference_length`; 0 when the references are empty.
    pub length_ratio: f64,
    /// Tokens in all hypotheses.
    pub hypothesis_length: usize,
    /// Tokens in the references closest in length.
    pub reference_length: usize,
    /// Matched n-grams of the orders 1 to 4, before smoothing.
    pub matches: [usize; MAX_ORDER],
    /// N-grams in the hypotheses of the orders 1 to 4, before smoothing.
    pub totals: [usize; MAX_ORDER],
    /// Every setting of the score, in sacreBLEU's form.
    pub signature: String,
}

/// Stands for the logarithm of a precision of 0; the score it leads to is exactly 0.
const LOGARITHM_OF_ZERO: f64 = -9_999_999_999.0;

impl BleuScore {
    /// Papineni et al. 2002, section 2.3, with smoothing.
    pub(super) fn new(statistics: &Statistics, settings: &Bleu, signature: String) -> Self {
        let &Statistics {
            hypothesis_length,
            reference_length,
            matches,
            totals,
        } = statistics;
        let (precisions, orders) = precisions(statistics, settings);
        let brevity_penalty = brevity_penalty(hypothesis_length, reference_length);
        let score = if matches.iter().all(|&count| count == 0) {
            0.0
        } else {
            let logarithms = precisions[..orders].iter().map(|&precision| {
                if precision == 0.0 {
                    LOGARITHM_OF_ZERO
                } else {
                    precision.ln()
                }
            });
            brevity_penalty * (logarithms.sum::<f64>() / orders as f64).exp()
        };
        Self {
            score,
            precisions,
            brevity_penalty,
            length_ratio: if reference_length == 0 {
                0.0
            } else {
                hypothesis_length as f64 / reference_length as f64
            },
            hypothesis_length,
            reference_length,
            matches,
            totals,
            signature,
        }
    }
}

fn brevity_penalty(hypothesis_length: usize, reference_length: usize) -> f64 {
    if hypothesis_length >= reference_length {
        1.0
    } else if hypothesis_length == 0 {
        0.0
    } else {
        (1.0 - reference_length as f64 / hypothesis_length as f64).exp()
    }
}

/// The smoothed precisions in percent, and how many orders the score is the mean of.
fn precisions(statistics: &Statistics, settings: &Bleu) -> ([f64; MAX_ORDER], usize) {
    let mut precisions = [0.0; MAX_ORDER];
    let mut orders = MAX_ORDER;
    if statistics.matches.iter().all(|&count| count == 0) {
        return (precisions, orders);
    }
    let value = settings.smoothing_value();
    let mut halved = 1.0;
    for (index, precision) in precisions.iter_mut().enumerate() {
        let mut matches = statistics.matches[index] as f64;
        let mut total = statistics.totals[index] as f64;
        if settings.smoothing == Smoothing::AddK && index > 0 {
            matches += value;
            total += value;
        }
        if total == 0.0 {
            break;
        }
        if settings.effective_order {
            orders = index + 1;
        }
        *precision = if matches > 0.0 {
            100.0 * matches / total
        } else {
            match settings.smoothing {
                Smoothing::Exp => {
                    halved *= 2.0;
                    100.0 / (halved * total)
                }
                Smoothing::Floor => 100.0 * value / total,
                Smoothing::AddK | Smoothing::None => 0.0,
            }
        };
    }
    (precisions, orders)
}

impl fmt::Display for BleuScore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, fourth] = self.precisions;
        write!(
            formatter,
            "BLEU = {:.2} {first:.1}/{second:.1}/{third:.1}/{fourth:.1} \
             (BP = {:.3} ratio = {:.3} hyp_len = {} ref_len = {})",
            self.score,
            self.brevity_penalty,
            self.length_ratio,
            self.hypothesis_length,
            self.reference_length,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bleu::Tokenize;

    fn score(statistics: &Statistics, settings: &Bleu) -> BleuScore {
        BleuScore::new(statistics, settings, String::new())
    }

    /// Two matched words and one matched pair out of five words, against six.
    fn sparse() -> Statistics {
        Statistics {
            hypothesis_length: 5,
            reference_length: 6,
            matches: [2, 1, 0, 0],
            totals: [5, 4, 3, 2],
        }
    }

    #[test]
    fn each_smoothing_fills_missing_orders_its_own_way() {
        let bleu = Bleu::new(Tokenize::None);
        let of = |smoothing| score(&sparse(), &bleu.with_smoothing(smoothing)).precisions;
        assert_eq!(of(Smoothing::Exp), [40.0, 25.0, 100.0 / 6.0, 12.5]);
        assert_eq!(of(Smoothing::Floor), [40.0, 25.0, 10.0 / 3.0, 5.0]);
        assert_eq!(of(Smoothing::AddK), [40.0, 40.0, 25.0, 100.0 / 3.0]);
        assert_eq!(of(Smoothing::None), [40.0, 25.0, 0.0, 0.0]);
        assert_eq!(
            score(&sparse(), &bleu.with_smoothing(Smoothing::None)).score,
            0.0
        );
    }

    #[test]
    fn short_hypotheses_are_penalised() {
        assert!((brevity_penalty(5, 6) - (-0.2_f64).exp()).abs() < 1e-12);
        assert_eq!(brevity_penalty(6, 5), 1.0);
        assert_eq!(brevity_penalty(0, 5), 0.0);
        assert_eq!(brevity_penalty(0, 0), 1.0);
    }

    #[test]
    fn reads_like_sacrebleu() {
        let statistics = Statistics {
            hypothesis_length: 70,
            reference_length: 71,
            matches: [50, 30, 20, 10],
            totals: [70, 60, 50, 40],
        };
        assert_eq!(
            score(&statistics, &Bleu::new(Tokenize::None)).to_string(),
            "BLEU = 42.86 71.4/50.0/40.0/25.0 (BP = 0.986 ratio = 0.986 hyp_len = 70 ref_len = 71)"
        );
    }
}
