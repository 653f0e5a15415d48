//! An image in the form that a model reads.

use std::fmt;
use std::sync::Arc;

use image::imageops::FilterType;
use image::{DynamicImage, RgbImage};

use super::options::{Background, ImageOptions};

/// An image in the form that a model reads. To copy it costs nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// `[channels, height, width]`, row-major; 0 is background.
    pub pixels: Arc<[u8]>,
    /// Numbers of a pixel.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels, at least one.
    pub width: usize,
    /// Columns that were left out on the right, as too many.
    pub cut: usize,
}

impl Picture {
    /// Brings `image` into the form of `options`. Transparent places show the background.
    pub fn new(image: &DynamicImage, options: &ImageOptions) -> Self {
        let ImageOptions {
            height, channels, ..
        } = *options;
        let rows = u64::from(image.height().max(1));
        // To the nearest column.
        let wanted = (u64::from(image.width()) * height as u64 * 2 + rows) / (2 * rows);
        let whole = usize::try_from(wanted).unwrap_or(usize::MAX).max(1);
        let width = whole.min(options.max_width.max(1));
        // What is left out is not worked on either: a banner may be very long.
        let seen = match width < whole {
            true => (width as u64 * rows).div_ceil(height.max(1) as u64),
            false => u64::from(image.width()),
        };
        let seen = u32::try_from(seen).unwrap_or(u32::MAX).min(image.width());
        let image = image.crop_imm(0, 0, seen.max(1), image.height());
        let image = on_paper(image, options.background);
        let (columns, lines) = (width as u32, height as u32);
        let image = match (image.width(), image.height()) == (columns, lines) {
            true => image,
            false => image.resize_exact(columns, lines, FilterType::Triangle),
        };
        let interleaved = match channels {
            1 => image.into_luma8().into_raw(),
            _ => image.into_rgb8().into_raw(),
        };
        let planes = (0..channels).flat_map(|channel| {
            let plane = interleaved.iter().skip(channel).step_by(channels);
            plane.map(|&value| match options.background {
                Background::Light => 255 - value,
                Background::Dark => value,
            })
        });
        Self {
            pixels: planes.collect(),
            channels,
            height,
            width,
            cut: whole - width,
        }
    }

    /// A single column of background, for where there is nothing to see.
    pub fn blank(options: &ImageOptions) -> Self {
        Self {
            pixels: vec![0; options.channels * options.height].into(),
            channels: options.channels,
            height: options.height,
            width: 1,
            cut: 0,
        }
    }
}

/// What transparent places show, put behind them.
fn on_paper(image: DynamicImage, background: Background) -> DynamicImage {
    if !image.color().has_alpha() {
        return image;
    }
    let paper = match background {
        Background::Light => 255,
        Background::Dark => 0,
    };
    let image = image.into_rgba8();
    let opaque = RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [colour @ .., alpha] = image.get_pixel(x, y).0.map(u32::from);
        let mix = |value: u32| ((value * alpha + paper * (255 - alpha) + 127) / 255) as u8;
        image::Rgb(colour.map(mix))
    });
    opaque.into()
}

impl fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Thousands of pixels help nobody.
        formatter
            .debug_struct("Picture")
            .field("channels", &self.channels)
            .field("height", &self.height)
            .field("width", &self.width)
            .field("cut", &self.cut)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgb, Rgba, RgbaImage};
    use proptest::prelude::*;

    const OPTIONS: ImageOptions = ImageOptions {
        height: 4,
        channels: 1,
        max_width: 100,
        background: Background::Light,
    };

    #[test]
    fn an_image_of_the_right_height_is_only_inverted() {
        let image = GrayImage::from_fn(3, 4, |x, y| Luma([(10 * y + x) as u8]));
        let light = Picture::new(&image.clone().into(), &OPTIONS);
        assert_eq!((light.width, light.cut), (3, 0));
        assert_eq!(light.pixels[..4], [255, 254, 253, 245]);
        let dark = ImageOptions {
            background: Background::Dark,
            ..OPTIONS
        };
        assert_eq!(
            Picture::new(&image.into(), &dark).pixels[..4],
            [0, 1, 2, 10]
        );
    }

    #[test]
    fn colours_lie_in_planes() {
        let image = RgbImage::from_fn(2, 4, |x, _| Rgb([x as u8, 100, 200]));
        let options = ImageOptions {
            channels: 3,
            background: Background::Dark,
            ..OPTIONS
        };
        let picture = Picture::new(&image.into(), &options);
        assert_eq!(picture.pixels.len(), 24);
        assert_eq!(picture.pixels[..2], [0, 1]);
        assert!(picture.pixels[8..16].iter().all(|&green| green == 100));
        assert!(picture.pixels[16..].iter().all(|&blue| blue == 200));
    }

    #[test]
    fn transparent_places_are_background() {
        let image = RgbaImage::from_fn(4, 4, |x, _| match x {
            0 => Rgba([0, 0, 0, 255]),
            _ => Rgba([0, 0, 0, 0]),
        });
        let picture = Picture::new(&image.into(), &OPTIONS);
        assert_eq!(picture.pixels[..4], [255, 0, 0, 0]);
    }

    #[test]
    fn what_is_too_wide_is_left_out() {
        let image = GrayImage::from_fn(1_000, 8, |x, _| Luma([if x < 200 { 0 } else { 255 }]));
        let picture = Picture::new(&image.into(), &OPTIONS);
        assert_eq!((picture.width, picture.cut), (100, 400));
        assert!(picture.pixels.iter().all(|&pixel| pixel == 255));
    }

    proptest! {
        #[test]
        fn any_image_becomes_one_of_the_height_wanted(
            width in 1u32..300, height in 1u32..90, rows in 1usize..40, colour: bool, most in 1usize..60,
        ) {
            let options = ImageOptions {
                height: rows,
                channels: if colour { 3 } else { 1 },
                max_width: most,
                ..OPTIONS
            };
            let picture = Picture::new(&GrayImage::new(width, height).into(), &options);
            prop_assert_eq!(picture.pixels.len(), options.channels * rows * picture.width);
            prop_assert!((1..=most).contains(&picture.width));
            let exact = f64::from(width) * rows as f64 / f64::from(height);
            let whole = (picture.width + picture.cut) as f64;
            prop_assert!((whole - exact.max(1.0)).abs() <= 0.5, "{} {}", whole, exact);
            prop_assert!(picture.pixels.iter().all(|&pixel| pixel == 255));
        }
    }
}
