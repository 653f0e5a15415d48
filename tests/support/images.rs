//! A tiny corpus of images: rows of upright bars (a) and lying ones (b).

use data::image::Raster;

use super::Sandbox;

/// The row "ab" as a JPEG.
const BARS: &[u8] = include_bytes!("../../crates/data/fixtures/bars.jpg");

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

/// What the image of a row is called.
pub fn name(text: &str) -> String {
    let ending = match text {
        "ab" => "jpg",
        _ if text.ends_with('a') => "png",
        _ => "pgm",
    };
    format!("{text}.{ending}")
}

/// The image of a row, dark on light, with pixels of `scale` times `scale`.
pub fn draw(text: &str, scale: usize) -> Raster {
    Raster::grey(8 * text.len() * scale, 8 * scale, |x, y| {
        let (x, y) = (x / scale, y / scale);
        let upright = text.as_bytes()[x / 8] == b'a';
        let across = if upright { x % 8 } else { y };
        if (3..5).contains(&across) { 20 } else { 240 }
    })
}

/// A folder with `bars/` and in it images of all formats and two sizes, `train.tsv` and `valid.tsv`; and with
/// `bars.toml`.
pub fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("bars")).unwrap();
    let mut lines = Vec::new();
    for (number, text) in texts().into_iter().enumerate() {
        let name = name(&text);
        let image = draw(&text, 1 + number % 2);
        let content = match name.rsplit('.').next() {
            Some("png") => image.png(),
            Some("jpg") => BARS.to_vec(),
            _ => {
                let header = format!("P5 {} {} 255\n", image.width, image.height);
                [header.as_bytes(), &image.pixels].concat()
            }
        };
        sandbox.write(format!("bars/{name}"), content);
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
