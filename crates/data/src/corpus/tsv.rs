//! Files of lines `source TAB target`, further columns ignored.

use std::path::Path;

use super::Collector;
use super::lines::Lines;
use crate::error::DataError;

pub(super) fn read(path: &Path, collector: &mut Collector) -> Result<(), DataError> {
    let mut lines = Lines::open(path, 2, collector.max_characters)?;
    while let Some(line) = lines.next()? {
        let mut columns = line.text.splitn(3, '\t');
        let source = columns.next().unwrap_or_default();
        let target = columns.next();
        // A cut line is whole enough only if the target column ended before the cut.
        if line.cut && columns.next().is_none() {
            collector.over_long();
            continue;
        }
        let tab = target.is_some();
        if let Some(side) = collector.take(source, target.unwrap_or_default()) {
            return Err(DataError::OneSided {
                path: path.to_owned(),
                line: lines.number(),
                side,
                tab,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::corpus::tests::file;
    use crate::corpus::{Corpus, CorpusSource, ReadOptions, read};

    fn read_tsv(bytes: &[u8]) -> Result<Corpus, String> {
        let (_folder, path) = file("pairs.tsv", bytes);
        read(&CorpusSource::Tsv(path), &ReadOptions::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn two_columns_are_read_and_the_rest_ignored() {
        let text = "\u{feff}Hi.\t你好。\tCC-BY 2.0\tmore\r\n\n  How are you? \t 你好吗？\r\n\r\n";
        let corpus = read_tsv(text.as_bytes()).unwrap();
        let pairs: Vec<(&str, &str)> = corpus
            .pairs
            .iter()
            .map(|pair| (pair.source.as_str(), pair.target.as_str()))
            .collect();
        assert_eq!(pairs, [("Hi.", "你好。"), ("How are you?", "你好吗？")]);
        assert_eq!((corpus.summary.read, corpus.summary.empty), (4, 2));
        assert_eq!(corpus.lines, [1, 3]);
        assert_eq!(corpus.last_line, 3);
        assert!(
            corpus
                .summary
                .to_string()
                .ends_with("kept 2, dropped 2 (2 empty)")
        );
    }

    #[test]
    fn one_sided_pairs_are_refused_with_their_line() {
        for (line, side) in [
            ("Hi.", "target"),
            ("Hi.\t \t3", "target"),
            ("\t你好", "source"),
        ] {
            let message = read_tsv(format!("a\tb\n{line}\n").as_bytes()).unwrap_err();
            assert!(message.contains("pairs.tsv:2: one-sided pair"), "{message}");
            assert!(message.contains(&format!("the {side} side")), "{message}");
            assert_eq!(message.contains("no tab"), line == "Hi.", "{message}");
        }
    }

    #[test]
    fn a_huge_line_is_dropped_but_a_huge_third_column_is_ignored() {
        let huge = "x".repeat(1_000_000);
        let text = format!("a\tb\t{huge}\na\t{huge}\n{huge}\nc\td\n");
        let corpus = read_tsv(text.as_bytes()).unwrap();
        assert_eq!(corpus.pairs.len(), 2);
        assert_eq!(corpus.summary.over_long, 2);
    }
}
