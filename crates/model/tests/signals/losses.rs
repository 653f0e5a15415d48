//! Attention that is guided, and pairs that count more or less.

use burn::tensor::{Device, Tensor};
use model::parameters::{self, Parameters};
use model::{Distance, Guide, Seq2Seq, Signals};
use operations::cross_entropy::Loss;

use super::*;

/// Half of the target words are told where to look; steps are time-major.
fn gold() -> Vec<f32> {
    let [time, rows, source] = [5, 3, 4];
    let lengths = [4, 2, 3];
    let mut gold = vec![0.0; time * rows * source];
    for step in (0..time).step_by(2) {
        for row in 0..rows {
            let place = (step * rows + row) * source;
            if step < PAIRS.output.lengths[row] {
                gold[place + (step + row) % lengths[row]] += 0.75;
                gold[place] += 0.25;
            }
        }
    }
    gold
}

fn dot(left: &Parameters, right: &Parameters) -> f64 {
    let of = |(name, left): (&String, &parameters::Values)| {
        let products = left.data.iter().zip(&right[name].data);
        let products = products.map(|(a, b)| f64::from(*a) * f64::from(*b));
        products.sum::<f64>()
    };
    left.iter().map(of).sum()
}

/// The gradient of a loss against its rise along that gradient.
fn check_gradient(name: &str, config: &ModelConfig, loss: impl Fn(&Seq2Seq) -> Tensor<1>) {
    let model = |device: &Device| {
        let model = Seq2Seq::new(config, WORDS, WORDS, 5, device).unwrap();
        let mut values = parameters::collect(&model);
        for values in values.values_mut() {
            values.data.iter_mut().for_each(|value| *value *= 1.5);
        }
        parameters::place(model, values).unwrap()
    };
    let tracked = model(&Device::flex().autodiff());
    let gradients = parameters::gradients(&tracked, &loss(&tracked).backward());
    let length = dot(&gradients, &gradients).sqrt();
    let plain = model(&Device::flex());
    let values = parameters::collect(&plain);
    let at = |step: f64| {
        let mut values = values.clone();
        for (name, gradient) in &gradients {
            let moved = values.get_mut(name).unwrap().data.iter_mut();
            for (value, slope) in moved.zip(&gradient.data) {
                *value += (step / length) as f32 * slope;
            }
        }
        let moved = parameters::place(plain.clone(), values).unwrap();
        f64::from(loss(&moved).into_scalar::<f32>())
    };
    let central = |step: f64| (at(step) - at(-step)) / (2.0 * step);
    let slope = (4.0 * central(1e-2) - central(2e-2)) / 3.0;
    assert!(
        (slope - length).abs() < 1e-2 * length,
        "{name}: the gradient's length is {length}, the slope along it {slope}"
    );
}

#[test]
fn guided_attention_has_right_gradients_and_is_reported() {
    let gold = gold();
    for (decoder, attention, feeding) in [
        (DecoderKind::Lstm, AttentionKind::Bahdanau, true),
        (DecoderKind::Gru, AttentionKind::LuongGeneral, false),
        (DecoderKind::Conv, AttentionKind::LuongDot, false),
        (DecoderKind::Lstm, AttentionKind::MultiHead, false),
        (DecoderKind::Gru, AttentionKind::MultiHead, true),
    ] {
        for distance in [Distance::CrossEntropy, Distance::SquaredError] {
            let name = format!("{decoder}, {attention}, {distance}");
            let config = config(decoder, attention, feeding);
            let signals = |weight| Signals {
                guide: Some(Guide {
                    weight,
                    distance,
                    gold: &gold,
                }),
                ..Signals::default()
            };
            check_gradient(&name, &config, |model| {
                model.loss_with(PAIRS, &signals(2.0), None).sum
            });
            let model = Seq2Seq::new(&config, WORDS, WORDS, 5, &Device::flex()).unwrap();
            let of = |weight| model.loss_with(PAIRS, &signals(weight), None);
            let value = |loss: Tensor<1>| loss.into_scalar::<f32>();
            let (once, thrice) = (of(1.0), of(3.0));
            let guided = value(once.guided.unwrap());
            assert!(guided > 0.0, "{name}");
            let rise = value(thrice.sum) - value(once.sum);
            assert!((rise - 2.0 * guided).abs() < 1e-4 * guided, "{name}");
        }
    }
    // Nothing to guide.
    let config = config(DecoderKind::Gru, AttentionKind::None, false);
    let model = Seq2Seq::new(&config, WORDS, WORDS, 5, &Device::flex()).unwrap();
    let signals = Signals {
        guide: Some(Guide {
            weight: 1.0,
            distance: Distance::CrossEntropy,
            gold: &gold,
        }),
        ..Signals::default()
    };
    assert!(model.loss_with(PAIRS, &signals, None).guided.is_none());
}

#[test]
fn pairs_count_as_their_weights_say() {
    let weights = [0.5, -2.0, 3.0];
    let config = config(DecoderKind::Lstm, AttentionKind::Bahdanau, true);
    fn signals(weights: Option<&[f32]>) -> Signals<'_> {
        Signals {
            smoothing: 0.1,
            weights,
            ..Signals::default()
        }
    }
    check_gradient("weights", &config, |model| {
        model.loss_with(PAIRS, &signals(Some(&weights)), None).sum
    });
    let model = Seq2Seq::new(&config, WORDS, WORDS, 5, &Device::flex().autodiff()).unwrap();
    let alone = |row: usize| {
        let mut weights = [0.0; 3];
        weights[row] = 1.0;
        let loss = model.loss_with(PAIRS, &signals(Some(&weights)), None);
        loss.sum.into_scalar::<f32>()
    };
    let whole = model.loss_with(PAIRS, &signals(None), None);
    let of = |loss: &Loss| loss.sum.clone().into_scalar::<f32>();
    assert!((of(&whole) - (0..3).map(alone).sum::<f32>()).abs() < 1e-4);
    let weighted = model.loss_with(PAIRS, &signals(Some(&weights)), None);
    let sum: f32 = (0..3).map(|row| weights[row] * alone(row)).sum();
    assert!((of(&weighted) - sum).abs() < 1e-4);
    // The likelihood is that of the words, whatever they count.
    let likelihood = |loss: &Loss| {
        let likelihood = loss.negative_log_likelihood.clone();
        likelihood.into_scalar::<f32>()
    };
    assert_eq!(likelihood(&weighted), likelihood(&whole));
}
