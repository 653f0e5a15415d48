//! Report of a measurement, for people and for programs.

use std::fmt;

use kernels::instruction_sets::InstructionSets;
use kernels::profile;
use serde::Serialize;

use super::measure::{Measured, Step};
use crate::backend::Choice;

/// A measured training. What a backend cannot say is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Report {
    /// Target tokens a second: not padding, end marks counted.
    pub(super) tgt_tok_s: f64,
    /// Median time of an update.
    pub(super) step_ms_median: f64,
    /// Interquartile range of the updates' times. Batches have sentences of different length.
    pub(super) step_ms_spread: f64,
    /// Largest memory of the process up to the last update, in units of 2^20 bytes.
    pub(super) peak_rss_mb: Option<f64>,
    /// Numbers that the model learns.
    pub(super) params: usize,
    /// Share of target places, or of columns of images, that are padding.
    pub(super) padding: f64,
    /// Rate of the updates' matrix products while they run, over all threads.
    pub(super) matmul_gflop_s: Option<f64>,
    /// Rate of one large matrix product.
    pub(super) matmul_ceiling_gflop_s: Option<f64>,
    /// Matrix work of a mean update.
    pub(super) matmul_gflop_per_step: Option<f64>,
    /// Loss a target token of the last update, label smoothing included.
    pub(super) final_loss: f64,
    /// That of each update.
    pub(super) losses: Vec<f64>,
    /// Where the time goes.
    pub(super) share: Share,
    /// Kernel launches of an update, on a GPU: the median, for an update whose shapes are new also
    /// tries out matrix products.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) launches_per_step: Option<f64>,
    /// Those of each update divided by its target tokens, on a GPU: the median.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) launches_per_token: Option<f64>,
    /// Target tokens of the timed updates.
    pub(super) tgt_tokens: usize,
    /// Timed updates.
    pub(super) steps: usize,
    /// Updates before them.
    pub(super) warmup: usize,
    /// The backend.
    pub(super) backend: String,
    /// Threads of the CPU kernels.
    pub(super) threads: usize,
    /// The instruction sets that the CPU kernels may use.
    pub(super) isa: String,
}

/// Shares of the time of the timed updates; they sum to one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Share {
    /// Matrix products of the CPU kernels: seconds of all threads, divided by their number.
    pub(super) matmul: Option<f64>,
    /// All the rest of loss and gradients: gates, attention, softmax, embeddings, dropout, packing,
    /// and threads that wait for each other.
    pub(super) pointwise: Option<f64>,
    /// Clipping and the optimiser's step.
    pub(super) optimiser: f64,
    /// Waiting for batches.
    pub(super) data: f64,
}

