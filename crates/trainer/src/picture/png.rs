//! The panels of images as one PNG.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use super::layout::{GAP, LINE, Layout};
use super::{Alignment, ImageView, Seen, font, overlay};
use crate::error::RunError;

/// The most rows of pixels: what is larger, no viewer shows.
const TALLEST: usize = 30_000;

const BLACK: Rgb<u8> = Rgb([0x22; 3]);

/// All images, one below another.
pub(super) fn render(alignments: &[Alignment]) -> Result<Vec<u8>, RunError> {
    let mut drawn = Vec::new();
    let (mut height, mut width) = (GAP, 1);
    for alignment in alignments {
        let Seen::Image { image } = &alignment.seen else {
            return Err(RunError::Usage(
                "attention over sentences is written as .svg or .json".into(),
            ));
        };
        let layout = Layout::new(image, alignment);
        let [across, down] = layout.size();
        drawn.push((alignment, image, layout, height));
        height += down;
        width = width.max(across);
    }
    if height > TALLEST {
        return Err(RunError::Usage(format!(
            "the attention over {} images does not fit in one PNG: name a file that ends in .svg, or give fewer \
             images",
            alignments.len()
        )));
    }
    let mut sheet = RgbImage::from_pixel(width as u32, height as u32, Rgb([255; 3]));
    for (alignment, image, layout, top) in drawn {
        draw(&mut sheet, alignment, image, layout, top);
    }
    let mut bytes = Cursor::new(Vec::new());
    let written = sheet.write_to(&mut bytes, ImageFormat::Png);
    written.map_err(|error| RunError::Usage(format!("the picture cannot be drawn: {error}")))?;
    Ok(bytes.into_inner())
}

/// One image from `top` down.
fn draw(
    sheet: &mut RgbImage,
    alignment: &Alignment,
    image: &ImageView,
    layout: Layout,
    top: usize,
) {
    let head = format!("{}  {}", alignment.text, image.name);
    font::draw(sheet, [GAP, top], &head, BLACK);
    for index in 0..layout.count {
        let weights = alignment.weights.get(index);
        let panel = overlay::panel(image, weights.map_or(&[], Vec::as_slice), layout.scale);
        let [x, y] = layout.place(index);
        let y = y + top;
        image::imageops::replace(sheet, &panel, x as i64, y as i64);
        let text = match (weights, alignment.target.get(index)) {
            (Some(_), Some(token)) => token.as_str(),
            _ => "(no attention)",
        };
        let left = x + layout.panel[0].saturating_sub(font::width(text)) / 2;
        font::draw(
            sheet,
            [left, y + layout.panel[1] + (LINE - font::HEIGHT) / 2],
            text,
            BLACK,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alignment(image: ImageView) -> Alignment {
        let places = image.rows * image.columns;
        Alignment {
            seen: Seen::Image { image },
            target: vec!["7".into(), "</s>".into()],
            weights: vec![vec![1.0 / places as f32; places]; 2],
            text: "7".into(),
            score: 0.0,
        }
    }

    #[test]
    fn panels_and_texts_are_drawn() {
        let one = alignment(overlay::tests::view(40, 16));
        let bytes = render(&[one.clone(), one]).unwrap();
        let sheet = image::load_from_memory(&bytes).unwrap().to_rgb8();
        let count = |colour: Rgb<u8>| sheet.pixels().filter(|&&pixel| pixel == colour).count();
        // Four panels of 320 x 128 of one colour, and the ink of the texts.
        assert_eq!(count(Rgb([255, 121, 26])), 4 * 320 * 128);
        assert!(count(BLACK) > 200, "{}", count(BLACK));
    }

    #[test]
    fn too_many_images_are_refused() {
        let one = alignment(overlay::tests::view(40, 16));
        let message = render(&vec![one; 500]).unwrap_err().to_string();
        assert!(message.contains("500 images"), "{message}");
    }
}
