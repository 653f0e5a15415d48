//! Lines of text, plain or packed.
//!
//! Promised: they are the same however the bytes come in, from a file or a pipe; none has an end of a line or a NUL in
//! it, nor more bytes than are asked for; and text that is UTF-8 without NUL is always read, and comes back.

use std::io::{self, Cursor, Read};

use data::DataError;
use data::corpus::{LONGEST_LINE, Lines, read_lines};

use crate::{message, scratch};

/// Pieces of text, and the first bytes of packed text and of text in other encodings.
pub const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\r",
    b"\t",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xff\xfe\0\0",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"\x50\x2a\x4d\x18",
    b"PK\x03\x04",
    b"%PDF",
    b"\xe6\xb1\xa4\xe5\xa7\x86",
    b"\xf0\x9f\x91\x8d",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\x1b[31m",
];

/// Most bytes of a line: few, some, and more than any input has that is not packed.
const LIMITS: [usize; 3] = [6, 64, LONGEST_LINE];

/// Each line with the number of its bytes that were left out, or what is wrong.
type Found = Result<Vec<(String, u64)>, String>;

/// Reads the lines of `input`, all at once, in drops and as a file.
pub fn run(input: &[u8]) {
    for limit in LIMITS {
        let whole = lines(Cursor::new(input.to_vec()), limit);
        let drops = lines(Drops::of(input), limit);
        // Of damaged packed text more or less is read before the damage shows.
        assert_eq!(whole.as_ref().ok(), drops.as_ref().ok());
        if limit == LONGEST_LINE {
            check_plain(input, &whole);
            check_file(input, &whole);
        }
    }
}

fn lines(input: impl Read + Send + 'static, limit: usize) -> Found {
    let mut lines = Lines::of("text".into(), Box::new(input), limit);
    let mut all = Vec::new();
    while let Some(line) = lines.next_line().map_err(shown)? {
        assert!(!line.text.contains(['\n', '\r', '\0']));
        assert!(line.text.len() <= limit);
        // Only part of a character is left out beside what does not fit.
        assert!(line.cut == 0 || line.text.len() + 4 > limit);
        all.push((line.text.to_owned(), line.cut));
        assert_eq!(line.number, all.len());
    }
    assert_eq!(lines.number(), all.len());
    assert_eq!(lines.next_line().map_err(shown)?, None);
    Ok(all)
}

fn shown(error: DataError) -> String {
    message::check_shown(&error);
    error.to_string()
}

/// Compares with the standard library where it reads the same.
fn check_plain(input: &[u8], found: &Found) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let has_nul = text.contains('\0');
    assert_eq!(found.is_err(), has_nul, "{found:?}");
    if has_nul || text.contains('\r') || text.starts_with('\u{feff}') {
        return;
    }
    let found = found.iter().flatten();
    assert!(found.map(|(text, _)| text.as_str()).eq(text.lines()));
}

/// Compares with what is read of a file.
fn check_file(input: &[u8], found: &Found) {
    let read = read_lines(&scratch::file("text", input)).map_err(shown);
    match (found, read) {
        (Ok(found), Ok(read)) => assert!(found.iter().map(|(text, _)| text).eq(&read)),
        (Ok(found), Err(_)) => assert!(found.iter().any(|(_, cut)| *cut > 0)),
        (Err(_), read) => assert!(read.is_err()),
    }
}

/// Bytes that come a few at a time, as from a pipe.
struct Drops {
    bytes: Cursor<Vec<u8>>,
    size: usize,
}

impl Drops {
    /// So few that there are some hundreds of them at most.
    fn of(input: &[u8]) -> Self {
        Self {
            bytes: Cursor::new(input.to_vec()),
            size: 1 + input.len() / 512,
        }
    }
}

impl Read for Drops {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.size);
        self.bytes.read(&mut buffer[..most])
    }
}
