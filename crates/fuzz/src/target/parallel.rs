//! Two files of which line n of one translates line n of the other.
//!
//! Promised: what is promised of TSV files.

use data::corpus::{CorpusSource, OneSided, ReadOptions, read};

use super::pairs;
use crate::scratch;

/// Pieces of both files, and the NUL that stands between them here.
pub const DICTIONARY: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n\n",
    b" \n",
    b"\t",
    b"a\n",
    b"\xef\xbb\xbf",
    b"\xe6\xb1\xa4\n",
    b"\xff",
    b"\x1f\x8b\x08",
];

/// Reads what is before the first NUL of `input` as the sources and what is behind it as the targets.
pub fn run(input: &[u8]) {
    let mut parts = input.splitn(2, |byte| *byte == 0);
    let mut file = |name| scratch::file(name, parts.next().unwrap_or_default());
    let source = CorpusSource::Parallel {
        source: file("sources"),
        target: file("targets"),
    };
    let usual = ReadOptions::default();
    let all = [
        usual,
        ReadOptions {
            keep_all: true,
            ..usual
        },
        ReadOptions {
            max_characters: 5,
            one_sided: OneSided::Skip,
            ..usual
        },
    ];
    for options in all {
        pairs::check(read(&source, &options), &options);
    }
}
