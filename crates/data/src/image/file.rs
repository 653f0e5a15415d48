//! Decodes an image file.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Seek};
use std::path::Path;

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_png::PngDecoder;

use super::critical::critical;
use super::pnm;
use super::problem::ImageProblem;
use super::raster::{MOST_PIXELS, Raster};
use super::upright::orientation;
use crate::corpus::{Content, ContentHasher};

/// Bytes of a file that are read at a time.
const BUFFER: usize = 64 * 1024;

/// Most bytes that the rows of a PNG may be before they are made pixels: 16 bits a number, four numbers a pixel.
const MOST_BYTES: usize = 9 * MOST_PIXELS;

/// The image in the file at `path`, upright, as its camera notes; transparent places have the grey `paper`. Its content,
/// not its name, says what format it has, and tells it from others.
pub(super) fn decode(path: &Path, paper: u8) -> Result<(Raster, Content), ImageProblem> {
    // Opening a FIFO would wait for its writer.
    let kind = fs::metadata(path).map_err(sorted)?;
    if kind.is_dir() {
        return Err(ImageProblem::Folder);
    }
    if !kind.is_file() {
        return Err(ImageProblem::NotRegular);
    }
    let mut file = BufReader::with_capacity(BUFFER, File::open(path).map_err(sorted)?);
    let mut hasher = ContentHasher::default();
    loop {
        let part = file.fill_buf().map_err(sorted)?;
        if part.is_empty() {
            break;
        }
        hasher.update(part);
        let count = part.len();
        file.consume(count);
    }
    file.rewind().map_err(sorted)?;
    Ok((decode_from(file, paper)?, hasher.content(1)))
}

fn decode_from(mut file: impl BufRead + Seek, paper: u8) -> Result<Raster, ImageProblem> {
    let head = file.fill_buf().map_err(sorted)?;
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(file, paper)
    } else if head.starts_with(&[0xff, 0xd8, 0xff]) {
        jpeg(file)
    } else if pnm::is_one(head) {
        pnm::decode(file, check)
    } else {
        Err(ImageProblem::Content)
    }
}

/// No limits but our own, which come with better words.
fn options() -> DecoderOptions {
    let most = u32::MAX as usize;
    let options = DecoderOptions::default().set_max_width(most);
    options.set_max_height(most).set_strict_mode(true)
}

