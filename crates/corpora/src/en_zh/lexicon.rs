//! Entries of the lexicon and the typed classes that slots draw from.

use super::text::Piece;
use super::{number, phrase, rows, tables};
use std::collections::{BTreeSet, HashMap};

/// A mistake in an embedded lexicon or pattern file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub(super) struct FileError {
    /// The file, as named below `builtin/en_zh/`.
    pub file: &'static str,
    /// The line, from one.
    pub line: usize,
    /// Description of the mistake and of what was expected.
    pub message: String,
}

/// Grammatical person, as far as English verbs need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Person {
    /// I.
    First,
    /// You.
    Second,
    /// We and they.
    Plural,
    /// Everything else.
    Third,
}

/// Gender, where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gender {
    /// He, 他.
    Masculine,
    /// She, 她.
    Feminine,
    /// Not known: no pronoun may refer to it.
    Unknown,
}

/// The forms of one side of an entry: feature name and text.
pub(super) type Forms = Vec<(&'static str, Vec<Piece>)>;

/// A word or phrase of both languages.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The English citation form.
    pub key: String,
    /// English forms; the unmarked one is named `""`.
    pub english: Forms,
    /// Chinese forms; the unmarked one is named `""`.
    pub chinese: Forms,
    /// The semantic classes it belongs to.
    pub tags: Vec<&'static str>,
    /// The classes of its object, for verbs; of its noun, for adjectives; of its place.
    pub takes: Vec<&'static str>,
    /// Agreement.
    pub person: Person,
    /// Gender.
    pub gender: Gender,
    /// The lexicon entries it is made of; itself, where it is not a phrase.
    pub atoms: Vec<usize>,
    /// Which line of the phrase file made it; zero for words.
    pub kind: usize,
    /// How often its kind is drawn against the other kinds of the same phrase class.
    pub weight: u32,
}

impl Entry {
    /// The pieces of `feature`, on one side.
    pub fn form<'f>(forms: &'f Forms, feature: &str) -> Option<&'f [Piece]> {
        let found = forms.iter().find(|(name, _)| *name == feature);
        found.map(|(_, pieces)| pieces.as_slice())
    }

    /// Whether the entry is in the class `tag`.
    pub fn is(&self, tag: &str) -> bool {
        self.tags.contains(&tag)
    }
}

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

/// One condition of a class expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Tag(&'static str),
    Not(&'static str),
    TakenBy,
}

/// A class expression: alternatives (`|`) of conditions that hold together (`&`).
///
/// A condition is a tag, `>V` (what the entry in slot `V` takes), or, after one of these, `!tag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    alternatives: Vec<Vec<Condition>>,
    /// The slot that `>` names.
    pub governor: Option<char>,
}

impl Class {
    /// Parses a class expression.
    pub fn parse(text: &'static str) -> Self {
        let mut governor = None;
        let mut condition = |part: &'static str| match part.split_at_checked(1) {
            Some(("!", tag)) => Condition::Not(tag),
            Some((">", slot)) => {
                governor = slot.chars().next();
                Condition::TakenBy
            }
            _ => Condition::Tag(part),
        };
        let alternatives = text
            .split('|')
            .map(|all| all.split('&').map(&mut condition).collect())
            .collect();
        Self {
            alternatives,
            governor,
        }
    }

    fn holds(&self, entry: &Entry, governor: Option<&Entry>) -> bool {
        self.alternatives.iter().any(|all| {
            all.iter().all(|condition| match condition {
                Condition::Tag(tag) => entry.is(tag),
                Condition::Not(tag) => !entry.is(tag),
                Condition::TakenBy => governor.is_some_and(|g| g.takes.iter().any(|t| entry.is(t))),
            })
        })
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
