//! Images: PNG, JPEG and PNM.
//!
//! Promised: a picture has the height and the channels that are asked for, as many pixels as its sides say, and no more
//! columns than are wanted. An image that says that it is huge costs no memory.

use data::image::{Background, ImageOptions, Names};
use flate2::Crc;

use crate::{message, scratch};

/// Pieces of images.
pub const DICTIONARY: &[&[u8]] = &[
    SIGNATURE,
    b"\0\0\0\x0dIHDR",
    b"PLTE",
    b"tRNS",
    b"\0\0\0\0IDAT",
    b"\0\0\0\0IEND",
    b"\0\0\0\x1afcTL",
    b"fdAT",
    b"acTL",
    b"eXIf",
    b"iCCP",
    b"zTXt",
    b"iTXt",
    b"tEXt",
    b"tIME",
    b"gAMA",
    b"\x78\x9c",
    b"\x78\x01\x01",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
    b"Exif\0\0",
    b"\xff\xd8\xff",
    b"\xff\xc0\0\x0b\x08",
    b"\xff\xc1",
    b"\xff\xc2\0\x11\x08",
    b"\xff\xc4",
    b"\xff\xda\0\x08\x01\x01\0\0\x3f\0",
    b"\xff\xdb\0\x43\0",
    b"\xff\xdd\0\x04\0\x01",
    b"\xff\xd0",
    b"\xff\xd9",
    b"\xff\xe1",
    b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x02",
    b"P2 ",
    b"P3 ",
    b"P5 ",
    b"P6 ",
    b"#\n",
    b"65535",
    b"40000000",
];

/// Signature that a PNG begins with.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

const GREY: ImageOptions = ImageOptions {
    height: 8,
    channels: 1,
    max_width: 40,
    background: Background::Light,
};
const COLOUR: ImageOptions = ImageOptions {
    height: 5,
    channels: 3,
    max_width: 3,
    background: Background::Dark,
};

/// Reads `input` as an image in grey and as one in colour; with right checksums too, if it is a PNG.
pub fn run(input: &[u8]) {
    look_at(input);
    if let Some(mended) = mended(input).filter(|mended| mended != input) {
        look_at(&mended);
    }
}

fn look_at(image: &[u8]) {
    let path = scratch::file("image.png", image);
    let names = Names::of_file(&path.with_file_name("list.tsv"));
    for options in [GREY, COLOUR] {
        match names.picture("image.png", 1, &options) {
            Ok(picture) => {
                let sides = [picture.channels, picture.height];
                assert_eq!(sides, [options.channels, options.height]);
                assert!((1..=options.max_width).contains(&picture.width));
                let count = picture.channels * picture.height * picture.width;
                assert_eq!(picture.pixels.len(), count);
            }
            Err(error) => message::check_shown(&error),
        }
    }
}

/// A PNG with the checksums that its chunks should have; with wrong ones nothing behind them is looked at.
fn mended(image: &[u8]) -> Option<Vec<u8>> {
    let mut image = image.to_vec();
    let mut start = SIGNATURE.len();
    if !image.starts_with(SIGNATURE) {
        return None;
    }
    // A chunk is the length of its content, its name, the content, and the checksum of both.
    while let Some(&[a, b, c, d]) = image.get(start..start + 4) {
        let end = start + 8 + u32::from_be_bytes([a, b, c, d]) as usize;
        let Some(chunk) = image.get(start + 4..end) else {
            break;
        };
        let mut sum = Crc::new();
        sum.update(chunk);
        let sum = sum.sum().to_be_bytes();
        let Some(place) = image.get_mut(end..end + 4) else {
            break;
        };
        place.copy_from_slice(&sum);
        start = end + 4;
    }
    Some(image)
}
