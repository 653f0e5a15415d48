//! The lines of a text, one at a time, whatever their length: the only reader of text.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::content::Content;
use super::encoding::{Evidence, TextEncoding};
use super::open::{self, Raw};
use super::stream::Stream;
use crate::error::DataError;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// Most bytes of a line where nothing else is said.
pub const LONGEST_LINE: usize = 2 * 1024 * 1024;
/// A line of so many bytes is no line: there is no use in waiting for its end.
const ENDLESS: u64 = 256 * 1024 * 1024;
/// How far a line feed is looked for once a carriage return has come before any.
const LOOK_AHEAD: usize = 1024 * 1024;
/// Bytes of a file that a guess at its encoding is made from.
const EVIDENCE: usize = 16 * 1024 * 1024;

/// A line without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Text of it that is kept.
    pub text: &'a str,
    /// Its number, from 1.
    pub number: usize,
    /// How many bytes of it were left out, as too many.
    pub cut: u64,
}

/// Line ending of a text, known once the first one has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Unknown,
    /// Line feeds, perhaps with carriage returns before them.
    LineFeed,
    /// Carriage returns alone, as on old Macintosh computers.
    Return,
}

/// Reads a text line by line.
///
/// - `-` is standard input; gzip and zstd are unpacked, known by their first bytes, wherever they come from.
/// - Lines end in `\n` or `\r\n`; or in `\r`, where no `\n` follows the first of them (within a mebibyte). A `\r`
///   within a line is read as a space, and counted.
/// - One byte order mark at the very start is left out.
/// - What is not UTF-8, and NUL, is an error that names line and byte.
/// - No more than a limit of bytes of a line are held; the rest is read over and counted.
///
/// ```
/// use data::corpus::Lines;
///
/// # fn main() -> Result<(), data::DataError> {
/// let text = std::io::Cursor::new("\u{feff}one\r\ntwo, a long one\n");
/// let mut lines = Lines::of("example".into(), Box::new(text), 5);
/// assert_eq!(lines.next_line()?.unwrap().text, "one");
/// let two = lines.next_line()?.unwrap();
/// assert_eq!((two.text, two.number, two.cut), ("two, ", 2, 10));
/// assert_eq!(lines.next_line()?, None);
/// # Ok(())
/// # }
/// ```
pub struct Lines {
    stream: Stream,
    /// Where the text can be read once more.
    again: Option<PathBuf>,
    ends: Ends,
    /// Bytes of the next line that have come.
    line: Vec<u8>,
    /// The line given last.
    text: String,
    /// Bytes left out of the next line, and the last of them.
    cut: u64,
    last_cut: u8,
    limit: usize,
    /// Whether anything of it has come.
    begun: bool,
    /// Whether its end has come.
    complete: bool,
    /// Whether a line feed belongs to the line before, should it come next.
    feed_pending: bool,
    number: usize,
    /// Bytes consumed, and where the line starts among them.
    offset: u64,
    line_start: u64,
    stray_returns: usize,
}

impl Lines {
    /// The lines of the file at `path`, or of standard input where that is `-`. At most `limit` bytes of a line are
    /// kept ([`LONGEST_LINE`] will do for most).
    ///
    /// Nothing is read yet; opening a FIFO waits for its writer, though.
    ///
    /// # Errors
    /// A file that is missing or cannot be opened.
    pub fn open(path: &Path, limit: usize) -> Result<Self, DataError> {
        let raw = open::open(path)?;
        let mut lines = Self::over(Stream::new(open::shown(path), raw), limit);
        lines.again =
            (!open::is_standard_input(path) && open::is_regular(path)).then(|| path.to_owned());
        Ok(lines)
    }

    /// As [`Self::open`], but only a regular file is opened.
    ///
    /// # Errors
    /// Those of [`Self::open`]; standard input, a FIFO, a socket or a device.
    pub fn open_regular(path: &Path, limit: usize) -> Result<Self, DataError> {
        open::check_regular(path)?;
        Self::open(path, limit)
    }

    /// The lines of anything that can be read. Messages call it `name`.
    pub fn of(name: PathBuf, input: Box<dyn Read + Send>, limit: usize) -> Self {
        Self::over(Stream::new(name, Raw::Other(input)), limit)
    }

    fn over(stream: Stream, limit: usize) -> Self {
        Self {
            stream,
            again: None,
            ends: Ends::Unknown,
            line: Vec::new(),
            text: String::new(),
            cut: 0,
            last_cut: 0,
            limit,
            begun: false,
            complete: false,
            feed_pending: false,
            number: 0,
            offset: 0,
            line_start: 0,
            stray_returns: 0,
        }
    }

    /// Returns the name of the text in messages: its path, or `standard input`.
    pub fn path(&self) -> &Path {
        self.stream.path()
    }

    /// How many lines have been read.
    pub fn number(&self) -> usize {
        self.number
    }

