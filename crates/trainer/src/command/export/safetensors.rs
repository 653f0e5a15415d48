//! `--format safetensors`: PyTorch's names and layouts.

use std::collections::HashMap;

use model::search::Precision;
use model::{Seq2Seq, parameters, pytorch};

use crate::run::{write_quantised_tensors, write_tensors};

/// The bytes of the file.
///
/// # Errors
/// A description of what the format cannot hold, as text.
pub(super) fn bytes(model: &Seq2Seq, precision: Precision) -> Result<Vec<u8>, String> {
    let tensors = pytorch::export(&parameters::collect(model));
    let mut metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    match precision {
        Precision::Full => write_tensors(&tensors, Some(metadata)),
        Precision::Int8 => {
            metadata.insert("precision".into(), precision.name().into());
            write_quantised_tensors(&tensors, Some(metadata))
        }
    }
}
