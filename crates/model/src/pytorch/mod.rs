//! Parameters under the names and in the layouts of a PyTorch state dict.
//!
//! PyTorch multiplies from the left, so its matrices are `[output, input]` where ours are
//! `[input, output]`, and it writes every recurrent layer with two biases. Gates have the same order
//! on both sides. Sizes: V words, E embedding, M memory, H hidden, A key, G gates of the cell, C
//! channels.
//!
//! | here                                           | PyTorch                                       |
//! |------------------------------------------------|-----------------------------------------------|
//! | `encoder.embedding`, `decoder.embedding`       | `<the same>.weight` `[V, E]`                  |
//! | `encoder.layers.k.forward.input_weight`        | `encoder.rnn.weight_ih_lk` `[GH, input]`      |
//! | `encoder.layers.k.forward.hidden_weight`       | `encoder.rnn.weight_hh_lk` `[GH, H]`          |
//! | `encoder.layers.k.forward.bias`                | `encoder.rnn.bias_ih_lk` `[GH]`               |
//! | `encoder.layers.k.forward.hidden_bias` (GRU)   | `encoder.rnn.bias_hh_lk` `[GH]`, third block  |
//! | `encoder.layers.k.backward.*`                  | `encoder.rnn.*_lk_reverse`                    |
//! | `decoder.layers.k.*`                           | `decoder.rnn.*_lk`                            |
//! | `decoder.feed_weight`, `.context_weight`       | columns of `decoder.rnn.weight_ih_l0`, in this order after the word's |
//! | `decoder.bridge.project.weight`, `.bias`       | `bridge.weight` `[H, M]`, `bridge.bias`       |
//! | `decoder.bridge.hidden`, `.cell`               | `bridge.hidden`, `bridge.cell` `[layers, H]`  |
//! | `decoder.attention.key.weight`                 | `attention.key.weight` `[A, M]`               |
//! | `decoder.attention.query.weight`, `.bias`      | `attention.query.weight` `[A, H]`, `.bias`    |
//! | `decoder.attention.energy`                     | `attention.energy.weight` `[1, A]`            |
//! | `decoder.attention.coverage`                   | `attention.coverage.weight` `[A, 1]`          |
//! | `decoder.attention.value.weight`, `.output.weight` | `attention.value.weight` `[H, M]`, `attention.output.weight` `[H, H]` |
//! | `decoder.attention.position.weight`            | `attention.position.weight` `[H, H]`          |
//! | `decoder.attention.position_vector`            | `attention.position_energy.weight` `[1, H]`   |
//! | `decoder.pool.layer.weight`, `.bias`           | `pool.weight` `[T, T]`, not transposed, `pool.bias` `[T]` |
//! | both weights of luong-concat                   | `attention.linear.weight` `[A, H + M]`, the query's columns first |
//! | `decoder.combine.weight`, `.bias`              | `decoder.combine.weight` `[H, H + M]`, `.bias` |
//! | `encoder.stack.norms.k.gain`, `.bias`          | `encoder.norms.k.weight` `[M]`, `.bias`; the decoder's alike |
//! | `encoder.starts.k.hidden`, `.cell`             | the same, `[directions, H]`                   |
//! | `encoder.positions.table`, also `decoder.`     | `encoder.positions.weight` `[positions, E]`   |
//! | `encoder.enter.weight`, `.bias`, also `decoder.` | the same, `[M, E]` (`[M, C]` of an image), `[H, E]` |
//! | `encoder.convolutions.k.weight`, also `decoder.` | the same, `[2M, M, width]` (of `nn.Conv1d`), `[2H, H, width]` |
//! | `encoder.convolutions.k.bias`, also `decoder.` | the same                                      |
//! | `decoder.queries.k.weight`, `.bias`            | the same, `[H, H]`                            |
//! | `decoder.contexts.k.weight`, `.bias`           | the same, `[H, M]`                            |
//! | `decoder.context_weight` of convolutions       | `decoder.context.weight` `[H, M]`             |
//! | `encoder.blocks.k.weight`, `.bias`             | the same, `[C, C below, 3, 3]` (of `nn.Conv2d`) |
//! | `encoder.rows.table`, `encoder.columns.table`  | `encoder.rows.weight`, `encoder.columns.weight` `[.., M]` |
//! | `output.weight`, `output.bias`                 | the same, `[V, H]`                            |
//! | `output.project.weight`                        | the same, `[E, H]`                            |

mod export;
mod import;
mod layer;
mod matrix;
mod names;

pub use export::export;
pub use import::import;

/// Names of tensors of one layout: ours, then PyTorch's.
const SAME: [(&str, &str); 11] = [
    ("encoder.embedding", "encoder.embedding.weight"),
    ("decoder.embedding", "decoder.embedding.weight"),
    ("decoder.bridge.project.bias", "bridge.bias"),
    ("decoder.bridge.hidden", "bridge.hidden"),
    ("decoder.bridge.cell", "bridge.cell"),
    ("decoder.attention.query.bias", "attention.query.bias"),
    ("decoder.combine.bias", "decoder.combine.bias"),
    ("output.weight", "output.weight"),
    ("output.bias", "output.bias"),
    // Here W stands to the right of what it multiplies in PyTorch too.
    ("decoder.pool.layer.weight", "pool.weight"),
    ("decoder.pool.layer.bias", "pool.bias"),
];

