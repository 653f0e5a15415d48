//! `metrics.jsonl` and `log.txt`: what happened, for programs and for people.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::error::RunError;

/// Writes a run's records.
#[derive(Debug)]
pub struct Journal {
    metrics: File,
    log: File,
    folder: std::path::PathBuf,
}

impl Journal {
    /// Opens the records in `folder`. Lines of `metrics.jsonl` about updates after `step` are
    /// removed: they will come again. So are lines that a killed process left unfinished.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn open(folder: &Path, step: u64) -> Result<Self, RunError> {
        let path = folder.join("metrics.jsonl");
        let failed = |source| RunError::RunFile {
            action: "write",
            path: path.clone(),
            source,
        };
        if let Ok(text) = fs::read_to_string(&path) {
            let kept: Vec<&str> = text
                .lines()
                .filter(|line| step_of(line).is_some_and(|at| at <= step))
                .collect();
            let mut text = kept.join("\n");
            if !text.is_empty() {
                text.push('\n');
            }
            super::write_whole(&path, text.as_bytes()).map_err(failed)?;
        }
        let append = |name: &str| {
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(folder.join(name))
        };
        Ok(Self {
            metrics: append("metrics.jsonl").map_err(failed)?,
            log: append("log.txt").map_err(failed)?,
            folder: folder.to_owned(),
        })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn record(&mut self, record: &impl Serialize) -> Result<(), RunError> {
        let failed = |source| RunError::RunFile {
            action: "write",
            path: self.folder.join("metrics.jsonl"),
            source,
        };
        let mut line = serde_json::to_vec(record).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        self.metrics.write_all(&line).map_err(failed)
    }

    /// Adds a line to the log. A full disk shows at the next record.
    pub fn log(&mut self, line: &str) {
        let _ = writeln!(self.log, "{line}");
    }
}

fn step_of(line: &str) -> Option<u64> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    value.get("step")?.as_u64()
}
