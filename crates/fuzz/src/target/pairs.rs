//! TSV files of sentence pairs.
//!
//! Promised: every line counts once, as kept or as dropped for one reason; or as a pair, where all are kept. What is
//! kept is on one line, has no white space at its ends, and is no longer than asked for.

use data::DataError;
use data::corpus::{Column, Columns, Corpus, CorpusSource, OneSided, ReadOptions, read};

use crate::{message, scratch};

/// Pieces of TSV files.
pub const DICTIONARY: &[&[u8]] = &[
    b"\t",
    b"\t\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"a\tb\n",
    b"\t\n",
    b" ",
    b"\0",
    b";",
    b"V;PST",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    b"\xe2\x80\xa8",
    b"\xcc\x81",
    b"\xe6\xb1\xa4",
    b"\xff",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
];

/// Reads `input` as it is read unless said otherwise, with every line, with short pairs only, and with columns in
/// another order.
pub fn run(input: &[u8]) {
    let source = CorpusSource::Tsv(scratch::file("pairs.tsv", input));
    let usual = ReadOptions::default();
    let columns = vec![
        Column::Target,
        Column::Skip,
        Column::Features,
        Column::Source,
    ];
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
        ReadOptions {
            columns: Columns::try_from(columns).ok(),
            one_sided: OneSided::Skip,
            ..usual
        },
    ];
    for options in all {
        check(read(&source, &options), &options);
    }
}

/// Fails unless what is promised of a corpus holds.
pub(super) fn check(found: Result<Corpus, DataError>, options: &ReadOptions) {
    let corpus = match found {
        Ok(corpus) => corpus,
        Err(error) => return message::check_shown(&error),
    };
    let summary = &corpus.summary;
    assert_eq!(summary.read, summary.kept + summary.dropped());
    assert!(!options.keep_all || summary.dropped() == 0);
    let counts = [corpus.pairs.len(), corpus.lines.len()];
    assert_eq!(counts, [summary.kept; 2]);
    assert!(summary.kept > 0);
    assert!(corpus.lines.is_sorted_by(|line, next| line < next));
    let last = corpus.lines.last().copied().unwrap_or(0);
    assert!(last.max(corpus.last_line) <= summary.read);
    for pair in &corpus.pairs {
        for side in [&pair.source, &pair.target] {
            assert!(!side.contains(['\n', '\r', '\0']), "{side:?}");
            assert_eq!(side.trim(), side.as_str());
            assert!(options.keep_all || !side.is_empty());
        }
        // Features stand behind the source, each after a tab.
        let source = match pair.features {
            Some(_) => pair.source.split('\t').next().unwrap_or_default(),
            None => pair.source.as_str(),
        };
        for side in [source, pair.target.as_str()] {
            let fits = side.chars().nth(options.max_characters).is_none();
            assert!(options.keep_all || fits, "{side:?}");
        }
    }
}
