//! Likely encoding of text that is not UTF-8, so that the error can say how to convert it.

use std::fmt;
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use super::compression::Compression;

/// Most characters of a sample.
const SHOWN: usize = 60;
/// Characters of a sample before the first that is not ASCII.
const BEFORE: usize = 20;
/// Most bytes of a line that are converted for a sample.
const CONVERTED: usize = 64 * 1024;
/// First bytes of files that are no text at all, each with the kind of file.
const OTHER: [(&[u8], &str); 6] = [
    (
        b"PK\x03\x04",
        "a zip archive (or a document of an office program)",
    ),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "a document of an office program"),
];

/// Likely encoding of bytes that are not UTF-8, and a remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextEncoding {
    /// Two or four bytes a character.
    Wide {
        /// The encoding.
        name: &'static str,
        /// Whether the file begins with a byte order mark.
        marked: bool,
        /// How it begins.
        sample: String,
        /// Command that converts it.
        command: String,
    },
    /// A guess.
    Guess {
        /// The encoding.
        name: String,
        /// Whether the whole file (or a good deal of it) was looked at.
        whole: bool,
        /// How the line would read.
        sample: String,
        /// Command that would convert it.
        command: String,
    },
    /// UTF-8 but for a few places.
    Damaged {
        /// The place.
        sample: String,
    },
    /// Something else than text.
    Other(&'static str),
    /// Nothing known.
    Unknown,
}

/// Evidence for a guess at the encoding.
pub(super) struct Evidence<'a> {
    /// Bytes that were read, from the start of the file if it could be read again.
    pub(super) text: &'a [u8],
    /// Whether it does start there.
    pub(super) whole: bool,
    /// The line with the wrong byte.
    pub(super) line: &'a [u8],
    /// The place of that byte in the line.
    pub(super) place: usize,
    pub(super) path: &'a Path,
    pub(super) compression: Option<Compression>,
}

impl TextEncoding {
    /// Guesses the encoding of the text of `evidence`; `None` if it is UTF-8 with a NUL in it.
    pub(super) fn guess(evidence: &Evidence<'_>) -> Option<Self> {
        let Evidence { text, line, .. } = *evidence;
        if let Some((_, what)) = OTHER.iter().find(|(magic, _)| text.starts_with(magic)) {
            return Some(Self::Other(what));
        }
        if let Some(wide) = Wide::marked(text) {
            return Some(wide.found(true, evidence));
        }
        let zeros = memchr::memchr_iter(0, text).count() + memchr::memchr_iter(0, line).count();
        if zeros > 0 {
            let wrong = |bytes| Utf8Share::of(bytes).wrong > 0;
            let is_utf8 = !wrong(text) && !wrong(line);
            // Text of two bytes a character has a zero in every space and line end.
            if (!is_utf8 || is_strange(text))
                && let Some(wide) = Wide::unmarked(text)
            {
                return Some(wide.found(false, evidence));
            }
            return (!is_utf8).then_some(Self::Other("a file of another kind (it has zero bytes)"));
        }
        let share = Utf8Share::of(text);
        if share.right > 4 * share.wrong {
            return Some(Self::Damaged {
                sample: escaped_bytes(line, evidence.place),
            });
        }
        Some(Self::of_legacy_text(evidence).unwrap_or(Self::Unknown))
    }

    /// A guess among the encodings that were in use before Unicode.
    fn of_legacy_text(evidence: &Evidence<'_>) -> Option<Self> {
        let Evidence { text, line, .. } = *evidence;
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        // What is read may end amid a character.
        let end = memchr::memrchr(b'\n', text).unwrap_or(text.len());
        detector.feed(&text[..end], false);
        detector.feed(b"\n", false);
        detector.feed(line, false);
        let encoding = detector.guess(None, Utf8Detection::Deny);
        let shown = &line[..line.len().min(CONVERTED)];
        let (converted, _) = encoding.decode_without_bom_handling(shown);
        let converted = converted.trim_end_matches('\u{fffd}');
        if converted.contains('\u{fffd}') {
            return None;
        }
        Some(Self::Guess {
            name: name_of(encoding),
            whole: evidence.whole,
            sample: around_first_letter(converted),
            command: evidence.command(&iconv_name(encoding, text)),
        })
    }
}

impl Evidence<'_> {
    /// Returns the command that converts the file from an encoding that `iconv` knows by `name`.
    fn command(&self, name: &str) -> String {
        let file = quoted(self.path);
        match self.compression {
            None => format!("iconv -f {name} -t UTF-8 {file} > NEW"),
            Some(packed) => format!(
                "{} -dc {file} | iconv -f {name} -t UTF-8 > NEW",
                packed.name()
            ),
        }
    }
}

