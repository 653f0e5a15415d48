//! Gradients of whole models against finite differences of the loss.

use burn::tensor::Device;
use model::attention::{AttentionKind, Query};
use model::cell::CellKind;
use model::decoder::DecoderKind;
use model::encoder::{EncoderConfig, EncoderKind, InitialState};
use model::parameters::{self, Parameters};
use model::{Input, ModelConfig, Padded, Pairs, Seq2Seq};
use network::config::LayerNorm;

const SOURCE_WORDS: usize = 9;
const TARGET_WORDS: usize = 10;

/// How far parameters are moved. The loss, about 20, is known to some 1e-6 in single precision: a
/// smaller step would measure rounding.
const STEP: f32 = 5e-2;
/// Of a derivative, in units of its size (or of a tenth of the largest of its parameter).
const TOLERANCE: f64 = 1e-2;
/// Rounding alone makes derivatives below this uncertain, with that step.
const LEAST: f64 = 1e-2;

/// Three ragged pairs.
fn pairs() -> Pairs<'static> {
    Pairs {
        source: Input::Words(Padded {
            ids: &[4, 8, 7, 3, 5, 3, 0, 0, 6, 4, 3, 0],
            lengths: &[4, 2, 3],
            time: 4,
        }),
        input: Padded {
            ids: &[2, 5, 0, 2, 7, 8, 2, 0, 0],
            lengths: &[2, 3, 1],
            time: 3,
        },
        output: Padded {
            ids: &[5, 3, 0, 7, 8, 3, 3, 0, 0],
            lengths: &[2, 3, 1],
            time: 3,
        },
    }
}

fn loss(model: &Seq2Seq) -> f64 {
    f64::from(model.loss(pairs(), 0.1, None).sum.into_scalar::<f32>())
}

/// The model with every parameter moved by `step` times its `direction`.
fn moved(model: &Seq2Seq, values: &Parameters, direction: &Parameters, step: f32) -> Seq2Seq {
    let mut values = values.clone();
    for (name, direction) in direction {
        let moves = values.get_mut(name).unwrap().data.iter_mut();
        for (value, along) in moves.zip(&direction.data) {
            *value += step * along;
        }
    }
    parameters::place(model.clone(), values).unwrap()
}

/// The derivative of the loss along `direction`: central differences over one step and over half
/// of it, combined so that the error falls with the fourth power of the step (Richardson).
fn slope(model: &Seq2Seq, values: &Parameters, direction: &Parameters, whole: f32) -> f64 {
    let central = |step: f32| {
        let [ahead, behind] =
            [step, -step].map(|step| loss(&moved(model, values, direction, step)));
        (ahead - behind) / (2.0 * f64::from(step))
    };
    (4.0 * central(whole / 2.0) - central(whole)) / 3.0
}

fn dot(left: &Parameters, right: &Parameters) -> f64 {
    let along = |(name, left): (&String, &parameters::Values)| {
        let products = left.data.iter().zip(&right[name].data);
        products
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum::<f64>()
    };
    left.iter().map(along).sum()
}

/// A direction in one parameter alone.
fn within(name: &str, values: &parameters::Values, along: impl Fn(usize) -> f32) -> Parameters {
    let data = (0..values.data.len()).map(along).collect();
    let shape = values.shape.clone();
    Parameters::from([(name.to_owned(), parameters::Values { shape, data })])
}

/// A model far from its flat beginnings: word vectors and attention are as strong as after training.
fn model(config: &ModelConfig, device: &Device) -> Seq2Seq {
    let model = Seq2Seq::new(config, SOURCE_WORDS, TARGET_WORDS, 11, device).unwrap();
    let mut values = parameters::collect(&model);
    // The more matrices work on one another, the steeper the whole.
    let covers = config.attention.coverage == Some(true);
    let steep = covers || config.attention.kind == AttentionKind::MultiHead;
    for (name, values) in &mut values {
        let strong = name.ends_with("embedding") || name.contains("attention");
        let normal = config.encoder.layer_norm == Some(LayerNorm::Outputs);
        let convolved = ["convolutions", "contexts", "queries"];
        let factor = match name {
            // Normalised vectors make strong products, and bend less the longer they were before.
            _ if normal && name.contains("attention") => 1.5,
            _ if normal && strong => 12.0,
            _ if steep && name.contains("attention") => 2.0,
            // Gates bend more than other layers do.
            _ if convolved.iter().any(|part| name.contains(part)) => 0.7,
            _ if strong => 5.0,
            _ => 1.5,
        };
        values.data.iter_mut().for_each(|value| *value *= factor);
    }
    parameters::place(model, values).unwrap()
}

