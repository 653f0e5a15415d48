//! The `[train]` and `[checkpoint]` tables.

use data::batching::BatchUnit;
use serde::{Deserialize, Serialize};

use super::violation::{MOST, Violation, not_negative, other, share, whole};

/// What tensors live on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum BackendKind {
    /// A real GPU where there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU, through burn-flex and this project's kernels.
    Cpu,
    /// Any GPU, through Vulkan, Metal, DX12 or WebGPU.
    Wgpu,
    /// The CPU, through burn-ndarray.
    Ndarray,
    /// An NVIDIA GPU, through CUDA.
    Cuda,
}

impl std::fmt::Display for BackendKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            BackendKind::Auto => "auto",
            BackendKind::Cpu => "cpu",
            BackendKind::Wgpu => "wgpu",
            BackendKind::Ndarray => "ndarray",
            BackendKind::Cuda => "cuda",
        })
    }
}

/// The `[train]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// What tensors live on; `--backend` overrides it.
    pub backend: BackendKind,
    /// Which GPU; `--device` overrides it.
    pub device: usize,
    /// The size of a batch, in `batch_unit`.
    pub batch_size: usize,
    /// What `batch_size` counts.
    pub batch_unit: BatchUnit,
    /// Sentence lengths are padded up to a multiple of this. 0: 1 on the CPU, 8 on a GPU, where
    /// every new shape is compiled anew.
    pub pad_multiple: usize,
    /// Passes over the training data; 0 for no limit.
    pub max_epochs: u64,
    /// Updates; 0 for no limit.
    pub max_steps: u64,
    /// Share of the target probability that is spread over all words (Szegedy et al. 2016).
    pub label_smoothing: f64,
    /// Weight of the coverage loss (See et al. 2017); 0 for none. Needs an attention that asks at each
    /// step.
    pub coverage_loss: f64,
    /// Largest norm of the whole gradient; 0 for no limit (Pascanu et al. 2013).
    pub clip_norm: f64,
    /// Batches to one update.
    pub accumulate: usize,
    /// A line of `metrics.jsonl` every so many updates.
    pub log_every: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            backend: BackendKind::Auto,
            device: 0,
            batch_size: 64,
            batch_unit: BatchUnit::Sentences,
            pad_multiple: 0,
            max_epochs: 20,
            max_steps: 0,
            label_smoothing: 0.1,
            coverage_loss: 0.0,
            clip_norm: 1.0,
            accumulate: 1,
            log_every: 20,
        }
    }
}

impl TrainConfig {
    /// Refuses numbers out of range and a training without end.
    pub(super) fn check(&self) -> Result<(), Violation> {
        whole("train.device", self.device as u64, 0..=1_023)?;
        whole("train.batch_size", self.batch_size as u64, 1..=10_000_000)?;
        whole("train.pad_multiple", self.pad_multiple as u64, 0..=65_536)?;
        whole("train.max_epochs", self.max_epochs, 0..=MOST)?;
        whole("train.max_steps", self.max_steps, 0..=MOST)?;
        if self.max_epochs == 0 && self.max_steps == 0 {
            return Err(other(
                "train.max_epochs",
                "`train.max_epochs` and `train.max_steps` are both 0, so training would never \
                 end; set one of them",
            ));
        }
        share("train.label_smoothing", self.label_smoothing)?;
        not_negative("train.coverage_loss", self.coverage_loss)?;
        not_negative("train.clip_norm", self.clip_norm)?;
        whole("train.accumulate", self.accumulate as u64, 1..=MOST)?;
        whole("train.log_every", self.log_every, 1..=MOST)
    }
}

/// The `[checkpoint]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckpointConfig {
    /// Updates between two checkpoints; 0 for one at each validation.
    pub every_steps: u64,
    /// How many of the latest to keep, beside the best.
    pub keep: usize,
}

impl Default for CheckpointConfig {
    fn default() -> Self {
        Self {
            every_steps: 0,
            keep: 3,
        }
    }
}

impl CheckpointConfig {
    /// Refuses numbers out of range.
    pub(super) fn check(&self) -> Result<(), Violation> {
        whole("checkpoint.every_steps", self.every_steps, 0..=MOST)?;
        whole("checkpoint.keep", self.keep as u64, 1..=MOST)
    }
}
