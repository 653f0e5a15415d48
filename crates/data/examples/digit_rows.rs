//! Makes rows of real digits for `configs/mnist.toml`: `cargo run -p data --example digit_rows -- DIGITS data/digits`.
//! DIGITS is a folder with the four files of MNIST, 28 x 28 digits, or the 8 x 8 digits of the UCI set "Optical
//! Recognition of Handwritten Digits", `digits.csv.gz` as scikit-learn has them. See `scripts/fetch-digits.sh`.
//!
//! No row of one part has a digit of another: test rows are of MNIST's own test digits, or of a fifth of the UCI set, and a
//! tenth of the digits are kept for validation rows. In training rows each digit is turned, sheared, stretched, warped
//! and written with more ink or less; of the UCI set, which is small, each is a mixture of two scans too.

use std::error::Error;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use data::image::Raster;
use flate2::read::GzDecoder;
use random::{Place, Purpose, Stream};

/// Rows and columns of a digit of MNIST, and how many of them are left out at each edge, where there is no ink.
const MNIST: usize = 28;
const MARGIN: usize = 2;
/// Rows and columns of a digit of the UCI set, and the most ink of a pixel.
const UCI: usize = 8;
const MOST: f32 = 16.0;
/// Rows of pixels of an image.
const HEIGHT: usize = 32;
const SEED: u64 = 1_998;

/// A digit as it was scanned: how much ink there is in each place, 0 to 1, on `side` rows of `side` columns.
struct Digit {
    side: usize,
    ink: Vec<f32>,
    label: u8,
}

/// A part of the corpus: its digits, and how many rows are made of them.
struct Part {
    name: &'static str,
    digits: Vec<Digit>,
    rows: usize,
    /// How far digits differ from their scans.
    variety: Variety,
}

#[derive(Clone, Copy, PartialEq)]
enum Variety {
    AsScanned,
    /// Turned, sheared, stretched and warped, with more ink or less.
    Distorted,
    /// Mixtures of two scans too, where there are few.
    Mixed,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, folder] = &arguments[..] else {
        return Err("usage: digit_rows DIGITS FOLDER".into());
    };
    let path = Path::new(file);
    let read = if path.is_dir() { mnist } else { uci };
    let parts = read(path).map_err(|error| format!("{file}: {error}"))?;
    for (number, part) in (1..).zip(parts) {
        let Part { name, rows, .. } = part;
        let folder = Path::new(folder);
        fs::create_dir_all(folder.join(name))?;
        let mut list = String::new();
        for row in 0..rows {
            let mut random = stream(number, row as u64);
            let (image, text) = draw(&part, &mut random);
            let path = format!("{name}/{row:06}.png");
            fs::write(folder.join(&path), image.png())?;
            writeln!(list, "{path}\t{text}")?;
        }
        fs::write(folder.join(format!("{name}.tsv")), list)?;
        eprintln!("{name}: {rows} rows of {} digits", part.digits.len());
    }
    Ok(())
}

fn stream(step: u64, index: u64) -> Stream {
    Stream::new(Place {
        seed: SEED,
        purpose: Purpose::Corpus,
        step,
        index,
    })
}

/// Test digits as LeCun and others have set them apart, and a tenth of the others for validation.
fn mnist(folder: &Path) -> Result<Vec<Part>, Box<dyn Error>> {
    let test = scans(folder, "t10k")?;
    let mut digits = scans(folder, "train")?;
    stream(0, 0).shuffle(&mut digits);
    let valid = digits.split_off(digits.len() - digits.len() / 10);
    Ok(parts(test, valid, digits, 120_000, Variety::Distorted))
}

/// The scans of one part of MNIST: a file of images, which begins with 16 bytes that say how many and how large they
/// are, and one of labels, which begins with 8.
fn scans(folder: &Path, part: &str) -> Result<Vec<Digit>, Box<dyn Error>> {
    let read = |name: String, magic: &[u8], begins: usize| -> Result<Vec<u8>, String> {
        let bytes = fs::read(folder.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        match bytes.len() >= begins && bytes.starts_with(magic) {
            true => Ok(bytes[begins..].to_vec()),
            false => Err(format!(
                "{name} is no file of MNIST; one that ends in .gz has to be unpacked first"
            )),
        }
    };
    let images = read(format!("{part}-images-idx3-ubyte"), &[0, 0, 8, 3], 16)?;
    let labels = read(format!("{part}-labels-idx1-ubyte"), &[0, 0, 8, 1], 8)?;
    if images.len() != labels.len() * MNIST * MNIST {
        return Err(format!("the images of {part} are not as many as its labels").into());
    }
    let side = MNIST - 2 * MARGIN;
    let scan = |(image, label): (&[u8], u8)| {
        let rows = image.chunks_exact(MNIST).skip(MARGIN).take(side);
        let ink = rows.flat_map(|row| &row[MARGIN..MNIST - MARGIN]);
        Digit {
            side,
            ink: ink.map(|&ink| f32::from(ink) / 255.0).collect(),
            label,
        }
    };
    let images = images.chunks_exact(MNIST * MNIST);
    Ok(images.zip(labels).map(scan).collect())
}

/// Lines of 64 numbers, 0 to 16, and the digit. A fifth of them for test, a tenth for validation.
fn uci(path: &Path) -> Result<Vec<Part>, Box<dyn Error>> {
    let mut text = String::new();
    GzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
    let mut digits = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let values: Vec<f32> = line.split(',').map(str::parse).collect::<Result<_, _>>()?;
        let Some((&label, ink)) = values.split_last() else {
            continue;
        };
        if ink.len() != UCI * UCI {
            return Err(format!("line {} has not 65 numbers", number + 1).into());
        }
        digits.push(Digit {
            side: UCI,
            ink: ink.iter().map(|ink| ink / MOST).collect(),
            label: label as u8,
        });
    }
    stream(0, 0).shuffle(&mut digits);
    let tenth = digits.len() / 10;
    let test = digits.split_off(digits.len() - 2 * tenth);
    let valid = digits.split_off(digits.len() - tenth);
    Ok(parts(test, valid, digits, 40_000, Variety::Mixed))
}

