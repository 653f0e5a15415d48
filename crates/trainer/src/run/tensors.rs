//! Named tensors in a safetensors file.

use std::collections::HashMap;

use kernels::matmul::Matrix;
use kernels::quantised::Quantised;
use model::parameters::Parameters;
use runtime::checkpoint::SCALE;
use safetensors::tensor::{Dtype, TensorView};

/// A tensor as a file holds it.
struct Stored {
    name: String,
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Stored {
    fn floats(name: String, shape: &[usize], data: &[f32]) -> Self {
        Self {
            name,
            kind: Dtype::F32,
            shape: shape.to_vec(),
            bytes: data.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }
}

fn serialize(
    tensors: &[Stored],
    metadata: Option<HashMap<String, String>>,
) -> Result<Vec<u8>, String> {
    let mut views = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        let view = TensorView::new(tensor.kind, tensor.shape.clone(), &tensor.bytes)
            .map_err(|error| error.to_string())?;
        views.push((tensor.name.as_str(), view));
    }
    safetensors::serialize(views, metadata).map_err(|error| error.to_string())
}

/// The bytes of a file with `parameters`, in the order of their names, and `metadata`.
///
/// # Errors
/// A description of what the format cannot hold, as text.
pub fn write_tensors(
    parameters: &Parameters,
    metadata: Option<HashMap<String, String>>,
) -> Result<Vec<u8>, String> {
    let tensors: Vec<Stored> = parameters
        .iter()
        .map(|(name, values)| Stored::floats(name.clone(), &values.shape, &values.data))
        .collect();
    serialize(&tensors, metadata)
}

/// As [`write_tensors`], for parameters in PyTorch's layouts whose matrices become 8-bit integers:
/// a matrix `NAME`, `[output, input]`, is `NAME` times `NAME.scale`, `[output]`. What no product of
/// a search reads stays as it is: embeddings, biases, the vector of an energy, the bridge.
///
/// # Errors
/// A description of what the format cannot hold, as text.
pub fn write_quantised_tensors(
    parameters: &Parameters,
    metadata: Option<HashMap<String, String>>,
) -> Result<Vec<u8>, String> {
    let mut tensors = Vec::new();
    for (name, values) in parameters {
        let [outputs, inputs] = values.shape[..] else {
            tensors.push(Stored::floats(name.clone(), &values.shape, &values.data));
            continue;
        };
        let kept = ["embedding.weight", "energy.weight"];
        if kept.iter().any(|end| name.ends_with(end)) || name.starts_with("bridge.") {
            tensors.push(Stored::floats(name.clone(), &values.shape, &values.data));
            continue;
        }
        let matrix = Matrix::new(&values.data, outputs, inputs).transposed();
        let (integers, scales) = Quantised::new(matrix).to_parts();
        let place = |place: usize| place % inputs * outputs + place / inputs;
        tensors.push(Stored {
            name: name.clone(),
            kind: Dtype::I8,
            shape: values.shape.clone(),
            bytes: (0..integers.len())
                .map(|index| integers[place(index)] as u8)
                .collect(),
        });
        let name = format!("{name}.scale");
        tensors.push(Stored::floats(name, &values.shape[..1], &scales));
    }
    serialize(&tensors, metadata)
}

/// As [`write_tensors`], for parameters in this project's layouts whose matrices become 8-bit integers with a scale for each
/// column, of the output layer for each row, as [`read_tensors`] reads them. What search holds in full precision stays as it
/// is: embeddings, positions, the bridge, layers over time.
///
/// # Errors
/// A description of what the format cannot hold, as text.
///
/// [`read_tensors`]: runtime::checkpoint::read_tensors
pub fn write_quantised_parameters(parameters: &Parameters) -> Result<Vec<u8>, String> {
    let mut tensors = Vec::new();
    for (name, values) in parameters {
        let is_kept = ["bridge.", "pool.", "positions."];
        let [rows, columns] = values.shape[..] else {
            tensors.push(Stored::floats(name.clone(), &values.shape, &values.data));
            continue;
        };
        if !name.ends_with("weight") || is_kept.iter().any(|part| name.contains(part)) {
            tensors.push(Stored::floats(name.clone(), &values.shape, &values.data));
            continue;
        }
        let matrix = Matrix::new(&values.data, rows, columns);
        // A row of it is a word's.
        let by_row = name == "output.weight";
        let quantised = match by_row {
            true => Quantised::new(matrix.transposed()),
            false => Quantised::new(matrix),
        };
        let (integers, scales) = quantised.to_parts();
        let place = |place: usize| match by_row {
            true => place % columns * rows + place / columns,
            false => place,
        };
        tensors.push(Stored {
            name: name.clone(),
            kind: Dtype::I8,
            shape: values.shape.clone(),
            bytes: (0..integers.len())
                .map(|index| integers[place(index)] as u8)
                .collect(),
        });
        let name = format!("{name}{SCALE}");
        let shape: &[usize] = if by_row { &[rows, 1] } else { &[1, columns] };
        tensors.push(Stored::floats(name, shape, &scales));
    }
    serialize(&tensors, None)
}
