//! Entries of the lexicon.

use super::text::Piece;

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