fn parts(
    test: Vec<Digit>,
    valid: Vec<Digit>,
    train: Vec<Digit>,
    rows: usize,
    variety: Variety,
) -> Vec<Part> {
    let part = |name, digits, rows, variety| Part {
        name,
        digits,
        rows,
        variety,
    };
    vec![
        part("test", test, 2_000, Variety::AsScanned),
        part("valid", valid, 1_000, Variety::AsScanned),
        part("train", train, rows, variety),
    ]
}

/// A row of 3 to 8 digits, and what it says.
fn draw(part: &Part, random: &mut Stream) -> (Raster, String) {
    let length = 3 + random.below(6);
    let size = random.uniform(20.0, 27.0);
    let gap = random.uniform(-3.0, 3.0);
    let mut text = String::new();
    let mut ink: Vec<[f32; HEIGHT]> = Vec::new();
    let mut left = random.uniform(2.0, 6.0);
    for _ in 0..length {
        let digit = &part.digits[random.below(part.digits.len() as u32) as usize];
        text.push(char::from(b'0' + digit.label));
        let top = (HEIGHT as f32 - size) / 2.0 + random.uniform(-2.0, 2.0);
        let hand = match part.variety {
            Variety::AsScanned => Hand::default(),
            _ => Hand::any(random),
        };
        let mixed = part.variety == Variety::Mixed;
        let mixed = mixed.then(|| digit.mixed(&part.digits, random));
        let digit = mixed.as_ref().unwrap_or(digit);
        let end = (left + 1.3 * size) as usize;
        ink.resize(ink.len().max(end), [0.0; HEIGHT]);
        for (x, column) in ink
            .iter_mut()
            .enumerate()
            .skip((left - 0.3 * size).max(0.0) as usize)
        {
            for (y, value) in column.iter_mut().enumerate() {
                // From the middle of the digit, in parts of it.
                let right = (x as f32 + 0.5 - left) / size - 0.5;
                let down = (y as f32 + 0.5 - top) / size - 0.5;
                *value = value.max(hand.ink(digit, right, down));
            }
        }
        left += size + gap + random.uniform(-1.0, 1.0);
    }
    let width = (left - gap + 2.0).ceil() as usize;
    ink.resize(width, [0.0; HEIGHT]);
    let image = Raster::grey(width, HEIGHT, |x, y| {
        255 - (ink[x][y] * 255.0).round() as u8
    });
    (image, text)
}

/// How a digit is written, beside how it was.
#[derive(Default)]
struct Hand {
    turn: f32,
    shear: f32,
    wide: f32,
    high: f32,
    /// How far the places of a grid over the digit are moved, to the right and down, in parts of it.
    warp: [[[f32; 2]; 3]; 3],
    /// The ink's exponent is `2^pressure`.
    pressure: f32,
}

impl Hand {
    fn any(random: &mut Stream) -> Self {
        let mut about = |most: f32| random.uniform(-most, most);
        Self {
            turn: about(0.2),
            shear: about(0.2),
            wide: about(0.15),
            high: about(0.15),
            warp: [[[0.0; 2]; 3]; 3].map(|row| row.map(|place| place.map(|_| about(0.06)))),
            pressure: about(0.6),
        }
    }

    /// The ink of `digit` at a place, from its middle in parts of it.
    fn ink(&self, digit: &Digit, right: f32, down: f32) -> f32 {
        let right = (right + self.shear * down - self.turn * down) / (1.0 + self.wide);
        let down = (down + self.turn * right) / (1.0 + self.high);
        let (column, row) = (2.0 * right + 1.0, 2.0 * down + 1.0);
        let (mut x, mut y) = (right + 0.5, down + 0.5);
        for (i, places) in self.warp.iter().enumerate() {
            for (j, place) in places.iter().enumerate() {
                let near = |at: f32, place: usize| (1.0 - (at - place as f32).abs()).max(0.0);
                let weight = near(row, i) * near(column, j);
                x += weight * place[0];
                y += weight * place[1];
            }
        }
        let side = digit.side as f32;
        digit.at(x * side, y * side).powf(self.pressure.exp2())
    }
}

impl Digit {
    /// This scan with some of another of the same digit in it.
    fn mixed(&self, digits: &[Self], random: &mut Stream) -> Self {
        let others: Vec<&Self> = digits
            .iter()
            .filter(|other| other.label == self.label)
            .collect();
        let other = others[random.below(others.len() as u32) as usize];
        let share = random.uniform(0.0, 0.5);
        let mix = |place: usize| (1.0 - share) * self.ink[place] + share * other.ink[place];
        Self {
            side: self.side,
            ink: (0..self.ink.len()).map(mix).collect(),
            label: self.label,
        }
    }

    /// The ink at a place, between the middles of its pixels.
    fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - 0.5, y - 0.5);
        let pixel = |x: f32, y: f32| {
            let inside = |at: f32| (0.0..self.side as f32).contains(&at);
            match inside(x) && inside(y) {
                true => self.ink[y as usize * self.side + x as usize],
                false => 0.0,
            }
        };
        let (right, down) = (x - x.floor(), y - y.floor());
        let line = |y: f32| (1.0 - right) * pixel(x.floor(), y) + right * pixel(x.floor() + 1.0, y);
        (1.0 - down) * line(y.floor()) + down * line(y.floor() + 1.0)
    }
}
