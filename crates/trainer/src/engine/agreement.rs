//! Agreement of a resumed run with its beginning: in its settings and in the contents of its corpora.

use std::collections::BTreeMap;

use data::corpus::{Content, Contents};

use super::corpus_name::name;
use crate::config::Config;
use crate::error::RunError;
use crate::run::RunFolder;

/// Refuses to go on with a run whose corpora hold something else by now, unless that is `allowed`; returns what is to be
/// said of them then. A run of a version that did not note what
/// they hold knows its training corpus by name, as the config of then does.
pub(super) fn same_corpora(
    folder: &RunFolder,
    (by_name, config): (&Config, &Config),
    stored: &BTreeMap<String, Contents>,
    found: &BTreeMap<String, Contents>,
    allowed: bool,
) -> Result<Vec<String>, RunError> {
    let mut said = Vec::new();
    if stored.is_empty() && by_name.data.train != config.data.train {
        let [before, now] = [by_name, config].map(|config| name(config.data.train.as_ref()));
        let difference = format!("`data.train` was {before} and is {now}");
        return Err(other_config(folder, &[difference]));
    }
    for (key, now) in found {
        let Some(then) = stored.get(key).filter(|then| *then != now) else {
            continue;
        };
        let corpus = match key.as_str() {
            "data.train" => name(config.data.train.as_ref()),
            "data.valid" => name(config.data.valid.as_ref()),
            "data.filter.scores" => "of lines".to_owned(),
            _ => config
                .data
                .alignments
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        };
        let what = format!("`{key}` ({corpus})");
        let [then, now] = [(then, now), (now, then)].map(|(one, other)| in_words(one, other));
        let change = format!("it held {then}, and now {now}");
        if !allowed {
            let path = folder.path().to_owned();
            return Err(RunError::OtherCorpus { path, what, change });
        }
        said.push(format!("note: {what} has changed: {change}"));
    }
    Ok(said)
}

/// What of `contents` is not in `other`, or all of it.
fn in_words(contents: &Contents, other: &Contents) -> String {
    let all = |contents: &Contents| -> Vec<Content> {
        let texts = contents.texts.iter().chain(&contents.images);
        texts.copied().collect()
    };
    let (own, other) = (all(contents), all(other));
    let mut shown = own.clone();
    shown.retain(|content| !other.contains(content));
    if shown.is_empty() || own.len() != other.len() {
        shown = own;
    }
    let each: Vec<String> = shown.iter().map(Content::to_string).collect();
    each.join(" and ")
}

/// Keys, and tables with all their keys, that do not change how a model learns or which of its checkpoints is the best.
const MAY_CHANGE: [&str; 14] = [
    "checkpoint",
    "data.cache",
    "data.cache_dir",
    "data.prefetch",
    "data.test",
    "data.unseen",
    "name",
    "train.device",
    "train.log_every",
    "train.max_epochs",
    "train.max_steps",
    "valid.batch_size",
    "valid.patience",
    "valid.samples",
];

/// Keys that may change because a loss that is no number any more asks for it; it is said.
const MAY_CHANGE_SAID: [&str; 2] = ["optimizer.learning_rate", "train.clip_norm"];

/// Keys on which the stored weights, and what the optimiser remembers, depend: nothing can go on without them.
const FIXED: [&str; 14] = [
    "data.images",
    "model.attention",
    "model.bridge",
    "model.context",
    "model.decoder",
    "model.embedding_size",
    "model.encoder",
    "model.hidden_size",
    "model.input_feeding",
    "model.share_embeddings",
    "model.tie_embeddings",
    "optimizer.kind",
    "tokenizer",
    "train.ema",
];

/// Keys whose files are known by what they hold, and a backend by which it was.
const KNOWN_OTHERWISE: [&str; 4] = [
    "data.alignments",
    "data.train",
    "data.valid",
    "train.backend",
];

