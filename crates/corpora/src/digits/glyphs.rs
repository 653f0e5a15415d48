//! The shapes of digits: where the pen goes.
//!
//! A digit is written in a box from (0, 0) at the upper left to (1, 1) at the lower right.

/// A place in the box: to the right, and down.
pub(super) type Point = [f32; 2];

/// A stroke: one movement of the pen without lifting it.
pub(super) enum Stroke {
    /// Straight from point to point.
    Straight(&'static [Point]),
    /// In one curve through all points.
    Curved(&'static [Point]),
}

use Stroke::{Curved, Straight};

/// One way to write a digit.
pub(super) type Glyph = &'static [Stroke];

/// The ways to write each digit.
#[rustfmt::skip]
pub(super) const GLYPHS: [&[Glyph]; 10] = [
    &[
        &[Curved(&[
            [0.56, 0.02], [0.2, 0.16], [0.05, 0.52], [0.18, 0.88], [0.5, 1.0], [0.82, 0.86],
            [0.95, 0.5], [0.82, 0.13], [0.52, 0.01], [0.38, 0.06],
        ])],
        &[Curved(&[
            [0.5, 0.0], [0.26, 0.2], [0.2, 0.56], [0.32, 0.92], [0.54, 1.0], [0.76, 0.8],
            [0.8, 0.42], [0.68, 0.1], [0.47, 0.0],
        ])],
        &[Curved(&[
            [0.62, 0.06], [0.3, 0.05], [0.08, 0.4], [0.1, 0.8], [0.45, 1.0], [0.85, 0.8],
            [0.93, 0.4], [0.72, 0.07], [0.52, 0.12],
        ])],
    ],
    &[
        &[Straight(&[[0.52, 0.0], [0.5, 1.0]])],
        &[Straight(&[[0.22, 0.27], [0.55, 0.0], [0.54, 1.0]])],
        &[
            Straight(&[[0.25, 0.25], [0.52, 0.0], [0.52, 1.0]]),
            Straight(&[[0.2, 1.0], [0.86, 0.99]]),
        ],
        &[Curved(&[[0.56, 0.0], [0.52, 0.5], [0.44, 1.0]])],
    ],
    &[
        &[
            Curved(&[
                [0.1, 0.26], [0.3, 0.03], [0.65, 0.02], [0.85, 0.25], [0.7, 0.52], [0.36, 0.8],
                [0.05, 1.0],
            ]),
            Straight(&[[0.05, 1.0], [0.95, 0.97]]),
        ],
        &[Curved(&[
            [0.08, 0.22], [0.4, 0.0], [0.82, 0.15], [0.75, 0.5], [0.36, 0.85], [0.12, 0.98],
            [0.08, 0.86], [0.28, 0.8], [0.6, 0.95], [0.98, 0.94],
        ])],
        &[
            Curved(&[
                [0.12, 0.14], [0.5, 0.0], [0.86, 0.12], [0.8, 0.36], [0.42, 0.72], [0.06, 0.99],
            ]),
            Curved(&[[0.06, 0.99], [0.5, 0.93], [0.96, 1.0]]),
        ],
    ],
    &[
        &[
            Curved(&[[0.12, 0.13], [0.45, 0.0], [0.8, 0.15], [0.74, 0.37], [0.4, 0.47]]),
            Curved(&[[0.4, 0.47], [0.8, 0.57], [0.88, 0.8], [0.55, 1.0], [0.1, 0.89]]),
        ],
        &[
            Straight(&[[0.12, 0.03], [0.85, 0.02], [0.42, 0.4]]),
            Curved(&[[0.42, 0.4], [0.82, 0.5], [0.88, 0.78], [0.52, 1.0], [0.08, 0.88]]),
        ],
        &[Curved(&[
            [0.1, 0.15], [0.5, 0.0], [0.82, 0.2], [0.56, 0.45], [0.36, 0.49], [0.52, 0.5],
            [0.86, 0.66], [0.75, 0.94], [0.4, 1.0], [0.08, 0.86],
        ])],
    ],
    &[
        &[
            Straight(&[[0.32, 0.0], [0.08, 0.6], [0.96, 0.6]]),
            Straight(&[[0.7, 0.26], [0.66, 1.0]]),
        ],
        &[Straight(&[[0.72, 1.0], [0.72, 0.0], [0.05, 0.68], [0.98, 0.67]])],
        &[
            Curved(&[[0.16, 0.02], [0.1, 0.3], [0.2, 0.5], [0.5, 0.52], [0.8, 0.44]]),
            Straight(&[[0.84, 0.02], [0.72, 1.0]]),
        ],
    ],
    &[
        &[
            Straight(&[[0.86, 0.02], [0.25, 0.04], [0.18, 0.46]]),
            Curved(&[[0.18, 0.46], [0.5, 0.37], [0.85, 0.52], [0.86, 0.8], [0.5, 1.0], [0.08, 0.9]]),
        ],
        &[Curved(&[
            [0.9, 0.03], [0.52, 0.03], [0.27, 0.08], [0.2, 0.3], [0.32, 0.42], [0.7, 0.48],
            [0.88, 0.72], [0.6, 0.98], [0.1, 0.92],
        ])],
        &[
            Curved(&[
                [0.25, 0.08], [0.2, 0.43], [0.55, 0.4], [0.87, 0.62], [0.7, 0.95], [0.35, 1.0],
                [0.08, 0.88],
            ]),
            Straight(&[[0.25, 0.06], [0.92, 0.0]]),
        ],
    ],
    &[
        &[Curved(&[
            [0.75, 0.02], [0.36, 0.2], [0.1, 0.6], [0.2, 0.92], [0.55, 1.0], [0.86, 0.82],
            [0.76, 0.56], [0.45, 0.51], [0.15, 0.7],
        ])],
        &[Curved(&[
            [0.55, 0.0], [0.26, 0.35], [0.1, 0.7], [0.3, 0.98], [0.7, 0.95], [0.85, 0.72],
            [0.6, 0.55], [0.3, 0.62], [0.13, 0.8],
        ])],
        &[Curved(&[
            [0.86, 0.13], [0.56, 0.0], [0.2, 0.25], [0.1, 0.65], [0.3, 0.97], [0.7, 0.95],
            [0.8, 0.7], [0.5, 0.56], [0.18, 0.72],
        ])],
    ],
    &[
        &[Straight(&[[0.08, 0.04], [0.92, 0.02], [0.4, 1.0]])],
        &[
            Straight(&[[0.08, 0.04], [0.92, 0.02], [0.4, 1.0]]),
            Straight(&[[0.3, 0.52], [0.84, 0.48]]),
        ],
        &[
            Curved(&[[0.05, 0.16], [0.14, 0.04], [0.5, 0.06], [0.92, 0.02]]),
            Curved(&[[0.92, 0.02], [0.62, 0.45], [0.46, 1.0]]),
        ],
        &[
            Straight(&[[0.1, 0.2], [0.1, 0.03], [0.92, 0.03]]),
            Curved(&[[0.92, 0.03], [0.56, 0.5], [0.48, 1.0]]),
        ],
    ],
    &[
        &[Curved(&[
            [0.8, 0.14], [0.5, 0.0], [0.2, 0.16], [0.35, 0.4], [0.7, 0.6], [0.85, 0.82],
            [0.5, 1.0], [0.14, 0.82], [0.32, 0.58], [0.68, 0.38], [0.82, 0.16], [0.64, 0.02],
        ])],
        &[
            Curved(&[
                [0.5, 0.46], [0.22, 0.3], [0.3, 0.05], [0.6, 0.0], [0.8, 0.2], [0.5, 0.46],
            ]),
            Curved(&[
                [0.5, 0.46], [0.12, 0.65], [0.2, 0.93], [0.55, 1.0], [0.88, 0.8], [0.75, 0.55],
                [0.5, 0.46],
            ]),
        ],
        &[Curved(&[
            [0.82, 0.1], [0.45, 0.0], [0.18, 0.2], [0.45, 0.45], [0.82, 0.7], [0.65, 0.98],
            [0.25, 0.95], [0.18, 0.72], [0.5, 0.45], [0.88, 0.08],
        ])],
    ],
    &[
        &[
            Curved(&[
                [0.86, 0.2], [0.6, 0.0], [0.2, 0.1], [0.12, 0.36], [0.4, 0.52], [0.75, 0.4],
                [0.86, 0.13],
            ]),
            Straight(&[[0.86, 0.13], [0.78, 1.0]]),
        ],
        &[Curved(&[
            [0.85, 0.22], [0.55, 0.0], [0.18, 0.15], [0.2, 0.42], [0.55, 0.5], [0.83, 0.26],
            [0.86, 0.14], [0.86, 0.5], [0.75, 0.85], [0.4, 1.0], [0.12, 0.92],
        ])],
        &[
            Curved(&[
                [0.8, 0.1], [0.45, 0.0], [0.15, 0.22], [0.35, 0.48], [0.7, 0.42], [0.82, 0.12],
            ]),
            Curved(&[[0.82, 0.12], [0.75, 0.55], [0.5, 1.0]]),
        ],
    ],
];

/// The points where the pen of a stroke goes, close together.
pub(super) fn path(stroke: &Stroke, place: impl Fn(Point) -> Point) -> Vec<Point> {
    match stroke {
        Straight(points) => points.iter().map(|&point| place(point)).collect(),
        Curved(points) => {
            let points: Vec<Point> = points.iter().map(|&point| place(point)).collect();
            curve(&points)
        }
    }
}

/// Points on a curve between two given ones.
const BETWEEN: usize = 6;

/// A curve through all `points` (Catmull and Rom 1974).
fn curve(points: &[Point]) -> Vec<Point> {
    let at = |index: usize| points[index.min(points.len() - 1)];
    let mut path = Vec::with_capacity(points.len() * BETWEEN);
    for index in 0..points.len().saturating_sub(1) {
        let [before, from, to, after] = [
            at(index.saturating_sub(1)),
            at(index),
            at(index + 1),
            at(index + 2),
        ];
        for step in 0..BETWEEN {
            let t = step as f32 / BETWEEN as f32;
            let weights = [
                -0.5 * t + t * t - 0.5 * t * t * t,
                1.0 - 2.5 * t * t + 1.5 * t * t * t,
                0.5 * t + 2.0 * t * t - 1.5 * t * t * t,
                -0.5 * t * t + 0.5 * t * t * t,
            ];
            let mix = |axis: usize| {
                let all = [before, from, to, after].into_iter().zip(weights);
                all.map(|(point, weight)| point[axis] * weight).sum()
            };
            path.push([mix(0), mix(1)]);
        }
    }
    path.extend(points.last());
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_go_through_their_points() {
        let points = [[0.0, 0.0], [0.5, 1.0], [1.0, 0.25]];
        let path = curve(&points);
        assert_eq!(path.len(), 2 * BETWEEN + 1);
        for (place, point) in points.iter().enumerate() {
            assert_eq!(path[place * BETWEEN], *point);
        }
        assert!(curve(&[]).is_empty());
    }

    #[test]
    fn digits_fill_their_boxes_from_top_to_bottom() {
        for (digit, glyphs) in GLYPHS.iter().enumerate() {
            for glyph in *glyphs {
                let strokes = glyph.iter();
                let points: Vec<Point> = strokes.flat_map(|one| path(one, |point| point)).collect();
                let heights = points.iter().map(|point| point[1]);
                let (top, bottom) = heights.fold((1.0f32, 0.0f32), |(top, bottom), y| {
                    (top.min(y), bottom.max(y))
                });
                assert!(top < 0.06 && bottom > 0.94, "{digit}: {top} {bottom}");
                let inside = |point: &Point| point.iter().all(|at| (-0.1..=1.1).contains(at));
                assert!(points.iter().all(inside), "{digit}");
            }
        }
    }
}
