//! Output projection and label-smoothed cross-entropy in chunks of rows: the logits of a whole batch never
//! exist, and rows that are padding are dropped before the first product.
//!
//! With logits `z = h W^T + b`, target `y`, smoothing `e` and `V` classes the loss of a row is
//! `(1 - e) (-log p_y) + e / V sum_j (-log p_j)`, `p = softmax(z)` (Szegedy et al., 2016; PyTorch's
//! `label_smoothing`), times the row's weight where rows have weights, summed over rows.

mod row;

use kernels::buffer::Buffer;
use kernels::instruction_sets::Capped;
use kernels::lanes::column_sums;
use kernels::matmul::{Matrix, Packed, matmul, matmul_packed};
use kernels::{parallel, storage};

/// Numbers of rows that exist at a time are multiples of this.
const ROWS: usize = 64;

/// Most rows of logits that exist at a time, a multiple of [`ROWS`].
const CHUNK_ROWS: usize = 512;

/// Most logits that exist at a time, when that leaves at least 128 rows.
const CHUNK_NUMBERS: usize = 4 << 20;

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// `N`, rows: target positions.
    pub rows: usize,
    /// `H`, hidden units.
    pub hidden: usize,
    /// `V`, classes.
    pub classes: usize,
}

/// Inputs of the loss.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// `[N, H]`
    pub hidden: &'a [f32],
    /// `[V, H]`
    pub weight: &'a [f32],
    /// `[V]`
    pub bias: &'a [f32],
    /// `[N]`: a class, or `ignore`.
    pub targets: &'a [i32],
    /// The target that marks padding.
    pub ignore: i32,
    /// `[N]`: what the loss of each row is multiplied by, of any sign; by one without.
    pub weights: Option<&'a [f32]>,
    /// `e`, 0 to 1.
    pub smoothing: f32,
}

/// The loss and what goes with it, over the rows that are not padding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Output {
    /// The summed loss.
    pub loss: f64,
    /// The summed negative log-likelihood of the targets, without smoothing and weights.
    pub nll: f64,
    /// How many rows are not padding.
    pub count: usize,
    /// How many of them have their target as the (first) most probable class.
    pub correct: usize,
}

impl Output {
    fn add(&mut self, other: &Output) {
        self.loss += other.loss;
        self.nll += other.nll;
        self.count += other.count;
        self.correct += other.correct;
    }
}

/// Gradients of the summed loss.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// `[N, H]`, zero at padding.
    pub hidden: Vec<f32>,
    /// `[V, H]`
    pub weight: Vec<f32>,
    /// `[V]`
    pub bias: Vec<f32>,
}

/// The loss alone.
///
/// # Panics
/// When a slice has another length than its documented shape or a target is no class.
pub fn forward(shape: Shape, inputs: &Inputs) -> Output {
    let mut real = Real::new(shape, inputs);
    parallel::inside(|| {
        let projection = real.projection();
        let mut total = Output::default();
        real.chunks(|chunk, logits| {
            total.add(&project(chunk, &projection, inputs, logits, false));
        });
        total
    })
}

/// The loss and its gradients.
///
/// # Panics
/// When a slice has another length than its documented shape or a target is no class.
pub fn forward_backward(shape: Shape, inputs: &Inputs) -> (Output, Gradients) {
    let Shape {
        hidden, classes, ..
    } = shape;
    let mut real = Real::new(shape, inputs);
    let mut grad_real = Buffer::new(real.targets.len() * hidden);
    let mut grad_weight = storage::list(classes * hidden);
    if real.targets.is_empty() {
        grad_weight.fill(0.0);
    }
    let mut grad_bias = vec![0.0; classes];
    let total = parallel::inside(|| {
        let projection = real.projection();
        let weight = Packed::new(Matrix::new(inputs.weight, classes, hidden));
        let mut total = Output::default();
        let mut done = 0;
        real.chunks(|chunk, logits| {
            total.add(&project(chunk, &projection, inputs, logits, true));
            let rows = chunk.targets.len();
            let gradient = Matrix::new(logits, rows, classes);
            let out = &mut grad_real[done * hidden..(done + rows) * hidden];
            matmul_packed(gradient, &weight, out, false);
            let hidden = Matrix::new(chunk.hidden, rows, hidden);
            matmul(gradient.transposed(), hidden, &mut grad_weight, done > 0);
            for (sum, part) in grad_bias.iter_mut().zip(column_sums(logits, classes)) {
                *sum += part;
            }
            done += rows;
        });
        total
    });
    let mut grad_hidden = storage::list(inputs.hidden.len());
    let mut rows = grad_real.chunks_exact(hidden);
    let places = grad_hidden.chunks_exact_mut(hidden).zip(inputs.targets);
    for (out, target) in places {
        let row = if *target == inputs.ignore {
            None
        } else {
            rows.next()
        };
        match row {
            Some(row) => out.copy_from_slice(row),
            None => out.fill(0.0),
        }
    }
    (
        total,
        Gradients {
            hidden: grad_hidden,
            weight: grad_weight,
            bias: grad_bias,
        },
    )
}