    /// How many carriage returns within lines have been read as spaces.
    pub fn stray_returns(&self) -> usize {
        self.stray_returns
    }

    /// Whether lines end in carriage returns alone.
    pub fn ends_in_returns(&self) -> bool {
        self.ends == Ends::Return
    }

    /// Hash, bytes and lines of what has been read; of the whole text once the last line has been read.
    pub fn content(&self) -> Content {
        self.stream.hasher().content(self.number as u64)
    }

    /// Whether [`Self::next_line`] would not wait: a whole line has come, or the end.
    pub fn buffered(&self) -> bool {
        if self.complete || self.stream.is_finished() {
            return true;
        }
        let come = self.stream.available();
        match self.ends {
            Ends::LineFeed => memchr::memchr(b'\n', come).is_some(),
            Ends::Unknown => memchr::memchr(b'\n', come).is_some() || come.len() >= LOOK_AHEAD,
            Ends::Return => {
                let feed = usize::from(self.feed_pending && come.first() == Some(&b'\n'));
                memchr::memchr2(b'\n', b'\r', &come[feed..]).is_some()
            }
        }
    }

    /// Takes in what is there to be read, waiting only if there is nothing, and gives what
    /// [`Self::buffered`] does then. For who has been told by the system that [`Self::descriptor`] is readable.
    ///
    /// # Errors
    /// Input that cannot be read or unpacked.
    pub fn take_in(&mut self) -> Result<bool, DataError> {
        if !self.buffered() {
            // What a long line has too much must not gather in the buffer.
            self.gather()?;
            self.stream.fill(self.number + 1)?;
        }
        Ok(self.buffered())
    }

    /// Returns the descriptor by which the system can be asked whether more is there to be read. `None` where the
    /// system's answer would not say it, as with packed text: then more is to be expected.
    #[cfg(unix)]
    pub fn descriptor(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.stream.descriptor()
    }

