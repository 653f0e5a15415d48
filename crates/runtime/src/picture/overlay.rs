//! The weights of one token over an image.

use data::image::Raster;

use super::ImageView;

/// Colour that the largest weight gives to paper.
const COLOUR: [f32; 3] = [255.0, 106.0, 0.0];
/// How much of it the largest weight takes.
const STRONGEST: f32 = 0.9;

/// The image `scale` times as large, dark on light, coloured by `weights`, which are those of the places of its
/// grid in reading order: the largest of them colours most, and ink stays dark under any. Between the middles of
/// places the colour goes over from one to the next. Without weights, the image alone.
pub(super) fn panel(view: &ImageView, weights: &[f32], scale: usize) -> Raster {
    let largest = weights.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    // How much of the grid one pixel of the panel is: the last places may reach beyond the image.
    let side = |pixels: usize, places: usize| {
        (pixels.div_ceil(places.max(1))).next_power_of_two() as f32 * scale as f32
    };
    let step = [side(view.width, view.columns), side(view.height, view.rows)];
    let weight = |x: usize, y: usize| {
        if weights.len() != view.rows * view.columns {
            return 0.0;
        }
        let [column, row] =
            [(x, step[0]), (y, step[1])].map(|(at, step)| (at as f32 + 0.5) / step - 0.5);
        between(row, view.rows, |row| {
            between(column, view.columns, |column| {
                weights[row * view.columns + column]
            })
        })
    };
    let (width, height) = (view.width * scale, view.height * scale);
    Raster::colour(width, height, |x, y| {
        let place = y / scale * view.width + x / scale;
        let light = 255.0 - f32::from(view.pixels[place]);
        let share = STRONGEST * weight(x, y) / largest;
        COLOUR.map(|colour| (light * (1.0 - share + share * colour / 255.0)).round() as u8)
    })
}

/// The value at the place `at` between those of whole places, of which there are `count`.
fn between(at: f32, count: usize, value: impl Fn(usize) -> f32) -> f32 {
    let at = at.clamp(0.0, count.saturating_sub(1) as f32);
    let (low, share) = (at.floor(), at.fract());
    let low = low as usize;
    let high = (low + 1).min(count.saturating_sub(1));
    (1.0 - share) * value(low) + share * value(high)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A blank image with a grid of places of 8 x 8 pixels.
    pub(in super::super) fn view(width: usize, height: usize) -> ImageView {
        ImageView {
            name: "a&b.png".into(),
            height,
            width,
            rows: height.div_ceil(8),
            columns: width.div_ceil(8),
            pixels: vec![0; width * height],
        }
    }

    #[test]
    fn colour_is_where_the_weight_is_and_ink_stays_dark() {
        let mut view = view(20, 16);
        view.pixels[4 * 20 + 12] = 255;
        let mut weights = vec![0.0; 6];
        weights[1] = 0.4;
        let mut panel = panel(&view, &weights, 2);
        assert_eq!((panel.width, panel.height), (40, 32));
        // The middle of the second place of the first row, beside the ink.
        let [red, green, blue] = *panel.pixel(23, 7) else {
            panic!("three channels");
        };
        assert!(
            red > 230 && green < 150 && blue < 60,
            "{red} {green} {blue}"
        );
        assert_eq!(panel.pixel(24, 8), [0; 3]);
        for corner in [(0, 0), (39, 31), (0, 31)] {
            assert_eq!(panel.pixel(corner.0, corner.1), [255; 3]);
        }
    }

    #[test]
    fn without_weights_there_is_the_image_alone() {
        let mut view = view(9, 3);
        view.pixels[0] = 55;
        let mut panel = panel(&view, &[], 1);
        assert_eq!(panel.pixel(0, 0), [200; 3]);
        assert_eq!(panel.pixel(8, 2), [255; 3]);
    }

    #[test]
    fn values_go_over_into_each_other() {
        let value = |place: usize| [1.0, 3.0][place];
        let found = [-1.0, 0.0, 0.25, 0.5, 1.0, 7.0].map(|at| between(at, 2, value));
        assert_eq!(found, [1.0, 1.0, 1.5, 2.0, 3.0, 3.0]);
    }
}
