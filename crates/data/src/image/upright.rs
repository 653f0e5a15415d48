//! Turns photographs as their cameras were held.

use exif::{In, Reader, Tag};

use super::raster::Raster;

/// Reads the orientation that the camera notes, 1 to 8 (Exif, CIPA DC-008, tag 274); 1, upright, where notes are
/// missing or damaged. `notes` begin at their TIFF header.
pub(super) fn orientation(notes: Option<&[u8]>) -> u32 {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    let read = |notes: &[u8]| {
        let read = reader.read_raw(notes.to_vec());
        // What is damaged is often something else.
        let rest = read.or_else(|error| error.distill_partial_result(|_| {}));
        rest.ok()
    };
    let noted = notes.and_then(read).and_then(|notes| {
        let field = notes.get_field(Tag::Orientation, In::PRIMARY)?;
        field.value.get_uint(0)
    });
    noted.unwrap_or(1)
}

impl Raster {
    /// The image as it was seen by a camera that notes `orientation`.
    pub(super) fn upright(self, orientation: u32) -> Self {
        let (width, height) = (self.width, self.height);
        let (right, bottom) = (width.saturating_sub(1), height.saturating_sub(1));
        // Where the pixel in column x and row y is taken from.
        let from = |x: usize, y: usize| match orientation {
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (y, bottom - x),
            7 => (right - y, bottom - x),
            _ => (right - y, x),
        };
        let (width, height) = match orientation {
            2..=4 => (width, height),
            5..=8 => (height, width),
            _ => return self,
        };
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let (x, y) = from(x, y);
            let first = (y * self.width + x) * self.channels;
            pixels.extend_from_slice(&self.pixels[first..][..self.channels]);
        }
        Self {
            width,
            height,
            pixels,
            ..self
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Notes that say how the camera was held, and nothing else.
    pub(in crate::image) fn notes(orientation: u8) -> Vec<u8> {
        // TIFF, little-endian; one list at byte 8 with one entry: tag 274, one number of 16 bits; no other list.
        let mut notes = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        notes.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        notes
    }

    #[test]
    fn notes_say_how_the_camera_was_held() {
        for number in 1..=8 {
            let notes = notes(number);
            assert_eq!(orientation(Some(&notes)), u32::from(number));
            assert_eq!(orientation(Some(&notes[..9])), 1);
        }
        // The next list of notes lies beyond the end.
        let mut damaged = notes(6);
        let place = damaged.len() - 2;
        damaged[place] = 200;
        assert_eq!(orientation(Some(&damaged)), 6);
        assert_eq!(orientation(Some(b"")), 1);
        assert_eq!(orientation(None), 1);
    }

    #[test]
    fn every_way_to_hold_it_ends_upright() {
        let upright = |orientation| {
            let image = Raster::colour(3, 2, |x, y| [x as u8, y as u8, 7]);
            let image = image.upright(orientation);
            let names: Vec<u8> = image
                .pixels
                .chunks(3)
                .map(|at| 10 * at[1] + at[0])
                .collect();
            (image.width, names)
        };
        let wide = |names: [u8; 6]| (3, names.to_vec());
        let tall = |names: [u8; 6]| (2, names.to_vec());
        // Row and column of what was the first row, 0 1 2, and the second, 10 11 12.
        assert_eq!(upright(1), wide([0, 1, 2, 10, 11, 12]));
        assert_eq!(upright(2), wide([2, 1, 0, 12, 11, 10]));
        assert_eq!(upright(3), wide([12, 11, 10, 2, 1, 0]));
        assert_eq!(upright(4), wide([10, 11, 12, 0, 1, 2]));
        assert_eq!(upright(5), tall([0, 10, 1, 11, 2, 12]));
        assert_eq!(upright(6), tall([10, 0, 11, 1, 12, 2]));
        assert_eq!(upright(7), tall([12, 2, 11, 1, 10, 0]));
        assert_eq!(upright(8), tall([2, 12, 1, 11, 0, 10]));
        assert_eq!(upright(9), upright(1));
    }
}
