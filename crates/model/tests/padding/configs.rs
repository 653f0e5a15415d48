//! Models of every kind, small.

use model::ModelConfig;
use model::attention::{AttentionKind, Query};
use model::bridge::BridgeKind;
use model::cell::CellKind;
use model::decoder::{ContextKind, DecoderConfig, DecoderKind};
use model::encoder::{EncoderConfig, EncoderKind, InitialState};
use network::config::LayerNorm;

/// Two layers on both sides.
pub(crate) fn small(kind: CellKind, attention: AttentionKind, input_feeding: bool) -> ModelConfig {
    let mut config = ModelConfig {
        embedding_size: 5,
        hidden_size: 8,
        input_feeding,
        ..ModelConfig::default()
    };
    config.encoder.kind = kind.into();
    config.encoder.layers = 2;
    config.encoder.bidirectional = Some(true);
    config.decoder.kind = kind.into();
    config.decoder.layers = 2;
    config.attention.kind = attention;
    config.attention.window = attention.is_local().then_some(2);
    config
}

/// Every cell with every attention, with and without input feeding, and what goes beyond that.
pub(crate) fn configs() -> Vec<ModelConfig> {
    use AttentionKind::*;
    let mut all = Vec::new();
    for kind in [CellKind::Rnn, CellKind::Gru, CellKind::Lstm] {
        for attention in AttentionKind::ALL {
            for input_feeding in [false, true] {
                all.push(small(kind, attention, input_feeding));
            }
        }
    }
    let mut covered = small(CellKind::Lstm, Bahdanau, true);
    covered.attention.coverage = Some(true);
    let mut covered_unfed = small(CellKind::Gru, LuongConcat, false);
    covered_unfed.attention.coverage = Some(true);
    let mut single = small(CellKind::Gru, TimeDense, true);
    single.attention.single_vector = Some(true);
    // Padding goes on where the layer over time ends.
    let mut tight = small(CellKind::Gru, TanhPool, false);
    tight.attention.max_source_length = Some(6);
    let mut heads_before = small(CellKind::Lstm, MultiHead, true);
    heads_before.attention.query = Some(Query::Before);
    let mut before = small(CellKind::Gru, Bahdanau, true);
    before.attention.query = Some(Query::Before);
    let mut every_step = small(CellKind::Lstm, None, false);
    every_step.context = Some(ContextKind::EveryStep);
    let mut copied = small(CellKind::Lstm, LuongGeneral, true);
    copied.bridge = BridgeKind::Copy;
    let mut one_way = small(CellKind::Lstm, Bahdanau, true);
    one_way.encoder.bidirectional = Some(false);
    all.extend([before, every_step, copied, one_way]);
    all.extend(stacked());
    all.extend(conditional());
    all.extend(convolutional());
    all.extend([covered, covered_unfed, single, tight, heads_before]);
    all
}

/// Residual connections, normalised layers and learned first states.
fn stacked() -> Vec<ModelConfig> {
    let stacked = |kind, input_feeding| {
        let mut config = small(kind, AttentionKind::Bahdanau, input_feeding);
        config.encoder.residual = Some(true);
        config.decoder.residual = Some(true);
        config.encoder.layer_norm = Some(true.into());
        config.decoder.layer_norm = Some(true.into());
        config.encoder.initial_state = Some(InitialState::Learned);
        config
    };
    let mut normalised = stacked(CellKind::Gru, true);
    normalised.encoder.layer_norm = Some(LayerNorm::Gates);
    normalised.decoder.layer_norm = Some(LayerNorm::Gates);
    vec![
        stacked(CellKind::Lstm, true),
        stacked(CellKind::Gru, false),
        normalised,
    ]
}

/// Two transitions round the attention.
fn conditional() -> Vec<ModelConfig> {
    let of = |kind| {
        let mut config = small(CellKind::Gru, kind, false);
        config.decoder.kind = DecoderKind::Cgru;
        config.decoder.layers = 1;
        config
    };
    vec![of(AttentionKind::Bahdanau), of(AttentionKind::MultiHead)]
}

/// Convolutions on one side or on both.
fn convolutional() -> Vec<ModelConfig> {
    let encoding = |attention| {
        let mut config = small(CellKind::Lstm, attention, false);
        config.encoder = EncoderConfig {
            kind: EncoderKind::Conv,
            layers: 2,
            max_positions: Some(4),
            ..EncoderConfig::default()
        };
        config
    };
    let decoding = |mut config: ModelConfig| {
        config.decoder = DecoderConfig {
            kind: DecoderKind::Conv,
            layers: 2,
            max_positions: Some(5),
            ..DecoderConfig::default()
        };
        config
    };
    let recurrent = |attention| small(CellKind::Gru, attention, false);
    let mut heads = encoding(AttentionKind::MultiHead);
    heads.attention.heads = Some(2);
    vec![
        encoding(AttentionKind::Bahdanau),
        encoding(AttentionKind::None),
        decoding(encoding(AttentionKind::LuongDot)),
        decoding(encoding(AttentionKind::None)),
        decoding(recurrent(AttentionKind::LuongGeneral)),
        decoding(recurrent(AttentionKind::None)),
        decoding(recurrent(AttentionKind::ScaledDot)),
        decoding(heads),
        decoding(encoding(AttentionKind::TimeDense)),
        decoding(recurrent(AttentionKind::TanhPool)),
    ]
}

/// Of [`configs`] each cell and each attention, but not all together: ndarray is slow.
#[cfg(feature = "ndarray")]
pub(crate) fn fewer_configs() -> Vec<ModelConfig> {
    let mut all = configs();
    all.retain(|config| {
        let kind = config.attention.kind;
        kind == AttentionKind::Bahdanau
            || (config.decoder.kind == CellKind::Lstm && config.feeds())
            || config.context == Some(ContextKind::EveryStep)
            || config.decoder.kind == DecoderKind::Conv
    });
    all
}
