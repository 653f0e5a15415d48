//! The worked example of `docs/attention-family.md`: "Tom chases Jerry" through the two layers over time.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use model::Lengths;
use model::attention::{Pool, TanhPool, TimeDense, TimeLayer};

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/attention-family.md"
);
const WORDS: [&str; 4] = ["`Tom`", "`chases`", "`Jerry`", "padding"];
/// x, with a padded row that is not zero: nothing of it may be seen.
const SOURCE: [[f32; 2]; 4] = [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [9.0, 9.0]];
/// W: from each position (row), to each position (column).
const WEIGHT: [[f32; 4]; 4] = [
    [1.0, 0.5, 0.0, 0.0],
    [0.0, 1.0, 0.5, 0.0],
    [0.5, 0.0, 3.0, 0.0],
    [0.0, 0.0, 0.0, 1.0],
];
const BIAS: [f32; 4] = [0.0, 0.5, 0.0, 0.0];

fn tensor<const R: usize, const C: usize>(rows: [[f32; C]; R]) -> Tensor<2> {
    Tensor::from_data(TensorData::new(rows.concat(), [R, C]), &Device::flex())
}

fn layer() -> TimeLayer {
    let bias = TensorData::new(BIAS.to_vec(), [4]);
    TimeLayer {
        weight: Param::from_tensor(tensor(WEIGHT)),
        bias: Param::from_data(bias, &Device::flex()),
    }
}

/// The rows of `[1, positions, features]`.
fn rows(values: Tensor<3>) -> Vec<Vec<f32>> {
    let size = values.dims()[2];
    let numbers: Vec<f32> = values.into_data().iter::<f32>().collect();
    numbers.chunks(size).map(<[f32]>::to_vec).collect()
}

/// A table of the page: each position's weights and what they leave of its numbers, then the context.
fn table((left, weights): (Tensor<3>, Tensor<3>)) -> Vec<String> {
    let context = rows(left.clone().sum_dim(1));
    let cells = |row: &[f32]| format!("{:.3} | {:.3}", row[0], row[1]);
    let mut lines: Vec<String> = WORDS
        .iter()
        .zip(rows(weights).iter().zip(rows(left)))
        .map(|(word, (weights, left))| {
            format!("| {word} | {} | {} |", cells(weights), cells(&left))
        })
        .collect();
    lines.push(format!("| sum | 1.000 | 1.000 | {} |", cells(&context[0])));
    lines
}

#[test]
fn the_page_shows_what_the_layers_do() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let source = || tensor(SOURCE).unsqueeze();
    let lengths = Lengths::new(&[3], 4, &Device::flex());
    let dense = |single| {
        let layer = layer();
        Pool::TimeDense(TimeDense { layer, single })
    };
    let weigh = |pool: Pool| pool.weigh(source(), &lengths);
    for (title, found) in [
        ("### `time-dense`", weigh(dense(false))),
        ("### `single_vector`", weigh(dense(true))),
        (
            "### `tanh-pool`",
            weigh(Pool::TanhPool(TanhPool { layer: layer() })),
        ),
    ] {
        let made = table(found);
        println!("{title}\n{}\n", made.join("\n"));
        let part = page.split(title).nth(1).unwrap();
        let part = part.split("\n#").next().unwrap();
        let shown: Vec<&str> = part
            .lines()
            .filter(|line| line.starts_with('|'))
            .skip(2)
            .collect();
        assert_eq!(shown, made, "{title}");
    }
}
