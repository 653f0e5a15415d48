//! `attune score`.

use clap::Args;
use data::batching::{restore_order, sequential};
use data::corpus::CorpusSource;

use super::corpus::{CorpusArgs, read_all};
use super::model::ModelArgs;
use super::print;
use super::search::SetArgs;
use crate::console::say;
use crate::error::RuntimeError;
use crate::model::{Folders, OpenedModel};
use crate::score::score;
use crate::translator::{cut_notice, narrowed_notice, pairs};

/// The arguments of `score`.
#[derive(Debug, Clone, Args)]
pub struct ScoreArgs {
    /// Which model.
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    set: SetArgs,
    /// Print the log-probability of each token too.
    #[arg(long)]
    tokens: bool,
    /// Print the mean log-probability of the tokens of each target, end mark included, instead of their sum.
    #[arg(long)]
    per_token: bool,
    /// Score the sources given the targets, by a model of the other direction.
    #[arg(long)]
    swap: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command with the model that `open` makes of its folders.
///
/// # Errors
/// Mistakes in the arguments, and errors of the corpus or the model.
pub fn run<E: From<RuntimeError>>(
    args: &ScoreArgs,
    open: impl FnOnce(Folders) -> Result<OpenedModel, E>,
) -> Result<(), E> {
    let Some(source) = args.corpus.source()? else {
        return Err(RuntimeError::Usage(
            "say which targets to score: a corpus with `--data FILE`, or two files, `FILE.source FILE.target`".into(),
        )
        .into());
    };
    let loaded = open(args.model.folders(&args.set.overrides()?)?)?;
    Ok(score_all(args, &source, &loaded)?)
}

fn score_all(
    args: &ScoreArgs,
    source: &CorpusSource,
    loaded: &OpenedModel,
) -> Result<(), RuntimeError> {
    let mut corpus = read_all(loaded, source)?;
    if args.swap {
        let reason = match loaded.source.images() {
            Some(_) => Some("this model reads images"),
            None if loaded.config.data.columns.is_some() => Some(
                "`data.columns` of this model says already which column is its source; leave `--swap` out",
            ),
            None => None,
        };
        if let Some(reason) = reason {
            return Err(RuntimeError::Usage(format!(
                "`--swap` makes sources of the targets, and {reason}"
            )));
        }
        for pair in &mut corpus.pairs {
            std::mem::swap(&mut pair.source, &mut pair.target);
        }
    }
    let most = [usize::MAX; 2];
    let mut dataset = loaded.source.pairs(&corpus, &loaded.target, most)?;
    let longest = loaded.searcher.longest_source();
    let cut = longest.and_then(|longest| cut_notice(dataset.cut_sources(longest), longest));
    if let Some(notice) = cut.or_else(|| narrowed_notice(&loaded.source, &dataset)) {
        say(&notice);
    }
    let mut found = Vec::new();
    for places in sequential(&dataset, loaded.config.valid.batch_size) {
        let batch = dataset.batch(&places, loaded.pad_multiple);
        let scores = score(&loaded.searcher, pairs(&batch));
        found.extend(batch.indices.into_iter().zip(scores));
    }
    let scores = restore_order(found);
    let total: f64 = scores.iter().flatten().map(|&score| f64::from(score)).sum();
    let tokens: usize = scores.iter().map(Vec::len).sum();
    let of_sentence = |tokens: &[f32]| {
        let sum: f64 = tokens.iter().map(|&score| f64::from(score)).sum();
        match args.per_token {
            true => sum / tokens.len().max(1) as f64,
            false => sum,
        }
    };
    if args.json {
        let sentences: Vec<serde_json::Value> = scores
            .iter()
            .map(|tokens| {
                let sum = of_sentence(tokens);
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
        let sum = of_sentence(tokens);
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
