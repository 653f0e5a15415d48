//! Inputs of a step, gathered in one launch: the new words' vectors beside the outputs of the step
//! before, and the hidden products and held states of the rows that they continue.

use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

use crate::gpu::layout::{given, threads};

/// All rows of a step.
pub(super) struct Gather<'a> {
    /// `[2, rows]`: the new words, then the rows that they continue.
    pub places: &'a CubeTensor,
    /// `[vocabulary, embedding]`
    pub table: &'a CubeTensor,
    /// f of the step before, `[rows before, hidden]`, where it is fed.
    pub feed: Option<&'a CubeTensor>,
    /// The state's products; the last columns are the hidden product: `[rows before, ..]`.
    pub shares: &'a CubeTensor,
    /// The memory cell, or the GRU's state: `[rows before, hidden]`.
    pub held: Option<&'a CubeTensor>,
    /// `[rows, embedding + hidden]`, written: the words' vectors and f.
    pub input: &'a CubeTensor,
    /// `[rows, gates * hidden]`, written: the hidden product.
    pub recurrent: &'a CubeTensor,
    /// `[rows, hidden]`, written.
    pub new_held: Option<&'a CubeTensor>,
}

/// Gathers: one launch.
pub(super) fn gather(all: &Gather<'_>) {
    let [rows, columns] = all.input.meta.shape().dims();
    let gates = all.recurrent.meta.shape()[1];
    let hidden = all.held.map_or(0, |held| held.meta.shape()[1]);
    let width = columns + gates + hidden;
    let client = &all.input.client;
    let (cubes, threads) = threads(client, rows * width);
    search_gather::launch(
        client,
        cubes,
        threads,
        all.places.clone().into_buffer_arg(),
        all.table.clone().into_buffer_arg(),
        given(all.feed),
        all.shares.clone().into_buffer_arg(),
        given(all.held),
        all.input.clone().into_buffer_arg(),
        all.recurrent.clone().into_buffer_arg(),
        given(all.new_held),
        rows,
        width,
        columns,
        all.table.meta.shape()[1],
        gates,
        all.shares.meta.shape()[1],
    );
}

#[cube(launch)]
#[allow(clippy::too_many_arguments)] // A program's arguments.
fn search_gather(
    places: &[i32],
    table: &[f32],
    feed: ComptimeOption<&[f32]>,
    shares: &[f32],
    held: ComptimeOption<&[f32]>,
    input: &mut [f32],
    recurrent: &mut [f32],
    new_held: ComptimeOption<&mut [f32]>,
    rows: usize,
    width: usize,
    columns: usize,
    embedding: usize,
    gates: usize,
    shares_width: usize,
) {
    let row = ABSOLUTE_POS / width;
    let column = ABSOLUTE_POS % width;
    if row >= rows {
        terminate!();
    }
    let before = places[rows + row] as usize;
    if column < embedding {
        let word = places[row] as usize;
        input[row * columns + column] = table[word * embedding + column];
    } else if column < columns {
        #[comptime]
        if let ComptimeOption::Some(feed) = &feed {
            let hidden = columns - embedding;
            input[row * columns + column] = feed[before * hidden + column - embedding];
        }
    } else if column < columns + gates {
        let gate = column - columns;
        recurrent[row * gates + gate] = shares[(before + 1) * shares_width - gates + gate];
    } else {
        let unit = column - columns - gates;
        let hidden = width - columns - gates;
        #[comptime]
        if let ComptimeOption::Some(held) = &held {
            #[comptime]
            if let ComptimeOption::Some(new_held) = new_held {
                new_held[row * hidden + unit] = held[before * hidden + unit];
            }
        }
    }
}
