//! The lexicon: all entries, and which of them are in a class.

use super::class::{Class, Condition};
use super::entry::Entry;
use std::collections::{BTreeSet, HashMap};

/// All entries: words first, then the phrases made of them.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// Words, then phrases.
    pub entries: Vec<Entry>,
    /// How many of them are words.
    pub words: usize,
    /// The entries of each class.
    members: HashMap<&'static str, Vec<usize>>,
}

impl Lexicon {
    /// Adds an entry to its classes.
    pub fn add(&mut self, entry: Entry) {
        for tag in &entry.tags {
            self.members
                .entry(tag)
                .or_default()
                .push(self.entries.len());
        }
        self.entries.push(entry);
    }

    /// The entries that satisfy `class`, given the entry that a `>` in it refers to.
    pub fn select(&self, class: &Class, governor: Option<usize>) -> Vec<usize> {
        let governor = governor.map(|g| &self.entries[g]);
        let taken = governor.map(|g| g.takes.as_slice()).unwrap_or_default();
        // An alternative's first condition names the classes that are worth looking at.
        let classes = class.alternatives.iter().flat_map(|all| match all.first() {
            Some(Condition::Tag(tag)) => std::slice::from_ref(tag),
            Some(Condition::TakenBy) => taken,
            _ => &[],
        });
        let entries = classes.filter_map(|tag| self.members.get(tag)).flatten();
        let holding = entries
            .copied()
            .filter(|&e| class.holds(&self.entries[e], governor));
        holding.collect::<BTreeSet<usize>>().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_combine() {
        let lexicon = Lexicon::load().unwrap();
        let find = |key| lexicon.entries.iter().position(|e| e.key == key);
        let eat = find("eat");
        let eaten = lexicon.select(&Class::parse(">V"), eat);
        assert!(eaten.contains(&find("apple").unwrap()));
        assert!(!eaten.contains(&find("table").unwrap()));
        let fruit = lexicon.select(&Class::parse(">V&fruit|tool&!tool"), eat);
        assert!(fruit.len() < eaten.len() && !fruit.is_empty());
    }
}