fn png(file: impl BufRead, paper: u8) -> Result<Raster, ImageProblem> {
    let options = options()
        .png_set_strip_to_8bit(true)
        .inflate_set_limit(MOST_BYTES);
    let file = critical(file, MOST_BYTES as u64).map_err(sorted)?;
    let mut decoder = PngDecoder::new_with_options(Cursor::new(&file[..]), options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    check(width, height)?;
    let pixels = decoder.decode_raw().map_err(damaged)?;
    let colours = decoder
        .colorspace()
        .map_or(0, |space| space.num_components());
    let orientation = orientation(decoder.info().and_then(|info| info.exif.as_deref()));
    Ok(of_pixels([width, height, colours], pixels, paper)?.upright(orientation))
}

fn jpeg(file: impl BufRead + Seek) -> Result<Raster, ImageProblem> {
    let options = options().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(file, options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    check(width, height)?;
    let pixels = decoder.decode().map_err(damaged)?;
    let orientation = orientation(decoder.exif().map(Vec::as_slice));
    Ok(of_pixels([width, height, 3], pixels, 0)?.upright(orientation))
}

/// Of decoded pixels with 1 to 4 numbers each, of which the second or the fourth is how opaque a pixel is.
fn of_pixels(
    [width, height, numbers]: [usize; 3],
    pixels: Vec<u8>,
    paper: u8,
) -> Result<Raster, ImageProblem> {
    let expected = width * height * numbers;
    if expected == 0 || pixels.len() < expected {
        return Err(ImageProblem::Damaged("it ends early".into()));
    }
    let channels = if numbers < 3 { 1 } else { 3 };
    let pixels = match numbers {
        1 | 3 => pixels,
        _ => {
            let each = pixels.chunks_exact(numbers);
            let behind = |pixel: &[u8]| -> Vec<u8> {
                let alpha = u32::from(pixel[numbers - 1]);
                let mixed = |&value: &u8| {
                    let sum = u32::from(value) * alpha + u32::from(paper) * (255 - alpha);
                    ((sum + 127) / 255) as u8
                };
                pixel[..channels].iter().map(mixed).collect()
            };
            each.flat_map(behind).collect()
        }
    };
    Ok(Raster {
        width,
        height,
        channels,
        pixels,
    })
}

/// Refuses images without pixels, and with too many.
fn check(width: usize, height: usize) -> Result<(), ImageProblem> {
    if width == 0 || height == 0 {
        return Err(ImageProblem::Empty { width, height });
    }
    match width.checked_mul(height) {
        Some(pixels) if pixels <= MOST_PIXELS => Ok(()),
        _ => Err(ImageProblem::TooLarge { width, height }),
    }
}

fn damaged(error: impl std::fmt::Debug) -> ImageProblem {
    let words: String = format!("{error:?}").chars().take(160).collect();
    ImageProblem::Damaged(words.trim().replace('\n', " "))
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
    use crate::image::upright::tests::notes;
    use proptest::prelude::*;

    const BARS: &[u8] = include_bytes!("../../fixtures/bars.jpg");
    const COLOURS: &[u8] = include_bytes!("../../fixtures/colours.jpg");

    fn square() -> Raster {
        Raster::grey(8, 4, |x, _| if x < 4 { 0 } else { 255 })
    }

    fn problem(bytes: &[u8]) -> String {
        let found = decode_from(io::Cursor::new(bytes), 255);
        found.unwrap_err().to_string()
    }

    #[test]
    fn content_decides_whatever_the_name() {
        let coloured = Raster::colour(5, 3, |x, y| [50 * x as u8, 80 * y as u8, 7]);
        for image in [square(), coloured] {
            let (_folder, path) = file("x.jpg", &image.png());
            assert_eq!(decode(&path, 255).unwrap().0, image);
        }
        let (_folder, path) = file("x.png", BARS);
        let (bars, content) = decode(&path, 255).unwrap();
        let bars = bars.with_channels(1);
        assert_eq!((content.bytes, content.lines), (BARS.len() as u64, 1));
        assert_eq!((bars.width, bars.height), (16, 8));
        assert!(bars.pixels[3] < 60 && bars.pixels[0] > 200);
        let colours = decode_from(io::Cursor::new(COLOURS), 255).unwrap();
        let mut colours = colours.scaled(3, 1);
        for (x, strongest) in (0..3).zip(0..3) {
            let pixel = colours.pixel(x, 0);
            let largest = pixel.iter().copied().max();
            assert_eq!(largest, Some(pixel[strongest]), "{pixel:?}");
        }
    }

    /// A JPEG file whose camera was held in one of eight ways.
    fn held(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let notes = [b"Exif\0\0", &notes(orientation)[..]].concat();
        let length = (notes.len() as u16 + 2).to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &notes, &jpeg[2..]].concat()
    }

    #[test]
    fn photographs_are_turned_as_the_camera_was_held() {
        let decode = |bytes: &[u8]| decode_from(io::Cursor::new(bytes), 255).unwrap();
        let bars = decode(BARS);
        let turned = decode(&held(BARS, 6));
        assert_eq!((turned.width, turned.height), (8, 16));
        assert_eq!(turned, bars.clone().upright(6));
        assert_eq!(decode(&held(BARS, 1)), bars);

        let image = Raster::grey(3, 2, |x, y| (10 * y + x) as u8);
        let png = image.png();
        let chunk = [b"eXIf", &notes(8)[..]].concat();
        let mut sum = flate2::Crc::new();
        sum.update(&chunk);
        let length = (chunk.len() as u32 - 4).to_be_bytes();
        let (signature_and_header, rest) = png.split_at(33);
        let sum = sum.sum().to_be_bytes();
        let noted = [signature_and_header, &length, &chunk, &sum, rest].concat();
        assert_eq!(decode(&noted), image.upright(8));
    }

    #[test]
    fn transparent_places_are_paper() {
        let pixels = vec![10, 255, 10, 0, 10, 127];
        let found = of_pixels([3, 1, 2], pixels, 200).unwrap();
        assert_eq!(
            (found.channels, &found.pixels[..]),
            (1, &[10, 200, 105][..])
        );
        let found = of_pixels([1, 1, 4], vec![1, 2, 3, 255], 200).unwrap();
        assert_eq!((found.channels, &found.pixels[..]), (3, &[1, 2, 3][..]));
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let whole = square().png();
        assert!(problem(b"plain text").contains("no PNG, JPEG or PNM"));
        assert!(problem(b"").contains("no PNG, JPEG or PNM"));
        assert!(problem(&whole[..whole.len() / 2]).contains("is damaged"));
        assert!(problem(&BARS[..BARS.len() / 2]).contains("is damaged"));
        assert!(problem(b"P5\n4 4\n255\nab").contains("is damaged"));
        let (folder, _) = file("x.png", &whole);
        let message = |path: &Path| decode(path, 0).unwrap_err().to_string();
        assert!(message(folder.path()).contains("this is a folder"));
        assert!(message(&folder.path().join("y.png")).contains("no such image"));
    }

    #[test]
    fn huge_and_empty_images_are_refused_before_they_are_unpacked() {
        let message = problem(b"P5\n100000 100000\n255\n");
        assert!(message.contains("100000 x 100000 pixels"), "{message}");
        assert!(problem(b"P5\n0 9\n255\n").contains("nothing to see"));
        let bomb = Raster {
            width: 60_000,
            height: 60_000,
            ..square()
        };
        let message = problem(&bomb.png());
        assert!(message.contains("60000 x 60000 pixels"), "{message}");
    }

    proptest! {
        #[test]
        fn damaged_files_are_errors_or_other_images(
            which in 0usize..5,
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            kept in any::<prop::sample::Index>(),
            whole: bool,
        ) {
            let mut bytes = match which {
                0 => square().png(),
                1 => BARS.to_vec(),
                2 => COLOURS.to_vec(),
                3 => held(BARS, 5),
                _ => b"P6 3 2 255\nabcdefghijklmnopqr".to_vec(),
            };
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            if !whole {
                bytes.truncate(kept.index(bytes.len()));
            }
            if let Ok(image) = decode_from(io::Cursor::new(bytes), 255) {
                prop_assert_eq!(image.pixels.len(), image.width * image.height * image.channels);
            }
        }
    }
}
