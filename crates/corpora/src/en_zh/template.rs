//! Templates: the two sides of a pattern or phrase, with typed slots.
//!
//! A slot is written `{X:class.feature@Y/m}`: its name, one capital letter; where it first
//! occurs, a class expression; a form of the entry; the slot it agrees with; and the mark that its
//! unmarked pieces take (a mark, or another slot's name). A lower-case name, `{be@P}`, is an
//! auxiliary word that agrees with slot `P`; `{go-goes@P}` gives both forms of a verb.

use super::auxiliary::AUXILIARIES;
use super::class::Class;
use super::entry::Entry;
use super::lexicon::Lexicon;
use super::text::{self, Piece};

/// A place that an entry fills.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// One capital letter.
    pub name: char,
    /// Class of the entries that may fill it.
    pub class: Class,
}

/// A part of one side of a template.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// The template's own words.
    Words(Vec<Piece>),
    /// A form of a slot's entry.
    Slot {
        /// The slot's place among the template's slots.
        slot: usize,
        /// The form.
        feature: &'static str,
        /// The slot it agrees with.
        agrees: Option<usize>,
        /// The mark of its unmarked pieces.
        mark: Option<char>,
    },
    /// An auxiliary word.
    Auxiliary {
        /// Its name.
        name: &'static str,
        /// The slot it agrees with.
        agrees: usize,
        /// Its mark.
        mark: Option<char>,
    },
}

/// Two sides with shared slots.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// In order of first occurrence.
    pub slots: Vec<Slot>,
    /// The English side.
    pub english: Vec<Item>,
    /// The Chinese side.
    pub chinese: Vec<Item>,
}

impl Template {
    /// Parses `english => chinese`; an error says what was wrong.
    pub fn parse(line: &'static str) -> Result<Self, String> {
        let (english, chinese) = line
            .split_once("=>")
            .ok_or("no `=>` between the English and the Chinese side")?;
        let mut template = Self {
            slots: Vec::new(),
            english: Vec::new(),
            chinese: Vec::new(),
        };
        declare(english, &mut template.slots)?;
        template.english = template.side(english, text::english)?;
        template.chinese = template.side(chinese, text::chinese)?;
        Ok(template)
    }

    /// The place of the slot called `name`.
    pub fn slot(&self, name: char) -> Option<usize> {
        self.slots.iter().position(|slot| slot.name == name)
    }

    /// The slots so ordered that a governor comes before what it governs.
    pub fn filling_order(&self) -> Vec<usize> {
        let governed = |slot: &usize| self.slots[*slot].class.governor.is_some();
        let all = 0..self.slots.len();
        let first = all.clone().filter(|slot| !governed(slot));
        first.chain(all.filter(governed)).collect()
    }

    fn side(&self, side: &'static str, words: fn(&str) -> Vec<Piece>) -> Result<Vec<Item>, String> {
        let mut items = Vec::new();
        for (plain, braced) in segments(side)? {
            let plain = words(plain);
            if !plain.is_empty() {
                items.push(Item::Words(plain));
            }
            if let Some(braced) = braced {
                items.push(self.item(braced)?);
            }
        }
        Ok(items)
    }

    fn item(&self, braced: &'static str) -> Result<Item, String> {
        let (rest, mark) = cut(braced, '/');
        let (rest, agrees) = cut(rest, '@');
        let (rest, feature) = cut(rest, '.');
        let (name, _) = cut(rest, ':');
        let slot = |name: &str| {
            let letter = name.chars().next().filter(|_| name.chars().count() == 1);
            letter
                .and_then(|letter| self.slot(letter))
                .ok_or_else(|| format!("`{{{braced}}}`: no slot is called `{name}`"))
        };
        let agrees = agrees.map(slot).transpose()?;
        let mark = mark.and_then(|mark| mark.chars().next());
        if name.starts_with(char::is_uppercase) {
            return Ok(Item::Slot {
                slot: slot(name)?,
                feature: feature.unwrap_or_default(),
                agrees,
                mark,
            });
        }
        match agrees {
            Some(agrees) if AUXILIARIES.contains(&name) || name.contains('-') => {
                Ok(Item::Auxiliary { name, agrees, mark })
            }
            None => Err(format!(
                "`{{{braced}}}` needs the slot it agrees with: `{{{name}@X}}`"
            )),
            _ => Err(format!(
                "`{name}` is not one of the auxiliaries {AUXILIARIES:?}"
            )),
        }
    }

