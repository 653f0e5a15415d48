//! The panels of images as one PNG.

use data::image::Raster;

use super::layout::{GAP, LINE, Layout};
use super::{Alignment, ImageView, Seen, font, overlay};
use crate::error::RuntimeError;

/// The most rows of pixels: what is larger, no viewer shows.
const TALLEST: usize = 30_000;

const BLACK: [u8; 3] = [0x22; 3];

/// All images, one below another.
pub(super) fn render(alignments: &[Alignment]) -> Result<Vec<u8>, RuntimeError> {
    let mut drawn = Vec::new();
    let (mut height, mut width) = (GAP, 1);
    for alignment in alignments {
        let Seen::Image { image } = &alignment.seen else {
            return Err(RuntimeError::Usage(
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
        return Err(RuntimeError::Usage(format!(
            "the attention over {} images does not fit in one PNG: name a file that ends in .svg, or give fewer \
             images",
            alignments.len()
        )));
    }
    let mut sheet = Raster::colour(width, height, |_, _| [255; 3]);
    for (alignment, image, layout, top) in drawn {
        draw(&mut sheet, alignment, image, layout, top);
    }
    Ok(sheet.png())
}

/// One image from `top` down.
fn draw(sheet: &mut Raster, alignment: &Alignment, image: &ImageView, layout: Layout, top: usize) {
    let head = format!("{}  {}", alignment.text, image.name);
    font::draw(sheet, [GAP, top], &head, BLACK);
    for index in 0..layout.count {
        let weights = alignment.weights.get(index);
        let panel = overlay::panel(image, weights.map_or(&[], Vec::as_slice), layout.scale);
        let [x, y] = layout.place(index);
        let y = y + top;
        sheet.put(&panel, x, y);
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
    use data::image::{Background, ImageOptions, Names};

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
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.png"), bytes).unwrap();
        let names = Names {
            list: String::new(),
            folder: folder.path().to_owned(),
        };
        // Read as it is: rows of a picture are scaled to one height.
        let options = ImageOptions {
            height: 2 * (24 + 8 + 128 + 24 + 8 + 16) + 16,
            channels: 3,
            max_width: 10_000,
            background: Background::Dark,
        };
        let sheet = names.picture("x.png", 1, &options).unwrap();
        let planes: Vec<&[u8]> = sheet.pixels.chunks(sheet.height * sheet.width).collect();
        let count = |colour: [u8; 3]| {
            let is_it = |place: &usize| {
                let mut values = planes.iter().map(|plane| plane[*place]).zip(colour);
                values.all(|(found, wanted)| found.abs_diff(wanted) <= 1)
            };
            (0..planes[0].len()).filter(is_it).count()
        };
        // Four panels of 320 x 128 of one colour, and the ink of the texts.
        assert_eq!(count([255, 121, 26]), 4 * 320 * 128);
        assert!(count(BLACK) > 200, "{}", count(BLACK));
    }

    #[test]
    fn too_many_images_are_refused() {
        let one = alignment(overlay::tests::view(40, 16));
        let message = render(&vec![one; 500]).unwrap_err().to_string();
        assert!(message.contains("500 images"), "{message}");
    }
}