fn check(what: &str, config: &ModelConfig) {
    check_by(STEP, what, config);
}

/// [`check`] with another step: the more a model bends, the shorter.
fn check_by(step: f32, what: &str, config: &ModelConfig) {
    let least = LEAST * f64::from(STEP / step);
    let tracked = model(config, &Device::flex().autodiff());
    let backward = tracked.loss(pairs(), 0.1, None).sum.backward();
    let gradients = parameters::gradients(&tracked, &backward);
    let values = parameters::collect(&tracked);
    assert_eq!(
        gradients.keys().collect::<Vec<_>>(),
        values.keys().collect::<Vec<_>>(),
        "{what}: every parameter has a gradient"
    );
    let plain = model(config, &Device::flex());
    let agree = |name: &str, direction: &Parameters, least: f64| {
        let wanted = slope(&plain, &values, direction, step);
        let part = Parameters::from([(name.to_owned(), gradients[name].clone())]);
        let found = dot(direction, &part);
        assert!(
            (found - wanted).abs() <= TOLERANCE * wanted.abs().max(least),
            "{what}: {name}: the gradient says {found}, finite differences say {wanted}"
        );
    };
    for (name, gradient) in &gradients {
        let count = gradient.data.len();
        let largest = (0..count)
            .max_by(|&a, &b| gradient.data[a].abs().total_cmp(&gradient.data[b].abs()))
            .unwrap();
        let most = f64::from(gradient.data[largest].abs());
        assert!(
            most > LEAST / 2.0,
            "{what}: the gradient of {name}, {most}, is too flat to measure"
        );
        // Single numbers: the steepest, and some spread over the parameter.
        for place in [largest, 0, count / 3, 2 * count / 3, count - 1] {
            let direction = within(name, gradient, |at| f32::from(at == place));
            agree(name, &direction, (0.1 * most).max(least));
        }
        // All numbers at once, downhill or uphill by turns: the slope is that of the whole.
        let length = (count as f32).sqrt();
        let turns = within(name, gradient, |at| {
            let up = (at * 7 + at / 5) % 3 != 0;
            if up { 1.0 / length } else { -1.0 / length }
        });
        agree(name, &turns, (0.1 * most).max(least));
        // And along the gradient itself, where the slope is its length.
        let norm = dot(&gradients_of(name, gradient), &gradients_of(name, gradient)).sqrt() as f32;
        let uphill = within(name, gradient, |at| gradient.data[at] / norm);
        agree(name, &uphill, least);
    }
}

fn gradients_of(name: &str, gradient: &parameters::Values) -> Parameters {
    within(name, gradient, |at| gradient.data[at])
}

fn small(kind: CellKind, attention: AttentionKind, input_feeding: bool) -> ModelConfig {
    let mut config = ModelConfig {
        embedding_size: 4,
        hidden_size: 6,
        input_feeding,
        ..ModelConfig::default()
    };
    config.encoder.kind = kind.into();
    config.decoder.kind = kind.into();
    config.attention.kind = attention;
    config
}

#[test]
fn lstm_with_additive_attention_and_input_feeding() {
    let config = small(CellKind::Lstm, AttentionKind::Bahdanau, true);
    check("lstm, bahdanau, feeding", &config);
}

#[test]
fn gru_with_bilinear_attention() {
    let config = small(CellKind::Gru, AttentionKind::LuongGeneral, false);
    check("gru, luong-general", &config);
}

#[test]
fn rnn_without_attention() {
    let config = small(CellKind::Rnn, AttentionKind::None, false);
    check("rnn, none", &config);
}

#[test]
fn several_heads() {
    let mut config = small(CellKind::Lstm, AttentionKind::MultiHead, true);
    config.attention.heads = Some(3);
    check("lstm, multi-head, feeding", &config);
    config.input_feeding = false;
    check("lstm, multi-head", &config);
    config.attention.query = Some(Query::Before);
    check("lstm, multi-head before the step", &config);
}

#[test]
fn windows() {
    let mut config = small(CellKind::Gru, AttentionKind::LocalM, true);
    config.attention.window = Some(1);
    check("gru, local-m, feeding", &config);
    // Wide enough that no step of the differences moves a position in or out.
    config.attention.kind = AttentionKind::LocalP;
    config.attention.window = Some(4);
    check("gru, local-p, feeding", &config);
    config.input_feeding = false;
    check("gru, local-p", &config);
    config.attention.query = Some(Query::Before);
    check("gru, local-p before the step", &config);
}

