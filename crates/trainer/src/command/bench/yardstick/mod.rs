//! The work that Attune's speed is compared with PyTorch's on: an attentional encoder-decoder over
//! lower-cased words and characters, as one would write it by hand in PyTorch.
//!
//! Matrices have exactly the sizes of the options, even where the data has fewer types. Batches are
//! full, their sentences sorted by (target, source) length within windows of fifty batches, and
//! shuffled. Adam at 1e-3, the global norm clipped at 1, label smoothing 0.1; units are dropped of the
//! embeddings and before the output layer, none between layers.
//!
//! The model is PyTorch's, number for number, but for parameters that do nothing there. With E the
//! embedding's size, H the decoder's (H/2 each direction of the encoder) and L layers,
//!
//! * `nn.LSTM` and `nn.LSTMCell` add two biases to each gate, whose sum is all that counts: 8 H L
//!   numbers more than here. A GRU's second bias counts only inside the new gate: 4 H L more.
//! * a hand-written model that makes W_k, W_q, b and v whatever the attention is carries
//!   2 H H + 2 H of them idle under `dot` and `none`, and H H + 2 H under `general`;
//! * one that mixes a context of zeros into the output under `none` has H H more there.
//!
//! With the options' defaults that is 9,188,080 here and 9,192,176 there, 4,096 biases more.

mod vocabulary;
mod words;

use std::sync::Arc;

use clap::builder::RangedU64ValueParser;
use clap::{ArgAction, Args, ValueEnum};
use data::batching::{Dataset, Example};
use data::corpus::{CorpusSource, ReadOptions, read};
use data::special::MARKS;
use model::attention::AttentionKind;
use model::cell::CellKind;

use super::workload::Workload;
use crate::config::{BatchSize, Config, ScheduleKind};
use crate::error::RunError;
use vocabulary::Vocabulary;

/// The sizes that any option may have.
fn size() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=65_536)
}

fn vocabulary_size() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(MARKS.len() as u64 + 1..=10_000_000)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CellOption {
    Lstm,
    Gru,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AttentionOption {
    Bahdanau,
    Dot,
    General,
    None,
}

/// The options of `--workload yardstick`.
#[derive(Debug, Clone, Args)]
pub(super) struct YardstickArgs {
    /// The corpus: a TSV file or a built-in one, for example `builtin:en-zh:train`.
    #[arg(long, value_name = "CORPUS", conflicts_with = "config")]
    data: Option<String>,
    /// The cell of encoder and decoder.
    #[arg(long, value_enum, default_value_t = CellOption::Lstm, conflicts_with = "config")]
    cell: CellOption,
    /// The attention: `bahdanau`, `luong-dot`, `luong-general` or `none` in a config.
    #[arg(long, value_enum, default_value_t = AttentionOption::Bahdanau, conflicts_with = "config")]
    attention: AttentionOption,
    /// Whether a step's output enters the next step: 1 or 0.
    #[arg(long, value_name = "0|1", default_value = "1", action = ArgAction::Set, hide_possible_values = true,
          value_parser = clap::builder::BoolishValueParser::new(), conflicts_with = "config")]
    input_feeding: bool,
    /// Size of a word's vector.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = size(), conflicts_with = "config")]
    emb: usize,
    /// Size of the decoder's state; each direction of the encoder gets half.
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = size(), conflicts_with = "config")]
    hidden: usize,
    /// Layers of encoder and decoder.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "config",
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=100))]
    layers: usize,
    /// Source words, marks included.
    #[arg(long, value_name = "N", default_value_t = 8000, value_parser = vocabulary_size(),
          conflicts_with = "config")]
    src_vocab: usize,
    /// Target characters, marks included.
    #[arg(long, value_name = "N", default_value_t = 2800, value_parser = vocabulary_size(),
          conflicts_with = "config")]
    tgt_vocab: usize,
    /// Share of units dropped.
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 0.3,
        conflicts_with = "config"
    )]
    dropout: f64,
}

impl YardstickArgs {
    /// The corpus, if one was named.
    pub(super) fn data(&self) -> Option<&str> {
        self.data.as_deref()
    }

    fn config(&self, batch: usize) -> Config {
        let mut config = Config {
            name: "yardstick".into(),
            ..Config::default()
        };
        let cell = match self.cell {
            CellOption::Lstm => CellKind::Lstm,
            CellOption::Gru => CellKind::Gru,
        };
        let model = &mut config.model;
        model.embedding_size = self.emb;
        model.hidden_size = self.hidden;
        model.dropout = self.dropout;
        model.layer_dropout = Some(0.0);
        model.input_feeding = self.input_feeding;
        (model.encoder.kind, model.decoder.kind) = (cell.into(), cell.into());
        (model.encoder.layers, model.decoder.layers) = (self.layers, self.layers);
        model.attention.kind = match self.attention {
            AttentionOption::Bahdanau => AttentionKind::Bahdanau,
            AttentionOption::Dot => AttentionKind::LuongDot,
            AttentionOption::General => AttentionKind::LuongGeneral,
            AttentionOption::None => AttentionKind::None,
        };
        config.train.batch_size = BatchSize::Of(batch);
        config.train.pad_multiple = 1;
        config.train.label_smoothing = 0.1;
        config.train.clip_norm = 1.0;
        config.optimizer.learning_rate = 1e-3;
        config.schedule.kind = ScheduleKind::Constant;
        config.effective()
    }
}

/// Reads the data and cuts it, for batches of `batch` pairs.
pub(super) fn load(args: &YardstickArgs, batch: usize) -> Result<Workload, RunError> {
    let config = args.config(batch);
    config.model.check()?;
    let Some(data) = &args.data else {
        return Err(RunError::Usage(
            "`--workload yardstick` needs a corpus: `--data FILE.tsv`".into(),
        ));
    };
    let source: CorpusSource = data.parse()?;
    let pairs = read(&source, &ReadOptions::default())?.pairs;
    if pairs.len() < batch {
        return Err(RunError::Usage(format!(
            "`{data}` has {} pairs, and a batch of the yardstick needs {}: give more data or a \
             smaller `--batch`",
            pairs.len(),
            batch
        )));
    }
    let texts: [Vec<Vec<String>>; 2] = [
        pairs
            .iter()
            .map(|pair| words::words(&pair.source))
            .collect(),
        pairs
            .iter()
            .map(|pair| words::characters(&pair.target))
            .collect(),
    ];
    let [sources, targets] = &texts;
    let source = Vocabulary::new(sources, args.src_vocab);
    let target = Vocabulary::new(targets, args.tgt_vocab);
    let examples = sources.iter().zip(targets).map(|(from, to)| Example {
        source: source.ids(from).into(),
        target: target.ids(to),
    });
    Ok(Workload {
        dataset: Arc::new(Dataset {
            examples: examples.collect(),
            pairs: (0..pairs.len()).collect(),
            ..Dataset::default()
        }),
        vocabularies: [args.src_vocab, args.tgt_vocab],
        full_batches: true,
        config,
    })
}
