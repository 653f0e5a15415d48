//! Realises a filled template: agreement, and the links between the two sides.

use super::aligned_pair::AlignedPair;
use super::auxiliary::auxiliary;
use super::entry::{Entry, Person};
use super::lexicon::Lexicon;
use super::template::{Item, Template};
use super::text::{Label, Piece};

/// Key of a token's link: a slot's name, or `.` for the template itself, and a mark.
pub(super) type Key = (char, char);

/// A word or character run and its link.
pub(super) type Linked = (String, Option<Key>);

const WHOLE: char = '*';

/// The linked tokens of one side. `head` asks for another form of one slot's unmarked use.
pub(super) fn side(
    template: &Template,
    english: bool,
    lexicon: &Lexicon,
    filled: &[usize],
    head: Option<(usize, &str)>,
) -> Vec<Linked> {
    let items = if english {
        &template.english
    } else {
        &template.chinese
    };
    let marked = |mark: char| match template.slot(mark) {
        Some(_) => (mark, WHOLE),
        None => ('.', mark),
    };
    let mut tokens = Vec::new();
    for item in items {
        match item {
            Item::Words(pieces) => tokens.extend(pieces.iter().map(|piece| {
                let key = match piece.label {
                    Label::Named(mark) => Some(marked(mark)),
                    Label::Whole | Label::Unlinked => None,
                };
                (piece.text.clone(), key)
            })),
            Item::Auxiliary { name, agrees, mark } => {
                let words = auxiliary(name, &lexicon.entries[filled[*agrees]], english);
                let key = mark.map(marked);
                tokens.extend(words.split(' ').map(|word| (word.to_owned(), key)));
            }
            Item::Slot {
                slot,
                feature,
                agrees,
                mark,
            } => {
                let entry = &lexicon.entries[filled[*slot]];
                let subject = agrees.map(|a| lexicon.entries[filled[a]].person);
                let feature = match (head, subject) {
                    (Some((place, wanted)), _) if place == *slot && feature.is_empty() => wanted,
                    (_, Some(Person::Third)) => "s",
                    (_, Some(_)) => "",
                    _ => feature,
                };
                let forms = if english {
                    &entry.english
                } else {
                    &entry.chinese
                };
                let name = template.slots[*slot].name;
                let whole = mark.map_or((name, WHOLE), marked);
                // Loading a template checks that its fillers have the forms it asks for.
                let pieces = Entry::form(forms, feature).unwrap_or_default();
                tokens.extend(pieces.iter().map(|piece| linked(piece, name, whole)));
            }
        }
    }
    tokens
}

fn linked(piece: &Piece, slot: char, whole: Key) -> Linked {
    let key = match piece.label {
        Label::Whole => Some(whole),
        Label::Unlinked => None,
        Label::Named(mark) => Some((slot, mark)),
    };
    (piece.text.clone(), key)
}

/// Whether `key` is the unmarked part of the slot `name`.
pub(super) fn is_whole(key: Key, name: char) -> bool {
    key == (name, WHOLE)
}

/// The sentence pair of a filled pattern.
pub(super) fn pair(
    name: &'static str,
    template: &Template,
    lexicon: &Lexicon,
    filled: &[usize],
) -> AlignedPair {
    let words = side(template, true, lexicon, filled, None);
    let runs = side(template, false, lexicon, filled, None);
    let source = sentence(words.iter().map(|(word, _)| word.as_str()));
    let target: String = runs.iter().map(|(run, _)| run.as_str()).collect();

    let words: Vec<(&str, Option<Key>)> = words.iter().map(|(w, k)| (w.as_str(), *k)).collect();
    let characters: Vec<(char, Option<Key>)> = runs
        .iter()
        .flat_map(|(run, key)| run.chars().map(|c| (c, *key)))
        .collect();
    let mut alignment = punctuation_links(&words, &characters);
    for (i, (_, key)) in words.iter().enumerate() {
        let same = |other: &Option<Key>| key.is_some() && key == other;
        let places = characters.iter().enumerate();
        alignment.extend(places.filter(|(_, (_, k))| same(k)).map(|(j, _)| (i, j)));
    }
    alignment.sort_unstable();
    AlignedPair {
        source,
        target,
        alignment,
        pattern: name,
    }
}

/// Links the last mark of both sides, and commas one to one where both have as many.
fn punctuation_links(
    words: &[(&str, Option<Key>)],
    characters: &[(char, Option<Key>)],
) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    let final_word = words
        .last()
        .is_some_and(|(w, _)| matches!(*w, "." | "?" | "!"));
    let final_character = characters
        .last()
        .is_some_and(|(c, _)| "。？！".contains(*c));
    if final_word && final_character {
        links.push((words.len() - 1, characters.len() - 1));
    }
    let places = |commas: Vec<usize>| commas;
    let english = places((0..words.len()).filter(|&i| words[i].0 == ",").collect());
    let chinese = places(
        (0..characters.len())
            .filter(|&j| characters[j].0 == '，')
            .collect(),
    );
    if english.len() == chinese.len() {
        links.extend(english.into_iter().zip(chinese));
    }
    links
}

/// Joins words with spaces, none before punctuation, and starts with a capital.
fn sentence<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut text = String::new();
    for word in words {
        if text.is_empty() {
            let mut letters = word.chars();
            text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            text.push_str(letters.as_str());
            continue;
        }
        if !matches!(word, "." | "," | "?" | "!") {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn realise(line: &'static str, keys: &[&str]) -> AlignedPair {
        let lexicon = Lexicon::load().unwrap();
        let template = Template::parse(line).unwrap();
        let find = |key: &&str| lexicon.entries.iter().position(|e| e.key == **key).unwrap();
        let filled: Vec<usize> = keys.iter().map(find).collect();
        pair("test", &template, &lexicon, &filled)
    }

    #[test]
    fn verbs_agree_and_the_sentence_is_aligned() {
        let line = "{P:pronoun} {V:verb@P} {X:countable.a} in/1 {his@P/2} bag/3. => {P}在/1 自己的/2 包/3 里/1{V}{X.a}。";
        let he = realise(line, &["he", "eat", "apple"]);
        assert_eq!(he.source, "He eats an apple in his bag.");
        assert_eq!(he.target, "他在自己的包里吃一个苹果。");
        let expected = [
            (0, 0),
            (1, 7),
            (2, 8),
            (2, 9),
            (3, 10),
            (3, 11),
            (4, 1),
            (4, 6),
            (5, 2),
            (5, 3),
            (5, 4),
            (6, 5),
            (7, 12),
        ];
        assert_eq!(he.alignment, expected);
        let they = realise(line, &["they", "eat", "cup"]);
        assert_eq!(they.source, "They eat a cup in their bag.");
    }
}
