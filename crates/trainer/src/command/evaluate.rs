//! `attune evaluate`.

use clap::Args;
use data::corpus::CorpusSource;

use super::loaded::ModelArgs;
use super::precision::PrecisionArgs;
use super::print;
use super::search::SearchArgs;
use crate::error::RunError;

#[derive(Debug, Clone, Args)]
pub(super) struct EvaluateArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// The corpus: a TSV file or a built-in one, for example `builtin:en-zh:test`.
    #[arg(long, value_name = "CORPUS")]
    data: String,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    precision: PrecisionArgs,
    /// Print the scores as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &EvaluateArgs) -> Result<(), RunError> {
    let source: CorpusSource = args.data.parse()?;
    let loaded = args.model.load_all(&args.search.overrides()?)?;
    let corpus = loaded.source.corpus(&source)?;
    args.search.check(&loaded.config.search)?;
    let translator = loaded.translator(args.precision)?;
    if let Some(notice) = translator.notice(&corpus)? {
        eprintln!("{notice}");
    }
    let scores = translator.evaluate(&corpus)?;
    if args.json {
        return print(&serde_json::to_string(&scores).unwrap_or_default());
    }
    print(&format!(
        "{}  (checkpoint {} of {}, {}, {})",
        scores.line(),
        loaded.state.step,
        args.model.named(),
        translator.search.describe(),
        scores.signature,
    ))
}
