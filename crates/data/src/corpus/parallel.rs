//! Two files of which line n of one translates line n of the other.

use std::path::Path;

use super::collector::{Collector, Row};
use super::lines::{Line, Lines};
use super::source::check_input_once;
use super::{Side, open};
use crate::error::DataError;

pub(super) fn read(
    source_path: &Path,
    target_path: &Path,
    collector: &mut Collector<'_>,
) -> Result<(), DataError> {
    check_input_once(source_path, target_path)?;
    let mut sources = collector.open(source_path, 1)?;
    let mut targets = collector.open(target_path, 1)?;
    collector.name_files(&open::shown(source_path), &open::shown(target_path));
    loop {
        match (sources.next_line()?, targets.next_line()?) {
            (None, None) => break,
            (Some(source), Some(target)) => {
                let sides = [(Side::Source, source), (Side::Target, target)];
                match sides.into_iter().find(|(_, line)| line.cut > 0) {
                    Some((side, line)) => {
                        collector.over_long(side, line.text.len() as u64 + line.cut)?;
                    }
                    None => collector.take(Row {
                        source: source.text,
                        target: target.text,
                        features: None,
                        tab: true,
                    })?,
                }
            }
            (source, target) => {
                // One file has ended; what is left of the other may only be blank.
                let [source_blank, target_blank] = [source, target].map(is_blank);
                let ended = sources.number().min(targets.number());
                collector.blank()?;
                let source_lines = last_line(&mut sources, ended, source_blank, collector)?;
                let target_lines = last_line(&mut targets, ended, target_blank, collector)?;
                if source_lines != target_lines {
                    return Err(DataError::CountMismatch {
                        source_path: open::shown(source_path),
                        source_lines,
                        target_path: open::shown(target_path),
                        target_lines,
                    });
                }
                break;
            }
        }
    }
    collector.end(&sources);
    collector.end(&targets);
    Ok(())
}

fn is_blank(line: Option<Line<'_>>) -> bool {
    line.is_none_or(|line| line.text.trim().is_empty())
}

/// Reads `lines` to their end and gives the number of the last one that is not blank, at least
/// `ended`. Line `ended + 1` was read already and is blank or missing if `blank` says so.
fn last_line(
    lines: &mut Lines,
    ended: usize,
    blank: bool,
    collector: &mut Collector<'_>,
) -> Result<usize, DataError> {
    let mut last = if blank { ended } else { ended + 1 };
    while let Some(line) = lines.next_line()? {
        let number = line.number;
        if is_blank(Some(line)) {
            collector.blank()?;
        } else {
            last = number;
        }
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use crate::corpus::{Corpus, CorpusSource, ReadOptions, read};

    fn read_files(source: &str, target: &str) -> Result<Corpus, String> {
        let folder = tempfile::tempdir().unwrap();
        let files = CorpusSource::Parallel {
            source: folder.path().join("x.en"),
            target: folder.path().join("x.zh"),
        };
        std::fs::write(folder.path().join("x.en"), source).unwrap();
        std::fs::write(folder.path().join("x.zh"), target).unwrap();
        let options = ReadOptions {
            max_characters: 20,
            ..ReadOptions::default()
        };
        read(&files, &options).map_err(|error| error.to_string())
    }

    #[test]
    fn lines_are_paired_and_blank_pairs_dropped() {
        let corpus = read_files("a\n\nb\r\nc", "\u{feff}甲\n \n乙\n丙\n").unwrap();
        let targets: Vec<&str> = corpus.pairs.iter().map(|pair| &*pair.target).collect();
        assert_eq!(targets, ["甲", "乙", "丙"]);
        assert_eq!((corpus.summary.read, corpus.summary.empty), (4, 1));
        assert_eq!((corpus.lines, corpus.last_line), (vec![1, 3, 4], 4));
    }

    #[test]
    fn blank_lines_at_the_end_of_one_file_are_tolerated_and_counted() {
        for (source, target) in [("a\n\n\n \n", "甲\n"), ("a", "甲\n\n\n\n")] {
            let summary = read_files(source, target).unwrap().summary;
            assert_eq!((summary.read, summary.kept, summary.empty), (4, 1, 3));
        }
    }

    #[test]
    fn files_of_different_length_are_refused_with_both_counts() {
        let message = read_files("a\nb\nc\n", "甲\n").unwrap_err();
        assert!(message.contains("x.en has 3 lines"), "{message}");
        assert!(message.contains("x.zh has 1;"), "{message}");
        let message = read_files("a\n", "甲\n\n\n乙\n\n").unwrap_err();
        assert!(message.contains("x.en has 1 lines"), "{message}");
        assert!(message.contains("x.zh has 4;"), "{message}");
    }

    #[test]
    fn an_empty_line_on_one_side_is_refused_where_it_is() {
        let message = read_files("a\nb\n", "甲\n\n").unwrap_err();
        assert!(message.contains("x.zh:2: one-sided pair"), "{message}");
        let message = read_files("\nb\n", "甲\n乙\n").unwrap_err();
        assert!(message.contains("x.en:1: one-sided pair"), "{message}");
    }

    #[test]
    fn standard_input_is_not_read_for_both_sides() {
        let both = CorpusSource::Parallel {
            source: "-".into(),
            target: "-".into(),
        };
        let message = read(&both, &ReadOptions::default())
            .unwrap_err()
            .to_string();
        assert!(message.contains("both sides"), "{message}");
    }

    #[test]
    fn over_long_lines_are_dropped_with_their_partner() {
        let huge = "x".repeat(1_000_000);
        let corpus = read_files(&format!("a\n{huge}\nc\n"), "甲\n乙\n丙\n").unwrap();
        assert_eq!((corpus.summary.kept, corpus.summary.over_long), (2, 1));
    }
}
