//! Parts of a checkpoint that a model needs: its parameters, and which vocabularies they belong to.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use data::corpus::Contents;
use network::{Parameters, Shaped, Values};
use safetensors::tensor::{Dtype, SafeTensors};
use serde::Deserialize;

use crate::error::RuntimeError;

/// The file of a checkpoint's parameters.
pub const PARAMETERS: &str = "model.safetensors";
/// The file that says where the training stood.
pub const STATE: &str = "state.json";
/// The file of what the optimiser remembers.
pub const OPTIMISER: &str = "optimizer.safetensors";
/// All files of a checkpoint.
pub const FILES: [&str; 3] = [PARAMETERS, OPTIMISER, STATE];
/// Ends the names of scales.
pub const SCALE: &str = ".scale";
/// Reason that errors give for a file that was changed.
pub const OTHER_CHECKSUM: &str = "its checksum is not the one that was saved";

/// Stands for the state's checksum while that is computed.
const BLANK: &str = "\"checksum\": \"0000000000000000\"";

/// Part of a checkpoint's state that is read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Summary {
    /// Updates so far.
    pub step: u64,
    /// Fingerprints of the vocabularies, source and target.
    pub vocabularies: [String; 2],
    /// Contents of the corpora, by their keys.
    #[serde(default)]
    pub contents: BTreeMap<String, Contents>,
    /// Checksums of the tensor files, the parameters' first.
    #[serde(default)]
    pub checksums: [u64; 2],
}

/// The checksum of a state's own text.
#[derive(Deserialize)]
struct Own {
    #[serde(default)]
    checksum: String,
}

/// The text of a state, with its own checksum in the place of zeros.
pub fn seal(text: &str) -> String {
    let own = format!("\"checksum\": \"{:016x}\"", checksum(text.as_bytes()));
    text.replacen(BLANK, &own, 1)
}

/// Reads the text of a state as far as `T` wants it.
///
/// # Errors
/// Text that is damaged, in words.
pub fn unseal<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    let state = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Own { checksum: own } = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let blank = text.replacen(&format!("\"checksum\": \"{own}\""), BLANK, 1);
    if !own.is_empty() && own != format!("{:016x}", checksum(blank.as_bytes())) {
        return Err(OTHER_CHECKSUM.into());
    }
    Ok(state)
}

/// The parameters in `folder`, and the summary of its state.
///
/// # Errors
/// When a file is missing, cut off or changed.
pub fn read(folder: &Path) -> Result<(Parameters, Summary), RuntimeError> {
    let state = folder.join(STATE);
    let text =
        String::from_utf8(bytes(&state)?).map_err(|error| damaged(&state, error.to_string()))?;
    let summary: Summary = unseal(&text).map_err(|reason| damaged(&state, reason))?;
    let parameters = tensors(&folder.join(PARAMETERS), summary.checksums[0])?;
    Ok((parameters, summary))
}

/// The tensors of the file at `path`, whose checksum is to be `expected`.
///
/// # Errors
/// When it is missing, cut off or changed.
pub fn tensors(path: &Path, expected: u64) -> Result<Parameters, RuntimeError> {
    let bytes = bytes(path)?;
    let found = read_tensors(&bytes).map_err(|reason| damaged(path, reason))?;
    match checksum(&bytes) == expected {
        true => Ok(found),
        false => Err(damaged(path, OTHER_CHECKSUM.into())),
    }
}

/// The error of a file that cannot be used.
pub fn damaged(path: &Path, reason: String) -> RuntimeError {
    RuntimeError::CheckpointDamaged {
        path: path.to_owned(),
        reason,
    }
}

/// The bytes of a file of a checkpoint.
///
/// # Errors
/// When it is missing, which is damage, or cannot be read, which may pass.
pub fn bytes(path: &Path) -> Result<Vec<u8>, RuntimeError> {
    fs::read(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => damaged(path, source.to_string()),
        _ => RuntimeError::CheckpointUnreadable {
            path: path.to_owned(),
            source,
        },
    })
}

/// The tensors of the `bytes` of a safetensors file. A matrix of 8-bit integers is multiplied by its scales, the tensor of
/// its name with [`SCALE`] behind it: a row of one for each column, or a column of one for each row.
///
/// # Errors
/// A description of what is wrong with them, as text.
pub fn read_tensors(bytes: &[u8]) -> Result<Parameters, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut found = Parameters::new();
    let mut integers = Vec::new();
    for (name, view) in file.iter() {
        let data: Vec<f32> = match view.dtype() {
            Dtype::F32 => {
                let numbers = view.data().chunks_exact(4);
                numbers
                    .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
                    .collect()
            }
            Dtype::I8 => {
                integers.push(name.to_owned());
                view.data()
                    .iter()
                    .map(|&byte| f32::from(byte as i8))
                    .collect()
            }
            other => return Err(format!("`{name}` holds {other:?}, not F32")),
        };
        let values = Values {
            shape: view.shape().to_vec(),
            data,
        };
        found.insert(name.to_owned(), values);
    }
    for name in integers {
        let scales = found.remove(&format!("{name}{SCALE}"));
        let scaled = scales
            .zip(found.get_mut(&name))
            .is_some_and(|(scales, values)| {
                let of_columns = scales.shape == [1, values.columns()];
                let fits = values.shape.len() == 2;
                let of_rows = scales.shape == [values.rows(), 1];
                let columns = values.columns().max(1);
                for (place, value) in values.data.iter_mut().enumerate() {
                    let place = if of_columns {
                        place % columns
                    } else {
                        place / columns
                    };
                    *value *= scales.data.get(place).copied().unwrap_or_default();
                }
                fits && (of_columns || of_rows)
            });
        if !scaled {
            return Err(format!(
                "`{name}` holds integers without scales that fit them"
            ));
        }
    }
    Ok(found)
}

/// FNV-1a over eight bytes at a time: to notice damage, not malice.
pub fn checksum(bytes: &[u8]) -> u64 {
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
