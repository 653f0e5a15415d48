//! The `[train]` and `[checkpoint]` tables.

use std::path::PathBuf;

use data::batching::BatchUnit;
use serde::{Deserialize, Serialize};

use super::batch_size::BatchSize;
use super::signal::{
    GuidedAlignmentConfig, MinimumRiskConfig, Objective, TeacherForcingConfig, WordDropoutConfig,
};
use super::violation::{MOST, Violation, above_zero, not_negative, other, required, share, whole};
use crate::which::Which;

/// Backend that tensors live on.
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
    /// Backend that tensors live on; `--backend` overrides it.
    pub backend: BackendKind,
    /// Which GPU; `--device` overrides it.
    pub device: usize,
    /// The size of a batch, in `batch_unit`.
    pub batch_size: BatchSize,
    /// Unit of `batch_size`.
    pub batch_unit: BatchUnit,
    /// Most memory that the passes over a batch may take beside the model, in units of 2^20 bytes; 0: what the machine has
    /// free, and for a `batch_size` that is to be found 2,048 at most.
    pub memory_budget: usize,
    /// Batches of more tokens, padding counted, or columns of images, are worked on in parts, whose gradients are summed; 0:
    /// none is, unless the budget or the machine asks for it.
    pub split_above: usize,
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
    /// Decay of the moving average of the weights that is validated, saved and used in the place of the weights; 0 for none.
    pub ema: f64,
    /// Updates in a row whose loss or gradient is not a number that are skipped before the run goes back to its last
    /// checkpoint with a lower rate.
    pub max_skipped: u64,
    /// Updates that each process of several makes alone before all meet; 1: every update is made together.
    pub sync_every: u64,
    /// Rate of the outer step when they meet.
    pub outer_learning_rate: f64,
    /// Momentum of that step.
    pub outer_momentum: f64,
    /// Batches to one update.
    pub accumulate: usize,
    /// A line of `metrics.jsonl` every so many updates.
    pub log_every: u64,
    /// The folder of a run whose weights and vocabularies are begun with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_from: Option<PathBuf>,
    /// Which checkpoint of that run: `best`, `last` or a step.
    pub start_checkpoint: String,
    /// Quantity that is minimised.
    pub objective: Objective,
    /// How often the decoder reads the right word.
    pub teacher_forcing: TeacherForcingConfig,
    /// How many words are made unknown.
    pub word_dropout: WordDropoutConfig,
    /// Whether attention is told where to look.
    pub guided_alignment: GuidedAlignmentConfig,
    /// How the expected risk is estimated.
    pub minimum_risk: MinimumRiskConfig,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            backend: BackendKind::Auto,
            device: 0,
            batch_size: BatchSize::Of(64),
            batch_unit: BatchUnit::Sentences,
            memory_budget: 0,
            split_above: 0,
            pad_multiple: 0,
            max_epochs: 20,
            max_steps: 0,
            label_smoothing: 0.1,
            coverage_loss: 0.0,
            clip_norm: 1.0,
            ema: 0.0,
            max_skipped: 10,
            sync_every: 1,
            outer_learning_rate: 1.0,
            outer_momentum: 0.5,
            accumulate: 1,
            log_every: 20,
            start_from: None,
            start_checkpoint: "best".into(),
            objective: Objective::CrossEntropy,
            teacher_forcing: TeacherForcingConfig::default(),
            word_dropout: WordDropoutConfig::default(),
            guided_alignment: GuidedAlignmentConfig::default(),
            minimum_risk: MinimumRiskConfig::default(),
        }
    }
}

impl TrainConfig {
    /// The config with every default of its kinds written out.
    pub fn effective(mut self) -> Self {
        self.teacher_forcing = self.teacher_forcing.effective();
        self.minimum_risk = self.minimum_risk.effective(self.objective);
        self
    }

