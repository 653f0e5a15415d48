//! A checkpoint: the parameters, what the optimiser remembers, and where the run stands.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use data::corpus::Contents;
use model::parameters::Parameters;
use serde::{Deserialize, Serialize};

use runtime::checkpoint::{
    OPTIMISER, PARAMETERS, STATE, bytes, checksum, damaged, read_tensors, seal, tensors, unseal,
};

use super::tensors::write_tensors;
use super::{sync_names, write_whole};
use crate::engine::{Faults, Progress};
use crate::error::RunError;
use crate::schedule::ScheduleState;

/// Where a run stands after an update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Updates so far.
    pub step: u64,
    /// Micro-batches so far; dropout draws by their number.
    pub batches: u64,
    /// The epoch, from 0.
    pub epoch: u64,
    /// Batches of that epoch that are done.
    pub batch: usize,
    /// Whether the parameters are an average of several checkpoints', with which no training goes on.
    #[serde(default)]
    pub averaged: bool,
    /// Whether the run came to its own end.
    pub finished: bool,
    /// Seconds of training so far, validation not counted.
    pub train_seconds: f64,
    /// Progress that validations have shown.
    pub progress: Progress,
    /// The learning rate's schedule.
    pub schedule: ScheduleState,
    /// Updates that were skipped.
    #[serde(default)]
    pub faults: Faults,
    /// Fingerprints of the vocabularies, source and target.
    pub vocabularies: [String; 2],
    /// The backend that trained it; empty in checkpoints of versions that did not note it.
    #[serde(default)]
    pub backend: String,
    /// Contents of the corpora, by their keys; empty in checkpoints of versions that did not note them.
    #[serde(default)]
    pub contents: BTreeMap<String, Contents>,
    /// Checksums of the two tensor files.
    #[serde(default)]
    checksums: [u64; 2],
    /// Checksum of the state's own text, with [`BLANK`] in this place.
    #[serde(default)]
    checksum: String,
}

impl State {
    /// The state of a run that has not begun.
    pub fn start(vocabularies: [String; 2], schedule: ScheduleState) -> Self {
        Self {
            step: 0,
            batches: 0,
            epoch: 0,
            batch: 0,
            averaged: false,
            finished: false,
            train_seconds: 0.0,
            progress: Progress::default(),
            schedule,
            faults: Faults::default(),
            vocabularies,
            backend: String::new(),
            contents: BTreeMap::new(),
            checksums: [0; 2],
            checksum: String::new(),
        }
    }

    /// The state of a run that has nothing but the average of this and other checkpoints.
    pub fn of_average(self) -> Self {
        Self {
            averaged: true,
            finished: true,
            progress: Progress::default(),
            ..self
        }
    }

    /// As text that shows any damage.
    fn to_json(&self) -> serde_json::Result<String> {
        let blank = Self {
            checksum: format!("{:016x}", 0),
            ..self.clone()
        };
        Ok(seal(&serde_json::to_string_pretty(&blank)?))
    }

    /// From text; what is wrong with it, in words.
    fn of_json(text: &str) -> Result<Self, String> {
        unseal(text)
    }
}

/// Checkpoint that is saved after an update.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The model's parameters.
    pub model: Parameters,
    /// Values that the optimiser remembers.
    pub optimizer: Parameters,
    /// Where the run stands.
    pub state: State,
}

impl Checkpoint {
    /// The first parameter, or memory of the optimiser, that holds what is not a number.
    pub fn first_not_finite(&self) -> Option<&str> {
        let all = self.model.iter().chain(&self.optimizer);
        let mut bad = all.filter(|(_, values)| values.data.iter().any(|value| !value.is_finite()));
        bad.next().map(|(name, _)| name.as_str())
    }
}

/// The mean of `models`, parameter by parameter, summed in double precision.
///
/// # Panics
/// When there are none, or they have not the same parameters.
pub fn mean(models: Vec<Parameters>) -> Parameters {
    let count = models.len() as f64;
    let mut models = models.into_iter();
    let mut first = models.next().expect("a mean of one or more");
    let rest: Vec<Parameters> = models.collect();
    for (name, values) in &mut first {
        for (place, value) in values.data.iter_mut().enumerate() {
            let others = rest.iter().map(|model| f64::from(model[name].data[place]));
            *value = ((f64::from(*value) + others.sum::<f64>()) / count) as f32;
        }
    }
    first
}

