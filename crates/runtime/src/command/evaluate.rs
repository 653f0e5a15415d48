//! `attune evaluate`.

use std::path::{Path, PathBuf};

use clap::Args;
use data::corpus::CorpusSource;

use super::corpus::{CorpusArgs, read_all};
use super::model::ModelArgs;
use super::precision::PrecisionArgs;
use super::print;
use super::search::SearchArgs;
use crate::console::{Console, say};
use crate::error::RuntimeError;
use crate::model::{Folders, OpenedModel};
use crate::output::Output;
use crate::translator::cut_at_limit;

/// The arguments of `evaluate`.
#[derive(Debug, Clone, Args)]
pub struct EvaluateArgs {
    /// Which model.
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    corpus: CorpusArgs,
    /// Write the translations too, a line each.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    search: SearchArgs,
    /// In which numbers its weights are.
    #[command(flatten)]
    pub precision: PrecisionArgs,
    /// Print the scores as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command with the model that `open` makes of its folders.
///
/// # Errors
/// Mistakes in the arguments, and errors of the corpus or the model.
pub fn run<E: From<RuntimeError>>(
    args: &EvaluateArgs,
    open: impl FnOnce(Folders) -> Result<OpenedModel, E>,
) -> Result<(), E> {
    let named = args.corpus.source()?;
    let loaded = open(args.model.folders(&args.search.overrides()?)?)?;
    Ok(evaluate(args, named, &loaded)?)
}

fn evaluate(
    args: &EvaluateArgs,
    named: Option<CorpusSource>,
    loaded: &OpenedModel,
) -> Result<(), RuntimeError> {
    let Some(source) = named.or_else(|| loaded.config.data.test.clone()) else {
        return Err(RuntimeError::Usage(format!(
            "say what to evaluate on: a corpus with `--data FILE`, or two files, `FILE.source FILE.target`; the config \
             of {} has no `data.test` that would be taken without",
            args.model.named()
        )));
    };
    let output = args.output.as_deref().map(Output::open).transpose()?;
    if let Some(output) = &output {
        let of_runs = args.model.files();
        let inputs = args.corpus.files().map(Path::to_owned).chain(of_runs);
        let inputs: Vec<PathBuf> = inputs.collect();
        output.differs_from_all(inputs.iter().map(PathBuf::as_path))?;
    }
    let corpus = read_all(loaded, &source)?;
    args.search.check(&loaded.config.search)?;
    let translator = loaded.translator();
    if let Some(notice) = translator.notice(&corpus)? {
        say(&notice);
    }
    let mut console = Console::new(false);
    console.measure(corpus.pairs.len() as u64, "sentences");
    let (scores, translations) = translator.evaluate(&corpus, Some(&console))?;
    console.finish();
    if scores.cut > 0 {
        say(&cut_at_limit(scores.cut));
    }
    if let Some(mut output) = output {
        for translation in &translations {
            output.write(format!("{translation}\n").as_bytes())?;
        }
        output.finish()?;
    }
    if args.json {
        return print(&serde_json::to_string(&scores).unwrap_or_default());
    }
    print(&format!(
        "{}  ({source}, checkpoint {}, {}, {})",
        scores.line(),
        loaded.named(),
        translator.search.describe(),
        scores.signature,
    ))
}
