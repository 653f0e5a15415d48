//! Reads the lexicon: the tables, the numbers, and the phrases made of them.

use super::lexicon::Lexicon;
use super::mistake::FileError;
use super::{number, phrase, rows, tables};

impl Lexicon {
    /// Reads the embedded tables.
    pub fn load() -> Result<Self, FileError> {
        let mut lexicon = Self::default();
        let numbers = number::entries().into_iter();
        let numbers = numbers.map(|(english, chinese, tags)| rows::plain(&english, &chinese, tags));
        for (place, mut entry) in tables::load()?.into_iter().chain(numbers).enumerate() {
            entry.atoms = vec![place];
            lexicon.add(entry);
        }
        lexicon.words = lexicon.entries.len();
        phrase::expand(&mut lexicon)?;
        Ok(lexicon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_tables_are_read_and_hold_at_least_1200_distinct_pairs() {
        let lexicon = Lexicon::load().unwrap();
        let pairs: HashSet<String> = lexicon.entries[..lexicon.words]
            .iter()
            .map(|e| format!("{} {:?}", e.key, e.chinese[0].1))
            .collect();
        assert!(pairs.len() >= 1200, "{}", pairs.len());
    }
}
