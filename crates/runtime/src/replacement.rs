//! Replacements of unknown words: the source word that was looked at, or its translation in a dictionary.

use std::collections::HashMap;
use std::path::Path;

use data::corpus::{normalize as composed, read_lines};
use data::tokenizer::words;

use crate::error::RuntimeError;

/// Replaces each `<unk>` by the source word with the most attention (Jean et al. 2015, section 3.3), translated by
/// a dictionary if that has it (Luong et al. 2015, "Addressing the rare word problem").
#[derive(Debug, Clone, Default)]
pub struct Replacement {
    dictionary: HashMap<String, String>,
}

impl Replacement {
    /// With a dictionary: a file with a source word, a tab and its translation on each line. The first of several
    /// translations counts.
    ///
    /// # Errors
    /// A file that cannot be read, or a line of more or fewer than two columns.
    pub fn read(path: &Path) -> Result<Self, RuntimeError> {
        let mut dictionary = HashMap::new();
        for (number, line) in (1..).zip(read_lines(path)?) {
            if line.trim().is_empty() {
                continue;
            }
            let columns: Vec<&str> = line.trim_end().split('\t').map(str::trim).collect();
            let (word, translation) = match columns[..] {
                [word, translation] if !word.is_empty() => (composed(word), translation),
                _ => {
                    return Err(RuntimeError::Usage(format!(
                        "{}:{number}: a line of a dictionary is a source word, a tab and its translation, and this one \
                         has {} columns; cut the file to two, for example with `cut -f 1,2`",
                        path.display(),
                        columns.len(),
                    )));
                }
            };
            dictionary
                .entry(word)
                .or_insert_with(|| translation.to_owned());
        }
        Ok(Self { dictionary })
    }

    /// Returns the replacement of an unknown word that looked at `words` with `weights`.
    pub fn of(&self, words: &Words<'_>, weights: &[f32]) -> Option<String> {
        let word = words.most_seen(weights)?;
        let composed = composed(word);
        let known = self.dictionary.get(&composed);
        let known = known.or_else(|| self.dictionary.get(&composed.to_lowercase()));
        Some(known.map_or_else(|| word.to_owned(), Clone::clone))
    }
}

/// The words of a sentence, and which of them each token is of.
#[derive(Debug)]
pub struct Words<'a> {
    words: Vec<&'a str>,
    /// For each token but the end mark; none for a token of spaces.
    of_token: Vec<Option<usize>>,
}

impl<'a> Words<'a> {
    /// Of `sentence`, of which each token stands for the bytes of `offsets`.
    ///
    /// # Errors
    /// Those of [`words`].
    pub fn new(sentence: &'a str, offsets: &[(usize, usize)]) -> Result<Self, RuntimeError> {
        let places = words(sentence)?;
        let of_token = offsets.iter().map(|&(from, to)| {
            let first = places.partition_point(|word| word.end <= from);
            (first < places.len() && places[first].start < to).then_some(first)
        });
        Ok(Self {
            of_token: of_token.collect(),
            words: places.into_iter().map(|place| &sentence[place]).collect(),
        })
    }

    /// The word whose tokens have the most of `weights`, which are in the order of tokens; weights beyond them (the end
    /// mark's) do not count.
    fn most_seen(&self, weights: &[f32]) -> Option<&'a str> {
        let mut sums = vec![None; self.words.len()];
        for (word, weight) in self.of_token.iter().zip(weights) {
            if let Some(word) = word {
                *sums[*word].get_or_insert(0.0) += weight;
            }
        }
        let seen = self.words.iter().zip(sums);
        let seen = seen.filter_map(|(word, sum): (_, Option<f32>)| Some((*word, sum?)));
        Some(seen.max_by(|a, b| a.1.total_cmp(&b.1))?.0)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_word_with_the_most_attention_is_translated_or_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.tsv");
        fs::write(&path, "\u{feff}tom\t汤姆\n\ntea\t茶\ntea\t茶水\n").unwrap();
        let replacement = Replacement::read(&path).unwrap();
        let words = Words::new("Tom drinks tea", &[(0, 3), (4, 10), (11, 14)]).unwrap();
        let of = |weights: &[f32]| replacement.of(&words, weights);
        assert_eq!(of(&[0.5, 0.2, 0.1, 0.2]).as_deref(), Some("汤姆"));
        assert_eq!(of(&[0.1, 0.2, 0.1, 0.6]).as_deref(), Some("drinks"));
        assert_eq!(of(&[0.1, 0.2, 0.3, 0.4]).as_deref(), Some("茶"));
        let none = Words::new(" ", &[]).unwrap();
        assert_eq!(replacement.of(&none, &[1.0]), None);
        fs::write(&path, "tea\t茶\ntom\n").unwrap();
        let message = Replacement::read(&path).unwrap_err().to_string();
        assert!(message.contains("words.tsv:2: "), "{message}");
        fs::write(&path, "tea\t茶\tnoun\n").unwrap();
        let message = Replacement::read(&path).unwrap_err().to_string();
        assert!(message.contains("words.tsv:1: ") && message.contains("3 columns"));
    }

    #[test]
    fn tokens_that_are_parts_of_words_stand_for_the_whole() {
        let replacement = Replacement::default();
        // "▁Zo" "ë" "▁drinks" "." "▁" "茶" "水"
        let sentence = "Zoë drinks. 茶水";
        let offsets = [
            (0, 2),
            (2, 4),
            (4, 11),
            (11, 12),
            (12, 13),
            (13, 16),
            (16, 19),
        ];
        let words = Words::new(sentence, &offsets).unwrap();
        let of = |weights: &[f32]| replacement.of(&words, weights);
        assert_eq!(of(&[0.2, 0.2, 0.3, 0.1, 0.2]).as_deref(), Some("Zoë"));
        assert_eq!(of(&[0.1, 0.1, 0.3, 0.2, 0.3]).as_deref(), Some("drinks"));
        assert_eq!(
            of(&[0.0, 0.0, 0.1, 0.0, 0.5, 0.1, 0.3]).as_deref(),
            Some("水")
        );
        assert_eq!(of(&[0.0, 0.0, 0.1, 0.4]).as_deref(), Some("."));
    }
}
