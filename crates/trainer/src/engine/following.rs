//! What the first of several processes tells the others, and what they make of it. Only the first has a run folder; the
//! others are told all that is in it, and read the training corpus themselves.

use std::collections::BTreeMap;
use std::path::Path;

use data::batching::Dataset;
use data::corpus::{Contents, Corpus};
use data::tokenizer::Tokenizer;

use super::Options;
use super::setup::Prepared;
use super::training_set::{Found, Heard, TrainingSet, cache_folder};
use crate::config::Config;
use crate::error::RunError;
use crate::reader::Reader;
use crate::run::{Checkpoint, RunFolder};
use crate::workers::Workers;

/// How a message calls what came from the first process.
const FIRST: &str = "what the first process sends";

/// Tells the others where the run stands.
pub(super) fn tell_state(workers: &dyn Workers, checkpoint: &Checkpoint) -> Result<(), RunError> {
    let bytes = checkpoint.to_bytes().map_err(garbled)?;
    drop(workers.share(bytes));
    Ok(())
}

/// Hears where the run stands.
pub(super) fn hear_state(workers: &dyn Workers) -> Result<Checkpoint, RunError> {
    Checkpoint::of_bytes(&workers.share(Vec::new())).map_err(garbled)
}

fn garbled(reason: String) -> RunError {
    RunError::Usage(format!("{FIRST}: {reason}"))
}

/// The vocabularies' files; nothing where sources are images.
fn files(prepared: &Prepared) -> Result<[String; 2], RunError> {
    let source = match &prepared.source {
        Reader::Words(source) => source.to_json()?,
        Reader::Images(_) => String::new(),
    };
    Ok([source, prepared.target.to_json()?])
}

/// Tells the others what the run is.
pub(super) fn tell_run(workers: &dyn Workers, prepared: &Prepared) -> Result<(), RunError> {
    let [source, target] = files(prepared)?;
    let contents = prepared.contents.get("data.train");
    let all = (prepared.config.to_toml(), source, target, contents);
    let text = serde_json::to_vec(&all).map_err(|error| garbled(error.to_string()))?;
    drop(workers.share(text));
    Ok(())
}

/// Hears what the run is, and reads its training corpus.
pub(super) fn hear_run(
    workers: &dyn Workers,
    options: &Options,
    heard: Heard<'_>,
) -> Result<Prepared, RunError> {
    let text = workers.share(Vec::new());
    let told = serde_json::from_slice::<(String, String, String, Option<Contents>)>(&text);
    let (config, source, target, contents) = told.map_err(|error| garbled(error.to_string()))?;
    let mut config = Config::parse(&config, FIRST, &[])?.config;
    let parse = |text: String| Tokenizer::parse(text.into_bytes(), Path::new(FIRST));
    let source = match config.images() {
        Some(images) => Reader::Images(images),
        None => parse(source)?.into(),
    };
    let target = parse(target)?;
    let folder = RunFolder::at(&options.run_dir);
    let caches = cache_folder(&config, folder.path());
    let found = Found::find(&config, Some((&source, &target)), &caches, heard)?;
    let given = Some((source, target));
    let set = found.examples(&mut config, given, caches, heard)?;
    let TrainingSet {
        examples: train,
        source,
        target,
        contents: own,
        weighed,
        ..
    } = set;
    if contents.is_some_and(|contents| contents != own) {
        return Err(RunError::Usage(format!(
            "the training corpus that process {} reads holds something else than that of the first; put it where all \
             processes find the same",
            workers.rank()
        )));
    }
    Ok(Prepared {
        config,
        folder,
        lock: None,
        source,
        target,
        train,
        weighed,
        valid: (Corpus::default(), Dataset::default()),
        checkpoint: None,
        start: None,
        contents: BTreeMap::new(),
        overwrites: false,
    })
}
