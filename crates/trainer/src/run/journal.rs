//! `metrics.jsonl` and `log.txt`: what happened, for programs and for people.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::error::RunError;

/// Writes a run's records.
#[derive(Debug)]
pub struct Journal {
    /// Nothing for a process that writes none.
    metrics: Option<File>,
    /// Records that are not written yet: the disk was full.
    pending: Vec<u8>,
    log: Option<File>,
    folder: std::path::PathBuf,
    /// Whole lines of an earlier process that could not be read, and were left out.
    pub damaged: usize,
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
        let mut damaged = 0;
        match fs::read(&path) {
            Ok(bytes) => {
                let lines = bytes.split_inclusive(|&byte| byte == b'\n');
                let kept: Vec<&[u8]> = lines
                    .filter(|line| match record(line) {
                        Some(record) => is_known(&record, step, validated),
                        None => {
                            damaged += usize::from(line.ends_with(b"\n"));
                            false
                        }
                    })
                    .collect();
                super::write_whole(&path, &kept.concat()).map_err(failed)?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let append = |name: &str| {
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(folder.join(name))
        };
        Ok(Self {
            metrics: Some(append("metrics.jsonl").map_err(failed)?),
            pending: Vec::new(),
            log: Some(append("log.txt").map_err(failed)?),
            folder: folder.to_owned(),
            damaged,
        })
    }

    /// Of a process that another writes for.
    pub fn none() -> Self {
        Self {
            metrics: None,
            pending: Vec::new(),
            log: None,
            folder: std::path::PathBuf::new(),
            damaged: 0,
        }
    }

    /// Adds a record. What cannot be written now is kept, and written before the next.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn record(&mut self, record: &impl Serialize) -> Result<(), RunError> {
        if let Err(error) = serde_json::to_writer(&mut self.pending, record) {
            return Err(self.failed(error.into()));
        }
        self.pending.push(b'\n');
        self.flush()
    }

    /// Writes what is pending, as far as that goes.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<(), RunError> {
        let Some(metrics) = &mut self.metrics else {
            self.pending.clear();
            return Ok(());
        };
        while !self.pending.is_empty() {
            match metrics.write(&self.pending) {
                Ok(0) => return Err(self.failed(ErrorKind::WriteZero.into())),
                Ok(written) => drop(self.pending.drain(..written)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(())
    }

    fn failed(&self, source: std::io::Error) -> RunError {
        RunError::RunFile {
            action: "write",
            path: self.folder.join("metrics.jsonl"),
            source,
        }
    }

    /// Adds a line to the log. A full disk shows at the next record.
    pub fn log(&mut self, line: &str) {
        if let Some(log) = &mut self.log {
            let _ = writeln!(log, "{line}");
        }
    }
}

/// What a whole line says.
fn record(line: &[u8]) -> Option<Value> {
    serde_json::from_slice(line.strip_suffix(b"\n")?).ok()
}

/// Whether a record is about nothing later than these updates.
fn is_known(record: &Value, step: u64, validated: u64) -> bool {
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

    #[test]
    fn a_damaged_line_costs_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let line = |step: u64| format!("{{\"kind\":\"train\",\"step\":{step}}}\n").into_bytes();
        let mut damaged = line(2);
        damaged[5] = 0xff;
        fs::write(&path, [line(1), damaged, line(3), line(4)].concat()).unwrap();
        let journal = Journal::open(folder.path(), 3, 0).unwrap();
        assert_eq!(journal.damaged, 1);
        assert_eq!(fs::read(&path).unwrap(), [line(1), line(3)].concat());
    }
}
