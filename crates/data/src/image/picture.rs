//! An image in the form that a model reads.

use std::fmt;
use std::sync::Arc;

use super::options::{Background, ImageOptions};
use super::raster::Raster;

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
    /// Brings `image` into the form of `options`.
    pub fn new(image: Raster, options: &ImageOptions) -> Self {
        let ImageOptions {
            height, channels, ..
        } = *options;
        let rows = image.height.max(1);
        // To the nearest column.
        let whole = ((image.width * height * 2 + rows) / (2 * rows)).max(1);
        let width = whole.min(options.max_width.max(1));
        // What is left out is not worked on either: a banner may be very long.
        let seen = match width < whole {
            true => (width * rows).div_ceil(height.max(1)).max(1),
            false => image.width,
        };
        let image = image.cropped(seen).with_channels(channels);
        let Raster { pixels, .. } = image.scaled(width, height);
        let planes = (0..channels).flat_map(|channel| {
            let plane = pixels.iter().skip(channel).step_by(channels);
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
    use proptest::prelude::*;

    const OPTIONS: ImageOptions = ImageOptions {
        height: 4,
        channels: 1,
        max_width: 100,
        background: Background::Light,
    };

    #[test]
    fn an_image_of_the_right_height_is_only_inverted() {
        let image = Raster::grey(3, 4, |x, y| (10 * y + x) as u8);
        let light = Picture::new(image.clone(), &OPTIONS);
        assert_eq!((light.width, light.cut), (3, 0));
        assert_eq!(light.pixels[..4], [255, 254, 253, 245]);
        let dark = ImageOptions {
            background: Background::Dark,
            ..OPTIONS
        };
        assert_eq!(Picture::new(image, &dark).pixels[..4], [0, 1, 2, 10]);
    }

    #[test]
    fn colours_lie_in_planes() {
        let image = Raster::colour(2, 4, |x, _| [x as u8, 100, 200]);
        let options = ImageOptions {
            channels: 3,
            background: Background::Dark,
            ..OPTIONS
        };
        let picture = Picture::new(image, &options);
        assert_eq!(picture.pixels.len(), 24);
        assert_eq!(picture.pixels[..2], [0, 1]);
        assert!(picture.pixels[8..16].iter().all(|&green| green == 100));
        assert!(picture.pixels[16..].iter().all(|&blue| blue == 200));
    }

    #[test]
    fn what_is_too_wide_is_left_out() {
        let image = Raster::grey(1_000, 8, |x, _| if x < 200 { 0 } else { 255 });
        let picture = Picture::new(image, &OPTIONS);
        assert_eq!((picture.width, picture.cut), (100, 400));
        assert!(picture.pixels.iter().all(|&pixel| pixel == 255));
    }

    proptest! {
        #[test]
        fn any_image_becomes_one_of_the_height_wanted(
            width in 1usize..300, height in 1usize..90, rows in 1usize..40, colour: bool, most in 1usize..60,
        ) {
            let options = ImageOptions {
                height: rows,
                channels: if colour { 3 } else { 1 },
                max_width: most,
                ..OPTIONS
            };
            let picture = Picture::new(Raster::grey(width, height, |_, _| 0), &options);
            prop_assert_eq!(picture.pixels.len(), options.channels * rows * picture.width);
            prop_assert!((1..=most).contains(&picture.width));
            let exact = width as f64 * rows as f64 / height as f64;
            let whole = (picture.width + picture.cut) as f64;
            prop_assert!((whole - exact.max(1.0)).abs() <= 0.5, "{} {}", whole, exact);
            prop_assert!(picture.pixels.iter().all(|&pixel| pixel == 255));
        }
    }
}
