//! Sentence patterns and the domains of their slots.
//!
//! Each line of a file in `patterns/` reads `name: english => chinese`; `#` starts a comment.

use super::lexicon::Lexicon;
use super::mistake::FileError;
use super::template::Template;
use std::collections::{BTreeMap, BTreeSet};

const FILES: [(&str, &str); 12] = [
    ("patterns/fixed.txt", include_str!("patterns/fixed.txt")),
    ("patterns/aspect.txt", include_str!("patterns/aspect.txt")),
    (
        "patterns/time_place.txt",
        include_str!("patterns/time_place.txt"),
    ),
    ("patterns/measure.txt", include_str!("patterns/measure.txt")),
    (
        "patterns/attribute.txt",
        include_str!("patterns/attribute.txt"),
    ),
    ("patterns/ba_bei.txt", include_str!("patterns/ba_bei.txt")),
    (
        "patterns/question.txt",
        include_str!("patterns/question.txt"),
    ),
    (
        "patterns/comparison.txt",
        include_str!("patterns/comparison.txt"),
    ),
    ("patterns/number.txt", include_str!("patterns/number.txt")),
    ("patterns/modal.txt", include_str!("patterns/modal.txt")),
    ("patterns/clause.txt", include_str!("patterns/clause.txt")),
    (
        "patterns/complement.txt",
        include_str!("patterns/complement.txt"),
    ),
];

/// The entries that may fill a slot, grouped by their kind; a kind is drawn by its weight.
#[derive(Debug, Default)]
pub(super) struct Domain {
    /// Weight and entries of each kind.
    pub kinds: Vec<(u32, Vec<usize>)>,
}

impl Domain {
    fn new(lexicon: &Lexicon, entries: &[usize]) -> Self {
        let mut kinds: BTreeMap<usize, (u32, Vec<usize>)> = BTreeMap::new();
        for &place in entries {
            let entry = &lexicon.entries[place];
            let kind = kinds
                .entry(entry.kind)
                .or_insert((entry.weight, Vec::new()));
            kind.1.push(place);
        }
        let kinds = kinds.into_values().collect();
        Self { kinds }
    }

    /// How many entries there are.
    pub fn size(&self) -> usize {
        self.kinds.iter().map(|(_, entries)| entries.len()).sum()
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = usize> {
        self.kinds
            .iter()
            .flat_map(|(_, entries)| entries.iter().copied())
    }
}

/// A sentence pattern that is ready to be filled.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Its name in the file.
    pub name: &'static str,
    /// Its two sides.
    pub template: Template,
    /// The slots, governors before what they govern.
    pub order: Vec<usize>,
    /// For each slot, its governor (if any) and its domain for each entry of the governor; one
    /// domain under `usize::MAX` where there is no governor.
    pub domains: Vec<(Option<usize>, BTreeMap<usize, Domain>)>,
}

/// The key of the only domain of a slot without governor.
pub(super) const ANY: usize = usize::MAX;

impl Pattern {
    fn new(name: &'static str, line: &'static str, lexicon: &Lexicon) -> Result<Self, String> {
        let template = Template::parse(line)?;
        let slots = &template.slots;
        let mut independent: Vec<Vec<usize>> = slots
            .iter()
            .map(|slot| lexicon.select(&slot.class, None))
            .collect();
        let governors: Vec<Option<usize>> = slots
            .iter()
            .map(|slot| slot.class.governor.and_then(|name| template.slot(name)))
            .collect();
        let mut domains: Vec<(Option<usize>, BTreeMap<usize, Domain>)> = Vec::new();
        for (slot, &governor) in slots.iter().zip(&governors) {
            let mut by_governor = BTreeMap::new();
            if let Some(governor) = governor {
                independent[governor].retain(|&entry| {
                    let taken = lexicon.select(&slot.class, Some(entry));
                    let any = !taken.is_empty();
                    if any {
                        by_governor.insert(entry, Domain::new(lexicon, &taken));
                    }
                    any
                });
            }
            domains.push((governor, by_governor));
        }
        for (place, (governor, domain)) in domains.iter_mut().enumerate() {
            if governor.is_none() {
                domain.insert(ANY, Domain::new(lexicon, &independent[place]));
            }
        }
        let pattern = Self {
            name,
            order: template.filling_order(),
            template,
            domains,
        };
        let fillers: Vec<Vec<usize>> = (0..pattern.domains.len())
            .map(|slot| pattern.fillers(slot))
            .collect();
        if let Some(empty) = fillers.iter().position(Vec::is_empty) {
            let name = pattern.template.slots[empty].name;
            return Err(format!("nothing can fill slot {name}"));
        }
        pattern.template.check(lexicon, &fillers)?;
        Ok(pattern)
    }

