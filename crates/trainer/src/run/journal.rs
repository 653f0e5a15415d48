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
    /// removed, and validations after `validated`, the last that the checkpoint knows of (one that comes after
    /// its update was saved may have been recorded and then killed): they will come again. So are lines that a
    /// killed process left unfinished.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn open(folder: &Path, step: u64, validated: u64) -> Result<Self, RunError> {
        let path = folder.join("metrics.jsonl");
        let failed = |source| RunError::RunFile {
            action: "write",
            path: path.clone(),
            source,
        };
        if let Ok(text) = fs::read_to_string(&path) {
            let kept: Vec<&str> = text
                .lines()
                .filter(|line| is_known(line, step, validated))
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

/// Whether a whole line is about nothing later than these updates.
fn is_known(line: &str, step: u64, validated: u64) -> bool {
    let Ok(record) = serde_json::from_str::<serde_json::Value>(line) else {
        return false;
    };
    let last = match record["kind"] == "valid" {
        true => validated.min(step),
        false => step,
    };
    record["step"].as_u64().is_some_and(|at| at <= last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_will_come_again_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let line = |kind: &str, step: u64| format!("{{\"kind\":\"{kind}\",\"step\":{step}}}\n");
        let before = [line("train", 3), line("valid", 3), line("train", 5)].concat();
        let later = [line("valid", 5), line("train", 6), line("valid", 6)].concat();
        fs::write(&path, format!("{before}{later}{{\"kind\":\"tr")).unwrap();
        Journal::open(folder.path(), 5, 3).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        Journal::open(folder.path(), 3, 3).unwrap();
        let before = [line("train", 3), line("valid", 3)].concat();
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
    }
}
