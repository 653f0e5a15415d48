//! One time step backward.

use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

use super::{gru, lstm, rnn};
use crate::gpu::layout::{given, threads};
use network::cell::Cell;

/// One step of all rows, from the gradient of its new state to those of its gates.
pub(crate) struct Backward<'a> {
    /// Which cell.
    pub kind: Cell,
    /// Rows of the batch.
    pub rows: usize,
    /// Hidden units.
    pub size: usize,
    /// `[rows, kept * size]`
    pub kept: Option<&'a CubeTensor>,
    /// The state before, `[rows, size]`.
    pub previous_hidden: &'a CubeTensor,
    /// The new state, `[rows, size]`.
    pub hidden: &'a CubeTensor,
    /// The memory cell before and after, `[rows, size]` each.
    pub cells: Option<(&'a CubeTensor, &'a CubeTensor)>,
    /// The gradient of the outputs, `[steps, rows, size]`, and which step counts.
    pub upstream: Option<(&'a CubeTensor, usize)>,
    /// Whether the gradients of the last state follow in `upstream` after this many steps.
    pub ends: Option<usize>,
    /// Multiplies `upstream`, `[steps, rows, size]`; with which step counts.
    pub drop: Option<(&'a CubeTensor, usize)>,
    /// Gradient of the new state by way of a weight, `[rows, size]`.
    pub product: Option<&'a CubeTensor>,
    /// Gradient of the new state as a query of attention, `[rows, size]`.
    pub query: Option<&'a CubeTensor>,
    /// 1 at real positions, `[time, rows]`; with the time step.
    pub mask: Option<(&'a CubeTensor, usize)>,
    /// Gradient that bypasses the weights: of the new state, then of the previous one. `[rows, size]`.
    pub carried: Option<&'a CubeTensor>,
    /// The same for the memory cell.
    pub carried_cell: Option<&'a CubeTensor>,
    /// `[rows, gates * size]`, written: of the input's share.
    pub projected: &'a CubeTensor,
    /// The last `gates * size` columns of `[rows, ..]`, written: of the hidden product.
    pub recurrent: Option<&'a CubeTensor>,
    /// Whether no step follows: nothing is carried yet.
    pub first: bool,
}

/// Computes a step: one launch.
pub(crate) fn backward(step: &Backward<'_>) {
    let Backward {
        kind, rows, size, ..
    } = *step;
    let client = &step.hidden.client;
    let (cubes, threads) = threads(client, rows * size);
    let state = match kind {
        Cell::Gru => step.previous_hidden,
        _ => step.hidden,
    };
    cell_backward::launch(
        client,
        cubes,
        threads,
        given(step.kept),
        state.clone().into_buffer_arg(),
        given(step.cells.map(|(before, _)| before)),
        given(step.cells.map(|(_, after)| after)),
        given(step.upstream.map(|(gradient, _)| gradient)),
        given(step.drop.map(|(mask, _)| mask)),
        given(step.product),
        given(step.query),
        given(step.mask.map(|(mask, _)| mask)),
        given(step.carried),
        given(step.carried_cell),
        step.projected.clone().into_buffer_arg(),
        given(step.recurrent),
        rows,
        size,
        step.upstream.map_or(0, |(_, step)| step * rows),
        step.ends.map_or(0, |steps| steps * rows),
        step.drop.map_or(0, |(_, step)| step * rows),
        step.mask.map_or(0, |(_, time)| time * rows),
        step.recurrent
            .map_or(0, |recurrent| recurrent.meta.num_elements() / rows),
        u32::from(step.first),
        step.ends.is_some(),
        kind,
    );
}

#[cube(launch)]
fn cell_backward(
    kept: ComptimeOption<&[f32]>,
    state: &[f32],
    cell_before: ComptimeOption<&[f32]>,
    cell_after: ComptimeOption<&[f32]>,
    upstream: ComptimeOption<&[f32]>,
    drop: ComptimeOption<&[f32]>,
    product: ComptimeOption<&[f32]>,
    query: ComptimeOption<&[f32]>,
    mask: ComptimeOption<&[f32]>,
    carried: ComptimeOption<&mut [f32]>,
    carried_cell: ComptimeOption<&mut [f32]>,
    projected: &mut [f32],
    recurrent: ComptimeOption<&mut [f32]>,
    rows: usize,
    size: usize,
    upstream_row: usize,
    end_row: usize,
    drop_row: usize,
    mask_row: usize,
    recurrent_width: usize,
    first: u32,
    #[comptime] ends: bool,
    #[comptime] kind: Cell,
) {
    let place = ABSOLUTE_POS;
    if place >= rows * size {
        terminate!();
    }
    let row = place / size;
    let unit = place % size;
    let gates = comptime!(kind.gates());

    // What the outputs say; at padding there is none.
    #[comptime]
    let real = match mask {
        ComptimeOption::Some(mask) => mask[mask_row + row] > 0.0f32,
        ComptimeOption::None => true.runtime(),
    };
    #[comptime]
    let told = match &upstream {
        ComptimeOption::Some(upstream) => upstream[upstream_row * size + place],
        ComptimeOption::None => 0.0f32.runtime(),
    };
    #[comptime]
    let told = match drop {
        ComptimeOption::Some(drop) => told * drop[drop_row * size + place],
        ComptimeOption::None => told,
    };

    // What comes back from later steps.
    let mut later = 0.0f32.runtime();
    let mut later_cell = 0.0f32.runtime();
    if first == 1 && comptime!(ends) {
        #[comptime]
        if let ComptimeOption::Some(upstream) = &upstream {
            later = upstream[end_row * size + place];
            if comptime!(kind.has_cell_state()) {
                later_cell = upstream[(end_row + rows) * size + place];
            }
        }
    } else {
        #[comptime]
        if let ComptimeOption::Some(product) = &product {
            later = product[place];
        }
    }
    if first == 0 {
        #[comptime]
        if let ComptimeOption::Some(carried) = &carried {
            later += carried[place];
        }
        #[comptime]
        if let ComptimeOption::Some(carried_cell) = &carried_cell {
            later_cell = carried_cell[place];
        }
    }
    #[comptime]
    let later = match query {
        ComptimeOption::Some(query) => later + query[place],
        ComptimeOption::None => later,
    };
    let d_hidden = later + told;

    let slopes = if comptime!(kind == Cell::Lstm) {
        let start = row * 4 * size + unit;
        let kept = kept.unwrap();
        let before = cell_before.unwrap();
        let after = cell_after.unwrap();
        lstm::backward(
            kept[start],
            kept[start + size],
            kept[start + 2 * size],
            kept[start + 3 * size],
            before[place],
            after[place],
            d_hidden,
            later_cell,
        )
    } else if comptime!(kind == Cell::Gru) {
        let start = row * 4 * size + unit;
        let kept = kept.unwrap();
        gru::backward(
            kept[start],
            kept[start + size],
            kept[start + 2 * size],
            kept[start + 3 * size],
            state[place],
            d_hidden,
        )
    } else {
        rnn::backward(state[place], d_hidden, kind)
    };

    let start = row * gates * size + unit;
    projected[start] = select(real, slopes.first, 0.0f32);
    if comptime!(gates > 1) {
        projected[start + size] = select(real, slopes.second, 0.0f32);
        projected[start + 2 * size] = select(real, slopes.third, 0.0f32);
    }
    if comptime!(gates > 3) {
        projected[start + 3 * size] = select(real, slopes.fourth, 0.0f32);
    }
    #[comptime]
    if let ComptimeOption::Some(recurrent) = recurrent {
        let start = (row + 1) * recurrent_width - gates * size + unit;
        recurrent[start] = select(real, slopes.first, 0.0f32);
        if comptime!(kind == Cell::Gru) {
            recurrent[start + size] = select(real, slopes.second, 0.0f32);
            recurrent[start + 2 * size] = select(real, slopes.inner, 0.0f32);
        }
        if comptime!(kind == Cell::Lstm) {
            recurrent[start + size] = select(real, slopes.second, 0.0f32);
            recurrent[start + 2 * size] = select(real, slopes.third, 0.0f32);
            recurrent[start + 3 * size] = select(real, slopes.fourth, 0.0f32);
        }
    }
    #[comptime]
    if let ComptimeOption::Some(carried) = carried {
        carried[place] = select(real, slopes.hidden, later);
    }
    #[comptime]
    if let ComptimeOption::Some(carried_cell) = carried_cell {
        carried_cell[place] = select(real, slopes.cell, later_cell);
    }
}
