//! What stands for unknown words: the source word that was looked at, or its translation in a dictionary.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::error::RunError;

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
    /// A file that cannot be read, or a line without two parts.
    pub fn read(path: &Path) -> Result<Self, RunError> {
        let text = fs::read_to_string(path).map_err(|source| RunError::UserFile {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        let mut dictionary = HashMap::new();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = data::corpus::normalize(line.trim());
            if line.is_empty() {
                continue;
            }
            let parts = line
                .split_once('\t')
                .map(|(word, translation)| (word.trim().to_owned(), translation.trim().to_owned()));
            let Some((word, translation)) = parts.filter(|(word, _)| !word.is_empty()) else {
                return Err(RunError::Usage(format!(
                    "{}:{}: a line of a dictionary is a source word, a tab and its translation",
                    path.display(),
                    number + 1
                )));
            };
            dictionary.entry(word).or_insert(translation);
        }
        Ok(Self { dictionary })
    }

    /// What stands for an unknown word that looked at `words` with `weights`; words and weights are in the same
    /// order, and weights beyond the words (the end mark's) do not count.
    pub fn of(&self, words: &[&str], weights: &[f32]) -> Option<String> {
        let seen = words.iter().zip(weights);
        let (word, _) = seen.max_by(|a, b| a.1.total_cmp(b.1))?;
        let known = self.dictionary.get(*word);
        let known = known.or_else(|| self.dictionary.get(&word.to_lowercase()));
        Some(known.map_or_else(|| (*word).to_owned(), Clone::clone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_with_the_most_attention_is_translated_or_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.tsv");
        fs::write(&path, "\u{feff}tom\t汤姆\n\ntea\t茶\ntea\t茶水\n").unwrap();
        let replacement = Replacement::read(&path).unwrap();
        let words = ["Tom", "drinks", "tea"];
        let of = |weights: &[f32]| replacement.of(&words, weights);
        assert_eq!(of(&[0.5, 0.2, 0.1, 0.2]).as_deref(), Some("汤姆"));
        assert_eq!(of(&[0.1, 0.2, 0.1, 0.6]).as_deref(), Some("drinks"));
        assert_eq!(of(&[0.1, 0.2, 0.3, 0.4]).as_deref(), Some("茶"));
        assert_eq!(replacement.of(&[], &[1.0]), None);
        fs::write(&path, "tea\t茶\ntom\n").unwrap();
        let message = Replacement::read(&path).unwrap_err().to_string();
        assert!(message.contains("words.tsv:2: "), "{message}");
    }
}
