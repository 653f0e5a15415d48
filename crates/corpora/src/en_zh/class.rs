//! The typed classes that slots draw from.

use super::entry::Entry;

/// One condition of a class expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Tag(&'static str),
    Not(&'static str),
    TakenBy,
}

/// A class expression: alternatives (`|`) of conditions that hold together (`&`).
///
/// A condition is a tag, `>V` (what the entry in slot `V` takes), or, after one of these, `!tag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) alternatives: Vec<Vec<Condition>>,
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

    pub(super) fn holds(&self, entry: &Entry, governor: Option<&Entry>) -> bool {
        self.alternatives.iter().any(|all| {
            all.iter().all(|condition| match condition {
                Condition::Tag(tag) => entry.is(tag),
                Condition::Not(tag) => !entry.is(tag),
                Condition::TakenBy => governor.is_some_and(|g| g.takes.iter().any(|t| entry.is(t))),
            })
        })
    }
}