const TENSORS: [&str; 2] = [PARAMETERS, OPTIMISER];

impl Checkpoint {
    /// As bytes that can be sent: lengths of the parts, then the files' contents.
    ///
    /// # Errors
    /// What cannot be written, in words.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let state = self.state.to_json().map_err(|error| error.to_string())?;
        let [model, optimizer] =
            [&self.model, &self.optimizer].map(|part| write_tensors(part, None));
        let parts = [state.into_bytes(), model?, optimizer?];
        let lengths = parts
            .each_ref()
            .map(|part| (part.len() as u64).to_le_bytes());
        Ok([lengths.concat(), parts.concat()].concat())
    }

    /// What [`Self::to_bytes`] gave.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Result<Self, String> {
        let short = || "it ends too early".to_owned();
        let (lengths, mut rest) = bytes.split_at_checked(24).ok_or_else(short)?;
        let mut parts = Vec::new();
        for length in lengths.as_chunks::<8>().0 {
            let length = u64::from_le_bytes(*length) as usize;
            let (part, after) = rest.split_at_checked(length).ok_or_else(short)?;
            parts.push(part);
            rest = after;
        }
        let text = std::str::from_utf8(parts[0]).map_err(|error| error.to_string())?;
        Ok(Self {
            model: read_tensors(parts[1])?,
            optimizer: read_tensors(parts[2])?,
            state: State::of_json(text)?,
        })
    }

    /// Reads the checkpoint in `folder`.
    ///
    /// # Errors
    /// When a file is missing, cut off or changed.
    pub(super) fn read(folder: &Path) -> Result<Self, RunError> {
        let (state, [model, optimizer]) = read_parts(folder, TENSORS)?;
        Ok(Self {
            model,
            optimizer,
            state,
        })
    }

    /// Reads only the parameters and the state, all that a model needs to translate.
    ///
    /// # Errors
    /// When a file is missing, cut off or changed.
    pub(super) fn read_model(folder: &Path) -> Result<(Parameters, State), RunError> {
        let (state, [model]) = read_parts(folder, [PARAMETERS])?;
        Ok((model, state))
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
            sync_names(Some(checkpoints));
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
        for (place, (name, tensors)) in TENSORS
            .into_iter()
            .zip([&self.model, &self.optimizer])
            .enumerate()
        {
            let path = folder.join(name);
            let bytes = write_tensors(tensors, None)
                .map_err(|error| failed(&path)(std::io::Error::other(error)))?;
            state.checksums[place] = checksum(&bytes);
            write_whole(&path, &bytes).map_err(failed(&path))?;
        }
        let path = folder.join(STATE);
        let text = state
            .to_json()
            .map_err(|error| failed(&path)(std::io::Error::other(error)))?;
        write_whole(&path, text.as_bytes()).map_err(failed(&path))
    }
}

/// The state in `folder`, and the first of its tensor files, `files`.
fn read_parts<const COUNT: usize>(
    folder: &Path,
    files: [&str; COUNT],
) -> Result<(State, [Parameters; COUNT]), RunError> {
    let path = folder.join(STATE);
    let text =
        String::from_utf8(bytes(&path)?).map_err(|error| damaged(&path, error.to_string()))?;
    let state = State::of_json(&text).map_err(|reason| damaged(&path, reason))?;
    let mut parts = [const { Parameters::new() }; COUNT];
    for ((name, checksum), part) in files.into_iter().zip(state.checksums).zip(&mut parts) {
        *part = tensors(&folder.join(name), checksum)?;
    }
    Ok((state, parts))
}

