//! The expected risk of some translations of a sentence.

/// The expected risk and its slopes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expected {
    /// The sum of Q times the risk.
    pub(super) risk: f64,
    /// The derivative of that by each translation's log-probability.
    pub(super) slopes: Vec<f64>,
}

/// The expected risk under Q, the model's distribution over some translations alone, sharpened by `alpha`:
/// Q is proportional to the probability to the power of `alpha` (Shen et al. 2016, equations 11 to 13).
///
/// As Q's derivative by log-probability j is `alpha` Q_i ([i = j] - Q_j), that of the expected risk R by it
/// is `alpha` Q_j (risk_j - R): a cross-entropy that counts each translation so much has the gradient of
/// the expected risk.
pub(super) fn expected(log_probabilities: &[f64], risks: &[f64], alpha: f64) -> Expected {
    let most = log_probabilities
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = log_probabilities
        .iter()
        .map(|log| (alpha * (log - most)).exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    let shares: Vec<f64> = powers.into_iter().map(|power| power / sum).collect();
    let risk: f64 = shares.iter().zip(risks).map(|(q, risk)| q * risk).sum();
    let slopes = shares.iter().zip(risks);
    let slopes = slopes.map(|(q, own)| alpha * q * (own - risk)).collect();
    Expected { risk, slopes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Tensor};
    use model::parameters::{self, Parameters};
    use model::{Input, ModelConfig, Padded, Pairs, Seq2Seq, Signals};

    const LOGS: [f64; 4] = [-1.0, -2.5, -0.5, -30.0];
    const RISKS: [f64; 4] = [0.2, 0.9, 0.5, 0.0];

    #[test]
    fn the_risk_is_that_of_the_formula() {
        // By hand, with alpha 1: weights e^-1, e^-2.5, e^-0.5 and next to nothing.
        let weights: [f64; 3] = [0.367_879_441, 0.082_084_999, 0.606_530_660];
        let sum: f64 = weights.iter().sum();
        let by_hand = (0.2 * weights[0] + 0.9 * weights[1] + 0.5 * weights[2]) / sum;
        assert!((expected(&LOGS, &RISKS, 1.0).risk - by_hand).abs() < 1e-9);
        // Very flat: all count alike.
        assert!((expected(&LOGS, &RISKS, 1e-9).risk - 0.4).abs() < 1e-6);
        let alone = expected(&[-700.0], &[0.25], 0.005);
        assert_eq!((alone.risk, alone.slopes), (0.25, vec![0.0]));
    }

    #[test]
    fn slopes_are_those_of_finite_differences() {
        for alpha in [0.005, 0.5, 2.0] {
            let found = expected(&LOGS, &RISKS, alpha);
            for (place, slope) in found.slopes.iter().enumerate() {
                let at = |step: f64| {
                    let mut logs = LOGS;
                    logs[place] += step;
                    expected(&logs, &RISKS, alpha).risk
                };
                let wanted = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!(
                    (slope - wanted).abs() < 1e-9,
                    "{alpha} {place}: {slope} {wanted}"
                );
            }
            assert!(found.slopes.iter().sum::<f64>().abs() < 1e-12);
        }
    }

    /// Three translations of one sentence.
    const SENTENCES: Pairs<'static> = Pairs {
        source: Input::Words(Padded {
            ids: &[4, 6, 3, 4, 6, 3, 4, 6, 3],
            lengths: &[3, 3, 3],
            time: 3,
        }),
        input: Padded {
            ids: &[2, 5, 6, 2, 7, 0, 2, 6, 0],
            lengths: &[3, 2, 2],
            time: 3,
        },
        output: Padded {
            ids: &[5, 6, 3, 7, 3, 0, 6, 4, 0],
            lengths: &[3, 2, 2],
            time: 3,
        },
    };

    /// The gradient by a weighted cross-entropy against the rise of the expected risk itself.
    #[test]
    fn a_weighted_cross_entropy_has_the_gradient_of_the_expected_risk() {
        let config = ModelConfig {
            embedding_size: 6,
            hidden_size: 8,
            ..ModelConfig::default()
        };
        let (alpha, risks) = (0.7, [0.1, 0.8, 0.6]);
        let of = |model: &Seq2Seq| {
            let scores = model.score(SENTENCES);
            let sum = |words: &Vec<f32>| words.iter().map(|&log| f64::from(log)).sum();
            let logs: Vec<f64> = scores.iter().map(sum).collect();
            expected(&logs, &risks, alpha)
        };
        let plain = Seq2Seq::new(&config, 9, 9, 3, &Device::flex()).unwrap();
        let weights = of(&plain).slopes.into_iter().map(|slope| -slope as f32);
        let weights: Vec<f32> = weights.collect();
        let signals = Signals {
            weights: Some(&weights),
            ..Signals::default()
        };
        let tracked = Seq2Seq::new(&config, 9, 9, 3, &Device::flex().autodiff()).unwrap();
        let loss: Tensor<1> = tracked.loss_with(SENTENCES, &signals, None).sum;
        let gradients = parameters::gradients(&tracked, &loss.backward());
        let squares = |gradients: &Parameters| -> f64 {
            let numbers = gradients.values().flat_map(|values| &values.data);
            numbers.map(|&slope| f64::from(slope).powi(2)).sum()
        };
        let length = squares(&gradients).sqrt();
        let values = parameters::collect(&plain);
        let at = |step: f64| {
            let mut values = values.clone();
            for (name, gradient) in &gradients {
                let moved = values.get_mut(name).unwrap().data.iter_mut();
                for (value, slope) in moved.zip(&gradient.data) {
                    *value += (step / length) as f32 * slope;
                }
            }
            of(&parameters::place(plain.clone(), values).unwrap()).risk
        };
        let central = |step: f64| (at(step) - at(-step)) / (2.0 * step);
        let slope = (4.0 * central(5e-2) - central(1e-1)) / 3.0;
        assert!(
            (slope - length).abs() < 1e-2 * length,
            "the gradient's length is {length}, the slope along it {slope}"
        );
    }
}