impl Report {
    /// Of a measurement of at least one update.
    pub(super) fn new(measured: &Measured, choice: &Choice, warmup: usize) -> Self {
        let steps = &measured.steps;
        let sum = |of: fn(&Step) -> f64| steps.iter().map(of).sum::<f64>();
        let seconds = sum(|step| step.seconds);
        let tokens: usize = steps.iter().map(|step| step.outcome.tokens).sum();
        let filled: usize = steps.iter().map(|step| step.outcome.filled).sum();
        let places: usize = steps.iter().map(|step| step.outcome.places).sum();
        let threads = profile::threads();
        let mut times: Vec<f64> = steps.iter().map(|step| 1e3 * step.seconds).collect();
        times.sort_by(f64::total_cmp);
        let losses: Vec<f64> = steps
            .iter()
            .map(|step| step.outcome.loss / step.outcome.tokens.max(1) as f64)
            .collect();
        let optimiser = sum(|step| step.outcome.optimiser.as_secs_f64()) / seconds;
        let data = sum(|step| step.waited) / seconds;
        let counted = measured.matmul.map(|matmul| matmul.profile);
        let matmul = counted.map(|counted| counted.matmul_seconds / threads as f64 / seconds);
        let rate = |flop: f64, busy: f64| if busy > 0.0 { flop / busy / 1e9 } else { 0.0 };
        let launches = |of: &dyn Fn(&Step) -> f64| {
            let mut found: Vec<f64> = steps.iter().map(of).collect();
            found.sort_by(f64::total_cmp);
            choice.compiles_shapes().then(|| quantile(&found, 0.5))
        };
        Self {
            tgt_tok_s: tokens as f64 / seconds,
            step_ms_median: quantile(&times, 0.5),
            step_ms_spread: quantile(&times, 0.75) - quantile(&times, 0.25),
            peak_rss_mb: measured
                .peak_memory
                .map(|bytes| bytes as f64 / f64::from(1 << 20)),
            params: measured.parameters,
            padding: 1.0 - filled as f64 / places.max(1) as f64,
            matmul_gflop_s: counted
                .map(|counted| rate(counted.matmul_flop, counted.matmul_seconds / threads as f64)),
            matmul_ceiling_gflop_s: measured.matmul.map(|matmul| matmul.ceiling / 1e9),
            matmul_gflop_per_step: counted
                .map(|counted| counted.matmul_flop / 1e9 / steps.len().max(1) as f64),
            final_loss: losses.last().copied().unwrap_or(f64::NAN),
            losses,
            share: Share {
                matmul,
                pointwise: matmul.map(|matmul| 1.0 - matmul - optimiser - data),
                optimiser,
                data,
            },
            launches_per_step: launches(&|step| step.launches as f64),
            launches_per_token: launches(&|step| {
                step.launches as f64 / step.outcome.tokens.max(1) as f64
            }),
            tgt_tokens: tokens,
            steps: steps.len(),
            warmup,
            backend: choice.backend.to_string(),
            threads,
            isa: InstructionSets::in_use().to_string(),
        }
    }
}

/// Between the two nearest of `sorted`, in proportion; zero of nothing.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = share * last as f64;
    let below = place as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: String| writeln!(f, "{name:<22}{value}");
        row("target tokens/s", format!("{:.0}", self.tgt_tok_s))?;
        row(
            "update",
            format!(
                "{:.1} ms median, {:.1} ms interquartile range",
                self.step_ms_median, self.step_ms_spread
            ),
        )?;
        if let Some(peak) = self.peak_rss_mb {
            row("peak memory", format!("{peak:.0} MB"))?;
        }
        row("parameters", self.params.to_string())?;
        row(
            "updates",
            format!(
                "{} of {} target tokens after {} of warm-up, {:.1}% padding",
                self.steps,
                self.tgt_tokens,
                self.warmup,
                100.0 * self.padding
            ),
        )?;
        let share = &self.share;
        let mut parts = Vec::new();
        for (name, part) in [
            ("matrix products", share.matmul),
            ("pointwise", share.pointwise),
            ("optimiser", Some(share.optimiser)),
            ("data", Some(share.data)),
        ] {
            parts.extend(part.map(|part| format!("{name} {:.1}%", 100.0 * part)));
        }
        row("time", parts.join(", "))?;
        if let (Some(rate), Some(ceiling), Some(work)) = (
            self.matmul_gflop_s,
            self.matmul_ceiling_gflop_s,
            self.matmul_gflop_per_step,
        ) {
            row(
                "matrix products",
                format!(
                    "{work:.1} GFLOP an update at {rate:.0} GFLOP/s; one large product {ceiling:.0} GFLOP/s"
                ),
            )?;
        }
        if let (Some(step), Some(token)) = (self.launches_per_step, self.launches_per_token) {
            row(
                "kernel launches",
                format!("{step:.0} an update, {token:.2} a target token"),
            )?;
        }
        row("last loss", format!("{:.4}", self.final_loss))?;
        row(
            "on",
            format!(
                "{}, {} CPU threads, {}",
                self.backend, self.threads, self.isa
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(quantile(&sorted, 0.0), 1.0);
        assert_eq!(quantile(&sorted, 0.5), 3.0);
        assert_eq!(quantile(&sorted, 0.75), 5.0);
        assert_eq!(quantile(&sorted, 1.0), 8.0);
        assert_eq!(quantile(&[3.0], 0.75), 3.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