/// Tidies up after a process that was killed while it saved: the half-written goes, and a
/// checkpoint that was set aside for its own replacement comes back.
pub(super) fn mend(checkpoints: &Path) {
    let Ok(entries) = fs::read_dir(checkpoints) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let Some(name) = name.strip_prefix('.') else {
            continue;
        };
        // What cannot be tidied up now is in nobody's way.
        if let Some(step) = name.strip_suffix(".old") {
            let folder = checkpoints.join(step);
            let _ = match folder.exists() {
                true => fs::remove_dir_all(&path),
                false => fs::rename(&path, &folder),
            };
        } else if name.ends_with(".part") {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::parameters::Values;
    use runtime::checkpoint::FILES;

    use super::*;

    fn state() -> State {
        let schedule = ScheduleState {
            factor: 0.3 * 0.3 * 0.3,
            waited: 1,
        };
        State::start(["a1".into(), "b2".into()], schedule)
    }

    #[test]
    fn any_changed_byte_of_a_state_shows() {
        let text = state().to_json().unwrap();
        assert!(State::of_json(&text).is_ok());
        for place in 0..text.len() {
            for bit in 0..7 {
                let mut bytes = text.clone().into_bytes();
                bytes[place] ^= 1 << bit;
                let changed = String::from_utf8(bytes).unwrap();
                assert!(State::of_json(&changed).is_err(), "{changed}");
            }
        }
        for length in 0..text.len() {
            assert!(State::of_json(&text[..length]).is_err());
        }
    }

    #[test]
    fn no_text_of_a_state_ends_the_program() {
        fn run(input: &[u8]) {
            let Ok(text) = str::from_utf8(input) else {
                return;
            };
            match State::of_json(text) {
                Ok(state) => assert!(State::of_json(&state.to_json().unwrap()).is_ok()),
                Err(reason) => assert!(!reason.is_empty()),
            }
        }
        let target = fuzz::Target {
            name: "state",
            dictionary: fuzz::target::state::DICTIONARY,
            run,
        };
        target.fuzz();
    }

    #[test]
    fn a_flipped_bit_in_any_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let values = |count: usize| Values {
            shape: vec![count],
            data: (0..count).map(|place| place as f32 - 3.5).collect(),
        };
        let checkpoint = Checkpoint {
            model: BTreeMap::from([("a".into(), values(40)), ("b".into(), values(1))]),
            optimizer: BTreeMap::from([("mean.a".into(), values(40))]),
            state: state(),
        };
        checkpoint.write(folder.path()).unwrap();
        let step = folder.path().join(checkpoint.state.step.to_string());
        let read = || Checkpoint::read(&step);
        assert_eq!(read().unwrap().model, checkpoint.model);
        for name in FILES {
            let path = step.join(name);
            let whole = fs::read(&path).unwrap();
            for flip in 0..200 {
                let mut bytes = whole.clone();
                let bit = flip * 7919 % (8 * bytes.len());
                bytes[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, bytes).unwrap();
                assert!(read().is_err(), "bit {bit} of {name}");
            }
            fs::write(&path, whole).unwrap();
        }
        assert!(read().is_ok());
    }

    #[test]
    fn what_is_not_a_number_is_found() {
        let values = |data: Vec<f32>| Values {
            shape: vec![data.len()],
            data,
        };
        let mut checkpoint = Checkpoint {
            model: BTreeMap::from([("a".into(), values(vec![1.0]))]),
            optimizer: BTreeMap::from([("mean.a".into(), values(vec![0.0]))]),
            state: state(),
        };
        assert_eq!(checkpoint.first_not_finite(), None);
        checkpoint
            .optimizer
            .insert("spread.a".into(), values(vec![1.0, f32::INFINITY]));
        assert_eq!(checkpoint.first_not_finite(), Some("spread.a"));
        checkpoint.model.insert("b".into(), values(vec![f32::NAN]));
        assert_eq!(checkpoint.first_not_finite(), Some("b"));
    }

    #[test]
    fn what_a_killed_process_left_is_tidied_up() {
        let folder = tempfile::tempdir().unwrap();
        let names = [".7.part", ".8.old", ".9.old", "9"];
        for name in names {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        mend(folder.path());
        let mut left: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["8", "9"]);
    }
}
