//! `attune score`.

use clap::Args;
use data::batching::{restore_order, sequential};
use model::search::score;

use super::corpus::{CorpusArgs, read_all};
use super::loaded::ModelArgs;
use super::print;
use super::search::SetArgs;
use crate::console::say;
use crate::error::RunError;
use crate::translator::{cut_notice, narrowed_notice, pairs};

#[derive(Debug, Clone, Args)]
pub(super) struct ScoreArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    set: SetArgs,
    /// Print the log-probability of each token too.
    #[arg(long)]
    tokens: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ScoreArgs) -> Result<(), RunError> {
    let Some(source) = args.corpus.source()? else {
        return Err(RunError::Usage(
            "say which targets to score: a corpus with `--data FILE`, or two files, `FILE.source FILE.target`".into(),
        ));
    };
    let loaded = args.model.load_all(&args.set.overrides()?)?;
    let corpus = read_all(&loaded, &source)?;
    let models = loaded.models();
    let most = [usize::MAX; 2];
    let mut dataset = loaded.source.pairs(&corpus, &loaded.target, most)?;
    let longest = models
        .iter()
        .filter_map(|model| model.longest_source())
        .min();
    let cut = longest.and_then(|longest| cut_notice(dataset.cut_sources(longest), longest));
    if let Some(notice) = cut.or_else(|| narrowed_notice(&loaded.source, &dataset)) {
        say(&notice);
    }
    let multiple = if loaded.choice.compiles_shapes() {
        8
    } else {
        1
    };
    let mut found = Vec::new();
    for places in sequential(&dataset, loaded.config.valid.batch_size) {
        let batch = dataset.batch(&places, multiple);
        let scores = score(&models, pairs(&batch), loaded.config.search.ensemble);
        found.extend(batch.indices.into_iter().zip(scores));
    }
    let scores = restore_order(found);
    let total: f64 = scores.iter().flatten().map(|&score| f64::from(score)).sum();
    let tokens: usize = scores.iter().map(Vec::len).sum();
    if args.json {
        let sentences: Vec<serde_json::Value> = scores
            .iter()
            .map(|tokens| {
                let sum: f64 = tokens.iter().map(|&score| f64::from(score)).sum();
                match args.tokens {
                    true => serde_json::json!({"log_probability": sum, "tokens": tokens}),
                    false => serde_json::json!({"log_probability": sum}),
                }
            })
            .collect();
        let report = serde_json::json!({
            "log_probability": total,
            "tokens": tokens,
            "perplexity": (-total / tokens.max(1) as f64).exp(),
            "sentences": sentences,
        });
        return print(&report.to_string());
    }
    for (tokens, example) in scores.iter().zip(&dataset.examples) {
        let sum: f64 = tokens.iter().map(|&score| f64::from(score)).sum();
        let mut line = format!("{sum:.4}");
        if args.tokens {
            for (score, id) in tokens.iter().zip(&example.target) {
                line += &format!(
                    "\t{} {score:.4}",
                    loaded.target.shown(*id).unwrap_or_default()
                );
            }
        }
        print(&line)?;
    }
    Ok(())
}
