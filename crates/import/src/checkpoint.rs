//! Tensors of PyTorch's checkpoints.

use std::path::Path;

use network::{Parameters, Values};
use pytorch_reader::{DType, PytorchReader, Tensor};

use crate::error::ImportError;

/// The tensors under `key` of the checkpoint at `path`, by their names.
///
/// # Errors
/// A file that is no such checkpoint, and numbers that are not floats.
pub(crate) fn tensors(path: &Path, key: &str) -> Result<Parameters, ImportError> {
    if !path.is_file() {
        return Err(ImportError::unreadable(path, "there is no such file"));
    }
    let reader = PytorchReader::with_top_level_key(path, key);
    let reader = reader.map_err(|error| {
        ImportError::unreadable(path, format!("it is no checkpoint with `{key}`: {error}"))
    })?;
    let mut found = Parameters::new();
    for (name, tensor) in reader.tensors() {
        let data = floats(tensor)
            .map_err(|reason| ImportError::tensors(path, format!("`{name}` {reason}")))?;
        let shape = tensor.shape().to_vec();
        found.insert(name.clone(), Values { shape, data });
    }
    Ok(found)
}

/// A tensor's numbers in single precision.
fn floats(tensor: &Tensor) -> Result<Vec<f32>, String> {
    let bytes = tensor
        .read()
        .map_err(|error| format!("cannot be read: {error}"))?;
    Ok(match tensor.dtype() {
        DType::F32 => bytes
            .as_chunks()
            .0
            .iter()
            .map(|&four| f32::from_le_bytes(four))
            .collect(),
        DType::F64 => bytes
            .as_chunks()
            .0
            .iter()
            .map(|&eight| f64::from_le_bytes(eight) as f32)
            .collect(),
        other => {
            return Err(format!(
                "holds {other:?}; single and double precision are read"
            ));
        }
    })
}
