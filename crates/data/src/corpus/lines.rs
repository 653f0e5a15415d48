//! The lines of a text file, one at a time, whatever their length.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::encoding::TextEncoding;
use super::open::{Opened, open};
use crate::error::DataError;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// UTF-8 spends at most this many bytes on a character.
const BYTES_PER_CHARACTER: usize = 4;
/// Room for what is not counted: further columns, white space at the ends.
const SLACK: usize = 16 * 1024;

/// A line without its end.
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    /// Whether the line went on beyond what is kept of it.
    pub(super) cut: bool,
}

/// Reads lines into one buffer that never outgrows what a pair may need.
pub(super) struct Lines {
    path: PathBuf,
    opened: Opened,
    buffer: Vec<u8>,
    limit: usize,
    number: usize,
    offset: u64,
}

impl Lines {
    /// The lines of the file at `path`; each has room for `sides` texts of `max_characters`.
    pub(super) fn open(
        path: &Path,
        sides: usize,
        max_characters: usize,
    ) -> Result<Self, DataError> {
        let characters = max_characters.saturating_add(1).saturating_mul(sides);
        Ok(Self {
            path: path.to_owned(),
            opened: open(path)?,
            buffer: Vec::new(),
            limit: characters
                .saturating_mul(BYTES_PER_CHARACTER)
                .saturating_add(SLACK),
            number: 0,
            offset: 0,
        })
    }

    /// The number of the line read last, from 1.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The file's path as given.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The next line, or nothing at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, DataError> {
        let start = self.offset;
        let Some(cut) = self.fill()? else {
            return Ok(None);
        };
        let mark = if self.number == 1 && self.buffer.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let bytes = self.buffer[mark..].strip_suffix(b"\r");
        let bytes = bytes.unwrap_or(&self.buffer[mark..]);
        let wrong = |place: usize| DataError::NotUtf8 {
            path: self.path.clone(),
            line: self.number,
            offset: start + (mark + place) as u64,
            byte: bytes[place],
            encoding: TextEncoding::guess(bytes),
        };
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.valid_up_to();
                // A cut in the middle of a character is our doing, not the file's.
                if !cut || error.error_len().is_some() {
                    return Err(wrong(valid));
                }
                std::str::from_utf8(&bytes[..valid]).map_err(|_| wrong(valid))?
            }
        };
        // No text holds a zero byte, but UTF-16 without its mark is full of them.
        if let Some(place) = text.find('\0') {
            return Err(wrong(place));
        }
        Ok(Some(Line { text, cut }))
    }

    /// Fills the buffer with the next line; says whether it was cut, or nothing at the end.
    fn fill(&mut self) -> Result<Option<bool>, DataError> {
        self.buffer.clear();
        self.number += 1;
        let mut cut = false;
        let mut found_any = false;
        loop {
            let available = match self.opened.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(cause) => {
                    let path = self.path.clone();
                    return Err(match self.opened.compression {
                        None => DataError::reading(path, cause),
                        Some(format) => DataError::Damaged {
                            path,
                            line: self.number,
                            format,
                            cause: cause.to_string(),
                        },
                    });
                }
            };
            if available.is_empty() {
                return Ok(found_any.then_some(cut));
            }
            found_any = true;
            let end = available.iter().position(|&byte| byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            let kept = part.len().min(self.limit - self.buffer.len());
            self.buffer.extend_from_slice(&part[..kept]);
            cut |= kept < part.len();
            let used = part.len() + usize::from(end.is_some());
            self.opened.reader.consume(used);
            self.offset += used as u64;
            if end.is_some() {
                return Ok(Some(cut));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::tests::file;

    fn lines_of(bytes: &[u8], max_characters: usize) -> Result<Vec<(String, bool)>, String> {
        let (_folder, path) = file("x.txt", bytes);
        let mut lines = Lines::open(&path, 1, max_characters).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next().map_err(|error| error.to_string())? {
            all.push((line.text.to_owned(), line.cut));
        }
        Ok(all)
    }

    #[test]
    fn marks_and_line_ends_are_removed() {
        let lines = lines_of(b"\xef\xbb\xbfa\r\n\nb\xef\xbb\xbf\nc", 9).unwrap();
        let texts: Vec<&str> = lines.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["a", "", "b\u{feff}", "c"]);
    }

    #[test]
    fn a_huge_line_takes_little_room_and_the_next_is_whole() {
        let mut bytes = "好".repeat(4_000_000).into_bytes();
        bytes.extend(b"\nb\n");
        let (_folder, path) = file("x.txt", &bytes);
        let mut lines = Lines::open(&path, 1, 10).unwrap();
        let first = lines.next().unwrap().unwrap();
        assert!(first.cut && first.text.chars().all(|c| c == '好'));
        let second = lines.next().unwrap().unwrap();
        assert_eq!((second.text, second.cut), ("b", false));
        assert!(lines.buffer.capacity() < 4 * (SLACK + 100));
    }

    #[test]
    fn what_is_not_utf8_is_named_with_line_byte_and_guess() {
        let message = lines_of(b"one\ntwo\nca\xe9f\xe9\n", 9).unwrap_err();
        assert!(message.contains("x.txt:3: "), "{message}");
        assert!(message.contains("byte 10 of the file is 0xE9"), "{message}");
        let utf16: Vec<u8> = "\u{feff}你好\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let message = lines_of(&utf16, 9).unwrap_err();
        assert!(message.contains("x.txt:1: "), "{message}");
        assert!(message.contains("UTF-16"), "{message}");
        let unmarked: Vec<u8> = "hi\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(lines_of(&unmarked, 9).unwrap_err().contains("UTF-16"));
        let message = lines_of(b"\xc4\xe3\xba\xc3\n", 9).unwrap_err();
        assert!(message.contains("GB18030"), "{message}");
    }
}
