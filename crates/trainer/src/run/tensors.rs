//! Named tensors in a safetensors file.

use std::collections::HashMap;

use model::parameters::{Parameters, Values};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

/// The bytes of a file with `parameters`, in the order of their names, and `metadata`.
///
/// # Errors
/// What the format cannot hold, as text.
pub fn write_tensors(
    parameters: &Parameters,
    metadata: Option<HashMap<String, String>>,
) -> Result<Vec<u8>, String> {
    let bytes: Vec<(&String, &Values, Vec<u8>)> = parameters
        .iter()
        .map(|(name, values)| {
            let bytes = values
                .data
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            (name, values, bytes)
        })
        .collect();
    let mut views = Vec::with_capacity(bytes.len());
    for (name, values, bytes) in &bytes {
        let view = TensorView::new(Dtype::F32, values.shape.clone(), bytes)
            .map_err(|error| error.to_string())?;
        views.push((name.as_str(), view));
    }
    safetensors::serialize(views, metadata).map_err(|error| error.to_string())
}

/// The tensors of a file's `bytes`.
///
/// # Errors
/// What is wrong with them, as text.
pub fn read_tensors(bytes: &[u8]) -> Result<Parameters, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut found = Parameters::new();
    for (name, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(format!("`{name}` holds {:?}, not F32", view.dtype()));
        }
        let data = view
            .data()
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        let values = Values {
            shape: view.shape().to_vec(),
            data,
        };
        found.insert(name.to_owned(), values);
    }
    Ok(found)
}
