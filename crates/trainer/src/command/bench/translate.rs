//! `attune bench translate`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Args, ValueEnum};
use data::batching::Batch;
use data::corpus::{CorpusSource, read};
use model::Seq2Seq;
use model::search::Favour;

use runtime::command::precision::PrecisionArgs;

use super::decode::{Search, measure};
use super::inputs;
use super::workload::{Workload, WorkloadArgs};
use crate::backend::{self, Choice};
use crate::command::loaded::{self, Loaded};
use crate::command::{DeviceArgs, print};
use crate::config::{BatchSize, Which};
use crate::console::Console;
use crate::error::RunError;

/// Goal that single-precision weights are packed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FavourArg {
    /// Many sentences at once, in 32 bits.
    Throughput,
    /// One sentence at a time, in 24 bits.
    Latency,
}

#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["run", "config", "workload"]))]
pub(super) struct TranslateArgs {
    /// Measure the trained model of a run folder, on its validation corpus or `--data`. Without a run the
    /// weights are untrained and the lengths fixed.
    #[arg(long, value_name = "FOLDER", display_order = 0)]
    run: Option<PathBuf>,
    /// Which checkpoint of the run: best, last or a step.
    #[arg(long, value_name = "WHICH", default_value = "best", display_order = 0)]
    checkpoint: Which,
    #[command(flatten)]
    device: DeviceArgs,
    /// Hypotheses kept side by side; 1 is greedy search. The config's, or 5.
    #[arg(long, value_name = "K",
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    beam: Option<usize>,
    #[command(flatten)]
    precision: PrecisionArgs,
    /// Give each sentence as many words as the longest reference of its batch has, whatever they are.
    #[arg(long)]
    fixed_length: bool,
    /// Pack single-precision weights for throughput or for latency on the CPU. Unless given, latency (24 bits) where no
    /// step has more than eight rows, else what `search.favour` says; `attune translate` obeys `search.favour` alone.
    #[arg(long, value_name = "WHAT", value_enum)]
    favour: Option<FavourArg>,
    /// Sentences to time, rounded up to whole batches: at least twelve.
    #[arg(long, value_name = "N", default_value_t = 200,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000_000))]
    sentences: usize,
    /// Batches before them that are not timed.
    #[arg(long, value_name = "N", default_value_t = 2,
          value_parser = RangedU64ValueParser::<usize>::new().range(0..=1_000_000))]
    warmup: usize,
    /// Also write the model's parameters as `initial.safetensors` (PyTorch's names), the ids of every
    /// batch as `batches.jsonl` and those of the translations as `translations.jsonl` to this folder.
    #[arg(long, value_name = "FOLDER")]
    write_inputs: Option<PathBuf>,
    /// Run every operation in plain tensor operations, to compare with; as `ATTUNE_REFERENCE=1` does
    /// for any command.
    #[arg(long)]
    reference: bool,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    workload: WorkloadArgs,
}

pub(super) fn run(args: &TranslateArgs) -> Result<(), RunError> {
    if args.reference {
        operations::use_reference(true);
    }
    let console = Console::new(false);
    let (workload, choice, model) = match &args.run {
        Some(folder) => trained(folder, args)?,
        None => untrained(args, &console)?,
    };
    console.say(&format!("backend: {choice}"));
    let precision = args.precision.precision();
    loaded::check(precision, &choice)?;
    let mut config = workload.config.search.clone();
    config.beam = args.beam.unwrap_or(config.beam);
    let size = workload.config.train.batch_size.known().unwrap_or(1);
    let count = args.sentences.div_ceil(size).max(12) + args.warmup;
    // The stream has no end; a small corpus comes again.
    let batches: Vec<Batch> = workload
        .batches(&choice)
        .take(count)
        .map(|one| one.map(|one| one.batch))
        .collect::<Result<_, _>>()?;
    let search = Search {
        config,
        precision,
        fixed_length: args.fixed_length || args.run.is_none(),
        warmup: args.warmup,
        favour: args.favour.map(|what| match what {
            FavourArg::Throughput => Favour::Throughput,
            FavourArg::Latency => Favour::Latency,
        }),
    };
    if let Some(folder) = &args.write_inputs {
        inputs::write_search(&model, &batches, folder)?;
    }
    let (report, found) = measure(model, &choice, &batches, &search)?;
    if let Some(folder) = &args.write_inputs {
        inputs::write_translations(&found, folder)?;
    }
    if args.json {
        return print(&serde_json::to_string(&report).unwrap_or_default());
    }
    print(report.to_string().trim_end())
}

/// A model with its first weights.
fn untrained(
    args: &TranslateArgs,
    console: &Console,
) -> Result<(Workload, Choice, Seq2Seq), RunError> {
    let workload = args.workload.load(console)?;
    let train = &workload.config.train;
    let choice = backend::choose(
        args.device.backend.unwrap_or(train.backend),
        args.device.device.unwrap_or(train.device),
    )?;
    let [source, target] = workload.vocabularies;
    let config = &workload.config;
    let model = Seq2Seq::new(&config.model, source, target, config.seed, &choice.device)?;
    Ok((workload, choice, model))
}

/// A run's model with its validation corpus or the one that was named.
fn trained(
    folder: &std::path::Path,
    args: &TranslateArgs,
) -> Result<(Workload, Choice, Seq2Seq), RunError> {
    let which = args.checkpoint.clone();
    let Loaded {
        mut config,
        choice,
        model,
        source,
        target,
        ..
    } = Loaded::load(&[folder.to_owned()], &[which], &args.device)?;
    let corpus: Option<CorpusSource> = args.workload.data().map(str::parse).transpose()?;
    let Some(corpus) = corpus.or_else(|| config.data.valid.clone()) else {
        return Err(RunError::Usage(
            "the run has no validation corpus: name one with `--data`".into(),
        ));
    };
    let corpus = read(&corpus, &config.reading())?;
    let mut dataset = source.pairs(&corpus, &target, [usize::MAX; 2])?;
    if let Some(longest) = model.longest_source() {
        dataset.cut_sources(longest);
    }
    let batch = &mut config.train.batch_size;
    let size = args.workload.batch.or(batch.known()).unwrap_or(64);
    *batch = BatchSize::Of(size.min(corpus.pairs.len()));
    let workload = Workload {
        vocabularies: [source.vocab_size(), target.vocab_size()],
        dataset: Arc::new(dataset),
        full_batches: true,
        config,
    };
    Ok((workload, choice, model))
}
