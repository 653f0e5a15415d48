//! Who writes a row: a hand, a pen, habits and paper.

use std::f32::consts::TAU;

use random::Stream;

use super::glyphs::{GLYPHS, Glyph, Point, path};
use super::ink::Ink;
use crate::Image;

/// Rows of pixels of every image.
pub(super) const HEIGHT: usize = 32;

/// How one person writes, and on what.
#[derive(Debug)]
pub(super) struct Writer {
    /// Columns to the right for each row up.
    slant: f32,
    /// The height of a digit in pixels.
    size: f32,
    /// How wide a digit is for its height.
    proportion: f32,
    /// Half the thickness of the pen.
    radius: f32,
    /// Pixels between digits.
    gap: f32,
    /// Rows up for each column: the base line.
    rise: f32,
    /// How far the hand strays, in parts of a digit.
    unrest: f32,
    /// The way in which each digit is written, most of the time.
    habits: [u32; 10],
    /// The grey of the paper at the left and at the right, and of the ink.
    paper: [f32; 2],
    ink: f32,
    /// How far ink runs.
    blur: f32,
    /// How uneven the paper is.
    grain: f32,
    /// How strong the line is that the paper has, if any.
    ruling: f32,
}

/// About normal, with this standard deviation: the sum of three numbers.
fn around(random: &mut Stream, deviation: f32) -> f32 {
    let sum: f32 = (0..3).map(|_| random.unit()).sum();
    2.0 * deviation * (sum - 1.5)
}

impl Writer {
    /// Anybody.
    pub(super) fn draw(random: &mut Stream) -> Self {
        let left = random.uniform(175.0, 255.0);
        Self {
            slant: 0.12 + around(random, 0.2),
            size: random.uniform(17.0, 26.0),
            proportion: random.uniform(0.42, 0.78),
            radius: random.uniform(0.55, 1.5),
            gap: random.uniform(0.5, 7.0),
            rise: around(random, 0.025),
            unrest: random.uniform(0.006, 0.03),
            habits: std::array::from_fn(|_| random.bits()),
            paper: [left, (left + around(random, 12.0)).min(255.0)],
            ink: random.uniform(0.0, 95.0),
            blur: random.uniform(0.0, 0.5),
            grain: random.uniform(1.0, 9.0),
            ruling: match random.below(6) {
                0 => random.uniform(0.08, 0.3),
                _ => 0.0,
            },
        }
    }

    /// The image of a row.
    pub(super) fn write(&self, digits: &[usize], random: &mut Stream) -> Image {
        let mut strokes = Vec::new();
        let start = random.uniform(3.0, 8.0);
        let mut end = start - self.gap;
        for &digit in digits {
            let glyph = self.glyph(digit, random);
            let left = end + (self.gap + around(random, 1.0)).max(-0.5);
            end = left;
            for (path, radii) in self.pen(glyph, random) {
                let path: Vec<Point> = path.iter().map(|&[x, y]| [x + left, y]).collect();
                let right = path.iter().map(|point| point[0]).fold(end, f32::max);
                end = right;
                strokes.push((path, radii));
            }
        }
        let width = (end + random.uniform(3.0, 8.0)).ceil().max(1.0) as usize;
        let middle = HEIGHT as f32 / 2.0 + around(random, 1.0);
        let mut ink = Ink::new(width, HEIGHT);
        for (path, radii) in &mut strokes {
            for [x, y] in path.iter_mut() {
                *y += middle - self.rise * (*x - width as f32 / 2.0);
            }
            ink.draw(path, *radii);
        }
        self.on_paper(&ink, width, middle, random)
    }

    /// How this digit is written now: by habit, or for once in another way.
    fn glyph(&self, digit: usize, random: &mut Stream) -> Glyph {
        let ways = GLYPHS[digit];
        let habit = match random.below(8) {
            0 => random.bits(),
            _ => self.habits[digit],
        };
        ways[habit as usize % ways.len()]
    }

    /// Where the pen goes for a digit, its left edge at 0 and its middle at height 0, and how thick it is
    /// at the beginning and the end of each stroke.
    fn pen(&self, glyph: Glyph, random: &mut Stream) -> Vec<(Vec<Point>, [f32; 2])> {
        let height = self.size * (1.0 + around(random, 0.05));
        let width = height * self.proportion * (1.0 + around(random, 0.08));
        let slant = self.slant + around(random, 0.05);
        let (sine, cosine) = around(random, 0.05).sin_cos();
        let lift = around(random, 0.7);
        // The hand strays slowly, so that strokes which meet still do.
        let waves: [f32; 8] = std::array::from_fn(|_| random.unit());
        let wave = |at: f32, first: usize| {
            let [pace, phase] = [0.6 + 0.9 * waves[first], waves[first + 1]];
            (TAU * (pace * at + phase)).sin()
        };
        let stray = 2.0 * self.unrest;
        let place = |[x, y]: Point| {
            let x = x + stray * (wave(y, 0) + wave(x, 2));
            let y = y + stray * (wave(x, 4) + wave(y, 6));
            let [x, y] = [(x - 0.5) * width, (y - 0.5) * height];
            let x = x - slant * y;
            [x * cosine - y * sine, x * sine + y * cosine + lift]
        };
        let mut strokes = Vec::with_capacity(glyph.len());
        for stroke in glyph {
            let mut drawn = path(stroke, place);
            // No end is met quite.
            if let [first, .., last] = &mut drawn[..] {
                for end in [first, last] {
                    for at in end {
                        *at += around(random, self.unrest * self.size);
                    }
                }
            }
            let radii = [1, 2].map(|_| self.radius * (1.0 + around(random, 0.12)));
            strokes.push((drawn, radii));
        }
        let points = strokes.iter().flat_map(|(path, _)| path);
        let left = points.map(|point| point[0]).fold(f32::INFINITY, f32::min);
        for (path, _) in &mut strokes {
            path.iter_mut().for_each(|point| point[0] -= left);
        }
        strokes
    }

    /// The sheet as a scanner sees it.
    fn on_paper(&self, ink: &Ink, width: usize, middle: f32, random: &mut Stream) -> Image {
        let [left, right] = self.paper;
        let rule = (middle + 0.55 * self.size) as usize;
        let mut pixels = Vec::with_capacity(width * HEIGHT);
        for y in 0..HEIGHT {
            let line = if y == rule { self.ruling } else { 0.0 };
            for x in 0..width {
                let paper = left + (right - left) * x as f32 / width as f32;
                let covered = ink.blurred(x, y, self.blur).max(line);
                let grey = paper + (self.ink - paper) * covered + around(random, self.grain);
                // The conversion ends at 0 and 255.
                pixels.push((grey + 0.5) as u8);
            }
        }
        Image {
            width,
            height: HEIGHT,
            pixels,
        }
    }
}
