//! Inputs of a workload, to start from, learn from or translate, for another program that is to do the same work.

use std::collections::HashMap;
use std::path::Path;

use data::batching::{Batch, Padded};
use model::{Hypothesis, Seq2Seq, parameters, pytorch};
use serde::Serialize;

use super::workload::Workload;
use crate::backend::Choice;
use crate::engine::batches::fill;
use crate::error::RunError;
use crate::run::{write_tensors, write_whole};

/// A line of `batches.jsonl`: one batch of one update, rows without padding, end marks included.
#[derive(Debug, Serialize)]
struct Line<'a> {
    update: usize,
    source: Vec<&'a [i32]>,
    target: Vec<&'a [i32]>,
}

/// A line of `translations.jsonl`: the best translation of each sentence of a batch.
#[derive(Debug, Serialize)]
struct Translations<'a> {
    words: Vec<&'a [u32]>,
    log_probabilities: Vec<f64>,
}

/// Writes the first parameters and the batches of the first `updates` updates to `folder`.
pub(super) fn write(
    workload: &Workload,
    choice: &Choice,
    updates: usize,
    folder: &Path,
) -> Result<(), RunError> {
    let config = &workload.config;
    if config.images().is_some() {
        return Err(of_sentences_only());
    }
    let [source, target] = workload.vocabularies;
    let model = Seq2Seq::new(&config.model, source, target, config.seed, &choice.device)?;
    write_parameters(&model, folder)?;
    let mut stream = workload.batches(choice);
    let (mut waiting, mut lines) = (Vec::new(), Vec::new());
    for update in 1..=updates {
        fill(&mut waiting, &mut stream, config.train.accumulate.max(1))?;
        lines.extend(waiting.drain(..).map(|one| line(update, &one.batch)));
    }
    write_text(folder, "batches.jsonl", &lines.concat())
}

/// Writes a model's parameters to `initial.safetensors` in `folder`, which is made.
fn write_parameters(model: &Seq2Seq, folder: &Path) -> Result<(), RunError> {
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let tensors = pytorch::export(&parameters::collect(model));
    let path = folder.join("initial.safetensors");
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let bytes = write_tensors(&tensors, Some(metadata))
        .map_err(|error| failed(&path, std::io::Error::other(error)))?;
    write_whole(&path, &bytes).map_err(|error| failed(&path, error))
}

/// Writes a model's parameters and what it is to translate to `folder`.
pub(super) fn write_search(
    model: &Seq2Seq,
    batches: &[Batch],
    folder: &Path,
) -> Result<(), RunError> {
    if batches.iter().any(|batch| batch.source.words().is_none()) {
        return Err(of_sentences_only());
    }
    write_parameters(model, folder)?;
    let numbered = batches.iter().enumerate();
    let lines: String = numbered
        .map(|(index, batch)| line(index + 1, batch))
        .collect();
    write_text(folder, "batches.jsonl", &lines)
}

/// Writes what was found to `translations.jsonl`, a line for each batch.
pub(super) fn write_translations(found: &[Vec<Hypothesis>], folder: &Path) -> Result<(), RunError> {
    let line = |batch: &Vec<Hypothesis>| {
        json(&Translations {
            words: batch.iter().map(|best| &best.tokens[..]).collect(),
            log_probabilities: batch.iter().map(|best| best.log_probability).collect(),
        })
    };
    let lines: String = found.iter().map(line).collect();
    write_text(folder, "translations.jsonl", &lines)
}

fn of_sentences_only() -> RunError {
    RunError::Usage(
        "`--write-inputs` writes the ids of sentences, and this model reads images".into(),
    )
}

fn failed(path: &Path, source: std::io::Error) -> RunError {
    RunError::UserFile {
        action: "write",
        path: path.to_owned(),
        source,
    }
}

fn write_text(folder: &Path, name: &str, text: &str) -> Result<(), RunError> {
    let path = folder.join(name);
    write_whole(&path, text.as_bytes()).map_err(|error| failed(&path, error))
}

fn line(update: usize, batch: &Batch) -> String {
    json(&Line {
        update,
        source: batch.source.words().map(rows).unwrap_or_default(),
        target: rows(&batch.target_output),
    })
}

/// A line of its own.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default() + "\n"
}

/// Its rows, padding left out.
fn rows(padded: &Padded) -> Vec<&[i32]> {
    (0..padded.rows)
        .map(|row| &padded.row(row)[..padded.lengths[row]])
        .collect()
}