    /// The next line, or nothing at the end.
    ///
    /// # Errors
    /// Input that cannot be read or unpacked; what is not UTF-8; a NUL; a line without end.
    pub fn next_line(&mut self) -> Result<Option<Line<'_>>, DataError> {
        while !self.complete {
            self.gather()?;
            if self.complete {
                break;
            }
            if self.stream.is_finished() {
                if !self.begun {
                    return Ok(None);
                }
                break;
            }
            self.stream.fill(self.number + 1)?;
        }
        self.number += 1;
        let (start, mut line) = self.without_mark();
        let whole = self.cut == 0;
        // The end of a line is no part of it, kept or left out.
        let mut cut = self.cut - u64::from(self.cut > 0 && self.last_cut == b'\r');
        (self.begun, self.complete, self.cut) = (false, false, 0);
        self.line_start = self.offset;
        if whole && line.last() == Some(&b'\r') {
            line.pop();
        }
        let mut from = 0;
        while let Some(place) = memchr::memchr(b'\r', &line[from..]) {
            from += place;
            line[from] = b' ';
            self.stray_returns += 1;
        }
        self.text = match String::from_utf8(line) {
            Ok(text) => text,
            Err(error) => {
                let (valid, length) = (
                    error.utf8_error().valid_up_to(),
                    error.utf8_error().error_len(),
                );
                let mut bytes = error.into_bytes();
                // A cut amid a character is our doing, not the text's.
                if cut == 0 || length.is_some() {
                    self.line = bytes;
                    return Err(self.wrong(start, valid));
                }
                cut += (bytes.len() - valid) as u64;
                bytes.truncate(valid);
                String::from_utf8(bytes).unwrap_or_default()
            }
        };
        if let Some(place) = memchr::memchr(0, self.text.as_bytes()) {
            self.line = std::mem::take(&mut self.text).into_bytes();
            return Err(self.wrong(start, place));
        }
        Ok(Some(Line {
            text: &self.text,
            number: self.number,
            cut,
        }))
    }

    /// Takes the bytes of the line that have come, without a byte order mark at the very start, and the offset of the
    /// first.
    fn without_mark(&mut self) -> (u64, Vec<u8>) {
        let (start, mut line) = (self.line_start, std::mem::take(&mut self.line));
        if start > 0 {
            return (start, line);
        }
        if line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
            return (BYTE_ORDER_MARK.len() as u64, line);
        }
        // There was room for a mark that is not there.
        if line.len() > self.limit {
            if self.cut == 0 {
                self.last_cut = line.last().copied().unwrap_or(0);
            }
            self.cut += (line.len() - self.limit) as u64;
            line.truncate(self.limit);
        }
        (start, line)
    }

    /// As [`Self::next_line`], but a line that does not fit is refused.
    ///
    /// # Errors
    /// Those of [`Self::next_line`], and a line of more bytes than are kept.
    pub fn whole_line(&mut self) -> Result<Option<Line<'_>>, DataError> {
        let (path, most) = (self.path().to_owned(), self.limit);
        match self.next_line()? {
            Some(Line { text, number, cut }) if cut > 0 => Err(DataError::LongLine {
                path,
                line: number,
                bytes: text.len() as u64 + cut,
                most,
            }),
            line => Ok(line),
        }
    }

    /// Moves what has come of the next line to where it is kept, up to its end.
    fn gather(&mut self) -> Result<(), DataError> {
        while !self.complete {
            let come = self.stream.available();
            if self.feed_pending && !come.is_empty() {
                self.feed_pending = false;
                if come[0] == b'\n' {
                    self.stream.consume(1);
                    self.offset += 1;
                    if !self.begun {
                        self.line_start = self.offset;
                    }
                    continue;
                }
            }
            if come.is_empty() {
                return Ok(());
            }
            let end = match self.ends {
                Ends::LineFeed => memchr::memchr(b'\n', come),
                Ends::Return => memchr::memchr2(b'\n', b'\r', come),
                Ends::Unknown => match memchr::memchr2(b'\n', b'\r', come) {
                    None => None,
                    Some(place) if come[place] == b'\n' => {
                        self.ends = Ends::LineFeed;
                        continue;
                    }
                    Some(place) => {
                        let feed = memchr::memchr(b'\n', &come[place..]);
                        self.ends = if feed.is_some() {
                            Ends::LineFeed
                        } else if self.stream.is_finished() || come.len() >= LOOK_AHEAD {
                            // At the very end it may be half of an end like any other.
                            Ends::Return
                        } else {
                            return Ok(());
                        };
                        continue;
                    }
                },
            };
            let part = &come[..end.unwrap_or(come.len())];
            if !self.begun {
                self.begun = true;
                // One buffer serves all lines.
                self.line = std::mem::take(&mut self.text).into_bytes();
                self.line.clear();
            }
            let mark = match self.line_start {
                0 => BYTE_ORDER_MARK.len(),
                _ => 0,
            };
            let room = self.limit.saturating_add(mark) - self.line.len();
            let kept = part.len().min(room);
            let was_whole = self.cut == 0;
            self.line.extend_from_slice(&part[..kept]);
            if let Some(&last) = part[kept..].last() {
                (self.cut, self.last_cut) = (self.cut + (part.len() - kept) as u64, last);
            }
            let returned = end.is_some_and(|end| come[end] == b'\r');
            let used = part.len() + usize::from(end.is_some());
            self.stream.consume(used);
            self.offset += used as u64;
            self.complete = end.is_some();
            self.feed_pending = returned;
            if self.cut > 0 && was_whole && self.line.contains(&0) {
                // The rest may have no end: a device of zeros has none.
                self.number += 1;
                let place = memchr::memchr(0, &self.line).unwrap_or(0);
                return Err(self.wrong(self.line_start, place));
            }
            if self.cut > ENDLESS {
                return Err(DataError::EndlessLine {
                    path: self.path().to_owned(),
                    line: self.number + 1,
                    bytes: ENDLESS,
                });
            }
        }
        Ok(())
    }

    /// Returns the error for the byte at `place` of the line that starts at byte `start`.
    fn wrong(&self, start: u64, place: usize) -> DataError {
        let (path, line) = (self.path().to_owned(), self.number);
        let offset = start + place as u64;
        let whole = self.again.as_deref().and_then(beginning);
        let here = || [&self.line, &b"\n"[..], self.stream.available()].concat();
        let encoding = TextEncoding::guess(&Evidence {
            whole: whole.is_some(),
            text: &whole.unwrap_or_else(here),
            line: &self.line,
            place,
            path: &path,
            compression: self.stream.compression(),
        });
        match encoding {
            None => DataError::Nul { path, line, offset },
            Some(encoding) => DataError::NotUtf8 {
                path,
                line,
                offset,
                byte: self.line.get(place).copied().unwrap_or(0),
                encoding: Box::new(encoding),
            },
        }
    }
}

/// The first bytes of the text at `path`, unpacked.
fn beginning(path: &Path) -> Option<Vec<u8>> {
    let mut stream = Stream::new(path.to_owned(), open::open(path).ok()?);
    while !stream.is_finished() && stream.available().len() < EVIDENCE {
        // What cannot be unpacked is not looked at.
        if stream.fill(1).is_err() {
            break;
        }
    }
    Some(stream.available().to_vec())
}

impl fmt::Debug for Lines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Lines")
            .field("path", &self.path())
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// All lines of the file at `path`, or of standard input where that is `-`.
///
/// # Errors
/// Those of [`Lines::whole_line`], with a limit of [`LONGEST_LINE`].
pub fn read_lines(path: &Path) -> Result<Vec<String>, DataError> {
    let mut lines = Lines::open(path, LONGEST_LINE)?;
    let mut all = Vec::new();
    while let Some(line) = lines.whole_line()? {
        all.push(line.text.to_owned());
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
