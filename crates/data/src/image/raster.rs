//! Rows of pixels.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

/// Images with more pixels are not decoded: a small file may hold very many.
pub(super) const MOST_PIXELS: usize = 40_000_000;

/// An image as rows of pixels from the top, 0 black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Numbers of a pixel: 1 for grey, 3 for red, green and blue.
    pub channels: usize,
    /// `[height, width, channels]`.
    pub pixels: Vec<u8>,
}

impl Raster {
    /// A grey image with the pixel that `at` gives for each column and row.
    pub fn grey(width: usize, height: usize, mut at: impl FnMut(usize, usize) -> u8) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self {
            width,
            height,
            channels: 1,
            pixels: places.map(|(x, y)| at(x, y)).collect(),
        }
    }

    /// A coloured image with the pixel that `at` gives for each column and row.
    pub fn colour(
        width: usize,
        height: usize,
        mut at: impl FnMut(usize, usize) -> [u8; 3],
    ) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self {
            width,
            height,
            channels: 3,
            pixels: places.flat_map(|(x, y)| at(x, y)).collect(),
        }
    }

    /// The numbers of a pixel.
    ///
    /// # Panics
    /// When the image has no such pixel.
    pub fn pixel(&mut self, x: usize, y: usize) -> &mut [u8] {
        assert!(x < self.width, "column {x} of {}", self.width);
        &mut self.pixels[(y * self.width + x) * self.channels..][..self.channels]
    }

    /// Puts another image of as many channels over this one, its upper left corner at a column and row.
    ///
    /// # Panics
    /// When it reaches beyond this one.
    pub fn put(&mut self, other: &Self, left: usize, top: usize) {
        let size = other.width * other.channels;
        assert!(left + other.width <= self.width && other.channels == self.channels);
        for (y, line) in (top..).zip(other.pixels.chunks_exact(size.max(1))) {
            let first = (y * self.width + left) * self.channels;
            self.pixels[first..][..size].copy_from_slice(line);
        }
    }

    /// The first `width` columns.
    pub(super) fn cropped(self, width: usize) -> Self {
        if width >= self.width {
            return self;
        }
        let lines = self.pixels.chunks_exact(self.width * self.channels);
        let pixels = lines.flat_map(|line| &line[..width * self.channels]);
        Self {
            pixels: pixels.copied().collect(),
            width,
            ..self
        }
    }

    /// In grey (ITU-R BT.601) or in colour.
    pub(super) fn with_channels(self, channels: usize) -> Self {
        let pixels: Vec<u8> = match (self.channels, channels) {
            (3, 1) => {
                let grey = |rgb: &[u8]| {
                    let [red, green, blue] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
                    ((299 * red + 587 * green + 114 * blue + 500) / 1000) as u8
                };
                self.pixels.chunks_exact(3).map(grey).collect()
            }
            (1, 3) => self.pixels.iter().flat_map(|&grey| [grey; 3]).collect(),
            _ => self.pixels,
        };
        Self {
            pixels,
            channels,
            ..self
        }
    }

    /// The image as a PNG file (ISO/IEC 15948): each row as its difference from the one above, deflated.
    pub fn png(&self) -> Vec<u8> {
        const ABOVE: u8 = 2;
        let size = self.width * self.channels;
        let mut rows = Vec::with_capacity((size + 1) * self.height);
        let mut above = vec![0u8; size];
        for line in self.pixels.chunks_exact(size.max(1)) {
            rows.push(ABOVE);
            rows.extend(line.iter().zip(&above).map(|(x, y)| x.wrapping_sub(*y)));
            above.copy_from_slice(line);
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail.
        let _ = encoder.write_all(&rows);
        let deflated = encoder.finish().unwrap_or_default();
        let kind = match self.channels {
            1 => 0,
            _ => 2,
        };
        let sides = [self.width, self.height].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        let mut header = sides.map(u32::to_be_bytes).concat();
        // Eight bits a number; deflated, filtered line by line, not interlaced.
        header.extend([8, kind, 0, 0, 0]);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, data) in [
            (b"IHDR", &header),
            (b"IDAT", &deflated),
            (b"IEND", &Vec::new()),
        ] {
            let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
            file.extend(length.to_be_bytes());
            let mut sum = Crc::new();
            for part in [&name[..], data] {
                sum.update(part);
                file.extend(part);
            }
            file.extend(sum.sum().to_be_bytes());
        }
        file
    }
}

impl From<corpora::Image> for Raster {
    fn from(image: corpora::Image) -> Self {
        Self {
            width: image.width,
            height: image.height,
            channels: 1,
            pixels: image.pixels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_put_over_one_another() {
        let mut sheet = Raster::grey(4, 3, |_, _| 9);
        sheet.put(&Raster::grey(2, 2, |x, y| (2 * y + x) as u8), 1, 1);
        assert_eq!(sheet.pixels, [9, 9, 9, 9, 9, 0, 1, 9, 9, 2, 3, 9]);
        assert_eq!(sheet.pixel(2, 2), [3]);
        assert_eq!(sheet.cropped(1).pixels, [9, 9, 9]);
    }

    #[test]
    fn colours_become_grey_as_they_look() {
        let row = Raster::colour(3, 1, |x, _| [[255, 0, 0], [0, 255, 0], [7, 7, 7]][x]);
        assert_eq!(row.clone().with_channels(3), row);
        let grey = row.with_channels(1);
        assert_eq!(grey.pixels, [76, 150, 7]);
        assert_eq!(grey.with_channels(3).pixels[6..], [7, 7, 7]);
    }
}
