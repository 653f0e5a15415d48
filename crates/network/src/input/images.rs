//! Batches of images, and how wide each of them really is.

/// A batch of images of one height, padded on the right to one width.
#[derive(Debug, Clone, Copy)]
pub struct Images<'a> {
    /// Row-major, `[rows, channels, height, width]`; 0 is background. What stands in the padding
    /// does not matter.
    pub pixels: &'a [f32],
    /// Real columns of each image, `[rows]`, each at least one.
    pub widths: &'a [usize],
    /// Numbers of one pixel: 1 for grey, 3 for colour.
    pub channels: usize,
    /// Rows of pixels of every image.
    pub height: usize,
    /// Columns of pixels of every image, padding included.
    pub width: usize,
}

impl Images<'_> {
    /// The number of images.
    pub fn rows(&self) -> usize {
        self.widths.len()
    }

    /// The pixels with their channels innermost, `[rows, height, width, channels]`, with zeros in
    /// the padding and in what `height` and `width` have beyond the images' own.
    pub fn channels_last(&self, height: usize, width: usize) -> Vec<f32> {
        let (rows, channels) = (self.rows(), self.channels);
        let mut values = vec![0.0f32; rows * height * width * channels];
        let places = (0..rows).flat_map(|row| (0..channels).map(move |channel| (row, channel)));
        let lines = places.flat_map(|place| (0..self.height).map(move |y| (place, y)));
        for (((row, channel), y), line) in lines.zip(self.pixels.chunks_exact(self.width)) {
            let first = (row * height + y) * width;
            for (x, &pixel) in line[..self.widths[row]].iter().enumerate() {
                values[(first + x) * channels + channel] = pixel;
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_go_innermost_and_padding_to_zero() {
        let pixels: Vec<f32> = (1u8..=12).map(f32::from).collect();
        let images = Images {
            pixels: &pixels,
            widths: &[2],
            channels: 2,
            height: 2,
            width: 3,
        };
        let wanted = [
            1.0, 7.0, 2.0, 8.0, 0.0, 0.0, 0.0, 0.0, 4.0, 10.0, 5.0, 11.0, 0.0, 0.0, 0.0, 0.0,
        ];
        assert_eq!(images.channels_last(2, 4), wanted);
    }
}
