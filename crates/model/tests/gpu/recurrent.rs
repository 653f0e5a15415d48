//! Recurrent layers.

use burn::tensor::{Device, Tensor};
use model::Padded;
use model::cell::{CellKind, Nonlinearity};
use model::encoder::{Encode, EncoderConfig};
use model::initial::Initialiser;
use model::parameters::{self, Parameters};

use crate::close::assert_close;
use crate::device::gpu;

/// Three ragged sentences, one of a single word.
const SOURCE: Padded<'static> = Padded {
    ids: &[4, 9, 7, 5, 3, 8, 6, 3, 0, 0, 3, 0, 0, 0, 0],
    lengths: &[5, 3, 1],
    time: 5,
};

/// A number that depends on everything an encoder leaves, and its gradients.
fn run(config: &EncoderConfig, device: &Device) -> (f32, Parameters) {
    let device = device.clone().autodiff();
    let encoder = config.init(&Initialiser::new(3, &device), 11, 6, 10);
    let found = encoder.encode(SOURCE, None);
    let square = |values: Tensor<1>| (values.clone() * values).sum();
    let mut sum = square(found.memory.flatten(0, 2));
    for (place, state) in (1..).zip(found.states) {
        sum = sum + state.hidden.sum() * place;
        if let Some(cell) = state.cell {
            sum = sum + square(cell.flatten(0, 1)) * 0.5;
        }
    }
    let gradients = parameters::gradients(&encoder, &sum.backward());
    (sum.into_scalar::<f32>(), gradients)
}

#[test]
fn every_cell_agrees_with_the_cpu() {
    let Some(gpu) = gpu() else { return };
    for (kind, nonlinearity) in [
        (CellKind::Lstm, None),
        (CellKind::Gru, None),
        (CellKind::Rnn, Some(Nonlinearity::Tanh)),
        (CellKind::Rnn, Some(Nonlinearity::Relu)),
    ] {
        let config = EncoderConfig {
            kind,
            nonlinearity,
            layers: 2,
            bidirectional: Some(true),
            ..EncoderConfig::default()
        };
        let start = std::time::Instant::now();
        let name = format!("{kind} {nonlinearity:?}");
        let (wanted, gradients) = run(&config, &Device::flex());
        let (found, others) = run(&config, &gpu);
        assert!(
            (wanted - found).abs() < 1e-4 * wanted.abs(),
            "{name}: {found} is not {wanted}"
        );
        assert_close(&name, &others, &gradients);
        eprintln!("{name}: {:?}", start.elapsed());
    }
}
