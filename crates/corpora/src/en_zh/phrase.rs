//! Phrase classes: small phrases made of lexicon entries, which slots take as if they were words.
//!
//! Each line reads `class weight: english => chinese`. The last slot is the head: the phrase has
//! its person, gender and forms. The weight says how often phrases of this line are drawn.

use super::entry::{Entry, Forms};
use super::lexicon::Lexicon;
use super::mistake::FileError;
use super::realise::{self, Key, Linked};
use super::template::Template;
use super::text::{Label, Piece};

const FILE: &str = "patterns/phrases.txt";
const TEXT: &str = include_str!("patterns/phrases.txt");

/// Adds every phrase to `lexicon`. A line may use the classes of the lines above it.
pub(super) fn expand(lexicon: &mut Lexicon) -> Result<(), FileError> {
    for (number, line) in TEXT.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let phrases = read(line, number + 1, lexicon).map_err(|message| FileError {
            file: FILE,
            line: number + 1,
            message,
        })?;
        for phrase in phrases {
            lexicon.add(phrase);
        }
    }
    Ok(())
}

fn read(line: &'static str, kind: usize, lexicon: &Lexicon) -> Result<Vec<Entry>, String> {
    let (start, body) = line
        .split_once(": ")
        .ok_or("no `: ` after the class and its weight")?;
    let (class, weight) = start.split_once(' ').ok_or("no weight after the class")?;
    let weight: u32 = weight
        .parse()
        .map_err(|_| format!("`{weight}` is not a weight"))?;
    let template = Template::parse(body)?;
    let fillers: Vec<Vec<usize>> = template
        .slots
        .iter()
        .map(|slot| lexicon.select(&slot.class, None))
        .collect();
    template.check(lexicon, &fillers)?;
    if let Some(empty) = fillers.iter().position(Vec::is_empty) {
        return Err(format!(
            "nothing can fill slot {}",
            template.slots[empty].name
        ));
    }

    let mut phrases = Vec::new();
    let mut combinations = vec![Vec::new()];
    for filler in &fillers {
        combinations = combinations
            .into_iter()
            .flat_map(|filled: Vec<usize>| {
                filler
                    .iter()
                    .map(move |&entry| [filled.as_slice(), &[entry]].concat())
            })
            .collect();
    }
    for filled in combinations {
        let atoms: Vec<usize> = filled
            .iter()
            .flat_map(|&e| lexicon.entries[e].atoms.iter().copied())
            .collect();
        phrases.push(phrase(
            class, kind, weight, &template, lexicon, &filled, atoms,
        ));
    }
    Ok(phrases)
}

fn phrase(
    class: &'static str,
    kind: usize,
    weight: u32,
    template: &Template,
    lexicon: &Lexicon,
    filled: &[usize],
    atoms: Vec<usize>,
) -> Entry {
    let last = template.slots.len() - 1;
    let head = &lexicon.entries[filled[last]];
    let mut keys: Vec<Key> = Vec::new();
    let mut forms = |english: bool, of: &Forms| -> Forms {
        of.iter()
            .map(|(feature, _)| {
                let wanted = Some((last, *feature));
                let linked = realise::side(template, english, lexicon, filled, wanted);
                let name = template.slots[last].name;
                let pieces = linked
                    .into_iter()
                    .map(|token| piece(token, name, &mut keys));
                (*feature, pieces.collect())
            })
            .collect()
    };
    let english = forms(true, &head.english);
    let chinese = forms(false, &head.chinese);
    let citation = english.first().map(|(_, pieces)| pieces.as_slice());
    let words = citation.unwrap_or_default().iter().map(|p| p.text.as_str());
    Entry {
        key: words.collect::<Vec<_>>().join(" "),
        english,
        chinese,
        tags: vec![class],
        takes: Vec::new(),
        person: head.person,
        gender: head.gender,
        atoms,
        kind,
        weight,
    }
}

/// Gives every link of the phrase a mark of its own; the head stays unmarked.
fn piece((text, key): Linked, head: char, keys: &mut Vec<Key>) -> Piece {
    let label = match key {
        None => Label::Unlinked,
        Some(key) if realise::is_whole(key, head) => Label::Whole,
        Some(key) => {
            let place = keys.iter().position(|k| *k == key).unwrap_or_else(|| {
                keys.push(key);
                keys.len() - 1
            });
            // A phrase has a handful of links, far fewer than there are marks.
            Label::Named(('a'..='z').nth(place).unwrap_or('z'))
        }
    };
    Piece { text, label }
}
