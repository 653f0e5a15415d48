//! Draws rows of `builtin:digits` one below another: `cargo run -p data --example digits -- digits.png test 40`
//! draws the first 40 of `builtin:digits:test` to `digits.png`.

use data::corpus::{CorpusSource, ReadOptions, read};
use data::image::{Background, ImageOptions, Picture, Raster};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |place: usize, default: &str| {
        let given = arguments.get(place).cloned();
        given.unwrap_or_else(|| default.to_owned())
    };
    let (file, split) = (argument(0, "digits.png"), argument(1, "test"));
    let count: usize = argument(2, "20").parse()?;
    let source: CorpusSource = format!("builtin:digits:{split}").parse()?;
    let options = ReadOptions {
        images: Some(ImageOptions {
            height: 32,
            channels: 1,
            max_width: 400,
            background: Background::Dark,
        }),
        ..ReadOptions::default()
    };
    let corpus = read(&source, &options)?;
    let pictures = &corpus.pictures[..count.min(corpus.pictures.len())];
    let width = pictures.iter().map(|one| one.width).max().unwrap_or(1);
    let mut sheet = Raster::grey(width, 36 * pictures.len(), |_, _| 255);
    for (row, picture) in pictures.iter().enumerate() {
        let Picture { pixels, width, .. } = picture;
        let image = Raster::grey(*width, picture.height, |x, y| pixels[y * width + x]);
        sheet.put(&image, 0, 36 * row);
        println!("{}", corpus.pairs[row].target);
    }
    std::fs::write(&file, sheet.png())?;
    Ok(())
}
