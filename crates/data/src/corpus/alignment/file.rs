//! Links as word aligners write them.

use std::path::Path;

use super::{Alignments, Link, Words};
use crate::corpus::{Corpus, Lines, Side};
use crate::error::DataError;

/// Room for the links of a line, in bytes; a line that is longer is refused.
const LONGEST: usize = 4_000_000;

/// Lines after which it is asked whether to go on.
const LINES_BETWEEN: usize = 4_096;

/// Most characters that a message shows of something that is no link.
const SHOWN: usize = 40;

/// See [`super::LinkSource::File`].
pub(super) fn read(
    path: &Path,
    corpus: &Corpus,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Alignments, DataError> {
    let mut lines = Lines::open_regular(path, LONGEST)?;
    let mut all = Vec::with_capacity(corpus.pairs.len());
    let mut last_line = 0;
    while let Some(line) = lines.next_line()? {
        let (cut, number) = (line.cut > 0, line.number);
        if number.is_multiple_of(LINES_BETWEEN) && !go_on() {
            return Err(DataError::Stopped {
                path: path.to_owned(),
                lines: number,
            });
        }
        let found = links(line.text).map_err(str::to_owned);
        let refuse = |found: &str| DataError::NotALink {
            path: path.to_owned(),
            line: number,
            found: found.chars().take(SHOWN).collect(),
        };
        let found = match found {
            Ok(_) if cut => return Err(refuse("a line without end")),
            Ok(found) => found,
            Err(found) => return Err(refuse(&found)),
        };
        if !found.is_empty() {
            last_line = number;
        }
        if corpus.lines.get(all.len()) != Some(&number) {
            continue; // The pair was dropped.
        }
        let pair = &corpus.pairs[all.len()];
        let count = |text: &str| text.split_whitespace().count();
        let [sources, targets] = [count(&pair.source), count(&pair.target)];
        for link in &found {
            let sides = [
                (Side::Source, link.source, sources),
                (Side::Target, link.target, targets),
            ];
            if let Some((side, word, words)) = sides.into_iter().find(|(_, word, all)| word >= all)
            {
                return Err(DataError::LinkOutOfRange {
                    path: path.to_owned(),
                    line: number,
                    link: format!("{}-{}", link.source, link.target),
                    side,
                    word,
                    words,
                });
            }
        }
        all.push(found);
    }
    let read = lines.number();
    let wrong = if read < corpus.last_line {
        Some(read)
    } else {
        Some(last_line).filter(|&last| last > corpus.last_line)
    };
    match wrong {
        Some(lines) => Err(DataError::AlignmentCount {
            path: path.to_owned(),
            lines,
            corpus: corpus.summary.source.clone(),
            pairs: corpus.last_line,
        }),
        None => Ok(Alignments {
            pairs: all,
            words: Words::Spaced,
            content: lines.content(),
        }),
    }
}

/// The links of a line, sorted, each once; or what is no link.
fn links(text: &str) -> Result<Vec<Link>, &str> {
    let link = |found| {
        let (source, target) = str::split_once(found, '-').ok_or(found)?;
        Ok(Link {
            source: number(source).ok_or(found)?,
            target: number(target).ok_or(found)?,
        })
    };
    let mut links = text
        .split_whitespace()
        .map(link)
        .collect::<Result<Vec<Link>, &str>>()?;
    links.sort_unstable();
    links.dedup();
    Ok(links)
}

/// A number of digits alone.
fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::tests::file;
    use crate::corpus::{CorpusSource, ReadOptions};
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    /// A blank line, and a pair that is too long.
    const PAIRS: &str = "a b\tx y z\n\nc c c c c c c c c c c\tx\nd\tw\n\n";

    fn found(links: &[u8], name: &str) -> Result<Vec<Vec<Link>>, String> {
        let (_folder, path) = file("pairs.tsv", PAIRS.as_bytes());
        let options = ReadOptions {
            max_characters: 20,
            ..ReadOptions::default()
        };
        let corpus = crate::corpus::read(&CorpusSource::Tsv(path), &options).unwrap();
        assert_eq!(corpus.lines, [1, 4]);
        let (_folder, path) = file(name, links);
        let found = read(&path, &corpus, &|| true);
        found
            .map(|found| found.pairs)
            .map_err(|error| error.to_string())
    }

    fn link(source: usize, target: usize) -> Link {
        Link { source, target }
    }

    #[test]
    fn links_go_with_their_pairs_and_leave_with_them() {
        let wanted = vec![vec![link(0, 2), link(1, 0), link(1, 1)], vec![link(0, 0)]];
        for text in [
            "1-0 0-2 1-1 1-0\n\n9-9\n0-0",
            "1-0 0-2\t1-1\r\n\n\n0-0\n\n\n",
        ] {
            assert_eq!(found(text.as_bytes(), "links").unwrap(), wanted, "{text}");
        }
        assert_eq!(
            found(b"\n\n\n\n", "links").unwrap(),
            [Vec::new(), Vec::new()]
        );
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"1-0 0-2 1-1\n\n\n0-0\n").unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(found(&packed, "links.gz").unwrap(), wanted);
    }

    #[test]
    fn what_is_no_link_is_named_with_its_line() {
        for wrong in [
            "1",
            "1-",
            "-1",
            "1-2-3",
            "a-b",
            "+1-2",
            "1:2",
            "1-2:0.5",
            "1-99999999999999999999999",
        ] {
            let message = found(format!("0-0\n\n{wrong} 0-0\n0-0\n").as_bytes(), "links");
            let message = message.unwrap_err();
            let named = format!("links:3: `{wrong}` is no link");
            assert!(message.contains(&named), "{message}");
        }
        let message = found("x".repeat(9_000_000).as_bytes(), "links").unwrap_err();
        assert!(message.chars().count() < 400, "{message}");
    }

    #[test]
    fn words_that_are_not_there_are_named() {
        let message = found(b"0-0 2-1\n\n\n\n", "links").unwrap_err();
        let says = "links:1: the link `2-1` names source word 2, but words are numbered from 0 and the \
                    source sentence has 2;";
        assert!(message.contains(says), "{message}");
        let message = found(b"0-0\n\n\n0-1\n", "links").unwrap_err();
        assert!(
            message.contains("links:4: the link `0-1` names target word 1"),
            "{message}"
        );
    }

    #[test]
    fn other_numbers_of_lines_are_refused() {
        let message = found(b"0-0\n\n0-0\n", "links").unwrap_err();
        assert!(message.contains("links: 3 lines"), "{message}");
        assert!(message.contains("is in line 4;"), "{message}");
        let message = found(b"0-0\n\n0-0\n0-0\n\n0-0\n\n", "links").unwrap_err();
        assert!(message.contains("links: 6 lines"), "{message}");
        assert!(found(b"", "links").unwrap_err().contains("links: 0 lines"));
    }
}