/// Refuses to go on with a run whose model would learn differently from now on. `allowed` are keys that may change all
/// the same. Returns what is to be said of those that did.
pub(super) fn same_settings(
    folder: &RunFolder,
    stored: &Config,
    config: &Config,
    allowed: &[String],
) -> Result<Vec<String>, RunError> {
    let among = |key: &str, names: &[&str]| {
        let is_in = |name: &&str| {
            let rest = key.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        names.iter().any(is_in)
    };
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let mut said = Vec::new();
    let mut refused = Vec::new();
    for difference in stored.differences(config) {
        let key = &difference.key;
        // Processes that meet seldom meet at every save, and agree there.
        let meets = config.train.sync_every > 1 && key == "checkpoint.every_steps";
        let weighs = key == "data.train" && stored.data.weights() != config.data.weights();
        if (among(key, &MAY_CHANGE) && !meets) || (among(key, &KNOWN_OTHERWISE) && !weighs) {
            continue;
        }
        let bears = among(key, &allowed) && !among(key, &FIXED);
        match among(key, &MAY_CHANGE_SAID) || bears {
            true => said.push(format!("note: {difference}")),
            false => refused.push(difference.to_string()),
        }
    }
    match refused.is_empty() {
        true => Ok(said),
        false => Err(other_config(folder, &refused)),
    }
}

/// Refuses another backend than the run was trained on until now, unless `allowed` has its key. Returns what is to be
/// said of it.
pub(super) fn same_backend(
    folder: &RunFolder,
    stored: &str,
    backend: &str,
    allowed: &[String],
) -> Result<Option<String>, RunError> {
    // A run of a version that did not note it.
    if stored.is_empty() || stored == backend {
        return Ok(None);
    }
    let difference = format!("`train.backend` was \"{stored}\" and is \"{backend}\"");
    match allowed.iter().any(|key| key == "train.backend") {
        true => Ok(Some(format!("note: {difference}"))),
        false => Err(other_config(folder, &[difference])),
    }
}

fn other_config(folder: &RunFolder, refused: &[String]) -> RunError {
    let free = MAY_CHANGE_SAID.iter().chain(&MAY_CHANGE);
    let free: Vec<String> = free.map(|key| format!("`{key}`")).collect();
    RunError::OtherConfig {
        path: folder.path().to_owned(),
        keys: refused.join("; "),
        free: free.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_may_change_are_keys() {
        for name in MAY_CHANGE
            .iter()
            .chain(&MAY_CHANGE_SAID)
            .chain(&FIXED)
            .chain(&KNOWN_OTHERWISE)
        {
            Config::check_key(name).unwrap();
        }
    }

    #[test]
    fn every_other_key_is_compared() {
        let folder = RunFolder::at("run");
        let compared = |change: fn(&mut Config), key: &str| {
            let (stored, mut config) = (Config::default(), Config::default());
            change(&mut config);
            let refused = same_settings(&folder, &stored, &config, &[])
                .unwrap_err()
                .to_string();
            assert!(refused.contains(&format!("`{key}` was ")), "{refused}");
            let allowed = [key.to_owned()];
            let said = same_settings(&folder, &stored, &config, &allowed).unwrap();
            assert!(said.len() == 1 && said[0].contains(key), "{said:?}");
        };
        compared(|config| config.train.pad_multiple = 3, "train.pad_multiple");
        compared(|config| config.valid.every_steps += 1, "valid.every_steps");
        compared(
            |config| config.valid.criterion = crate::config::Criterion::Loss,
            "valid.criterion",
        );
        compared(|config| config.model.dropout = 0.25, "model.dropout");
        compared(|config| config.data.max_length = 3, "data.max_length");
        let free = |change: fn(&mut Config)| {
            let (stored, mut config) = (Config::default(), Config::default());
            change(&mut config);
            same_settings(&folder, &stored, &config, &[]).unwrap()
        };
        assert!(free(|config| config.train.max_epochs += 1).is_empty());
        assert!(free(|config| config.checkpoint.keep += 1).is_empty());
        assert_eq!(free(|config| config.train.clip_norm += 1.0).len(), 1);
    }
}
