//! The part of a PNG file that makes its still picture.

use std::io::{self, BufRead, Read};

/// Bytes of the signature.
const SIGNATURE: u64 = 8;

/// Copies the file without what a picture does not need: the frames of an animation, which have sizes of their own, text
/// and colour profiles, which may grow to any size when they are unpacked. Transparency and the notes of a camera stay.
///
/// Reads `most` bytes at most. A file that ends early is copied as far as it goes.
///
/// # Errors
/// As the file has them.
pub(super) fn critical(file: impl BufRead, most: u64) -> io::Result<Vec<u8>> {
    let mut file = file.take(most);
    let mut kept = Vec::new();
    (&mut file).take(SIGNATURE).read_to_end(&mut kept)?;
    let mut has_header = false;
    loop {
        let mut head = Vec::new();
        (&mut file).take(8).read_to_end(&mut head)?;
        let Some((size, kind)) = head.split_first_chunk::<4>().filter(|_| head.len() == 8) else {
            kept.extend(head);
            return Ok(kept);
        };
        // Its data and its checksum.
        let rest = u64::from(u32::from_be_bytes(*size)) + 4;
        let wanted = match kind {
            b"IHDR" => !std::mem::replace(&mut has_header, true),
            b"tRNS" | b"eXIf" => true,
            kind => kind[0].is_ascii_uppercase(),
        };
        if wanted {
            kept.extend(&head);
            (&mut file).take(rest).read_to_end(&mut kept)?;
        } else {
            io::copy(&mut (&mut file).take(rest), &mut io::sink())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let size = (data.len() as u32).to_be_bytes();
        [&size[..], kind, data, b"\0\0\0\0"].concat()
    }

    #[test]
    fn what_makes_no_picture_is_left_out() {
        let signature = b"\x89PNG\r\n\x1a\n".to_vec();
        let [header, frame, text] = [(b"IHDR", "h"), (b"fcTL", "frame"), (b"zTXt", "text")]
            .map(|(kind, data)| chunk(kind, data.as_bytes()));
        let [clear, data, end] = [(b"tRNS", "t"), (b"IDAT", "data"), (b"IEND", "")]
            .map(|(kind, data)| chunk(kind, data.as_bytes()));
        let parts = [
            &signature, &header, &frame, &text, &clear, &data, &header, &frame, &end,
        ];
        let file: Vec<u8> = parts.into_iter().flatten().copied().collect();
        let wanted = [signature, header, clear, data, end].concat();
        assert_eq!(critical(&file[..], 1000).unwrap(), wanted);
    }

    #[test]
    fn a_file_that_ends_early_is_copied_as_far_as_it_goes() {
        let whole = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", b"header")].concat();
        for length in 0..whole.len() {
            let copied = critical(&whole[..length], 1000).unwrap();
            assert_eq!(copied, whole[..length]);
            assert_eq!(critical(&whole[..], length as u64).unwrap(), copied);
        }
    }
}
