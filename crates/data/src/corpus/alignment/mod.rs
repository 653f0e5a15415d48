//! Links between the words of sentence pairs, from a word aligner or built in.

mod file;
mod source;

use corpora::Builtin;
pub use corpora::{Link, Words};
pub use source::LinkSource;

use super::{Content, Corpus};
use crate::error::DataError;

/// The links of a corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alignments {
    /// For each pair those between its words, sorted, each of them once.
    pub pairs: Vec<Vec<Link>>,
    /// Definition of a word in these links.
    pub words: Words,
    /// Hash and size of the file of links, by which it is recognised; built-in links are recognised by their pairs.
    pub content: Content,
}

impl Alignments {
    /// How many links there are.
    pub fn count(&self) -> usize {
        self.pairs.iter().map(Vec::len).sum()
    }
}

/// The links of `corpus` from `source`, in the order of the pairs: those of a file's line n belong to the
/// corpus's line n, those of a built-in corpus to that corpus alone.
///
/// # Errors
/// A file that is missing, unreadable, damaged, not UTF-8 or no regular file; more or fewer lines than the corpus; what
/// is no link; a link to a word that a pair does not have; the links of a built-in corpus for another.
pub fn read_alignments(source: &LinkSource, corpus: &Corpus) -> Result<Alignments, DataError> {
    read_alignments_while(source, corpus, &|| true)
}

/// As [`read_alignments`], but asks `go_on` every few thousand lines whether to go on.
///
/// # Errors
/// Those of [`read_alignments`], and [`DataError::Stopped`] once `go_on` says no.
pub fn read_alignments_while(
    source: &LinkSource,
    corpus: &Corpus,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Alignments, DataError> {
    match source {
        LinkSource::File(path) => file::read(path, corpus, go_on),
        LinkSource::Builtin(builtin) => of_builtin(*builtin, corpus),
    }
}

/// The links of the pairs of `builtin` that `corpus` kept.
fn of_builtin(builtin: Builtin, corpus: &Corpus) -> Result<Alignments, DataError> {
    let name = builtin.to_string();
    if corpus.summary.source != name {
        return Err(DataError::OtherLinks {
            name,
            corpus: corpus.summary.source.clone(),
        });
    }
    let Some((mut pairs, words)) = builtin.links() else {
        return Err(LinkSource::unknown(&name));
    };
    let mut of_line = |line: &usize| {
        let links = pairs.get_mut(line.checked_sub(1)?)?;
        Some(std::mem::take(links))
    };
    let kept = corpus.lines.iter();
    Ok(Alignments {
        pairs: kept.map(|line| of_line(line).unwrap_or_default()).collect(),
        words,
        content: Content::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{CorpusSource, ReadOptions, read};

    fn corpus(name: &str, max_characters: usize) -> Corpus {
        let source: CorpusSource = name.parse().unwrap();
        let options = ReadOptions {
            max_characters,
            ..ReadOptions::default()
        };
        read(&source, &options).unwrap()
    }

    fn links(name: &str) -> LinkSource {
        name.parse().unwrap()
    }

    #[test]
    fn built_in_links_go_with_their_pairs_and_leave_with_them() {
        let name = "builtin:reverse:test";
        let all = read_alignments(&links(name), &corpus(name, 2_000)).unwrap();
        let short = corpus(name, 20);
        assert!(short.pairs.len() < all.pairs.len());
        let found = read_alignments(&links(name), &short).unwrap();
        assert_eq!(found.words, Words::Spaced);
        for ((pair, links), line) in short.pairs.iter().zip(&found.pairs).zip(&short.lines) {
            let count = pair.source.split(' ').count();
            let link = |source| Link {
                source,
                target: count - 1 - source,
            };
            assert_eq!(links, &(0..count).map(link).collect::<Vec<_>>());
            assert_eq!(links, &all.pairs[line - 1]);
        }
    }

    #[test]
    fn built_in_links_name_words_that_are_there() {
        for name in ["builtin:en-zh:test", "builtin:reverse-20:valid"] {
            let corpus = corpus(name, 2_000);
            let Alignments { pairs, words, .. } = read_alignments(&links(name), &corpus).unwrap();
            assert_eq!(pairs.len(), corpus.pairs.len());
            for (pair, links) in corpus.pairs.iter().zip(pairs) {
                assert!(!links.is_empty() && links.is_sorted());
                let counts = [words.of_source(&pair.source), words.of_target(&pair.target)];
                let [sources, targets] = counts.map(|words| words.len());
                assert!(
                    links
                        .iter()
                        .all(|one| one.source < sources && one.target < targets)
                );
            }
        }
    }

    #[test]
    fn links_of_another_corpus_are_refused() {
        let other = corpus("builtin:en-zh:valid", 2_000);
        let message = read_alignments(&links("builtin:en-zh:train"), &other).unwrap_err();
        let message = message.to_string();
        assert!(
            message.contains("the links of `builtin:en-zh:train`")
                && message.contains("builtin:en-zh:valid"),
            "{message}"
        );
    }

    #[test]
    fn corpora_without_links_are_refused_by_name() {
        for name in [
            "builtin:dates:train",
            "builtin:en-zh:trian",
            "builtin:x:train",
        ] {
            let message = name.parse::<LinkSource>().unwrap_err().to_string();
            assert!(message.contains(&format!("`{name}`")), "{message}");
            assert!(
                message.contains("builtin:en-zh:train (or :valid"),
                "{message}"
            );
            assert!(!message.replace(name, "").contains("dates"), "{message}");
        }
        assert_eq!(links("x/builtin"), LinkSource::File("x/builtin".into()));
        for text in ["\"x.links\"", "\"builtin:en-zh:test\""] {
            let source: LinkSource = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&source).unwrap(), text);
        }
        let message = serde_json::from_str::<LinkSource>("3").unwrap_err();
        assert!(message.to_string().contains("a file of links"), "{message}");
    }
}
