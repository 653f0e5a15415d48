//! Makes images larger and smaller.

use super::raster::Raster;

/// For each row or column of the new image: the first old one that it is made of, and the share of each from there on.
type Shares = Vec<(usize, Vec<f32>)>;

impl Raster {
    /// The image at another size. Each pixel is the mean of those that it covers, weighted by a triangle as wide as
    /// two of its own sides, so that nothing is lost where images become smaller.
    pub(super) fn scaled(self, width: usize, height: usize) -> Self {
        if (self.width, self.height) == (width, height) {
            return self;
        }
        let channels = self.channels;
        let across = shares(self.width, width);
        let down = shares(self.height, height);
        let size = width * channels;
        let mut lines = vec![0.0f32; size * self.height];
        let old = self.pixels.chunks_exact(self.width * channels);
        for (line, old) in lines.chunks_exact_mut(size).zip(old) {
            for (pixel, (first, shares)) in line.chunks_exact_mut(channels).zip(&across) {
                let seen = old[first * channels..].chunks_exact(channels);
                for (old, share) in seen.zip(shares) {
                    for (sum, &value) in pixel.iter_mut().zip(old) {
                        *sum += share * f32::from(value);
                    }
                }
            }
        }
        let mut pixels = Vec::with_capacity(size * height);
        let mut sums = vec![0.0f32; size];
        for (first, shares) in &down {
            sums.fill(0.0);
            for (line, share) in lines[first * size..].chunks_exact(size).zip(shares) {
                for (sum, value) in sums.iter_mut().zip(line) {
                    *sum += share * value;
                }
            }
            // The conversion ends at 0 and 255.
            pixels.extend(sums.iter().map(|sum| sum.round() as u8));
        }
        Self {
            width,
            height,
            channels,
            pixels,
        }
    }
}

/// How each of `new` rows or columns is made of `old` ones.
fn shares(old: usize, new: usize) -> Shares {
    let ratio = old as f32 / new as f32;
    let reach = ratio.max(1.0);
    let share = |index: usize| {
        let middle = (index as f32 + 0.5) * ratio - 0.5;
        let first = (middle - reach).ceil().max(0.0) as usize;
        let last = ((middle + reach).floor().max(0.0) as usize).min(old - 1);
        let first = first.min(last);
        let weights = (first..=last).map(|place| 1.0 - (place as f32 - middle).abs() / reach);
        let weights: Vec<f32> = weights.map(|weight| weight.max(0.0)).collect();
        let sum: f32 = weights.iter().sum();
        match sum > 0.0 {
            true => (first, weights.iter().map(|weight| weight / sum).collect()),
            // Only where the middle lies half a pixel beyond the edge.
            false => (first, vec![1.0]),
        }
    };
    (0..new).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_the_size_has_the_means() {
        let image = Raster::grey(8, 2, |x, _| if x < 4 { 0 } else { 200 });
        let small = image.scaled(4, 1);
        assert_eq!((small.pixels[0], small.pixels[3]), (0, 200));
        assert!(small.pixels.is_sorted());
    }

    #[test]
    fn between_two_pixels_the_grey_goes_over() {
        let image = Raster::grey(2, 1, |x, _| 100 * x as u8);
        assert_eq!(image.scaled(4, 2).pixels, [0, 25, 75, 100, 0, 25, 75, 100]);
    }

    proptest! {
        #[test]
        fn one_colour_stays_what_it_is(
            width in 1usize..40, height in 1usize..40, columns in 1usize..40, rows in 1usize..40, value: [u8; 3],
        ) {
            let image = Raster::colour(width, height, |_, _| value);
            let scaled = image.scaled(columns, rows);
            prop_assert_eq!(scaled, Raster::colour(columns, rows, |_, _| value));
        }
    }
}
