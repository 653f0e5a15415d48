//! The bytes of a text, unpacked if need be, with a look at what has come already.

use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use flate2::bufread::MultiGzDecoder;

use super::compression::Compression;
use super::content::ContentHasher;
use super::open::Raw;
use super::zstd::Zstd;
use crate::error::DataError;

/// Bytes asked for at a time.
const BUFFER: usize = 64 * 1024;
/// How long a descriptor that somebody has set not to wait is left alone before it is asked again.
const PAUSE: Duration = Duration::from_millis(5);

enum State {
    /// How it is packed is not known yet: too little has come.
    Fresh(Raw),
    Plain(Raw),
    Packed(Box<dyn Read + Send>),
    /// At its end, or damaged.
    Finished,
}

/// Bytes of a text in a buffer that grows only for who does not consume.
pub(super) struct Stream {
    /// As messages call it.
    path: PathBuf,
    state: State,
    compression: Option<Compression>,
    /// Buffer; the bytes that have come and were not consumed are in `start..end`.
    storage: Vec<u8>,
    start: usize,
    end: usize,
    hasher: ContentHasher,
}

impl Stream {
    /// Nothing is read before it is asked for.
    pub(super) fn new(path: PathBuf, raw: Raw) -> Self {
        Self {
            path,
            state: State::Fresh(raw),
            compression: None,
            storage: vec![0; BUFFER],
            start: 0,
            end: 0,
            hasher: ContentHasher::default(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the bytes that have come and were not consumed.
    pub(super) fn available(&self) -> &[u8] {
        match self.state {
            // It may have to be unpacked first.
            State::Fresh(_) => &[],
            _ => &self.storage[self.start..self.end],
        }
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// Whether nothing is to come but what is available.
    pub(super) fn is_finished(&self) -> bool {
        matches!(self.state, State::Finished)
    }

    pub(super) fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// Hash and length of the unpacked bytes so far.
    pub(super) fn hasher(&self) -> &ContentHasher {
        &self.hasher
    }

    /// The file that is read, if what it has ready is all that is to come: not where a decoder keeps some.
    #[cfg(unix)]
    pub(super) fn descriptor(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        use std::os::fd::AsFd;
        match &self.state {
            State::Fresh(Raw::File(file)) | State::Plain(Raw::File(file)) => Some(file.as_fd()),
            _ => None,
        }
    }

    /// Reads once more, which may wait. Line `line` is being read, for messages.
    pub(super) fn fill(&mut self, line: usize) -> Result<(), DataError> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.end == self.storage.len() {
            if self.start > 0 {
                self.storage.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            } else {
                self.storage.resize(2 * self.end, 0);
            }
        }
        let space = &mut self.storage[self.end..];
        let read = match &mut self.state {
            State::Fresh(raw) | State::Plain(raw) => patiently(raw, space),
            State::Packed(reader) => patiently(reader, space),
            State::Finished => Ok(0),
        };
        let count = read.map_err(|cause| match self.compression {
            None => DataError::reading(self.path.clone(), cause),
            Some(compression) => DataError::Damaged {
                path: self.path.clone(),
                line,
                format: compression.name(),
                cause: cause.to_string(),
            },
        });
        let count = match count {
            Ok(count) => count,
            Err(error) => {
                self.state = State::Finished;
                return Err(error);
            }
        };
        self.end += count;
        if let State::Fresh(_) = self.state {
            return self.decide(count == 0);
        }
        self.hasher
            .update(&self.storage[self.end - count..self.end]);
        if count == 0 {
            self.state = State::Finished;
        }
        Ok(())
    }

    /// The first bytes decide about compression, as soon as they can, whatever the file is called.
    fn decide(&mut self, ended: bool) -> Result<(), DataError> {
        let head = &self.storage[..self.end];
        let mut known = Compression::ALL.into_iter();
        let compression = known.find(|one| head.starts_with(one.magic()));
        let undecided = |one: Compression| one.magic().starts_with(head);
        if compression.is_none() && !ended && Compression::ALL.into_iter().any(undecided) {
            return Ok(());
        }
        let State::Fresh(raw) = std::mem::replace(&mut self.state, State::Finished) else {
            return Ok(());
        };
        self.compression = compression;
        self.state = match compression {
            None => {
                self.hasher.update(head);
                match ended {
                    true => State::Finished,
                    false => State::Plain(raw),
                }
            }
            Some(compression) => {
                let whole = Cursor::new(head.to_vec()).chain(raw);
                let whole = BufReader::with_capacity(BUFFER, whole);
                self.end = 0;
                let unpacked: Box<dyn Read + Send> = match compression {
                    Compression::Gzip => Box::new(MultiGzDecoder::new(whole)),
                    Compression::Zstd => Box::new(Zstd::new(whole)),
                };
                State::Packed(unpacked)
            }
        };
        Ok(())
    }
}

/// Reads once, whatever signals come and whoever has set the descriptor not to wait.
fn patiently(reader: &mut impl Read, space: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(space) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(PAUSE),
            result => return result,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::Write;

    pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// Hands out a byte at a time, as a slow pipe may.
    struct Slow(Cursor<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(1);
            self.0.read(&mut buffer[..most])
        }
    }

    fn text_of(name: &str, bytes: &[u8]) -> Result<String, String> {
        let mut texts = Vec::new();
        let whole: Box<dyn Read + Send> = Box::new(Cursor::new(bytes.to_vec()));
        let slow: Box<dyn Read + Send> = Box::new(Slow(Cursor::new(bytes.to_vec())));
        for reader in [whole, slow] {
            let mut stream = Stream::new(name.into(), Raw::Other(reader));
            while !stream.is_finished() {
                stream.fill(1).map_err(|error| error.to_string())?;
            }
            texts.push(String::from_utf8(stream.available().to_vec()).unwrap());
        }
        assert_eq!(texts[0], texts[1]);
        Ok(texts.remove(0))
    }

    #[test]
    fn plain_gzip_and_zstd_read_alike() {
        let zstd = compress_to_vec(&b"a\tb\n"[..], CompressionLevel::Fastest);
        for (name, bytes) in [
            ("x.tsv", &b"a\tb\n"[..]),
            ("x.tsv.gz", &gzip(b"a\tb\n")),
            ("x.tsv.zst", &zstd),
            ("without-extension", &zstd),
        ] {
            assert_eq!(text_of(name, bytes).unwrap(), "a\tb\n");
        }
        // These begin as a packed file does.
        for short in ["", "a", "(", "(a"] {
            assert_eq!(text_of("short", short.as_bytes()).unwrap(), short);
        }
    }

    #[test]
    fn the_members_of_a_gzip_file_follow_each_other() {
        let bytes = [gzip(b"a\n"), gzip(b""), gzip(b"b\n")].concat();
        assert_eq!(text_of("x.gz", &bytes).unwrap(), "a\nb\n");
    }

    #[test]
    fn the_content_decides_and_not_the_name() {
        assert_eq!(text_of("x.gz", b"plain text").unwrap(), "plain text");
        assert_eq!(text_of("x.zst", &gzip(b"text")).unwrap(), "text");
        let whole = gzip(&b"some text".repeat(50));
        let message = text_of("x", &whole[..whole.len() - 4]).unwrap_err();
        assert!(message.contains("damaged gzip data"), "{message}");
    }

    #[test]
    fn two_bytes_are_known_to_be_plain_without_waiting_for_more() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"a\n").unwrap();
        let mut stream = Stream::new("pipe".into(), Raw::Other(Box::new(reader)));
        stream.fill(1).unwrap();
        assert_eq!(stream.available(), b"a\n");
        drop(writer);
        stream.fill(1).unwrap();
        assert!(stream.is_finished());
    }
}
