//! The largest of each 2 x 2 pixels, if it is above zero.

use super::Shape;
use kernels::{parallel, storage};

/// Of four pixels none is above zero.
const NONE: u8 = 4;

/// For each 2 x 2 pixels and each channel the largest number, or zero if that is larger,
/// `[N, H / 2, W / 2, C]`; and which of the four it was, for [`unpool`]. Of image n, columns from `widths[n]` on
/// are zero. Of equals, the left column's and in it the upper counts.
///
/// # Panics
/// When `pixels` is not `[N, H, W, C]`, `widths` not `[N]`, or H or W odd.
pub fn pool(shape: Shape, widths: &[usize], pixels: &[f32]) -> (Vec<f32>, Vec<u8>) {
    check(shape);
    assert_eq!(pixels.len(), shape.all(), "pixels are [N, H, W, C]");
    assert_eq!(widths.len(), shape.images, "each image has its width");
    let mut largest = storage::list(shape.all() / 4);
    let mut choices = vec![NONE; largest.len()];
    let size = shape.image().max(4);
    let images = pixels.chunks(size).zip(widths);
    let found = largest
        .chunks_mut(size / 4)
        .zip(choices.chunks_mut(size / 4));
    let tasks: Vec<_> = images.zip(found).collect();
    parallel::each(tasks, |((pixels, &width), (largest, choices))| {
        image(shape, width, pixels, largest, choices);
    });
    (largest, choices)
}

/// [`pool`] of one image.
fn image(shape: Shape, width: usize, pixels: &[f32], largest: &mut [f32], choices: &mut [u8]) {
    let channels = shape.channels;
    let places = largest
        .chunks_exact_mut(channels)
        .zip(choices.chunks_exact_mut(channels));
    for (place, (largest, choices)) in places.enumerate() {
        largest.fill(0.0);
        let corners = corners(shape, place);
        let right = place % (shape.width / 2) * 2;
        // Both pixels of a column beyond the image are zero.
        let real = width.saturating_sub(right).min(2) * 2;
        for (corner, &first) in (0..).zip(&corners[..real]) {
            let four = pixels[first..][..channels].iter();
            for ((&value, largest), choice) in four.zip(&mut *largest).zip(&mut *choices) {
                // What is no number must not be lost.
                let better = value > *largest || value.is_nan();
                *largest = if better { value } else { *largest };
                *choice = if better { corner } else { *choice };
            }
        }
    }
}

/// The gradient of [`pool`]'s input from that of what it gave.
///
/// # Panics
/// When `choices` or `gradient` is not `[N, H / 2, W / 2, C]`.
pub fn unpool(shape: Shape, choices: &[u8], gradient: &[f32]) -> Vec<f32> {
    check(shape);
    for length in [choices.len(), gradient.len()] {
        assert_eq!(length, shape.all() / 4, "both are [N, H / 2, W / 2, C]");
    }
    let mut pixels = storage::list(shape.all());
    let size = shape.image().max(4);
    let images = gradient.chunks(size / 4).zip(choices.chunks(size / 4));
    let tasks: Vec<_> = images.zip(pixels.chunks_mut(size)).collect();
    parallel::each(tasks, |((gradient, choices), pixels)| {
        let channels = shape.channels;
        let places = gradient
            .chunks_exact(channels)
            .zip(choices.chunks_exact(channels));
        for (place, (gradient, choices)) in places.enumerate() {
            for (corner, first) in (0..).zip(corners(shape, place)) {
                let four = pixels[first..][..channels].iter_mut();
                for ((pixel, &gradient), &choice) in four.zip(gradient).zip(choices) {
                    *pixel = if choice == corner { gradient } else { 0.0 };
                }
            }
        }
    });
    pixels
}

/// Where in an image the four pixels are of which a place of the pooled image is the largest: the left column
/// first.
fn corners(shape: Shape, place: usize) -> [usize; 4] {
    let columns = shape.width / 2;
    let (y, x) = (place / columns * 2, place % columns * 2);
    let pixel = |y: usize, x: usize| (y * shape.width + x) * shape.channels;
    [
        pixel(y, x),
        pixel(y + 1, x),
        pixel(y, x + 1),
        pixel(y + 1, x + 1),
    ]
}

fn check(shape: Shape) {
    assert!(
        shape.height.is_multiple_of(2) && shape.width.is_multiple_of(2),
        "height and width are even"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::testing::random;
    use proptest::prelude::*;

    #[test]
    fn the_largest_counts_if_it_is_above_zero() {
        let shape = Shape {
            images: 1,
            height: 2,
            width: 4,
            channels: 1,
        };
        let pixels = [-1.0, 2.0, 5.0, 9.0, 2.0, 1.0, 5.0, 9.0];
        let (largest, choices) = pool(shape, &[3], &pixels);
        // Of the second four, the right column lies beyond the image.
        assert_eq!(largest, [2.0, 5.0]);
        assert_eq!(choices, [1, 0]);
        let back = unpool(shape, &choices, &[0.5, 0.25]);
        assert_eq!(back, [0.0, 0.0, 0.25, 0.0, 0.5, 0.0, 0.0, 0.0]);
        let (largest, choices) = pool(shape, &[1], &[-1.0; 8]);
        assert_eq!((largest, choices), (vec![0.0; 2], vec![NONE; 2]));
    }

    #[test]
    fn what_is_no_number_stays() {
        let shape = Shape {
            images: 1,
            height: 2,
            width: 2,
            channels: 1,
        };
        for place in 0..4 {
            let mut pixels = [1.0; 4];
            pixels[place] = f32::NAN;
            assert!(pool(shape, &[2], &pixels).0[0].is_nan());
        }
    }

    proptest! {
        #[test]
        fn each_place_has_the_largest_of_its_four(
            images in 0usize..4, height in 1usize..4, width in 1usize..4, channels in 1usize..5, real in 1usize..9,
        ) {
            let shape = Shape { images, height: 2 * height, width: 2 * width, channels };
            let widths: Vec<usize> = (0..images).map(|n| (real + n) % (2 * width) + 1).collect();
            let pixels = random(shape.all(), 1);
            let (largest, choices) = pool(shape, &widths, &pixels);
            let gradient = random(largest.len(), 2);
            let back = unpool(shape, &choices, &gradient);
            for (index, &found) in largest.iter().enumerate() {
                let (channel, x) = (index % channels, index / channels % width * 2);
                let (y, n) = (index / channels / width % height * 2, index / channels / width / height);
                let mut wanted = 0.0f32;
                let mut given = 0.0f32;
                for (y, x) in [(y, x), (y + 1, x), (y, x + 1), (y + 1, x + 1)] {
                    let place = ((n * shape.height + y) * shape.width + x) * channels + channel;
                    given += back[place];
                    if x < widths[n] {
                        wanted = wanted.max(pixels[place]);
                    }
                }
                prop_assert_eq!(found, wanted);
                prop_assert_eq!(given, if found > 0.0 { gradient[index] } else { 0.0 });
            }
        }
    }
}
