//! Recurrent layers.

use model::Lengths;
use model::cell::{Cell, Nonlinearity, RecurrentLayer, State};
use model::sequence;

use super::{Family, Operation, Sizes, Work};

const CELLS: [Cell; 4] = [
    Cell::Rnn(Nonlinearity::Tanh),
    Cell::Rnn(Nonlinearity::Relu),
    Cell::Gru,
    Cell::Lstm,
];

fn run(cell: Cell, reverse: bool, sizes: &Sizes, work: &mut Work) {
    let (batch, hidden) = (sizes.batch(), sizes.hidden);
    let layer = RecurrentLayer::new(&work.initial(), cell, sizes.input, hidden);
    let layer = work.parameters(layer);
    let inputs = work.input("inputs", [sizes.source, batch, sizes.input]);
    let start = State {
        hidden: work.input("start", [batch, hidden]),
        cell: cell
            .has_cell_state()
            .then(|| work.input("start of the cell", [batch, hidden])),
    };
    let lengths = Lengths::new(sizes.lengths, sizes.source, work.device());
    let (states, last) = sequence::recurrent(&layer, inputs, &lengths, reverse, start);
    work.result("states", states);
    work.result("last", last.hidden);
    if let Some(cell) = last.cell {
        work.result("last of the cell", cell);
    }
}

pub(super) fn all() -> Vec<Operation> {
    let both = |cell| [false, true].map(|reverse| (cell, reverse));
    let operation = |(cell, reverse)| {
        let settings = format!("{cell:?}, reverse: {reverse}");
        Operation::new(Family::Recurrent, settings, move |sizes, work| {
            run(cell, reverse, sizes, work)
        })
    };
    CELLS.into_iter().flat_map(both).map(operation).collect()
}
