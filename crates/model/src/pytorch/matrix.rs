//! Matrices on the host.

use crate::parameters::Values;
use network::NetworkError;

/// The transpose of a matrix. What is no matrix stays as it is: [`crate::parameters::place`] says
/// what is wrong with it.
pub(super) fn transposed(values: &Values) -> Values {
    let [rows, columns] = values.shape[..] else {
        return values.clone();
    };
    if values.data.len() != rows * columns {
        return values.clone();
    }
    let data = (0..rows * columns)
        .map(|place| values.data[place % rows * columns + place / rows])
        .collect();
    Values {
        shape: vec![columns, rows],
        data,
    }
}

/// Matrices of equal width on top of one another.
pub(super) fn stacked(parts: &[Values]) -> Values {
    Values {
        shape: vec![
            parts.iter().filter_map(|part| part.shape.first()).sum(),
            parts
                .first()
                .and_then(|part| part.shape.last().copied())
                .unwrap_or_default(),
        ],
        data: parts
            .iter()
            .flat_map(|part| part.data.iter().copied())
            .collect(),
    }
}

/// Cuts a matrix, `[sum of rows, columns]`, into parts of the given numbers of rows.
pub(super) fn cut<const N: usize>(values: &Values, rows: [usize; N]) -> [Values; N] {
    let columns = values.shape[1];
    let mut rest = &values.data[..];
    rows.map(|rows| {
        let (part, after) = rest.split_at(rows * columns);
        rest = after;
        Values {
            shape: vec![rows, columns],
            data: part.to_vec(),
        }
    })
}

/// `values` when it has the shape `expected`.
pub(super) fn shaped(
    name: &str,
    values: Values,
    expected: Vec<usize>,
) -> Result<Values, NetworkError> {
    let count: usize = expected.iter().product();
    if values.shape == expected && values.data.len() == count {
        return Ok(values);
    }
    Err(NetworkError::ParameterShape {
        name: name.to_owned(),
        expected,
        found: values.shape,
    })
}
