//! Ink that a pen leaves on paper.

use super::glyphs::Point;

/// Ink on a sheet: 0 for none, 1 for all that there can be, row-major.
#[derive(Debug)]
pub(super) struct Ink {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Ink {
    /// A blank sheet.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            values: vec![0.0; width * height],
        }
    }

    /// Draws along `path` with a round pen whose radius goes from the first of `radii` to the second.
    pub(super) fn draw(&mut self, path: &[Point], radii: [f32; 2]) {
        let segments = path.len().saturating_sub(1).max(1) as f32;
        for (index, ends) in path.windows(2).enumerate() {
            let along = index as f32 / segments;
            let radius = radii[0] + along * (radii[1] - radii[0]);
            self.segment(ends[0], ends[1], radius);
        }
    }

    /// A straight piece; its edges are as soft as those of an image that was scaled down.
    fn segment(&mut self, from: Point, to: Point, radius: f32) {
        let reach = radius + 1.0;
        // Whole pixels around the piece; the conversion ends at 0.
        let span = |axis: usize, size: usize| {
            let low = (from[axis].min(to[axis]) - reach).floor() as usize;
            let high = (from[axis].max(to[axis]) + reach).ceil() as usize + 1;
            low.min(size)..high.min(size)
        };
        let along = [to[0] - from[0], to[1] - from[1]];
        let squared = (along[0] * along[0] + along[1] * along[1]).max(1e-9);
        for y in span(1, self.height) {
            for x in span(0, self.width) {
                let off = [x as f32 + 0.5 - from[0], y as f32 + 0.5 - from[1]];
                let nearest = ((off[0] * along[0] + off[1] * along[1]) / squared).clamp(0.0, 1.0);
                let off = [off[0] - nearest * along[0], off[1] - nearest * along[1]];
                let distance = (off[0] * off[0] + off[1] * off[1]).sqrt();
                let covered = (radius + 0.5 - distance).clamp(0.0, 1.0);
                let value = &mut self.values[y * self.width + x];
                *value = value.max(covered);
            }
        }
    }

    /// The ink at a place.
    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    /// The ink at a place with a `share` of it run into the places beside it.
    pub(super) fn blurred(&self, x: usize, y: usize, share: f32) -> f32 {
        let [left, right] = [x.saturating_sub(1), (x + 1).min(self.width - 1)];
        let [above, below] = [y.saturating_sub(1), (y + 1).min(self.height - 1)];
        let beside = [(left, y), (right, y), (x, above), (x, below)];
        let around: f32 = beside.map(|(x, y)| self.at(x, y)).iter().sum();
        (1.0 - share) * self.at(x, y) + 0.25 * share * around
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_thick_as_its_pen() {
        let mut ink = Ink::new(20, 9);
        ink.draw(&[[3.0, 4.5], [17.0, 4.5]], [1.5, 1.5]);
        for (y, wanted) in [(1, 0.0), (3, 1.0), (4, 1.0), (5, 1.0), (7, 0.0)] {
            assert_eq!(ink.at(10, y), wanted, "{y}");
        }
        assert_eq!(ink.at(0, 4), 0.0);
        assert_eq!(ink.blurred(10, 4, 0.4), 1.0);
        assert!((ink.blurred(10, 6, 0.4) - 0.1).abs() < 1e-6);
    }

    #[test]
    fn what_is_beyond_the_sheet_is_lost() {
        let mut ink = Ink::new(4, 4);
        ink.draw(&[[-30.0, -30.0], [-20.0, 90.0], [90.0, 90.0]], [2.0, 1.0]);
        assert!((0..16).all(|place| ink.at(place % 4, place / 4) == 0.0));
    }
}
