//! The window around each pixel as a row of its own, so that a convolution is one matrix product.

use std::ops::Range;

use super::Shape;
use kernels::{parallel, storage};

/// Rows and columns of a window.
pub const WINDOW: usize = 3;

/// A row of a window that lies, at least in part, within the image.
struct Line {
    /// The numbers of the window that it is, `WINDOW * C` of them, as a place in the list of all windows.
    window: usize,
    /// Which of these lie within the image.
    inside: Range<usize>,
    /// Where the first of those lies in the image.
    first: usize,
}

/// Each row of each window of one image.
fn lines(shape: Shape, mut each: impl FnMut(Line)) {
    let Shape {
        height,
        width,
        channels,
        ..
    } = shape;
    let size = WINDOW * channels;
    for y in 0..height {
        for x in 0..width {
            let left = if x == 0 { channels } else { 0 };
            let right = if x + 1 == width { channels } else { 0 };
            for row in 0..WINDOW {
                // The window begins a row above and a column before its pixel.
                let seen = (y + row).checked_sub(1).filter(|&seen| seen < height);
                let (inside, first) = match seen {
                    Some(seen) => (left..size - right, seen * width + x.saturating_sub(1)),
                    None => (0..0, 0),
                };
                each(Line {
                    window: ((y * width + x) * WINDOW + row) * size,
                    inside,
                    first: first * channels,
                });
            }
        }
    }
}

/// The window of 3 x 3 pixels around each pixel, `[N * H * W, 9 * C]`, row by row; zeros beyond the image.
///
/// # Panics
/// When `pixels` is not `[N, H, W, C]`.
pub fn unfold(shape: Shape, pixels: &[f32]) -> Vec<f32> {
    assert_eq!(pixels.len(), shape.all(), "pixels are [N, H, W, C]");
    let mut windows = storage::list(WINDOW * WINDOW * pixels.len());
    let size = shape.image().max(1);
    let images = windows.chunks_mut(WINDOW * WINDOW * size);
    let tasks = images.zip(pixels.chunks(size)).collect();
    parallel::each(tasks, |(windows, pixels): (&mut [f32], &[f32])| {
        lines(shape, |line| {
            let window = &mut windows[line.window..][..WINDOW * shape.channels];
            let Range { start, end } = line.inside;
            window[..start].fill(0.0);
            window[start..end].copy_from_slice(&pixels[line.first..][..end - start]);
            window[end..].fill(0.0);
        });
    });
    windows
}

/// The gradient of [`unfold`]'s input from that of what it gave.
///
/// # Panics
/// When `windows` is not `[N * H * W, 9 * C]`.
pub fn fold(shape: Shape, windows: &[f32]) -> Vec<f32> {
    let count = WINDOW * WINDOW * shape.all();
    assert_eq!(windows.len(), count, "windows are [N * H * W, 9 * C]");
    let mut pixels = storage::zeros(shape.all());
    let size = shape.image().max(1);
    let images = windows.chunks(WINDOW * WINDOW * size);
    let tasks = images.zip(pixels.chunks_mut(size)).collect();
    parallel::each(tasks, |(windows, pixels): (&[f32], &mut [f32])| {
        lines(shape, |line| {
            let window = &windows[line.window..][..WINDOW * shape.channels];
            let seen = &window[line.inside.clone()];
            let pixels = &mut pixels[line.first..][..seen.len()];
            pixels.iter_mut().zip(seen).for_each(|(sum, x)| *sum += x);
        });
    });
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::testing::random;
    use proptest::prelude::*;

    /// The same, number by number.
    fn plain(shape: Shape, pixels: &[f32]) -> Vec<f32> {
        let Shape {
            images,
            height,
            width,
            channels,
        } = shape;
        let at = |image: usize, y: usize, x: usize, channel: usize| {
            // One more than the pixel, so that nothing is below zero.
            let inside = (1..=height).contains(&y) && (1..=width).contains(&x);
            match inside {
                true => pixels[((image * height + y - 1) * width + x - 1) * channels + channel],
                false => 0.0,
            }
        };
        let mut windows = Vec::new();
        for place in 0..images * height * width {
            let (x, y, image) = (
                place % width,
                place / width % height,
                place / width / height,
            );
            for (row, column) in (0..9).map(|inner| (inner / 3, inner % 3)) {
                windows.extend((0..channels).map(|c| at(image, y + row, x + column, c)));
            }
        }
        windows
    }

    proptest! {
        #[test]
        fn windows_are_those_around_their_pixels(
            images in 0usize..4, height in 1usize..6, width in 1usize..6, channels in 1usize..5,
        ) {
            let shape = Shape { images, height, width, channels };
            let pixels = random(shape.all(), 1);
            let windows = unfold(shape, &pixels);
            prop_assert_eq!(&windows, &plain(shape, &pixels));
            // Folding is the transpose of unfolding: <unfold(p), g> = <p, fold(g)>.
            let gradient = random(windows.len(), 2);
            let dot = |a: &[f32], b: &[f32]| -> f64 {
                a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
            };
            let [one, other] = [dot(&windows, &gradient), dot(&pixels, &fold(shape, &gradient))];
            prop_assert!((one - other).abs() < 1e-4 * (1.0 + one.abs()), "{} {}", one, other);
        }
    }
}