/// Names of matrices that PyTorch keeps transposed.
const TRANSPOSED: [(&str, &str); 8] = [
    ("decoder.bridge.project.weight", "bridge.weight"),
    (KEY, "attention.key.weight"),
    (QUERY, "attention.query.weight"),
    (VALUE, "attention.value.weight"),
    ("decoder.attention.output.weight", "attention.output.weight"),
    (
        "decoder.attention.position.weight",
        "attention.position.weight",
    ),
    ("decoder.combine.weight", "decoder.combine.weight"),
    ("output.project.weight", "output.project.weight"),
];

const KEY: &str = "decoder.attention.key.weight";
const QUERY: &str = "decoder.attention.query.weight";
const VALUE: &str = "decoder.attention.value.weight";

/// Names of vectors that are matrices of one row there.
const ROWS: [(&str, &str); 2] = [
    ("decoder.attention.energy", "attention.energy.weight"),
    (
        "decoder.attention.position_vector",
        "attention.position_energy.weight",
    ),
];

/// Names of vectors that are matrices of one column there.
const COLUMNS: [(&str, &str); 1] = [("decoder.attention.coverage", "attention.coverage.weight")];
const CONCAT: &str = "attention.linear.weight";
const BESIDE: [&str; 2] = ["decoder.feed_weight", "decoder.context_weight"];

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use proptest::prelude::*;

    use super::*;
    use crate::attention::{AttentionKind, Query};
    use crate::bridge::BridgeKind;
    use crate::cell::CellKind;
    use crate::decoder::{ContextKind, DecoderKind};
    use crate::encoder::{EncoderKind, InitialState};
    use crate::parameters::{self, Parameters, Values};
    use crate::{ModelConfig, NetworkError, Seq2Seq};
    use network::config::LayerNorm;

    /// The parameters of a new model, with numbers that tell each place from every other.
    fn numbered(config: &ModelConfig) -> Parameters {
        let model = Seq2Seq::new(config, 7, 9, 1, &Device::flex()).unwrap();
        let mut found = parameters::collect(&model);
        let places = found.values_mut().flat_map(|values| &mut values.data);
        places
            .zip(1u16..)
            .for_each(|(value, place)| *value = f32::from(place));
        found
    }

    fn encoder() -> impl Strategy<Value = EncoderKind> {
        use EncoderKind::{Conv, Gru, Image, Lstm, Rnn};
        prop::sample::select(vec![Rnn, Gru, Lstm, Conv, Image])
    }

    fn decoder() -> impl Strategy<Value = DecoderKind> {
        use DecoderKind::{Cgru, Conv, Gru, Lstm, Rnn};
        prop::sample::select(vec![Rnn, Gru, Lstm, Cgru, Conv])
    }

    prop_compose! {
        fn config()(
            kinds in (encoder(), decoder()),
            (residual, learned) in any::<(bool, bool)>(),
            layer_norm in prop::sample::select(vec![LayerNorm::Off, LayerNorm::Outputs, LayerNorm::Gates]),
            layers in (1..3usize, 1..3usize),
            (embedding, memory) in (3..6usize, 1..3usize),
            (bidirectional, feeding, tied, before, every_step) in any::<(bool, bool, bool, bool, bool)>(),
            bridge in prop::sample::select(vec![
                BridgeKind::Tanh, BridgeKind::TanhCell, BridgeKind::Copy, BridgeKind::Zero, BridgeKind::Learned,
            ]),
            kind in prop::sample::select(AttentionKind::ALL.to_vec()),
        ) -> ModelConfig {
            let none = kind == AttentionKind::None;
            let mut config = ModelConfig {
                embedding_size: embedding,
                hidden_size: 4,
                input_feeding: feeding,
                tie_embeddings: tied,
                bridge,
                context: (none && every_step).then_some(ContextKind::EveryStep),
                ..ModelConfig::default()
            };
            (config.encoder.kind, config.decoder.kind) = kinds;
            (config.encoder.layers, config.decoder.layers) = layers;
            if config.encoder.kind.cell().is_some() {
                config.encoder.bidirectional = Some(bidirectional);
                config.encoder.residual = Some(residual);
                config.encoder.layer_norm = Some(layer_norm);
                config.encoder.initial_state = learned.then_some(InitialState::Learned);
            }
            config.encoder.hidden_size = (kind != AttentionKind::LuongDot).then_some(2 * memory);
            config.attention.kind = kind;
            if config.decoder.kind == DecoderKind::Conv {
                config.input_feeding = false;
                if config.attention.kind.asks_state_by_state() {
                    config.attention.kind = AttentionKind::LuongGeneral;
                }
            } else if config.decoder.kind == DecoderKind::Cgru {
                config.input_feeding = false;
                config.decoder.layers = 1;
                config.context = None;
                config.decoder.layer_norm =
                    (layer_norm == LayerNorm::Gates).then_some(layer_norm);
                if !kind.asks() {
                    config.attention.kind = AttentionKind::LuongConcat;
                }
            } else {
                config.attention.query = (kind.asks() && before).then_some(Query::Before);
                config.decoder.layer_norm = Some(layer_norm);
            }
            config
        }
    }

    proptest! {
        #[test]
        fn import_undoes_export(config in config()) {
            let ours = numbered(&config);
            let state = export(&ours);
            for name in state.keys() {
                // PyTorch's layers do not normalise their gates.
                let ours = name.contains("layers") && !name.contains("gate_norm");
                prop_assert!(!ours && !name.contains("feed"), "{name}");
            }
            prop_assert_eq!(import(&config, &state), Ok(ours));
        }
    }

    proptest! {
        #[test]
        fn the_tree_of_parameters_has_a_models_names_and_shapes(config in config()) {
            let ours = numbered(&config);
            let shapes = network::Network::new(&config, [7, 9]).unwrap();
            let filled = shapes.fill(ours.clone()).unwrap();
            prop_assert_eq!(filled.into_parameters(), ours);
        }
    }

    fn small() -> ModelConfig {
        let mut config = ModelConfig {
            embedding_size: 2,
            hidden_size: 2,
            ..ModelConfig::default()
        };
        config.encoder.kind = CellKind::Gru.into();
        config.decoder.kind = CellKind::Rnn.into();
        config
    }

    #[test]
    fn layouts_are_pytorchs() {
        let ours = numbered(&small());
        let state = export(&ours);
        assert_eq!(state["decoder.combine.weight"].shape, [2, 4]);
        assert_eq!(
            state["decoder.combine.weight"].data[1],
            ours["decoder.combine.weight"].data[2]
        );
        let first = &state["decoder.rnn.weight_ih_l0"];
        assert_eq!(first.shape, [2, 4]);
        let (word, feed) = (
            &ours["decoder.layers.0.input_weight"],
            &ours["decoder.feed_weight"],
        );
        assert_eq!(
            first.data[..4],
            [word.data[0], word.data[2], feed.data[0], feed.data[2]]
        );
        let bias = &state["encoder.rnn.bias_hh_l0_reverse"];
        assert_eq!(bias.data[..2], [0.0, 0.0]);
        assert_eq!(
            bias.data[2..],
            ours["encoder.layers.0.backward.hidden_bias"].data
        );
    }

    #[test]
    fn the_two_biases_are_added_but_for_the_new_gate_of_a_gru() {
        let mut state = export(&numbered(&small()));
        let mut set = |name: &str, data: &[f32]| {
            state.get_mut(name).unwrap().data = data.to_vec();
        };
        set("encoder.rnn.bias_ih_l0", &[1.0, 2.0, 3.0]);
        set("encoder.rnn.bias_hh_l0", &[10.0, 20.0, 30.0]);
        set("decoder.rnn.bias_ih_l0", &[1.0, 2.0]);
        set("decoder.rnn.bias_hh_l0", &[0.5, 0.25]);
        let ours = import(&small(), &state).unwrap();
        assert_eq!(
            ours["encoder.layers.0.forward.bias"].data,
            [11.0, 22.0, 3.0]
        );
        assert_eq!(ours["encoder.layers.0.forward.hidden_bias"].data, [30.0]);
        assert_eq!(ours["decoder.layers.0.bias"].data, [1.5, 2.25]);
    }

    #[test]
    fn a_tied_output_may_name_the_embedding_twice() {
        let config = ModelConfig {
            tie_embeddings: true,
            ..small()
        };
        let ours = numbered(&config);
        let mut state = export(&ours);
        state.insert(
            "output.weight".into(),
            state["decoder.embedding.weight"].clone(),
        );
        assert_eq!(import(&config, &state), Ok(ours));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let state = export(&numbered(&small()));
        let refused = |change: &dyn Fn(&mut Parameters)| {
            let mut state = state.clone();
            change(&mut state);
            import(&small(), &state).unwrap_err()
        };
        let name = "decoder.rnn.bias_hh_l0".to_owned();
        assert_eq!(
            refused(&|state| drop(state.remove(&name))),
            NetworkError::MissingParameter { name: name.clone() }
        );
        let name = "decoder.dense.weight".to_owned();
        let values = Values {
            shape: vec![1],
            data: vec![0.0],
        };
        assert_eq!(
            refused(&|state| drop(state.insert(name.clone(), values.clone()))),
            NetworkError::UnknownParameter { name: name.clone() }
        );
        let name = "decoder.rnn.weight_ih_l0".to_owned();
        assert_eq!(
            refused(&|state| drop(state.insert(name.clone(), values.clone()))),
            NetworkError::ParameterShape {
                name: name.clone(),
                expected: vec![2, 4],
                found: vec![1]
            }
        );
    }
}