    /// The share of the cross-entropy in what is made small.
    pub fn likelihood(&self) -> f64 {
        match self.objective {
            Objective::CrossEntropy => 1.0,
            Objective::MinimumRisk => self.minimum_risk.mix(),
        }
    }
    /// Refuses numbers out of range and a training without end.
    pub(super) fn check(&self) -> Result<(), Violation> {
        whole("train.device", self.device as u64, 0..=1_023)?;
        match self.batch_size {
            BatchSize::Of(size) => {
                whole("train.batch_size", size as u64, 1..=BatchSize::MOST as u64)?;
            }
            BatchSize::Auto if self.batch_unit != BatchUnit::Tokens => {
                return Err(required(
                    "train.batch_unit",
                    "train.batch_size",
                    " (`batch_size = \"auto\"` needs it)",
                    "a size that is found is one in tokens: write batch_unit = \"tokens\" under [train]",
                ));
            }
            BatchSize::Auto if self.objective != Objective::CrossEntropy => {
                return Err(other(
                    "train.batch_size",
                    "under `objective = \"minimum-risk\"` the model's own translations take the memory, and no size can be \
                     found before they are there; give a number",
                ));
            }
            BatchSize::Auto => {}
        }
        if self.memory_budget > 0 && self.objective != Objective::CrossEntropy {
            return Err(other(
                "train.memory_budget",
                "under `objective = \"minimum-risk\"` the model's own translations take the memory, and nobody knows how much \
                 before they are there; give `train.split_above` instead",
            ));
        }
        whole(
            "train.memory_budget",
            self.memory_budget as u64,
            0..=1 << 30,
        )?;
        whole("train.split_above", self.split_above as u64, 0..=1 << 40)?;
        whole("train.pad_multiple", self.pad_multiple as u64, 0..=65_536)?;
        whole("train.max_epochs", self.max_epochs, 0..=MOST)?;
        whole("train.max_steps", self.max_steps, 0..=MOST)?;
        share("train.ema", self.ema)?;
        whole("train.max_skipped", self.max_skipped, 0..=1_000_000)?;
        whole("train.sync_every", self.sync_every, 1..=1_000_000)?;
        above_zero("train.outer_learning_rate", self.outer_learning_rate)?;
        share("train.outer_momentum", self.outer_momentum)?;
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
        whole("train.log_every", self.log_every, 1..=MOST)?;
        self.teacher_forcing.check()?;
        self.word_dropout.check()?;
        self.guided_alignment.check()?;
        self.minimum_risk.check(self.objective)?;
        self.check_start()
    }

    /// Refuses a checkpoint that is none, and the risk of a model that has learned nothing or whose other
    /// signals go nowhere.
    fn check_start(&self) -> Result<(), Violation> {
        if self.start_checkpoint.parse::<Which>().is_err() {
            return Err(other(
                "train.start_checkpoint",
                "this is no checkpoint; give \"best\", \"last\" or a step's number in quotes",
            ));
        }
        if self.objective == Objective::CrossEntropy {
            return Ok(());
        }
        if self.start_from.is_none() {
            return Err(required(
                "train.start_from",
                "train.objective",
                " (`objective = \"minimum-risk\"` needs it)",
                "a model learns from its own translations only when it can translate: train it with \
                 objective = \"cross-entropy\" first, and name that run's folder, for example start_from = \
                 \"runs/en-zh\" under [train]",
            ));
        }
        let idle = [
            ("train.coverage_loss", self.coverage_loss > 0.0),
            ("train.teacher_forcing.kind", self.teacher_forcing.is_on()),
            ("train.word_dropout.source", self.word_dropout.is_on()),
            (
                "train.guided_alignment.weight",
                self.guided_alignment.is_on(),
            ),
        ];
        match idle.into_iter().find(|(_, on)| *on) {
            Some((key, _)) if self.likelihood() == 0.0 => Err(other(
                key,
                "this goes with the cross-entropy, of which `objective = \"minimum-risk\"` has nothing \
                 here; remove it, or set train.minimum_risk.mix above 0",
            )),
            _ => Ok(()),
        }
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
