//! Links between words, as word aligners write them.
//!
//! Promised: each pair has its links, sorted, each of them once, and every word that they name is there.

use data::corpus::{Corpus, LinkSource, Pair, read_alignments};

use crate::{message, scratch};

/// Pieces of files of links.
pub const DICTIONARY: &[&[u8]] = &[
    b"0-0",
    b"1-2",
    b" ",
    b"\t",
    b"\n",
    b"\r\n",
    b"-",
    b"--",
    b"+0-0",
    b"0-0:0.5",
    b"18446744073709551616-0",
    b"00000000000000000000000-0",
    b"\xd9\xa1-\xd9\xa2",
    b"\xe2\x80\x93",
    b"\xc2\xa0",
    b"\0",
    b"\x1b[31m",
    b"\xef\xbb\xbf",
    b"\x1f\x8b\x08",
];

/// Reads `input` as the links of a corpus of which two pairs of four lines were kept.
pub fn run(input: &[u8]) {
    let corpus = Corpus {
        pairs: vec![Pair::new("a b", "x y z"), Pair::new("d", "w")],
        lines: vec![1, 4],
        last_line: 4,
        ..Corpus::default()
    };
    let source = LinkSource::File(scratch::file("links", input));
    let found = match read_alignments(&source, &corpus) {
        Ok(found) => found,
        Err(error) => return message::check_said(&error),
    };
    assert_eq!(found.pairs.len(), corpus.pairs.len());
    for (pair, links) in corpus.pairs.iter().zip(&found.pairs) {
        assert!(links.is_sorted_by(|link, next| link < next));
        let words = [&pair.source, &pair.target].map(|side| side.split(' ').count());
        let is_there = |places: [usize; 2]| places[0] < words[0] && places[1] < words[1];
        assert!(links.iter().all(|one| is_there([one.source, one.target])));
    }
}
