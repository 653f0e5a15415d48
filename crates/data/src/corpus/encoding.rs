//! What text that is not UTF-8 looks like, so that the error can say how to convert it.

use std::fmt;

/// A guess at what bytes that are not UTF-8 are. Shown as advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// Two bytes a character.
    Utf16,
    /// Chinese in one of GB2312, GBK and GB18030.
    Gb18030,
    /// Western text with a byte a character.
    Windows1252,
    /// An archive rather than text.
    Zip,
    /// Nothing known.
    Unknown,
}

impl TextEncoding {
    /// Judges a line that is not UTF-8, starting where the file starts if it is the first.
    pub(super) fn guess(line: &[u8]) -> Self {
        if line.starts_with(b"PK\x03\x04") {
            Self::Zip
        } else if line.starts_with(&[0xff, 0xfe])
            || line.starts_with(&[0xfe, 0xff])
            || line.contains(&0)
        {
            Self::Utf16
        } else if is_gb18030(line) {
            Self::Gb18030
        } else if !line.iter().any(|byte| (0x80..0xa0).contains(byte)) {
            Self::Windows1252
        } else {
            Self::Unknown
        }
    }
}

/// Whether all of `line` can be read as ASCII and GB18030's sequences of two and four bytes.
///
/// The line may be cut anywhere, so an unfinished last sequence is accepted.
fn is_gb18030(line: &[u8]) -> bool {
    let mut rest = line;
    while let [lead, tail @ ..] = rest {
        rest = match (lead, tail) {
            (0..=0x7f, _) => tail,
            (0x81..=0xfe, []) => tail,
            (0x81..=0xfe, [0x40..=0x7e | 0x80..=0xfe, after @ ..]) => after,
            (0x81..=0xfe, [0x30..=0x39, 0x81..=0xfe, 0x30..=0x39, after @ ..]) => after,
            _ => return false,
        };
    }
    true
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Utf16 => {
                "it looks like UTF-16: convert it with `iconv -f UTF-16 -t UTF-8 OLD > NEW`"
            }
            Self::Gb18030 => {
                "it looks like GB18030 (GBK): convert it with `iconv -f GB18030 -t UTF-8 OLD > NEW`"
            }
            Self::Windows1252 => {
                "it looks like Windows-1252 or Latin-1: convert it with `iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW`"
            }
            Self::Zip => "it looks like a zip archive: unpack it and name the text file inside",
            Self::Unknown => "convert it to UTF-8, or mend or delete the line",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_encodings_are_told_apart() {
        // 你好吗 in GB18030, then with a four-byte sequence behind it.
        assert_eq!(
            TextEncoding::guess(b"Hi\t\xc4\xe3\xba\xc3\xc2\xf0"),
            TextEncoding::Gb18030
        );
        assert_eq!(
            TextEncoding::guess(b"\xc4\xe3\x95\x32\x82\x36"),
            TextEncoding::Gb18030
        );
        assert_eq!(TextEncoding::guess(b"\xff\xfeH\0i\0"), TextEncoding::Utf16);
        assert_eq!(TextEncoding::guess(b"H\0i\0"), TextEncoding::Utf16);
        assert_eq!(
            TextEncoding::guess(b"caf\xe9 noir"),
            TextEncoding::Windows1252
        );
        assert_eq!(TextEncoding::guess(b"PK\x03\x04\xff"), TextEncoding::Zip);
        assert_eq!(TextEncoding::guess(b"\x80\x20\xff"), TextEncoding::Unknown);
    }
}
