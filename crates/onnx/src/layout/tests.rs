//! Graphs are sound: everything that is read is there, and has one maker. What they compute is compared with ONNX Runtime by
//! `scripts/check_onnx.py`.

use std::collections::BTreeSet;

use network::kind::{AttentionKind, DecoderKind, EncoderKind};
use network::{ModelConfig, Network, Shape, Values};
use prost::Message;

use super::*;
use crate::proto::{GraphProto, TensorProto};

fn network(config: &ModelConfig) -> Network<Values> {
    let shapes = Network::<Shape>::new(config, [11, 12]).unwrap();
    let zeros = |_: &str, shape: Shape| {
        Ok(Values {
            data: vec![0.5; shape.size()],
            shape: shape.0,
        })
    };
    shapes.try_map(zeros).unwrap()
}

fn small(encoder: EncoderKind, decoder: DecoderKind, attention: AttentionKind) -> ModelConfig {
    let mut config = ModelConfig {
        embedding_size: 6,
        hidden_size: 8,
        ..ModelConfig::default()
    };
    config.encoder.kind = encoder;
    config.decoder.kind = decoder;
    config.attention.kind = attention;
    config.suited(|key| key == "model.attention.kind")
}

/// Walks over a graph and those inside it; `known` is what is made outside.
fn check(graph: &GraphProto, known: &BTreeSet<String>) {
    let mut known = known.clone();
    let mut make = |name: &str| assert!(known.insert(name.to_owned()), "`{name}` is made twice");
    let inputs = graph.input.iter().map(|input| &input.name);
    let constants = graph.initializer.iter().map(|constant| &constant.name);
    for name in inputs.chain(constants) {
        make(name.as_deref().unwrap());
    }
    for node in &graph.node {
        for name in node.input.iter().filter(|name| !name.is_empty()) {
            assert!(known.contains(name), "{:?} reads `{name}`", node.op_type);
        }
        for inner in node
            .attribute
            .iter()
            .filter_map(|attribute| attribute.g.as_ref())
        {
            assert!(inner.initializer.is_empty(), "constants lie outside");
            check(inner, &known);
        }
        for name in &node.output {
            assert!(known.insert(name.clone()), "`{name}` is made twice");
        }
    }
    for output in &graph.output {
        assert!(known.contains(output.name.as_deref().unwrap()));
    }
}

fn size(constant: &TensorProto) -> usize {
    let width = match constant.data_type {
        Some(1 | 6) => 4,
        Some(7) => 8,
        _ => 1,
    };
    constant.dims.iter().product::<i64>() as usize * width
}

fn assert_sound(bytes: &[u8]) -> GraphProto {
    let model = ModelProto::decode(bytes).unwrap();
    assert_eq!(model.opset_import[0].version, Some(17));
    let graph = model.graph.unwrap();
    check(&graph, &BTreeSet::new());
    for constant in &graph.initializer {
        assert_eq!(constant.raw_data.as_ref().unwrap().len(), size(constant));
    }
    graph
}

#[test]
fn every_combination_makes_sound_graphs() {
    use {DecoderKind as D, EncoderKind as E};
    let mut count = 0;
    for encoder in [E::Rnn, E::Gru, E::Lstm, E::Conv, E::Image] {
        for decoder in [D::Rnn, D::Gru, D::Lstm, D::Cgru, D::Conv] {
            for attention in AttentionKind::ALL {
                let config = small(encoder, decoder, attention);
                if config.check().is_err() {
                    continue;
                }
                count += 1;
                let network = network(&config);
                let Steps { encoder, decoder } = steps(&network);
                assert_sound(&encoder);
                assert_sound(&decoder);
                let how = Greedy {
                    start: 2,
                    end: 3,
                    pad: 0,
                    barred: &[0, 2],
                };
                assert_sound(&greedy(&network, &how));
            }
        }
    }
    assert_eq!(count, 240);
}

#[test]
fn a_file_is_the_weights_and_little_more() {
    let mut config = small(
        EncoderKind::Lstm,
        DecoderKind::Lstm,
        AttentionKind::Bahdanau,
    );
    (
        config.embedding_size,
        config.hidden_size,
        config.tie_embeddings,
    ) = (64, 64, true);
    let network = network(&config);
    let mut numbers = 0;
    network.visit(|_, values| numbers += values.data.len());
    let Steps { encoder, decoder } = steps(&network);
    let more = encoder.len() + decoder.len() - 4 * numbers;
    assert!(more < 20_000, "{more} bytes beside the weights");
}

#[test]
fn names_of_inputs_and_outputs_are_those_of_loaders() {
    let network = network(&small(
        EncoderKind::Lstm,
        DecoderKind::Gru,
        AttentionKind::LuongGeneral,
    ));
    let graph = assert_sound(&steps(&network).decoder);
    let names = |all: &[crate::proto::ValueInfoProto]| -> Vec<String> {
        all.iter().filter_map(|one| one.name.clone()).collect()
    };
    let inputs = [
        "input_ids",
        "encoder_hidden_states",
        "encoder_attention_mask",
        "past_key_values.0.decoder.key",
        "past_key_values.0.decoder.value",
        "use_cache_branch",
    ];
    assert_eq!(names(&graph.input), inputs);
    let outputs = ["logits", "present.0.decoder.key", "present.0.decoder.value"];
    assert_eq!(names(&graph.output), outputs);
}
