//! One time step forward.

use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

use super::{gru, lstm, rnn};
use crate::gpu::layout::{given, threads};
use network::cell::Cell;

/// One step of all rows.
pub(crate) struct Forward<'a> {
    /// Which cell.
    pub kind: Cell,
    /// Rows of the batch.
    pub rows: usize,
    /// Hidden units.
    pub size: usize,
    /// The input's share of the gates, `[steps, rows, gates * size]`, and which step counts.
    pub projected: (&'a CubeTensor, usize),
    /// Added to it: `[rows, gates * size]`, or `[gates * size]` for all rows.
    pub beside: Option<&'a CubeTensor>,
    /// The hidden product: the last `gates * size` columns of `[rows, ..]`.
    pub recurrent: &'a CubeTensor,
    /// The GRU's bias inside the product with the reset gate, `[size]`.
    pub bias: Option<&'a CubeTensor>,
    /// 1 at real positions, `[time, rows]`.
    pub mask: Option<&'a CubeTensor>,
    /// `[rows, size]`
    pub previous_hidden: &'a CubeTensor,
    /// `[rows, size]`, for cells with a memory.
    pub previous_cell: Option<&'a CubeTensor>,
    /// `[rows, size]`, written.
    pub hidden: &'a CubeTensor,
    /// `[rows, size]`, written, for cells with a memory.
    pub cell: Option<&'a CubeTensor>,
    /// `[rows, kept * size]`, written, where a backward pass follows.
    pub kept: Option<&'a CubeTensor>,
    /// Outputs of all time steps, zero at padding, then the last state: `[(time + parts) * rows * size]`, written.
    pub output: Option<&'a CubeTensor>,
    /// Multiplies the new state for the layer above, `[steps, rows, size]`; with which step counts.
    pub drop: Option<(&'a CubeTensor, usize)>,
    /// `[rows, size]`, written: the new state for the layer above.
    pub dropped: Option<&'a CubeTensor>,
    /// The time step, and how many there are.
    pub time: (usize, usize),
    /// Whether no step follows.
    pub last: bool,
}

/// Computes a step: one launch.
pub(crate) fn forward(step: &Forward<'_>) {
    let Forward {
        kind, rows, size, ..
    } = *step;
    let client = &step.hidden.client;
    let (cubes, threads) = threads(client, rows * size);
    let gates = kind.gates() * size;
    let shared = step
        .beside
        .is_some_and(|beside| beside.meta.num_elements() == gates);
    cell_forward::launch(
        client,
        cubes,
        threads,
        step.projected.0.clone().into_buffer_arg(),
        given(step.beside),
        step.recurrent.clone().into_buffer_arg(),
        given(step.bias),
        given(step.mask),
        step.previous_hidden.clone().into_buffer_arg(),
        given(step.previous_cell),
        step.hidden.clone().into_buffer_arg(),
        given(step.cell),
        given(step.kept),
        given(step.output),
        given(step.drop.map(|(mask, _)| mask)),
        given(step.dropped),
        rows,
        size,
        step.projected.1 * rows,
        if shared { 0 } else { gates },
        step.recurrent.meta.num_elements() / rows,
        step.drop.map_or(0, |(_, step)| step * rows),
        step.time.0 * rows,
        step.time.1 * rows,
        u32::from(step.last),
        kind,
    );
}

#[cube(launch)]
fn cell_forward(
    projected: &[f32],
    beside: ComptimeOption<&[f32]>,
    recurrent: &[f32],
    bias: ComptimeOption<&[f32]>,
    mask: ComptimeOption<&[f32]>,
    previous_hidden: &[f32],
    previous_cell: ComptimeOption<&[f32]>,
    hidden: &mut [f32],
    cell: ComptimeOption<&mut [f32]>,
    kept: ComptimeOption<&mut [f32]>,
    output: ComptimeOption<&mut [f32]>,
    drop: ComptimeOption<&[f32]>,
    dropped: ComptimeOption<&mut [f32]>,
    rows: usize,
    size: usize,
    projected_row: usize,
    beside_width: usize,
    recurrent_width: usize,
    drop_row: usize,
    time_row: usize,
    end_row: usize,
    last: u32,
    #[comptime] kind: Cell,
) {
    let place = ABSOLUTE_POS;
    if place >= rows * size {
        terminate!();
    }
    let row = place / size;
    let unit = place % size;
    let gates = comptime!(kind.gates());

    let first = (projected_row + row) * gates * size + unit;
    let first_beside = row * beside_width + unit;
    let first_recurrent = (row + 1) * recurrent_width - gates * size + unit;
    let before = previous_hidden[place];
    #[comptime]
    let cell_before = match previous_cell {
        ComptimeOption::Some(previous) => previous[place],
        ComptimeOption::None => 0.0f32.runtime(),
    };

    let new = if comptime!(kind == Cell::Lstm) {
        let i = input(projected, &beside, first, first_beside) + recurrent[first_recurrent];
        let f = input(projected, &beside, first + size, first_beside + size)
            + recurrent[first_recurrent + size];
        let g = input(
            projected,
            &beside,
            first + 2 * size,
            first_beside + 2 * size,
        ) + recurrent[first_recurrent + 2 * size];
        let o = input(
            projected,
            &beside,
            first + 3 * size,
            first_beside + 3 * size,
        ) + recurrent[first_recurrent + 3 * size];
        lstm::forward(i, f, g, o, cell_before)
    } else if comptime!(kind == Cell::Gru) {
        let r = input(projected, &beside, first, first_beside) + recurrent[first_recurrent];
        let z = input(projected, &beside, first + size, first_beside + size)
            + recurrent[first_recurrent + size];
        let x = input(
            projected,
            &beside,
            first + 2 * size,
            first_beside + 2 * size,
        );
        #[comptime]
        let inner = match bias {
            ComptimeOption::Some(bias) => recurrent[first_recurrent + 2 * size] + bias[unit],
            ComptimeOption::None => recurrent[first_recurrent + 2 * size],
        };
        gru::forward(r, z, x, inner, before)
    } else {
        let sum = input(projected, &beside, first, first_beside) + recurrent[first_recurrent];
        rnn::forward(sum, kind)
    };

    #[comptime]
    let real = match mask {
        ComptimeOption::Some(mask) => mask[time_row + row] > 0.0f32,
        ComptimeOption::None => true.runtime(),
    };
    let held = select(real, new.hidden, before);
    let cell_held = select(real, new.cell, cell_before);
    hidden[place] = held;
    #[comptime]
    if let ComptimeOption::Some(cell) = cell {
        cell[place] = cell_held;
    }
    #[comptime]
    if let ComptimeOption::Some(kept) = kept {
        let start = row * 4 * size + unit;
        kept[start] = new.first;
        kept[start + size] = new.second;
        kept[start + 2 * size] = new.third;
        kept[start + 3 * size] = new.fourth;
    }
    #[comptime]
    if let ComptimeOption::Some(output) = output {
        output[time_row * size + place] = select(real, new.hidden, 0.0f32);
        if last == 1 {
            output[end_row * size + place] = held;
            if comptime!(kind.has_cell_state()) {
                output[(end_row + rows) * size + place] = cell_held;
            }
        }
    }
    #[comptime]
    if let ComptimeOption::Some(dropped) = dropped {
        #[comptime]
        if let ComptimeOption::Some(drop) = drop {
            dropped[place] = held * drop[drop_row * size + place];
        }
    }
}

/// The input's share of one gate of one unit.
#[cube]
fn input(
    projected: &[f32],
    beside: &ComptimeOption<&[f32]>,
    place: usize,
    place_beside: usize,
) -> f32 {
    let own = projected[place];
    #[comptime]
    match beside {
        ComptimeOption::Some(beside) => own + beside[place_beside],
        ComptimeOption::None => own,
    }
}
