//! What a workload starts from and learns from, for another program that is to do the same work.

use std::collections::HashMap;
use std::path::Path;

use data::batching::Padded;
use model::{Seq2Seq, parameters, pytorch};
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

/// Writes the first parameters and the batches of the first `updates` updates to `folder`.
pub(super) fn write(
    workload: &Workload,
    choice: &Choice,
    updates: usize,
    folder: &Path,
) -> Result<(), RunError> {
    let failed = |path: &Path, source: std::io::Error| RunError::UserFile {
        action: "write",
        path: path.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let config = &workload.config;
    let [source, target] = workload.vocabularies;
    let model = Seq2Seq::new(&config.model, source, target, config.seed, &choice.device)?;
    let tensors = pytorch::export(&parameters::collect(&model));
    let path = folder.join("initial.safetensors");
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let bytes = write_tensors(&tensors, Some(metadata))
        .map_err(|error| failed(&path, std::io::Error::other(error)))?;
    write_whole(&path, &bytes).map_err(|error| failed(&path, error))?;

    let mut stream = workload.batches(choice);
    let (mut waiting, mut text) = (Vec::new(), String::new());
    for update in 1..=updates {
        fill(&mut waiting, &mut stream, config.train.accumulate.max(1));
        for one in waiting.drain(..) {
            let line = Line {
                update,
                source: rows(&one.batch.source),
                target: rows(&one.batch.target_output),
            };
            text += &serde_json::to_string(&line).unwrap_or_default();
            text.push('\n');
        }
    }
    let path = folder.join("batches.jsonl");
    write_whole(&path, text.as_bytes()).map_err(|error| failed(&path, error))
}

/// Its rows, padding left out.
fn rows(padded: &Padded) -> Vec<&[i32]> {
    (0..padded.rows)
        .map(|row| &padded.row(row)[..padded.lengths[row]])
        .collect()
}
