//! Draws rows of `builtin:digits` one below another: `cargo run -p data --example digits -- digits.png test 40`
//! draws the first 40 of `builtin:digits:test` to `digits.png`.

use data::corpus::{CorpusSource, ReadOptions, read};
use data::image::{Background, ImageOptions, Picture};
use image::{GrayImage, Luma};

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
    let mut sheet = GrayImage::from_pixel(width as u32, 36 * pictures.len() as u32, Luma([255]));
    for (row, picture) in pictures.iter().enumerate() {
        let Picture { pixels, width, .. } = picture;
        for (place, &value) in pixels.iter().enumerate() {
            let (x, y) = (place % width, place / width);
            sheet.put_pixel(x as u32, (36 * row + y) as u32, Luma([value]));
        }
        println!("{}", corpus.pairs[row].target);
    }
    sheet.save(&file)?;
    Ok(())
}
