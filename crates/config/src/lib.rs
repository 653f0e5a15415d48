//! Config of a run, as a TOML file says it. Every default lives in this crate, in `data`, `network` and `search`,
//! beside the key it belongs to.

mod batch_size;
mod cache;
mod check;
mod deserializer;
mod difference;
mod document;
mod error;
mod fault;
mod filter;
mod images;
mod keys;
mod load;
mod nearest;
mod optimizer;
mod overrides;
mod place;
mod reading;
mod schedule;
mod search;
mod signal;
mod train;
mod valid;
mod violation;
mod which;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use batch_size::BatchSize;
pub use cache::CacheUse;
pub use difference::Difference;
pub use error::ConfigError;
pub use filter::{FilterConfig, Repeated};
pub use images::ImagesConfig;
pub use load::Loaded;
pub use nearest::slip;
pub use optimizer::{OptimizerConfig, OptimizerKind};
pub use place::Place;
pub use schedule::{ScheduleConfig, ScheduleKind};
pub use signal::{
    ForcingKind, GuidedAlignmentConfig, MinimumRiskConfig, Objective, TeacherForcingConfig,
    WordDropoutConfig,
};
pub use train::{BackendKind, CheckpointConfig, TrainConfig};
pub use valid::{Criterion, ValidConfig};
pub use which::Which;

use ::search::SearchConfig;
use data::corpus::{Columns, CorpusSource, LinkSource, OneSided};
use data::tokenizer::{Kind, TokenizerConfig};
use network::ModelConfig;

/// How standard input and output are called where a file may be named.
pub const STANDARD: &str = "-";

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
    /// Checkpoints: when they are saved, and how many are kept.
    pub checkpoint: CheckpointConfig,
    /// How translations are searched for.
    pub search: SearchConfig,
}

/// Most tokens of a training pair unless given: enough for most sentences in words.
const MOST_WORDS: usize = 60;
/// The same in characters.
const MOST_CHARACTERS: usize = 250;

impl Config {
    /// Whether more is needed of a training corpus than ids: images, links, or the text of the targets.
    pub fn needs_memory(&self) -> bool {
        self.images().is_some()
            || self.train.guided_alignment.is_on()
            || self.train.objective == Objective::MinimumRisk
    }

    /// Most tokens on either side of a training pair: as given, else 60, or 250 where a side is cut into characters.
    pub fn max_length(&self) -> usize {
        let of_source = self.tokenizer.source.iter();
        let mut kinds = of_source
            .chain([&self.tokenizer.target])
            .map(|one| one.kind);
        match self.data.max_length {
            0 if kinds.any(|kind| kind == Kind::Char) => MOST_CHARACTERS,
            0 => MOST_WORDS,
            length => length,
        }
    }
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
    /// Corpus to learn from. Must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<CorpusSource>,
    /// Corpus to measure progress on. Must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<CorpusSource>,
    /// Corpus to score the best checkpoint on at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<CorpusSource>,
    /// A second such set, of combinations that training never shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<CorpusSource>,
    /// Links between the words of the training pairs, for `[train.guided_alignment]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alignments: Option<LinkSource>,
    /// Contents of the columns of a TSV; a file of two columns needs no such list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Columns>,
    /// Treatment of a pair with one empty side.
    pub one_sided: OneSided,
    /// Most characters on either side of a pair; longer pairs are dropped and counted.
    pub max_characters: usize,
    /// Most tokens on either side of a training pair; longer pairs are dropped and counted. 0: see
    /// [`Config::max_length`].
    pub max_length: usize,
    /// Batches made ahead on a thread.
    pub prefetch: usize,
    /// Whether the training corpus is kept as ids on disk.
    pub cache: CacheUse,
    /// Folder of such files; `cache` beside the run folder unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_dir: Option<PathBuf>,
    /// A training corpus of more pairs is large: no list of its pairs is kept, and vocabularies are learned from so many of
    /// them, drawn evenly.
    pub most_in_memory: usize,
    /// Which training pairs are dropped.
    pub filter: FilterConfig,
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
            columns: None,
            one_sided: OneSided::Refuse,
            max_characters: 2_000,
            max_length: 0,
            prefetch: 4,
            cache: CacheUse::Auto,
            cache_dir: None,
            most_in_memory: 500_000,
            filter: FilterConfig::default(),
            images: None,
        }
    }
}

/// The `[tokenizer]` table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenizerPair {
    /// Whether both sides have one vocabulary, learned from the text of both with the settings of the target.
    pub shared: bool,
    /// The source side; none where sources are images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<TokenizerConfig>,
    /// The target side.
    pub target: TokenizerConfig,
}
