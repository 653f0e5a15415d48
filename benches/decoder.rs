//! The decoder with input feeding over a whole target, with each attention.

use divan::{Bencher, black_box_drop};
use model::ModelConfig;
use model::attention::{AttentionConfig, AttentionKind, Memory, Past};
use model::cell::{Cell, CellKind, State};
use model::decoder::{RecurrentDecoder, RecurrentState};
use model::initial::Initialiser;
use operations::decoder::decode as run;

use crate::subject::{Case, cases, device, lengths, tensor};

/// Everything between the words' vectors and the output layer; keys are made before.
fn decode(bencher: Bencher, case: Case, cell: CellKind, attention: AttentionKind) {
    let sizes = case.begin();
    let (time, rows, hidden) = (sizes.target, sizes.batch, sizes.hidden);
    let mut config = ModelConfig {
        embedding_size: sizes.embedding,
        hidden_size: hidden,
        input_feeding: true,
        attention: AttentionConfig {
            kind: attention,
            ..AttentionConfig::default()
        },
        ..ModelConfig::default()
    };
    config.decoder.kind = cell.into();
    let cell = Cell::new(cell, None);
    let initial = Initialiser::new(1, &device());
    let decoder = RecurrentDecoder::new(&initial, &config.effective(), 10);
    let [values, keys] = [2, 3].map(|seed| tensor([rows, sizes.source, hidden], seed));
    let past = Past::none(rows, sizes.source, false, &values);
    let memory = Memory {
        values,
        keys,
        lengths: lengths(rows, sizes.source),
    };
    let start = || tensor([rows, hidden], 4);
    let state = RecurrentState {
        layers: vec![State {
            hidden: start(),
            cell: cell.has_cell_state().then(start),
        }],
        feed: start().zeros_like(),
        past,
    };
    let projected = tensor([time, rows, cell.gates() * hidden], 5);
    bencher.bench_local(|| {
        let (projected, state) = (projected.clone(), state.clone());
        let found = run(
            &decoder.parameters(),
            projected,
            state,
            Some(&memory),
            &[],
            false,
        );
        black_box_drop(found.outputs.sum().backward());
    });
}

#[divan::bench(args = cases())]
fn lstm_bahdanau(bencher: Bencher, case: Case) {
    decode(bencher, case, CellKind::Lstm, AttentionKind::Bahdanau);
}

#[divan::bench(args = cases())]
fn lstm_luong_dot(bencher: Bencher, case: Case) {
    decode(bencher, case, CellKind::Lstm, AttentionKind::LuongDot);
}

#[divan::bench(args = cases())]
fn lstm_luong_general(bencher: Bencher, case: Case) {
    decode(bencher, case, CellKind::Lstm, AttentionKind::LuongGeneral);
}

#[divan::bench(args = cases())]
fn lstm_luong_concat(bencher: Bencher, case: Case) {
    decode(bencher, case, CellKind::Lstm, AttentionKind::LuongConcat);
}

#[divan::bench(args = cases())]
fn lstm_multi_head(bencher: Bencher, case: Case) {
    decode(bencher, case, CellKind::Lstm, AttentionKind::MultiHead);
}

#[divan::bench(args = cases())]
fn gru_bahdanau(bencher: Bencher, case: Case) {
    decode(bencher, case, CellKind::Gru, AttentionKind::Bahdanau);
}

#[divan::bench(args = cases())]
fn rnn_bahdanau(bencher: Bencher, case: Case) {
    decode(bencher, case, CellKind::Rnn, AttentionKind::Bahdanau);
}
