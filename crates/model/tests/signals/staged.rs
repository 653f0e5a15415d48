//! A loss in two stages against the same in one.

use burn::tensor::Device;
use model::parameters;
use model::{Distance, Guide, Seq2Seq, Signals};

use super::*;

fn check(config: &ModelConfig, signals: &Signals<'_>) {
    let device = Device::flex().autodiff();
    let model = Seq2Seq::new(config, WORDS, WORDS, 5, &device).unwrap();
    let whole = model.loss_with(PAIRS, signals, None);
    let wanted = parameters::gradients(&model, &whole.sum.backward());

    let (loss, staged) = model.staged_loss(PAIRS, signals, None);
    let [found, wanted_loss] = [loss.sum, whole.sum].map(|sum| sum.into_scalar::<f32>());
    assert_eq!(found, wanted_loss, "{config:?}");
    let (output, rest) = staged.output();
    let mut gradients = parameters::gradients(&model, &output);
    let names: Vec<&String> = gradients.keys().collect();
    assert_eq!(names, ["output.bias", "output.weight"], "{config:?}");
    gradients.extend(parameters::gradients(&model, &rest.backward()));
    assert_eq!(gradients, wanted, "{config:?}");
}

#[test]
fn two_stages_give_the_bytes_of_one() {
    let families = [
        (DecoderKind::Lstm, AttentionKind::Bahdanau),
        (DecoderKind::Cgru, AttentionKind::Bahdanau),
        (DecoderKind::Conv, AttentionKind::LuongDot),
    ];
    for (kind, attention) in families {
        for feeding in [false, kind == DecoderKind::Lstm] {
            let config = config(kind, attention, feeding);
            let plain = Signals {
                smoothing: 0.1,
                ..Signals::default()
            };
            check(&config, &plain);
            let gold = [0.25; 5 * 3 * 4];
            let guide = Guide {
                weight: 0.5,
                distance: Distance::CrossEntropy,
                gold: &gold,
            };
            let all = Signals {
                coverage: 0.5,
                guide: Some(guide),
                weights: Some(&[1.0, -0.5, 2.0]),
                ..plain
            };
            check(&config, &all);
        }
    }
}
