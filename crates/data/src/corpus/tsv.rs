//! Files of lines `source TAB target`, or of other columns that are named.

use std::path::Path;

use super::collector::{Collector, Row};
use super::columns::Columns;
use super::{Side, open};
use crate::error::DataError;

/// A line has room for so many columns of the greatest length.
const MOST_LONG: usize = 8;

pub(super) fn read(path: &Path, collector: &mut Collector<'_>) -> Result<(), DataError> {
    let named = collector.options.columns;
    let columns = named.unwrap_or(Columns::PAIR);
    let mut lines = collector.open(path, columns.count().min(MOST_LONG))?;
    let shown = open::shown(path);
    collector.name_files(&shown, &shown);
    while let Some(line) = lines.next_line()? {
        let cells = columns.cut(line.text);
        // A cut line is whole enough only if all that is read of it ended before the cut.
        if line.cut > 0 && cells.count <= columns.last_read() + 1 {
            let bytes = line.text.len() as u64 + line.cut;
            collector.over_long(Side::Source, bytes)?;
            continue;
        }
        let is_blank = line.text.trim().is_empty();
        // Of two columns the second is missed as a side of the pair.
        let has_fewer = columns.count() > 2 && cells.count < columns.count() && line.cut == 0;
        if cells.last_extra.is_some() || (has_fewer && !is_blank) {
            return Err(DataError::ColumnCount {
                path: shown,
                line: line.number,
                found: cells.last_extra.unwrap_or(cells.count),
                named,
            });
        }
        collector.take(Row {
            source: cells.source.unwrap_or_default(),
            target: cells.target.unwrap_or_default(),
            features: cells.features,
            tab: cells.count > 1,
        })?;
    }
    collector.end(&lines);
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
    fn two_columns_are_read_and_the_others_if_they_are_named() {
        let text = "\u{feff}Hi.\t你好。\tCC-BY 2.0\r\n\r\n  How are you? \t 你好吗？\t\r\n\r\n";
        let message = read_tsv(text.as_bytes()).unwrap_err();
        assert!(message.contains("pairs.tsv:1: 3 columns"), "{message}");
        assert!(message.contains("`data.columns`"), "{message}");
        assert!(
            message.contains("columns = [\"source\", \"target\", \"skip\"]"),
            "{message}"
        );
        let corpus = read_named(text, "source target skip").unwrap();
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

    fn read_named(text: &str, columns: &str) -> Result<Corpus, String> {
        let names: Vec<&str> = columns.split(' ').collect();
        let columns = serde_json::from_value(serde_json::json!(names)).unwrap();
        let (_folder, path) = file("pairs.tsv", text.as_bytes());
        let options = ReadOptions {
            columns: Some(columns),
            ..ReadOptions::default()
        };
        read(&CorpusSource::Tsv(path), &options).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_may_stand_in_any_order_and_hold_features() {
        let corpus = read_named(
            "walked\t7\tV;PST\twalk\nx\t\t\ty\n",
            "target skip features source",
        );
        let pairs = corpus.unwrap().pairs;
        assert_eq!(pairs[0].source, "walk\tV\tPST");
        assert_eq!(pairs[0].target, "walked");
        let features = pairs[0].features.as_ref().unwrap();
        assert_eq!(features.iter().collect::<Vec<_>>(), ["V", "PST"]);
        assert_eq!(pairs[1].features, None);
    }

    #[test]
    fn lines_with_more_or_fewer_columns_than_are_named_are_refused() {
        for (line, found) in [("a\tb", 2), ("a", 1), ("a\tb\tc\td", 4)] {
            let text = format!("a\tb\tc\n\n \t\n{line}\n");
            let message = read_named(&text, "source target skip").unwrap_err();
            let says =
                format!("pairs.tsv:4: {found} columns, but `data.columns` names 3, [\"source\"");
            assert!(message.contains(&says), "{message}");
        }
        // Nothing is lost with a blank one.
        assert_eq!(read_tsv(b"a\tb\t \t\n").unwrap().pairs.len(), 1);
    }

    #[test]
    fn one_sided_pairs_are_refused_with_their_line() {
        for (line, side) in [
            ("Hi.", "target"),
            ("Hi.\t \t", "target"),
            ("\t你好", "source"),
        ] {
            let message = read_tsv(format!("a\tb\n{line}\n").as_bytes()).unwrap_err();
            assert!(message.contains("pairs.tsv:2: one-sided pair"), "{message}");
            assert!(message.contains(&format!("the {side} side")), "{message}");
            assert_eq!(message.contains("no tab"), line == "Hi.", "{message}");
        }
    }

    #[test]
    fn a_huge_line_is_dropped_but_not_for_a_column_that_is_skipped() {
        let huge = "x".repeat(1_000_000);
        let text = format!("a\tb\t{huge}\na\t{huge}\tz\n{huge}\nc\td\te\n");
        let corpus = read_named(&text, "source target skip").unwrap();
        assert_eq!(corpus.pairs.len(), 2);
        assert_eq!(corpus.summary.over_long, 2);
    }
}
