//! The vocabularies of a run, learned from its training corpus.

use std::collections::BTreeSet;

use data::corpus::{Pair, Side};
use data::tokenizer::{Tokenizer, TokenizerConfig};

use crate::config::Config;
use crate::error::RunError;
use crate::reader::Reader;

/// How sources are read, and the target vocabulary, learned from `train`; `features` are those of all sources.
///
/// # Errors
/// Those of [`Tokenizer::from_config`].
pub(super) fn learn_tokenizers(
    config: &Config,
    train: &[Pair],
    features: &BTreeSet<String>,
) -> Result<(Reader, Tokenizer), RunError> {
    let pairs = train.iter();
    let sources = pairs.clone().map(source_text);
    let targets = pairs.map(|pair| pair.target.as_str());
    let learn = |settings: &TokenizerConfig, side, texts: Vec<&str>| {
        let tokenizer = Tokenizer::from_config(&settings.for_side(side), texts)?;
        match side {
            _ if features.is_empty() => Ok(tokenizer),
            Side::Target if !config.tokenizer.shared => Ok(tokenizer),
            _ => tokenizer.with_features(features.iter().map(String::as_str)),
        }
    };
    if config.tokenizer.shared {
        let texts = sources.chain(targets).collect();
        let both = learn(&config.tokenizer.target, Side::Target, texts)?;
        return Ok((both.clone().into(), both));
    }
    let source = match config.images() {
        Some(options) => Reader::Images(options),
        None => {
            let settings = config.tokenizer.source.clone().unwrap_or_default();
            learn(&settings, Side::Source, sources.collect())?.into()
        }
    };
    let target = learn(&config.tokenizer.target, Side::Target, targets.collect())?;
    Ok((source, target))
}

/// The text of a source, without its features.
pub(super) fn source_text(pair: &Pair) -> &str {
    match (&pair.features, pair.source.split_once('\t')) {
        (Some(_), Some((text, _))) => text,
        _ => &pair.source,
    }
}
