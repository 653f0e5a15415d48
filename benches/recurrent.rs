//! Recurrent layers over whole sequences, masked.

use divan::{Bencher, black_box_drop};
use model::cell::RecurrentLayer;
use model::encoder::{EncoderConfig, EncoderKind};
use model::initial::Initialiser;
use operations::recurrent::Direction;

use crate::subject::{Case, cases, device, lengths, tensor};

/// One direction of an encoder's layer, from the inputs on.
fn layer(bencher: Bencher, case: Case, kind: EncoderKind) {
    let sizes = case.begin();
    let (time, rows) = (sizes.source, sizes.batch);
    let initial = Initialiser::new(1, &device());
    let config = EncoderConfig {
        kind,
        ..EncoderConfig::default()
    };
    let layer = RecurrentLayer::new(&initial, &config, sizes.embedding, sizes.hidden / 2);
    let inputs = tensor([time, rows, sizes.embedding], 2);
    let lengths = lengths(rows, time);
    bencher.bench_local(|| {
        let start = layer.zero_state(rows);
        let (states, _) =
            layer
                .parameters()
                .run(inputs.clone(), None, &lengths, Direction::Backward, start);
        black_box_drop(states.sum().backward());
    });
}

#[divan::bench(args = cases())]
fn rnn(bencher: Bencher, case: Case) {
    layer(bencher, case, EncoderKind::Rnn);
}

#[divan::bench(args = cases())]
fn gru(bencher: Bencher, case: Case) {
    layer(bencher, case, EncoderKind::Gru);
}

#[divan::bench(args = cases())]
fn lstm(bencher: Bencher, case: Case) {
    layer(bencher, case, EncoderKind::Lstm);
}