/// How many characters of several bytes a text has as UTF-8, and how many bytes that are none.
#[derive(Debug, Default)]
struct Utf8Share {
    right: usize,
    wrong: usize,
}

impl Utf8Share {
    fn of(bytes: &[u8]) -> Self {
        let mut share = Self::default();
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            let valid = chunk.valid().chars();
            share.right += valid.filter(|letter| !letter.is_ascii()).count();
            // What is read may end amid a character.
            let is_cut = chunks.peek().is_none() && is_begun(chunk.invalid());
            share.wrong += usize::from(!chunk.invalid().is_empty() && !is_cut);
        }
        share
    }
}

/// Whether `text` has more controls or tabs than text has. Russian and Hindi with two bytes a character are ASCII too.
fn is_strange(text: &[u8]) -> bool {
    let controls = text
        .iter()
        .filter(|&&byte| byte < b' ' && !b"\t\r\n".contains(&byte));
    let tabs = text.iter().filter(|&&byte| byte == b'\t');
    controls.count() > (text.len() / 8).max(1) || tabs.count() > text.len() / 3
}

/// Whether these are the first bytes of a character of UTF-8 and not all of them.
fn is_begun(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// Encodings with two or four bytes a character.
#[derive(Debug, Clone, Copy)]
struct Wide {
    name: &'static str,
    mark: &'static [u8],
    width: usize,
    big_endian: bool,
}

impl Wide {
    /// The longer marks first: one begins with another.
    const ALL: [Self; 4] = [
        Self::new("UTF-32LE", &[0xff, 0xfe, 0, 0], 4, false),
        Self::new("UTF-32BE", &[0, 0, 0xfe, 0xff], 4, true),
        Self::new("UTF-16LE", &[0xff, 0xfe], 2, false),
        Self::new("UTF-16BE", &[0xfe, 0xff], 2, true),
    ];

    const fn new(name: &'static str, mark: &'static [u8], width: usize, big_endian: bool) -> Self {
        Self {
            name,
            mark,
            width,
            big_endian,
        }
    }

    fn marked(text: &[u8]) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|wide| text.starts_with(wide.mark))
    }

    /// The encoding in which most of the text is ASCII, if it is text in any.
    fn unmarked(text: &[u8]) -> Option<Self> {
        let rated = Self::ALL.map(|wide| (wide, wide.plain(text)));
        let found = rated.into_iter().filter(|(_, plain)| *plain > 1);
        found.max_by_key(|(_, plain)| *plain).map(|(wide, _)| wide)
    }

    /// How many characters of `text` are ASCII in this encoding; none if the text cannot be in it.
    fn plain(self, text: &[u8]) -> usize {
        let (mut all, mut plain, mut odd) = (0, 0, 0);
        for letter in self.decode(text) {
            all += 1;
            match letter {
                '\t' | '\n' | '\r' | ' '..='~' => plain += 1,
                '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => odd += 1,
                letter if letter.is_control() => odd += 1,
                _ => {}
            }
        }
        if odd * 50 > all { 0 } else { plain }
    }

    fn decode(self, text: &[u8]) -> impl Iterator<Item = char> {
        let value = move |unit: &[u8]| {
            let add = |sum: u32, byte: &u8| (sum << 8) | u32::from(*byte);
            match self.big_endian {
                true => unit.iter().fold(0, add),
                false => unit.iter().rev().fold(0, add),
            }
        };
        let units = text.chunks_exact(self.width).map(value);
        let halves = units.flat_map(move |unit| {
            let mut halves = [0; 2];
            let count = if self.width == 2 {
                halves[0] = unit as u16;
                1
            } else {
                let letter = char::from_u32(unit).unwrap_or('\u{fffd}');
                letter.encode_utf16(&mut halves).len()
            };
            halves.into_iter().take(count)
        });
        char::decode_utf16(halves).map(|letter| letter.unwrap_or('\u{fffd}'))
    }

    fn found(self, marked: bool, evidence: &Evidence<'_>) -> TextEncoding {
        let mark = if marked { self.mark.len() } else { 0 };
        let letters = self.decode(&evidence.text[mark..]);
        let letters = letters.skip_while(|letter| letter.is_whitespace());
        let first = letters.take_while(|letter| *letter != '\n');
        // With a mark the order of bytes is not to be named, or the mark is taken for text.
        let iconv = if marked { &self.name[..6] } else { self.name };
        TextEncoding::Wide {
            name: self.name,
            marked,
            sample: visible(first.take(SHOWN)),
            command: evidence.command(iconv),
        }
    }
}

