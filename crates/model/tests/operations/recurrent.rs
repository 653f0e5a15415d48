//! Recurrent layers.

use model::Lengths;
use model::cell::{Cell, Nonlinearity, RecurrentLayer, State};
use network::config::EncoderConfig;
use network::kind::EncoderKind;
use operations::recurrent::Direction;

use super::{Family, Operation, Sizes, Work};

const CELLS: [Cell; 4] = [
    Cell::Rnn(Nonlinearity::Tanh),
    Cell::Rnn(Nonlinearity::Relu),
    Cell::Gru,
    Cell::Lstm,
];

/// A table of layers of this cell.
fn config(cell: Cell) -> EncoderConfig {
    let (kind, nonlinearity) = match cell {
        Cell::Rnn(nonlinearity) => (EncoderKind::Rnn, Some(nonlinearity)),
        Cell::Gru => (EncoderKind::Gru, None),
        Cell::Lstm => (EncoderKind::Lstm, None),
    };
    EncoderConfig {
        kind,
        nonlinearity,
        ..EncoderConfig::default()
    }
}

fn run(cell: Cell, direction: Direction, sizes: &Sizes, work: &mut Work) {
    let (batch, hidden) = (sizes.batch(), sizes.hidden);
    let layer = RecurrentLayer::new(&work.initial(), &config(cell), sizes.input, hidden);
    let layer = work.parameters(layer);
    let inputs = work.input("inputs", [sizes.source, batch, sizes.input]);
    let start = State {
        hidden: work.input("start", [batch, hidden]),
        cell: cell
            .has_cell_state()
            .then(|| work.input("start of the cell", [batch, hidden])),
    };
    let lengths = Lengths::new(sizes.lengths, sizes.source, work.device());
    let (states, last) = layer
        .parameters()
        .run(inputs, None, &lengths, direction, start);
    work.result("states", states);
    work.result("last", last.hidden);
    if let Some(cell) = last.cell {
        work.result("last of the cell", cell);
    }
}

pub(super) fn all() -> Vec<Operation> {
    let both = |cell| [Direction::Forward, Direction::Backward].map(|direction| (cell, direction));
    let operation = |(cell, direction)| {
        let settings = format!("{cell:?}, {direction:?}");
        Operation::new(Family::Recurrent, settings, move |sizes, work| {
            run(cell, direction, sizes, work)
        })
    };
    CELLS.into_iter().flat_map(both).map(operation).collect()
}
