//! Agreement of a resumed run with its beginning: in its settings and in the contents of its corpora.

use std::collections::BTreeMap;

use data::corpus::{Content, Contents};

use super::setup::name;
use crate::config::Config;
use crate::error::RunError;
use crate::run::RunFolder;

/// Refuses to go on with a run whose corpora hold something else by now. A run of a version that did not note what
/// they hold knows its training corpus by name, as the config of then does.
pub(super) fn same_corpora(
    folder: &RunFolder,
    (by_name, config): (&Config, &Config),
    stored: &BTreeMap<String, Contents>,
    found: &BTreeMap<String, Contents>,
) -> Result<(), RunError> {
    if stored.is_empty() && by_name.data.train != config.data.train {
        return Err(RunError::OtherConfig {
            path: folder.path().to_owned(),
            keys: "data.train".into(),
        });
    }
    for (key, now) in found {
        let Some(then) = stored.get(key).filter(|then| *then != now) else {
            continue;
        };
        let corpus = match key.as_str() {
            "data.train" => name(config.data.train.as_ref()),
            "data.valid" => name(config.data.valid.as_ref()),
            _ => config
                .data
                .alignments
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        };
        return Err(RunError::OtherCorpus {
            path: folder.path().to_owned(),
            what: format!("`{key}` ({corpus})"),
            change: format!("it held {}, and now {}", in_words(then), in_words(now)),
        });
    }
    Ok(())
}

fn in_words(contents: &Contents) -> String {
    let all = contents.texts.iter().chain(&contents.images);
    let each: Vec<String> = all.map(Content::to_string).collect();
    each.join(" and ")
}

/// Refuses to go on with a run whose model would learn differently from now on.
pub(super) fn same_settings(
    folder: &RunFolder,
    stored: &Config,
    config: &Config,
) -> Result<(), RunError> {
    let mut differing = Vec::new();
    let mut compare = |name: &str, same: bool| {
        if !same {
            differing.push(name.to_owned());
        }
    };
    compare("seed", stored.seed == config.seed);
    compare("data.columns", stored.data.columns == config.data.columns);
    compare(
        "data.one_sided",
        stored.data.one_sided == config.data.one_sided,
    );
    compare(
        "data.max_characters",
        stored.data.max_characters == config.data.max_characters,
    );
    compare("data.images", stored.data.images == config.data.images);
    compare(
        "data.max_length",
        stored.data.max_length == config.data.max_length,
    );
    compare("tokenizer", stored.tokenizer == config.tokenizer);
    compare("model", stored.model == config.model);
    compare("optimizer", stored.optimizer == config.optimizer);
    compare("schedule", stored.schedule == config.schedule);
    let loop_of = |config: &Config| {
        let train = &config.train;
        (
            (train.batch_size, train.batch_unit, train.accumulate),
            (train.label_smoothing, train.coverage_loss, train.clip_norm),
        )
    };
    compare("train", loop_of(stored) == loop_of(config));
    let signals_of = |config: &Config| {
        let train = config.train.clone();
        (
            (train.start_from, train.start_checkpoint),
            (train.teacher_forcing, train.word_dropout),
            (train.guided_alignment, config.data.alignments.clone()),
            (train.objective, train.minimum_risk),
        )
    };
    compare("train's signals", signals_of(stored) == signals_of(config));
    if differing.is_empty() {
        return Ok(());
    }
    Err(RunError::OtherConfig {
        path: folder.path().to_owned(),
        keys: differing.join(", "),
    })
}
