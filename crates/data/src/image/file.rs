//! Decodes an image file.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::problem::ImageProblem;

/// How the names of images end, in lower case.
pub(super) const ENDINGS: [&str; 6] = [".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pbm"];

/// Images with more pixels are not decoded: a small file may hold very many.
pub(super) const MOST_PIXELS: u64 = 40_000_000;

/// Whether `name` ends like that of an image.
pub(super) fn is_named_like_one(name: &str) -> bool {
    let name = name.to_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The pixels of the file at `path`, turned upright where the file says how it was held. Its content, not
/// its name, says what format it has.
pub(super) fn decode(path: &Path) -> Result<DynamicImage, ImageProblem> {
    let file = File::open(path).map_err(sorted)?;
    if file.metadata().map_err(sorted)?.is_dir() {
        return Err(ImageProblem::Folder);
    }
    let reader = ImageReader::new(BufReader::new(file));
    let reader = reader.with_guessed_format().map_err(sorted)?;
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Pnm];
    if !reader
        .format()
        .is_some_and(|format| known.contains(&format))
    {
        return Err(ImageProblem::Content);
    }
    let damaged = |error: image::ImageError| ImageProblem::Damaged(error.to_string());
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(ImageProblem::Empty { width, height });
    }
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(ImageProblem::TooLarge { width, height });
    }
    // Metadata that cannot be read does not make the pixels worse.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Sorts what the system says.
fn sorted(cause: io::Error) -> ImageProblem {
    match cause.kind() {
        io::ErrorKind::NotFound => ImageProblem::Missing,
        io::ErrorKind::IsADirectory => ImageProblem::Folder,
        _ => ImageProblem::Unreadable(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::tests::file;
    use image::{GrayImage, Luma};

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let image = GrayImage::from_fn(8, 4, |x, _| Luma([if x < 4 { 0 } else { 255 }]));
        let mut bytes = io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn problem(name: &str, bytes: &[u8]) -> String {
        let (_folder, path) = file(name, bytes);
        decode(&path).unwrap_err().to_string()
    }

    #[test]
    fn content_decides_whatever_the_name() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Pnm] {
            let (_folder, path) = file("x.png", &encoded(format));
            let image = decode(&path).unwrap().to_luma8();
            assert_eq!(image.dimensions(), (8, 4), "{format:?}");
            assert!(image.get_pixel(0, 0)[0] < 40 && image.get_pixel(7, 3)[0] > 215);
        }
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let whole = encoded(ImageFormat::Png);
        assert!(problem("x.png", b"plain text").contains("no PNG, JPEG or PNM"));
        assert!(problem("x.png", b"").contains("no PNG, JPEG or PNM"));
        assert!(problem("x.png", &whole[..whole.len() / 2]).contains("is damaged"));
        assert!(problem("x.pgm", b"P5\n4 4\n255\nab").contains("is damaged"));
        let (folder, _) = file("x.png", &whole);
        let message = decode(folder.path()).unwrap_err().to_string();
        assert!(message.contains("this is a folder"), "{message}");
        let message = decode(&folder.path().join("y.png"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("no such image"), "{message}");
    }

    #[test]
    fn huge_images_are_refused_before_they_are_unpacked() {
        let message = problem("x.pgm", b"P5\n100000 100000\n255\n");
        assert!(message.contains("100000 x 100000 pixels"), "{message}");
        // A PNG is nothing but its header here: width and height are bytes 16 to 23, then their checksum.
        let mut bomb = encoded(ImageFormat::Png);
        bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        let sum = checksum(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.to_be_bytes());
        assert!(problem("x.png", &bomb).contains("60000 x 60000 pixels"));
    }

    /// The CRC-32 of a PNG chunk.
    fn checksum(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |sum, &byte| {
            (0..8).fold(sum ^ u32::from(byte), |sum, _| {
                (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
            })
        })
    }

    #[test]
    fn names_end_like_images_in_capitals_too() {
        assert!(is_named_like_one("a/B.PNG") && is_named_like_one("x.jpeg"));
        assert!(!is_named_like_one("x.tsv") && !is_named_like_one("png"));
    }
}