    /// All entries that may fill a slot.
    fn fillers(&self, slot: usize) -> Vec<usize> {
        let domains = self.domains[slot].1.values();
        let all: BTreeSet<usize> = domains.flat_map(Domain::entries).collect();
        all.into_iter().collect()
    }

    /// The domain of `slot`, given what fills the others.
    pub fn domain(&self, slot: usize, filled: &[usize]) -> Option<&Domain> {
        let (governor, domains) = &self.domains[slot];
        domains.get(&governor.map_or(ANY, |governor| filled[governor]))
    }

    /// How many ways there are to fill the slots, those with a word twice included.
    pub fn combinations(&self) -> u64 {
        let mut product = 1;
        for (slot, (governor, domains)) in self.domains.iter().enumerate() {
            let governs = |(g, _): &(Option<usize>, _)| *g == Some(slot);
            if governor.is_some() {
                continue;
            }
            // Each filler counts once for every choice of the slots that it governs.
            let entries = domains.values().flat_map(Domain::entries);
            product *= entries
                .map(|entry| {
                    let governed = self.domains.iter().filter(|d| governs(d));
                    let sizes = governed.map(|(_, by)| by.get(&entry).map_or(0, Domain::size));
                    sizes.product::<usize>() as u64
                })
                .sum::<u64>();
        }
        product
    }

    /// The words that occur in its domains.
    pub fn atoms(&self, lexicon: &Lexicon) -> BTreeSet<usize> {
        (0..self.domains.len())
            .flat_map(|slot| self.fillers(slot))
            .flat_map(|entry| lexicon.entries[entry].atoms.iter().copied())
            .collect()
    }
}

/// Reads the embedded patterns.
pub(super) fn load(lexicon: &Lexicon) -> Result<Vec<Pattern>, FileError> {
    let mut patterns = Vec::new();
    for (file, text) in FILES {
        read(file, text, lexicon, &mut patterns)?;
    }
    Ok(patterns)
}

fn read(
    file: &'static str,
    text: &'static str,
    lexicon: &Lexicon,
    patterns: &mut Vec<Pattern>,
) -> Result<(), FileError> {
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let error = |message| FileError {
            file,
            line: number + 1,
            message,
        };
        let (name, body) = line
            .split_once(": ")
            .ok_or_else(|| error("no `: ` after the pattern's name".to_owned()))?;
        if patterns.iter().any(|pattern| pattern.name == name) {
            return Err(error(format!("the pattern `{name}` is there twice")));
        }
        patterns.push(Pattern::new(name, body, lexicon).map_err(error)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_reads() {
        let lexicon = Lexicon::load().unwrap();
        let patterns = load(&lexicon).unwrap();
        assert!(patterns.len() >= 120, "{}", patterns.len());
        let open = patterns.iter().filter(|p| !p.template.slots.is_empty());
        assert!(open.count() >= 120);
    }

    #[test]
    fn mistakes_are_named_by_file_and_line() {
        let lexicon = Lexicon::load().unwrap();
        let fails = |text, expected: &str| {
            let error = read("test.txt", text, &lexicon, &mut Vec::new()).unwrap_err();
            let message = error.to_string();
            assert!(message.starts_with("test.txt:2: "), "{message}");
            assert!(message.contains(expected), "{message}");
        };
        fails("# One.\nno name", "no `: `");
        fails("one: A. => 一。\none: B. => 二。", "twice");
        fails("\none: {X:nonsense}. => {X}。", "nothing can fill slot X");
        fails("\none: {X:fruit}. => {X.res}。", "has no form `.res`");
    }

    #[test]
    fn combinations_multiply_what_each_verb_takes() {
        let lexicon = Lexicon::load().unwrap();
        let line = "{P:pronoun} {V:verb&done.ed} {X:>V&fruit.a}. => {P}{V}了{X.a}。";
        let pattern = Pattern::new("test", line, &lexicon).unwrap();
        let fruit = lexicon
            .select(&super::super::class::Class::parse("fruit"), None)
            .len();
        let verbs = pattern.fillers(1).len();
        let expected = 6 * pattern
            .fillers(1)
            .iter()
            .map(|v| pattern.domains[2].1[v].size())
            .sum::<usize>();
        assert_eq!(pattern.combinations(), expected as u64);
        assert!(expected <= 6 * verbs * fruit);
    }
}
