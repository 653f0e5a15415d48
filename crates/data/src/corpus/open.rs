//! Opens a file and unpacks it if need be.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::zstd::Zstd;
use crate::error::DataError;

const BUFFER: usize = 64 * 1024;
const GZIP: (&str, &[u8], &str) = ("gzip", &[0x1f, 0x8b], "gz");
const ZSTD: (&str, &[u8], &str) = ("zstd", &[0x28, 0xb5, 0x2f, 0xfd], "zst");

/// A file's text, and the name of its compression if it has one.
pub(super) struct Opened {
    pub(super) reader: Box<dyn BufRead>,
    pub(super) compression: Option<&'static str>,
}

/// Opens `path`. The first bytes decide about compression; the name must not contradict them.
pub(super) fn open(path: &Path) -> Result<Opened, DataError> {
    let reading = |cause| DataError::reading(path.to_owned(), cause);
    let file = File::open(path).map_err(reading)?;
    if file.metadata().map_err(reading)?.is_dir() {
        return Err(reading(io::ErrorKind::IsADirectory.into()));
    }
    let mut raw = BufReader::with_capacity(BUFFER, file);
    // A pipe may hand out less than four bytes at first, so they are gathered and put back.
    let mut head = Vec::new();
    raw.by_ref()
        .take(4)
        .read_to_end(&mut head)
        .map_err(reading)?;
    let compression = [GZIP, ZSTD]
        .into_iter()
        .find(|(_, magic, _)| head.starts_with(magic))
        .map(|(name, ..)| name);
    if let Some((name, ..)) = [GZIP, ZSTD].into_iter().find(|(name, _, extension)| {
        path.extension().is_some_and(|own| own == *extension) && compression != Some(name)
    }) {
        return Err(DataError::Damaged {
            path: path.to_owned(),
            line: 1,
            format: name,
            cause: "the file does not start as its name promises".into(),
        });
    }
    let whole = io::Cursor::new(head).chain(raw);
    let reader: Box<dyn BufRead> = match compression {
        Some("gzip") => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(whole))),
        Some(_) => Box::new(BufReader::with_capacity(BUFFER, Zstd::new(whole))),
        None => Box::new(whole),
    };
    Ok(Opened {
        reader,
        compression,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::tests::file;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn text_of(name: &str, bytes: &[u8]) -> String {
        let (_folder, path) = file(name, bytes);
        let mut text = String::new();
        open(&path)
            .unwrap()
            .reader
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn plain_gzip_and_zstd_read_alike() {
        let zstd = compress_to_vec(&b"a\tb\n"[..], CompressionLevel::Fastest);
        assert_eq!(text_of("x.tsv", b"a\tb\n"), "a\tb\n");
        assert_eq!(text_of("x.tsv.gz", &gzip(b"a\tb\n")), "a\tb\n");
        assert_eq!(text_of("x.tsv.zst", &zstd), "a\tb\n");
        assert_eq!(text_of("without-extension", &zstd), "a\tb\n");
        assert_eq!(text_of("short", b"a"), "a");
    }

    #[test]
    fn the_members_of_a_gzip_file_follow_each_other() {
        let bytes = [gzip(b"a\n"), gzip(b""), gzip(b"b\n")].concat();
        assert_eq!(text_of("x.gz", &bytes), "a\nb\n");
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        let (folder, path) = file("x.gz", b"plain text");
        let message = |path: &Path| open(path).err().unwrap().to_string();
        assert!(message(&path).contains("x.gz:1: damaged gzip data"));
        assert!(message(&folder.path().join("y")).contains("no such file"));
        assert!(message(folder.path()).contains("this is a folder"));
    }
}