    /// Checks that every entry that may fill a slot has the forms that are asked of it.
    pub fn check(&self, lexicon: &Lexicon, fillers: &[Vec<usize>]) -> Result<(), String> {
        for (items, english) in [(&self.english, true), (&self.chinese, false)] {
            for item in items {
                let Item::Slot {
                    slot,
                    feature,
                    agrees,
                    ..
                } = item
                else {
                    continue;
                };
                let bad = fillers[*slot]
                    .iter()
                    .map(|&e| &lexicon.entries[e])
                    .find(|entry| {
                        let forms = if english {
                            &entry.english
                        } else {
                            &entry.chinese
                        };
                        agrees.is_none() && Entry::form(forms, feature).is_none()
                    });
                if let Some(entry) = bad {
                    let name = self.slots[*slot].name;
                    let key = &entry.key;
                    return Err(format!("slot {name}: `{key}` has no form `.{feature}`"));
                }
            }
        }
        Ok(())
    }
}

fn declare(english: &'static str, slots: &mut Vec<Slot>) -> Result<(), String> {
    for braced in segments(english)?
        .into_iter()
        .filter_map(|(_, braced)| braced)
    {
        let (rest, _) = cut(braced, '/');
        let (rest, _) = cut(rest, '@');
        let (rest, _) = cut(rest, '.');
        let (name, Some(class)) = cut(rest, ':') else {
            continue;
        };
        let mut letters = name.chars();
        match (letters.next(), letters.next()) {
            (Some(name), None) if name.is_ascii_uppercase() => {
                if slots.iter().any(|slot| slot.name == name) {
                    return Err(format!("slot `{name}` is declared twice"));
                }
                slots.push(Slot {
                    name,
                    class: Class::parse(class),
                });
            }
            _ => {
                return Err(format!(
                    "`{name}` is not a slot name: one capital letter is"
                ));
            }
        }
    }
    for slot in &*slots {
        let governor = slot.class.governor;
        if governor.is_some_and(|g| {
            !slots
                .iter()
                .any(|s| s.name == g && s.class.governor.is_none())
        }) {
            let name = slot.name;
            return Err(format!(
                "slot `{name}` is governed by none of the independent slots"
            ));
        }
    }
    Ok(())
}

fn cut(text: &'static str, at: char) -> (&'static str, Option<&'static str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

type Segments = Vec<(&'static str, Option<&'static str>)>;

/// The text before each slot with the inside of its braces, then the rest.
fn segments(side: &'static str) -> Result<Segments, String> {
    let mut parts = Vec::new();
    let mut rest = side;
    while let Some((plain, open)) = rest.split_once('{') {
        let (braced, after) = open.split_once('}').ok_or("a `{` without its `}`")?;
        parts.push((plain, Some(braced)));
        rest = after;
    }
    parts.push((rest, None));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_found_once_each() {
        let template =
            Template::parse("{P:person} {V:act.ed} {X:>V.a}. => {P}{V}了{X.a}。").unwrap();
        let names: String = template.slots.iter().map(|s| s.name).collect();
        assert_eq!(names, "PVX");
        assert_eq!(template.filling_order(), [0, 1, 2]);
    }

    #[test]
    fn mistakes_are_named() {
        let fails = |line, part: &str| {
            let message = Template::parse(line).unwrap_err();
            assert!(message.contains(part), "{message}");
        };
        fails("{P:person} runs.", "=>");
        fails("{P:person runs. => {P}跑。", "`{`");
        fails("{P:person} runs. => {Q}跑。", "no slot is called `Q`");
        fails("{P:person} {P:name}. => {P}。", "declared twice");
        fails("{P:person} {bee@P}. => {P}。", "`bee`");
        fails("{P:person} {be}. => {P}。", "agrees with");
        fails("{X:>V.a}. => {X}。", "governed");
        fails("{Pp:person}. => 。", "one capital letter");
    }
}
