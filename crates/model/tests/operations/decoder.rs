//! Decoders whose steps depend on one another's outputs.

use model::attention::{AttentionKind, Past};
use model::cell::{Cell, CellKind, Nonlinearity, State};
use model::decoder::{RecurrentDecoder, RecurrentState};
use model::{Lengths, ModelConfig};
use operations::decoder;

use super::{Family, Operation, Sizes, Work};

/// Dropout between layers.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Dropout {
    None,
    /// A mask for each step.
    Each,
    /// One mask for all.
    Shared,
}

#[derive(Clone, Copy)]
struct Settings {
    kind: CellKind,
    relu: bool,
    layers: usize,
    attention: AttentionKind,
    dropout: Dropout,
}

impl std::fmt::Display for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            kind,
            relu,
            layers,
            attention,
            dropout,
        } = self;
        write!(
            f,
            "{kind} x{layers}, {attention}, relu: {relu}, dropout: {dropout:?}"
        )
    }
}

fn run(settings: Settings, sizes: &Sizes, work: &mut Work) {
    let (time, batch, hidden) = (sizes.target, sizes.batch(), sizes.hidden);
    let dot = settings.attention == AttentionKind::LuongDot;
    let memory = if dot { hidden } else { sizes.memory };
    let mut config = ModelConfig {
        embedding_size: sizes.input,
        hidden_size: hidden,
        input_feeding: true,
        ..ModelConfig::default()
    };
    config.encoder.hidden_size = Some(memory);
    config.decoder.kind = settings.kind.into();
    config.decoder.layers = settings.layers;
    config.decoder.nonlinearity = settings.relu.then_some(Nonlinearity::Relu);
    config.attention.kind = settings.attention;
    let cell = Cell::new(settings.kind, config.decoder.nonlinearity);
    let decoder = RecurrentDecoder::new(&work.initial(), &config.effective(), 3);
    let decoder = work.parameters(decoder);

    let values = work.input("memory", [batch, sizes.source, memory]);
    let lengths = Lengths::new(sizes.lengths, sizes.source, work.device());
    let attention = decoder.attention.as_ref().unwrap();
    let past = Past::none(batch, sizes.source, false, &values);
    let memory = attention.remember(values, &lengths);
    let mut start = |name: &str, layer| work.input(&format!("{name} {layer}"), [batch, hidden]);
    let layers: Vec<State> = (0..settings.layers)
        .map(|layer| State {
            hidden: start("start", layer),
            cell: cell
                .has_cell_state()
                .then(|| start("start of the cell", layer)),
        })
        .collect();
    let feed = layers[0].hidden.zeros_like();
    let projected = work.input("words", [time, batch, cell.gates() * hidden]);
    let upper: Vec<_> = (1..settings.layers)
        .map(|_| match settings.dropout {
            Dropout::None => None,
            Dropout::Each => Some(work.mask([time, batch, hidden])),
            Dropout::Shared => Some(work.mask([1, batch, hidden])),
        })
        .collect();
    let state = RecurrentState { layers, feed, past };
    let found = decoder::decode(
        &decoder.parameters(),
        projected,
        state,
        Some(&memory),
        &upper,
        false,
    );
    work.result("outputs", found.outputs);
}

pub(super) fn all() -> Vec<Operation> {
    use AttentionKind::{Bahdanau, LuongConcat, LuongDot, LuongGeneral, MultiHead, ScaledDot};
    use CellKind::{Gru, Lstm, Rnn};
    let plain = |kind, attention| Settings {
        kind,
        relu: false,
        layers: 1,
        attention,
        dropout: Dropout::None,
    };
    let layers = |layers, dropout, settings| Settings {
        layers,
        dropout,
        ..settings
    };
    let settings = [
        plain(Lstm, Bahdanau),
        plain(Lstm, LuongDot),
        plain(Lstm, LuongGeneral),
        plain(Lstm, LuongConcat),
        plain(Lstm, ScaledDot),
        plain(Lstm, MultiHead),
        plain(Gru, Bahdanau),
        plain(Gru, LuongDot),
        plain(Rnn, Bahdanau),
        Settings {
            relu: true,
            ..plain(Rnn, LuongGeneral)
        },
        layers(2, Dropout::Each, plain(Lstm, Bahdanau)),
        layers(2, Dropout::Shared, plain(Gru, LuongConcat)),
        layers(2, Dropout::Each, plain(Gru, MultiHead)),
        layers(3, Dropout::None, plain(Rnn, LuongDot)),
    ];
    let operation = |settings| {
        let run = move |sizes: &Sizes, work: &mut Work| run(settings, sizes, work);
        Operation::new(Family::Decoder, settings.to_string(), run)
    };
    settings.into_iter().map(operation).collect()
}