#[test]
fn coverage() {
    let mut config = small(CellKind::Lstm, AttentionKind::Bahdanau, true);
    config.attention.coverage = Some(true);
    check("lstm, bahdanau with coverage, feeding", &config);
    config.attention.query = Some(Query::Before);
    check("lstm, bahdanau with coverage before the step", &config);
    let mut config = small(CellKind::Gru, AttentionKind::LuongConcat, false);
    config.attention.coverage = Some(true);
    check("gru, luong-concat with coverage", &config);
}

#[test]
fn layers_over_time() {
    for kind in [AttentionKind::TimeDense, AttentionKind::TanhPool] {
        for single in [false, true] {
            let mut config = small(CellKind::Gru, kind, !single);
            config.attention.max_source_length = Some(4);
            let dense = kind == AttentionKind::TimeDense;
            config.attention.single_vector = dense.then_some(single);
            check(&format!("gru, {kind}, {single}"), &config);
        }
    }
}

#[test]
fn a_scaled_dot_product() {
    let config = small(CellKind::Lstm, AttentionKind::ScaledDot, true);
    check("lstm, scaled-dot, feeding", &config);
}

#[test]
fn two_layers() {
    let mut config = small(CellKind::Lstm, AttentionKind::Bahdanau, true);
    config.encoder.layers = 2;
    config.decoder.layers = 2;
    check("two layers of lstm, bahdanau, feeding", &config);
    let mut config = small(CellKind::Gru, AttentionKind::LuongConcat, true);
    config.encoder.layers = 2;
    config.decoder.layers = 2;
    check("two layers of gru, luong-concat, feeding", &config);
}

#[test]
fn a_query_before_the_step() {
    let mut config = small(CellKind::Gru, AttentionKind::Bahdanau, true);
    config.attention.query = Some(Query::Before);
    check("gru, bahdanau before the step", &config);
}

#[test]
fn residual_connections_normalised_layers_and_learned_first_states() {
    let mut config = small(CellKind::Gru, AttentionKind::LuongGeneral, true);
    config.encoder.layers = 2;
    config.decoder.layers = 2;
    config.encoder.residual = Some(true);
    config.decoder.residual = Some(true);
    config.encoder.initial_state = Some(InitialState::Learned);
    check("residual, learned first states", &config);
    config.input_feeding = false;
    config.encoder.layer_norm = Some(true.into());
    config.decoder.layer_norm = Some(true.into());
    check_by(STEP / 3.0, "residual and normalised", &config);
}

#[test]
fn normalised_gates() {
    for (kind, attention, feeds) in [
        (CellKind::Lstm, AttentionKind::Bahdanau, true),
        (CellKind::Gru, AttentionKind::LuongGeneral, true),
        (CellKind::Rnn, AttentionKind::LuongGeneral, false),
    ] {
        let mut config = small(kind, attention, feeds);
        config.encoder.layer_norm = Some(LayerNorm::Gates);
        config.decoder.layer_norm = Some(LayerNorm::Gates);
        check_by(
            STEP / 3.0,
            &format!("{kind} with normalised gates"),
            &config,
        );
    }
}

#[test]
fn two_transitions_round_the_attention() {
    for (kind, step) in [
        (AttentionKind::Bahdanau, STEP / 3.0),
        (AttentionKind::LuongDot, STEP),
        (AttentionKind::MultiHead, STEP),
        (AttentionKind::LocalM, STEP),
    ] {
        let mut config = small(CellKind::Gru, kind, false);
        config.decoder.kind = DecoderKind::Cgru;
        check_by(step, &format!("cgru with {kind}"), &config);
    }
}

#[test]
fn convolutions() {
    let mut config = small(CellKind::Lstm, AttentionKind::LuongGeneral, true);
    config.encoder.kind = EncoderKind::Conv;
    config.encoder.layers = 2;
    config.encoder.max_positions = Some(3);
    check("convolutions to lstm", &config);
    config.decoder.kind = DecoderKind::Conv;
    config.decoder.layers = 2;
    config.decoder.max_positions = Some(2);
    config.input_feeding = false;
    check("convolutions to convolutions", &config);
    for kind in [AttentionKind::MultiHead, AttentionKind::TanhPool] {
        config.attention.kind = kind;
        check(&format!("convolutions with {kind}"), &config);
    }
    config.encoder = EncoderConfig {
        kind: EncoderKind::Gru,
        ..EncoderConfig::default()
    };
    config.attention.kind = AttentionKind::None;
    check("gru to convolutions without attention", &config);
}

#[test]
fn tied_embeddings() {
    let mut config = small(CellKind::Gru, AttentionKind::LuongDot, true);
    config.tie_embeddings = true;
    check("tied through a projection", &config);
}
