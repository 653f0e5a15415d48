//! Decodes PNM images: `.pgm` and `.ppm`, as numbers or as bytes.

use std::io::BufRead;

use super::problem::ImageProblem;
use super::raster::Raster;

/// Whether a file that begins so is one.
pub(super) fn is_one(head: &[u8]) -> bool {
    matches!(head, [b'P', b'2' | b'3' | b'5' | b'6', ..])
}

/// Decodes a whole file, whose dimensions `check` has to accept before memory is taken.
pub(super) fn decode(
    mut file: impl BufRead,
    check: impl Fn(usize, usize) -> Result<(), ImageProblem>,
) -> Result<Raster, ImageProblem> {
    let mut magic = [0; 2];
    file.read_exact(&mut magic).map_err(ended)?;
    let (channels, bytes) = match &magic {
        b"P2" => (1, false),
        b"P3" => (3, false),
        b"P5" => (1, true),
        b"P6" => (3, true),
        _ => return Err(ImageProblem::Content),
    };
    let [width, height, most] = [number(&mut file)?, number(&mut file)?, number(&mut file)?];
    check(width, height)?;
    if !(1..=65_535).contains(&most) {
        return Err(damaged("its largest value is not from 1 to 65535"));
    }
    let count = width * height * channels;
    let scaled = |value: usize| (value.min(most) * 255 + most / 2) / most;
    let mut pixels = Vec::with_capacity(count);
    if bytes {
        let each = if most > 255 { 2 } else { 1 };
        let mut content = vec![0; count * each];
        file.read_exact(&mut content).map_err(ended)?;
        let values = content.chunks_exact(each);
        let value = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte))
        };
        pixels.extend(values.map(|bytes| scaled(value(bytes)) as u8));
    } else {
        for _ in 0..count {
            pixels.push(scaled(number(&mut file)?) as u8);
        }
    }
    Ok(Raster {
        width,
        height,
        channels,
        pixels,
    })
}

/// The next number, and the one byte of white space behind it; comments go from `#` to the end of their line.
fn number(file: &mut impl BufRead) -> Result<usize, ImageProblem> {
    let mut value: Option<usize> = None;
    let mut comment = false;
    loop {
        let mut byte = [0];
        match file.read(&mut byte) {
            Ok(0) => return value.ok_or_else(|| damaged("it ends early")),
            Ok(_) => {}
            Err(cause) => return Err(ImageProblem::Unreadable(cause)),
        }
        match byte[0] {
            b'\n' | b'\r' => comment = false,
            _ if comment => continue,
            b'#' => comment = true,
            digit @ b'0'..=b'9' => {
                let more = value.unwrap_or(0).saturating_mul(10);
                value = Some(more.saturating_add(usize::from(digit - b'0')));
                continue;
            }
            space if space.is_ascii_whitespace() => {}
            _ => return Err(damaged("a number is expected where there is none")),
        }
        if !comment && let Some(value) = value {
            return Ok(value);
        }
    }
}

fn damaged(what: &str) -> ImageProblem {
    ImageProblem::Damaged(what.into())
}

fn ended(cause: std::io::Error) -> ImageProblem {
    match cause.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged("it ends early"),
        _ => ImageProblem::Unreadable(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Result<Raster, String> {
        decode(bytes, |_, _| Ok(())).map_err(|problem| problem.to_string())
    }

    #[test]
    fn numbers_and_bytes_say_the_same() {
        let wanted = Raster::grey(2, 2, |x, y| [0, 85, 170, 255][2 * y + x]);
        let files: [&[u8]; 3] = [
            b"P2\n# a comment 7\n2 2 #\n3\n0 1\n2 3\n",
            b"P5 2 2 3\n\x00\x01\x02\x03",
            b"P5\r2\n2\t65535\n\x00\x00\x55\x55\xaa\xaa\xff\xff",
        ];
        for file in files {
            assert_eq!(of(file).as_ref(), Ok(&wanted), "{file:?}");
        }
        let colour = of(b"P6 1 1 255\nabc").unwrap();
        assert_eq!(colour, Raster::colour(1, 1, |_, _| *b"abc"));
        assert_eq!(of(b"P3 1 1 255 97 98 99"), Ok(colour));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (file, words) in [
            (&b"P5 2 2 255\nabc"[..], "ends early"),
            (b"P5 2", "ends early"),
            (b"P5 x", "a number is expected"),
            (b"P2 1 1 0 0", "largest value"),
        ] {
            let message = of(file).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