/// The rows that are not padding.
struct Real<'a> {
    shape: Shape,
    inputs: &'a Inputs<'a>,
    hidden: Buffer,
    targets: Vec<Target>,
}

/// Target of a row: its class, and the weight of its loss.
#[derive(Clone, Copy)]
struct Target {
    class: usize,
    weight: f32,
}

/// Some of them.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    hidden: &'a [f32],
    targets: &'a [Target],
}

impl<'a> Real<'a> {
    fn new(shape: Shape, inputs: &'a Inputs<'a>) -> Self {
        let Shape {
            rows,
            hidden: width,
            classes,
        } = shape;
        assert!(
            width > 0 && classes > 0,
            "there is at least one hidden unit and one class"
        );
        assert_eq!(inputs.hidden.len(), rows * width, "hidden is [N, H]");
        assert_eq!(inputs.weight.len(), classes * width, "weight is [V, H]");
        assert_eq!(inputs.bias.len(), classes, "bias is [V]");
        assert_eq!(inputs.targets.len(), rows, "there is one target a row");
        assert!(
            inputs.weights.is_none_or(|weights| weights.len() == rows),
            "there is one weight a row"
        );
        let mut hidden = Buffer::new(inputs.hidden.len());
        let mut targets = Vec::with_capacity(rows);
        let places = inputs.targets.iter().zip(inputs.hidden.chunks_exact(width));
        for (place, (&target, row)) in places.enumerate() {
            if target != inputs.ignore {
                let class = usize::try_from(target)
                    .ok()
                    .filter(|&class| class < classes);
                hidden[targets.len() * width..][..width].copy_from_slice(row);
                targets.push(Target {
                    class: class.unwrap_or_else(|| panic!("{target} is none of {classes} classes")),
                    weight: inputs.weights.map_or(1.0, |weights| weights[place]),
                });
            }
        }
        Self {
            shape,
            inputs,
            hidden,
            targets,
        }
    }

    /// The packed weight that turns hidden rows into logits.
    fn projection(&self) -> Packed {
        let Shape {
            hidden, classes, ..
        } = self.shape;
        Packed::new(Matrix::new(self.inputs.weight, classes, hidden).transposed())
    }

    /// Calls `work` for each chunk with room for its logits, `[rows, V]`.
    fn chunks(&mut self, mut work: impl FnMut(Chunk, &mut [f32])) {
        let Shape {
            hidden, classes, ..
        } = self.shape;
        let most = (CHUNK_NUMBERS / classes)
            .clamp(128, CHUNK_ROWS)
            .next_multiple_of(ROWS);
        // Chunks of about equal size.
        let count = self.targets.len().div_ceil(most).max(1);
        let rows = self.targets.len().div_ceil(count).next_multiple_of(ROWS);
        let mut logits = Buffer::new(rows.min(self.targets.len()) * classes);
        let real = &self.hidden[..self.targets.len() * hidden];
        for (targets, hidden) in self
            .targets
            .chunks(rows.max(1))
            .zip(real.chunks(rows.max(1) * hidden))
        {
            work(
                Chunk { hidden, targets },
                &mut logits[..targets.len() * classes],
            );
        }
    }
}

/// Fills `logits` and, with `gradient`, replaces them by their gradient.
fn project(
    chunk: Chunk,
    projection: &Packed,
    inputs: &Inputs,
    logits: &mut [f32],
    gradient: bool,
) -> Output {
    let classes = inputs.bias.len();
    let count = chunk.targets.len();
    let each = count.div_ceil(parallel::threads()).max(1);
    parallel::each(logits.chunks_mut(each * classes).collect(), |logits| {
        let rows = logits.chunks_exact_mut(classes);
        rows.for_each(|row| row.copy_from_slice(inputs.bias));
    });
    let hidden = Matrix::new(chunk.hidden, count, projection.rows());
    matmul_packed(hidden, projection, logits, true);
    // One result a row: the order of the sum does not depend on the threads.
    let mut losses = vec![Output::default(); count];
    let parts = logits
        .chunks_mut(each * classes)
        .zip(chunk.targets.chunks(each))
        .zip(losses.chunks_mut(each))
        .collect();
    parallel::each(parts, |((logits, targets), losses)| {
        let rows = logits.chunks_exact_mut(classes).zip(targets).zip(losses);
        for ((logits, &target), loss) in rows {
            *loss = row::Row {
                logits,
                target: target.class,
                weight: target.weight,
                smoothing: inputs.smoothing,
                gradient,
            }
            .run();
        }
    });
    let mut total = Output::default();
    losses.iter().for_each(|loss| total.add(loss));
    total
}
