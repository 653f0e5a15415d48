//! A checkpoint: the parameters, what the optimiser remembers, and where the run stands.

use std::fs;
use std::path::{Path, PathBuf};

use model::parameters::Parameters;
use serde::{Deserialize, Serialize};

use super::tensors::{read_tensors, write_tensors};
use super::write_whole;
use crate::engine::Progress;
use crate::error::RunError;
use crate::schedule::ScheduleState;

/// Where a run stands after an update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Updates so far.
    pub step: u64,
    /// Micro-batches so far; dropout draws by their number.
    pub batches: u64,
    /// The epoch, from 0.
    pub epoch: u64,
    /// Batches of that epoch that are done.
    pub batch: usize,
    /// Whether the run came to its own end.
    pub finished: bool,
    /// Seconds of training so far, validation not counted.
    pub train_seconds: f64,
    /// What validations have shown.
    pub progress: Progress,
    /// The learning rate's schedule.
    pub schedule: ScheduleState,
    /// Fingerprints of the vocabularies, source and target.
    pub vocabularies: [String; 2],
    /// Checksums of the two tensor files.
    #[serde(default)]
    checksums: [u64; 2],
}

impl State {
    /// The state of a run that has not begun.
    pub fn start(vocabularies: [String; 2], schedule: ScheduleState) -> Self {
        Self {
            step: 0,
            batches: 0,
            epoch: 0,
            batch: 0,
            finished: false,
            train_seconds: 0.0,
            progress: Progress::default(),
            schedule,
            vocabularies,
            checksums: [0; 2],
        }
    }
}

/// What is saved after an update.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The model's parameters.
    pub model: Parameters,
    /// What the optimiser remembers.
    pub optimizer: Parameters,
    /// Where the run stands.
    pub state: State,
}

const FILES: [&str; 2] = ["model.safetensors", "optimizer.safetensors"];

impl Checkpoint {
    /// Reads the checkpoint in `folder`.
    ///
    /// # Errors
    /// When a file is missing, cut off or changed.
    pub(super) fn read(folder: &Path) -> Result<Self, RunError> {
        let damaged = |path: &Path, reason: String| RunError::CheckpointDamaged {
            path: path.to_owned(),
            reason,
        };
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(|error| damaged(&path, error.to_string()))
        };
        let state: State = serde_json::from_slice(&read("state.json")?)
            .map_err(|error| damaged(&folder.join("state.json"), error.to_string()))?;
        let mut parts = Vec::new();
        for (name, checksum) in FILES.into_iter().zip(state.checksums) {
            let bytes = read(name)?;
            let path = folder.join(name);
            let tensors = read_tensors(&bytes).map_err(|reason| damaged(&path, reason))?;
            if self::checksum(&bytes) != checksum {
                return Err(damaged(&path, "its checksum is not the one that was saved".into()));
            }
            parts.push(tensors);
        }
        let optimizer = parts.pop().unwrap_or_default();
        let model = parts.pop().unwrap_or_default();
        Ok(Self {
            model,
            optimizer,
            state,
        })
    }

    /// Writes the checkpoint under `checkpoints`, whole or not at all.
    pub(super) fn write(&self, checkpoints: &Path) -> Result<(), RunError> {
        let step = self.state.step.to_string();
        let part = checkpoints.join(format!(".{step}.part"));
        let result = self.write_parts(&part).and_then(|()| {
            let folder = checkpoints.join(&step);
            // The same step saved again (a run that was resumed there) replaces the old one.
            let old = checkpoints.join(format!(".{step}.old"));
            let failed = |path: &PathBuf| {
                let path = path.clone();
                move |source| RunError::RunFile {
                    action: "write",
                    path,
                    source,
                }
            };
            if folder.exists() {
                let _ = fs::remove_dir_all(&old);
                fs::rename(&folder, &old).map_err(failed(&folder))?;
            }
            fs::rename(&part, &folder).map_err(failed(&folder))?;
            let _ = fs::remove_dir_all(&old);
            Ok(())
        });
        if result.is_err() {
            let _ = fs::remove_dir_all(&part);
        }
        result
    }

    fn write_parts(&self, folder: &Path) -> Result<(), RunError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| RunError::RunFile {
                action: "write",
                path,
                source,
            }
        };
        fs::create_dir_all(folder).map_err(failed(folder))?;
        let mut state = self.state.clone();
        for (place, (name, tensors)) in FILES.into_iter().zip([&self.model, &self.optimizer]).enumerate() {
            let path = folder.join(name);
            let bytes = write_tensors(tensors, None)
                .map_err(|error| failed(&path)(std::io::Error::other(error)))?;
            state.checksums[place] = checksum(&bytes);
            write_whole(&path, &bytes).map_err(failed(&path))?;
        }
        let path = folder.join("state.json");
        let text = serde_json::to_vec_pretty(&state)
            .map_err(|error| failed(&path)(std::io::Error::other(error)))?;
        write_whole(&path, &text).map_err(failed(&path))
    }
}

/// FNV-1a over eight bytes at a time: to notice damage, not malice.
fn checksum(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x100_0000_01b3).rotate_left(23);
    let mut chunks = bytes.chunks_exact(8);
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ bytes.len() as u64;
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(word));
    }
    chunks
        .remainder()
        .iter()
        .fold(hash, |hash, &byte| mix(hash, u64::from(byte)))
}
