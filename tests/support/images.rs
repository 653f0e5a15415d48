//! A tiny corpus of images: rows of upright bars (a) and lying ones (b).

use image::{GrayImage, Luma};

use super::Sandbox;

/// Sixteen updates of a tiny model: four batches an epoch, a validation after each.
pub const CONFIG: &str = r#"
name = "bars"
seed = 7

[data]
train = "bars/train.tsv"
valid = "bars/valid.tsv"

[data.images]
max_width = 40

[tokenizer.target]
kind = "char"
vocab_size = 50

[model]
embedding_size = 8
hidden_size = 12
dropout = 0.1

[model.encoder]
kind = "image"
layers = 2
channels = 4
height = 8

[train]
backend = "cpu"
batch_size = 4
max_epochs = 4
log_every = 1

[optimizer]
learning_rate = 1e-2

[valid]
every_steps = 4
criterion = "exact"
"#;

/// The rows of one to three bars.
pub fn texts() -> Vec<String> {
    let longer = |texts: &[String]| -> Vec<String> {
        let each = texts.iter();
        each.flat_map(|text| ["a", "b"].map(|bar| format!("{text}{bar}")))
            .collect()
    };
    let one = longer(&[String::new()]);
    let two = longer(&one);
    let three = longer(&two);
    [one, two, three].concat()
}

/// The image of a row, dark on light, with pixels of `scale` times `scale`.
pub fn draw(text: &str, scale: u32) -> GrayImage {
    GrayImage::from_fn(8 * text.len() as u32 * scale, 8 * scale, |x, y| {
        let (x, y) = (x / scale, y / scale);
        let upright = text.as_bytes()[x as usize / 8] == b'a';
        let across = if upright { x % 8 } else { y };
        Luma([if (3..5).contains(&across) { 20 } else { 240 }])
    })
}

/// A folder with `bars/` and in it images of all formats and two sizes, `train.tsv` and `valid.tsv`; and with
/// `bars.toml`.
pub fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("bars")).unwrap();
    let mut lines = Vec::new();
    for (number, text) in (0u32..).zip(texts()) {
        let ending = ["png", "jpg", "pgm"][number as usize % 3];
        let name = format!("{text}.{ending}");
        let image = draw(&text, 1 + number % 2);
        image.save(sandbox.path("bars").join(&name)).unwrap();
        lines.push(format!("{name}\t{text}\n"));
    }
    sandbox.write("bars/train.tsv", lines.concat());
    sandbox.write("bars/valid.tsv", lines[..6].concat());
    sandbox.write("bars.toml", CONFIG);
    sandbox
}

/// [`sandbox`] with a run that has been trained to its end.
pub fn trained() -> Sandbox {
    let sandbox = sandbox();
    train(&sandbox, super::RUN, &[]);
    sandbox
}

/// Trains in `run`; must succeed.
pub fn train(sandbox: &Sandbox, run: &str, more: &[&str]) -> super::Outcome {
    let arguments = ["--config", "bars.toml", "--run-dir", run];
    let outcome = sandbox.run(&[&arguments, more].concat());
    outcome.assert_done();
    outcome
}