/// `path` as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+=@%,:".contains(letter);
    match text.chars().all(plain) && !text.starts_with('-') {
        true => text,
        false if text == "standard input" => "FILE".into(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// The name that people know an encoding by.
fn name_of(encoding: &'static Encoding) -> String {
    match encoding.name() {
        "GBK" | "gb18030" => "GB18030 (GBK)".into(),
        "windows-1252" => "Windows-1252 (Latin-1)".into(),
        "Shift_JIS" => "Shift_JIS (CP932)".into(),
        "EUC-KR" => "EUC-KR (CP949)".into(),
        name => name.replace("windows", "Windows"),
    }
}

/// The name that `iconv` knows an encoding by: where browsers read more than the name says, the one that has it all.
fn iconv_name(encoding: &'static Encoding, text: &[u8]) -> String {
    match encoding.name() {
        "GBK" | "gb18030" => "GB18030".into(),
        "Big5" if has_hong_kong_letters(text) => "BIG5-HKSCS".into(),
        "Big5" => "CP950".into(),
        "Shift_JIS" => "CP932".into(),
        "EUC-KR" => "CP949".into(),
        "ISO-8859-8-I" => "ISO-8859-8".into(),
        "windows-874" => "CP874".into(),
        name => name.to_uppercase(),
    }
}

/// Whether Big5 `text` has letters that the Hong Kong set adds; in other texts that set reads some marks otherwise.
fn has_hong_kong_letters(text: &[u8]) -> bool {
    let mut bytes = text.iter();
    while let Some(lead) = bytes.next() {
        match lead {
            0x81..=0xa0 | 0xfa..=0xfe => return true,
            0xa1..=0xf9 => bytes.next(),
            _ => None,
        };
    }
    false
}

/// A short piece of `text` with its first letter that is not ASCII.
fn around_first_letter(text: &str) -> String {
    let place = text.chars().position(|letter| !letter.is_ascii());
    let first = place.unwrap_or(0).saturating_sub(BEFORE);
    visible(text.chars().skip(first).take(SHOWN))
}

/// Returns text that any terminal can show: controls are written out.
fn visible(letters: impl Iterator<Item = char>) -> String {
    let mut shown = String::new();
    for letter in letters {
        let is_mark = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
        match letter.is_control() || is_mark {
            true => shown.extend(letter.escape_default()),
            false => shown.push(letter),
        }
    }
    shown.trim().to_owned()
}

/// A short piece of `line` with the byte at `place`; what is not UTF-8 is written as numbers.
fn escaped_bytes(line: &[u8], place: usize) -> String {
    let mut from = place.saturating_sub(BEFORE);
    // Not amid a character.
    while from < place && line[from] & 0xc0 == 0x80 {
        from += 1;
    }
    let piece = &line[from..line.len().min(from + SHOWN)];
    let mut shown = String::new();
    for chunk in piece.utf8_chunks() {
        shown.push_str(&visible_whole(chunk.valid()));
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02X}"));
        }
    }
    shown
}

fn visible_whole(text: &str) -> String {
    let escape = |letter: char| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(escape).collect()
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wide {
                name,
                marked: true,
                sample,
                command,
            } => write!(
                formatter,
                "its first bytes say {name} (it begins `{sample}`): convert it with `{command}`"
            ),
            Self::Wide {
                name,
                marked: false,
                sample,
                command,
            } => write!(
                formatter,
                "it looks like {name} without a byte order mark (it would begin `{sample}`): if that is right, convert \
                 it with `{command}`"
            ),
            Self::Guess {
                name,
                whole,
                sample,
                command,
            } => write!(
                formatter,
                "a guess from {} is {name}, in which the line reads `{sample}`: if that is right, convert the file with \
                 `{command}`, and if not, try the name of another encoding",
                if *whole {
                    "the whole file"
                } else {
                    "what was read so far"
                }
            ),
            Self::Damaged { sample } => write!(
                formatter,
                "other parts of the file are UTF-8, so this place is damaged or was pasted from elsewhere (`{sample}`): \
                 mend or delete the line, do not convert the file"
            ),
            Self::Other(what) => write!(
                formatter,
                "it looks like {what}: unpack or export it and name the text file"
            ),
            Self::Unknown => formatter.write_str(
                "no known encoding fits: convert it to UTF-8, or mend or delete the line",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
