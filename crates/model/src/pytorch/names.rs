//! Names and layouts of tensors that are there once for each layer.

use crate::parameters::{Parameters, Values};

use super::matrix::transposed;

/// How the axes lie on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// As here.
    Same,
    /// Of a matrix, the other way round.
    Transposed,
    /// `[window.., input, output]` here, `[output, input, window..]` there.
    Convolution,
}

use Layout::{Convolution, Same, Transposed};

/// Our name, PyTorch's, and the layout; `*` stands for the number of a layer.
const NAMES: [(&str, &str, Layout); 25] = [
    ("encoder.positions.table", "encoder.positions.weight", Same),
    ("decoder.positions.table", "decoder.positions.weight", Same),
    ("encoder.rows.table", "encoder.rows.weight", Same),
    ("encoder.columns.table", "encoder.columns.weight", Same),
    ("encoder.enter.weight", "encoder.enter.weight", Transposed),
    ("encoder.enter.bias", "encoder.enter.bias", Same),
    ("decoder.enter.weight", "decoder.enter.weight", Transposed),
    ("decoder.enter.bias", "decoder.enter.bias", Same),
    (
        "encoder.convolutions.*.weight",
        "encoder.convolutions.*.weight",
        Convolution,
    ),
    (
        "encoder.convolutions.*.bias",
        "encoder.convolutions.*.bias",
        Same,
    ),
    (
        "decoder.convolutions.*.weight",
        "decoder.convolutions.*.weight",
        Convolution,
    ),
    (
        "decoder.convolutions.*.bias",
        "decoder.convolutions.*.bias",
        Same,
    ),
    (
        "encoder.blocks.*.weight",
        "encoder.blocks.*.weight",
        Convolution,
    ),
    ("encoder.blocks.*.bias", "encoder.blocks.*.bias", Same),
    (
        "decoder.queries.*.weight",
        "decoder.queries.*.weight",
        Transposed,
    ),
    ("decoder.queries.*.bias", "decoder.queries.*.bias", Same),
    (
        "decoder.contexts.*.weight",
        "decoder.contexts.*.weight",
        Transposed,
    ),
    ("decoder.contexts.*.bias", "decoder.contexts.*.bias", Same),
    (
        "decoder.context_weight",
        "decoder.context.weight",
        Transposed,
    ),
    ("encoder.stack.norms.*.gain", "encoder.norms.*.weight", Same),
    ("encoder.stack.norms.*.bias", "encoder.norms.*.bias", Same),
    ("decoder.stack.norms.*.gain", "decoder.norms.*.weight", Same),
    ("decoder.stack.norms.*.bias", "decoder.norms.*.bias", Same),
    ("encoder.starts.*.hidden", "encoder.starts.*.hidden", Same),
    ("encoder.starts.*.cell", "encoder.starts.*.cell", Same),
];

/// `name` under the pattern `to` if it fits the pattern `from`.
fn renamed(name: &str, from: &str, to: &str) -> Option<String> {
    let Some((start, end)) = from.split_once('*') else {
        return (name == from).then(|| to.to_owned());
    };
    let layer = name.strip_prefix(start)?.strip_suffix(end)?;
    let is_number = !layer.is_empty() && layer.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| to.replace('*', layer))
}

/// Takes what has a name of this list out of `left`, as PyTorch has it.
pub(super) fn export(left: &mut Parameters) -> Parameters {
    moved(left, |name| {
        let &(ours, theirs, layout) = NAMES
            .iter()
            .find(|row| renamed(name, row.0, "").is_some())?;
        let to = renamed(name, ours, theirs)?;
        Some((to, Box::new(move |values: &Values| there(layout, values))))
    })
}

/// The reverse of [`export`].
pub(super) fn import(left: &mut Parameters) -> Parameters {
    moved(left, |name| {
        let &(ours, theirs, layout) = NAMES
            .iter()
            .find(|row| renamed(name, row.1, "").is_some())?;
        let to = renamed(name, theirs, ours)?;
        Some((to, Box::new(move |values: &Values| here(layout, values))))
    })
}

type Change = Box<dyn Fn(&Values) -> Values>;

fn moved(left: &mut Parameters, find: impl Fn(&str) -> Option<(String, Change)>) -> Parameters {
    let mut found = Parameters::new();
    left.retain(|name, values| match find(name) {
        Some((to, change)) => {
            found.insert(to, change(values));
            false
        }
        None => true,
    });
    found
}

/// Our tensor as PyTorch has it.
fn there(layout: Layout, values: &Values) -> Values {
    let axes = values.shape.len();
    match layout {
        Convolution if axes >= 2 => {
            let window = 0..axes - 2;
            let order: Vec<usize> = [axes - 1, axes - 2].into_iter().chain(window).collect();
            permuted(values, &order)
        }
        Same | Convolution => values.clone(),
        Transposed => transposed(values),
    }
}

/// PyTorch's tensor as we have it.
fn here(layout: Layout, values: &Values) -> Values {
    let axes = values.shape.len();
    match layout {
        Convolution if axes >= 2 => {
            let order: Vec<usize> = (2..axes).chain([1, 0]).collect();
            permuted(values, &order)
        }
        Same | Convolution => values.clone(),
        Transposed => transposed(values),
    }
}

/// The tensor whose axis `i` is `order[i]` of `values`. What has not as many numbers as its shape
/// says stays as it is: [`crate::parameters::place`] says what is wrong with it.
fn permuted(values: &Values, order: &[usize]) -> Values {
    let Values { shape, data } = values;
    if data.len() != shape.iter().product::<usize>() {
        return values.clone();
    }
    let strides: Vec<usize> = (0..shape.len())
        .map(|axis| shape[axis + 1..].iter().product())
        .collect();
    let new: Vec<usize> = order.iter().map(|&axis| shape[axis]).collect();
    let place = |mut index: usize| {
        let mut sum = 0;
        for (&axis, &length) in order.iter().zip(&new).rev() {
            sum += index % length * strides[axis];
            index /= length;
        }
        sum
    };
    Values {
        data: (0..data.len()).map(|index| data[place(index)]).collect(),
        shape: new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(shape: &[usize]) -> Values {
        let count: u16 = shape.iter().product::<usize>() as u16;
        Values {
            shape: shape.to_vec(),
            data: (0..count).map(f32::from).collect(),
        }
    }

    #[test]
    fn windows_of_convolutions_go_last() {
        let ours = values(&[2, 3, 4]);
        let theirs = there(Convolution, &ours);
        assert_eq!(theirs.shape, [4, 3, 2]);
        // Output 1, input 2, the later time step.
        assert_eq!(theirs.data[3 * 2 + 2 * 2 + 1], ours.data[12 + 2 * 4 + 1]);
        assert_eq!(here(Convolution, &theirs), ours);

        let ours = values(&[3, 3, 2, 4]);
        let theirs = there(Convolution, &ours);
        assert_eq!(theirs.shape, [4, 2, 3, 3]);
        // Output 3, input 1, row 2, column 0.
        assert_eq!(theirs.data[3 * 18 + 9 + 6], ours.data[2 * 24 + 4 + 3]);
        assert_eq!(here(Convolution, &theirs), ours);
    }

    #[test]
    fn only_numbers_stand_for_layers() {
        let from = "a.*.b";
        assert_eq!(renamed("a.12.b", from, "c.*"), Some("c.12".into()));
        for name in ["a.x.b", "a..b", "a.1.2.b", "a.1.c"] {
            assert_eq!(renamed(name, from, "c.*"), None, "{name}");
        }
    }
}
