//! What a run does, as a TOML file says it. Every default lives in this folder, in `data` and in
//! `model`, beside the key it belongs to.

mod check;
mod deserializer;
mod document;
mod error;
mod fault;
mod images;
mod keys;
mod load;
mod nearest;
mod optimizer;
mod overrides;
mod place;
mod schedule;
mod search;
mod signal;
mod train;
mod valid;
mod violation;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use error::ConfigError;
pub use images::ImagesConfig;
pub use load::Loaded;
pub use optimizer::{OptimizerConfig, OptimizerKind};
pub use place::Place;
pub use schedule::{ScheduleConfig, ScheduleKind};
pub use signal::{
    ForcingKind, GuidedAlignmentConfig, MinimumRiskConfig, Objective, TeacherForcingConfig,
    WordDropoutConfig,
};
pub use train::{BackendKind, CheckpointConfig, TrainConfig};
pub use valid::{Criterion, ValidConfig};

use data::corpus::{CorpusSource, LinkSource};
use data::tokenizer::TokenizerConfig;
use model::{ModelConfig, SearchConfig};

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The run's name; the run folder is `runs/NAME` unless given.
    pub name: String,
    /// Where all randomness starts from.
    pub seed: u64,
    /// The corpora.
    pub data: DataConfig,
    /// How each side is cut into tokens.
    pub tokenizer: TokenizerPair,
    /// The model.
    pub model: ModelConfig,
    /// The training loop.
    pub train: TrainConfig,
    /// How parameters are updated.
    pub optimizer: OptimizerConfig,
    /// How the learning rate moves.
    pub schedule: ScheduleConfig,
    /// Validation, samples and early stopping.
    pub valid: ValidConfig,
    /// What is saved when.
    pub checkpoint: CheckpointConfig,
    /// How translations are searched for.
    pub search: SearchConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: "run".into(),
            seed: 42,
            data: DataConfig::default(),
            tokenizer: TokenizerPair::default(),
            model: ModelConfig::default(),
            train: TrainConfig::default(),
            optimizer: OptimizerConfig::default(),
            schedule: ScheduleConfig::default(),
            valid: ValidConfig::default(),
            checkpoint: CheckpointConfig::default(),
            search: SearchConfig::default(),
        }
    }
}

/// The `[data]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// What is learned from. Must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<CorpusSource>,
    /// What progress is measured on. Must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<CorpusSource>,
    /// What the best checkpoint is scored on at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<CorpusSource>,
    /// A second such set, of combinations that training never shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<CorpusSource>,
    /// Links between the words of the training pairs, for `[train.guided_alignment]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alignments: Option<LinkSource>,
    /// Most tokens on either side of a training pair; longer pairs are dropped and counted.
    pub max_length: usize,
    /// Batches made ahead on a thread.
    pub prefetch: usize,
    /// How images are read. That it is there says that sources are images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<ImagesConfig>,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            train: None,
            valid: None,
            test: None,
            unseen: None,
            alignments: None,
            max_length: 60,
            prefetch: 4,
            images: None,
        }
    }
}

/// The `[tokenizer]` table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenizerPair {
    /// The source side; none where sources are images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<TokenizerConfig>,
    /// The target side.
    pub target: TokenizerConfig,
}
