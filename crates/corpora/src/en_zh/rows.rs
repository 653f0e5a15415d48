//! Makes entries of the rows of the lexicon's tables: one function a table.

use super::article::article;
use super::entry::{Entry, Forms, Gender, Person};
use super::text;

/// The columns of a line.
pub(super) type Row = [&'static str];

fn list(column: &'static str) -> Vec<&'static str> {
    column.split(',').filter(|tag| *tag != "-").collect()
}

fn english(forms: &[(&'static str, &str)]) -> Forms {
    forms.iter().map(|(f, t)| (*f, text::english(t))).collect()
}

fn chinese(forms: &[(&'static str, &str)]) -> Forms {
    let given = forms.iter().filter(|(_, text)| *text != "-");
    given.map(|(f, t)| (*f, text::chinese(t))).collect()
}

fn entry(key: &str, english: Forms, chinese: Forms, tags: Vec<&'static str>) -> Entry {
    Entry {
        key: key.to_owned(),
        english,
        chinese,
        tags,
        takes: Vec::new(),
        person: Person::Third,
        gender: Gender::Unknown,
        atoms: Vec::new(),
        kind: 0,
        weight: 1,
    }
}

/// An entry that has one form on each side.
pub(super) fn plain(key: &str, zh: &str, tags: &'static str) -> Entry {
    entry(
        key,
        english(&[("", key), ("gen", key)]),
        chinese(&[("", zh)]),
        list(tags),
    )
}

fn gender(column: &str) -> Gender {
    match column {
        "m" => Gender::Masculine,
        "f" => Gender::Feminine,
        _ => Gender::Unknown,
    }
}

/// A pronoun: subject, object, possessive, Chinese, person, gender, tags.
pub(super) fn pronoun(row: &Row) -> Entry {
    let forms = english(&[("", row[0]), ("obj", row[1]), ("poss", row[2])]);
    Entry {
        person: match row[4] {
            "first" => Person::First,
            "second" => Person::Second,
            "plural" => Person::Plural,
            _ => Person::Third,
        },
        gender: gender(row[5]),
        ..entry(row[0], forms, chinese(&[("", row[3])]), list(row[6]))
    }
}

/// A name: English, Chinese, gender.
pub(super) fn name(row: &Row) -> Entry {
    let possessive = format!("{}'s", row[0]);
    let forms = english(&[("", row[0]), ("obj", row[0]), ("poss", &possessive)]);
    Entry {
        gender: gender(row[2]),
        ..entry(row[0], forms, chinese(&[("", row[1])]), vec!["name"])
    }
}

/// A noun: singular, plural, Chinese, measure word, tags.
pub(super) fn noun(row: &Row) -> Entry {
    let one = format!("{}/d {}", article(row[0]), row[0]);
    let possessive = format!("{}'s", row[0]);
    let forms = english(&[
        ("", row[0]),
        ("s", row[1]),
        ("gen", row[1]),
        ("a", &one),
        ("obj", row[0]),
        ("poss", &possessive),
    ]);
    let tags = list(row[4]);
    let known = ["m", "f"].into_iter().find(|g| tags.contains(g));
    let zh_one = format!("一{}/d{}", row[3], row[2]);
    let zh = chinese(&[("", row[2]), ("m", row[3]), ("a", &zh_one)]);
    Entry {
        gender: gender(known.unwrap_or("-")),
        ..entry(row[0], forms, zh, [tags, vec!["countable"]].concat())
    }
}

/// A noun that is counted by a container: noun, container, containers, Chinese, measure word, tags.
pub(super) fn mass(row: &Row) -> Entry {
    let one = format!("{}/d {}/d of/_ {}", article(row[1]), row[1], row[0]);
    let many = format!("{}/m of/_ {}", row[2], row[0]);
    let forms = english(&[("", row[0]), ("s", &many), ("gen", row[0]), ("a", &one)]);
    let zh_one = format!("一{}/d{}", row[4], row[3]);
    let measure = format!("{}/m", row[4]);
    let zh = chinese(&[("", row[3]), ("m", &measure), ("a", &zh_one)]);
    entry(row[0], forms, zh, [list(row[5]), vec!["mass"]].concat())
}

fn verb_forms(row: &Row) -> Forms {
    english(&[
        ("", row[0]),
        ("s", row[1]),
        ("ed", row[2]),
        ("en", row[3]),
        ("ing", row[4]),
    ])
}

/// A verb: base, third person, past, participle, -ing, Chinese, Chinese result, tags, takes.
pub(super) fn verb(row: &Row) -> Entry {
    let zh = chinese(&[("", row[5]), ("res", row[6])]);
    Entry {
        takes: list(row[8]),
        ..entry(
            row[0],
            verb_forms(row),
            zh,
            [list(row[7]), vec!["verb"]].concat(),
        )
    }
}

/// An activity: five English forms, Chinese verb, Chinese object, tags, places.
pub(super) fn activity(row: &Row) -> Entry {
    let object = if row[6] == "-" { "" } else { row[6] };
    let whole = format!("{}{object}", row[5]);
    let zh = chinese(&[("", &whole), ("v", row[5]), ("o", row[6])]);
    let kind = if object.is_empty() { "simple" } else { "split" };
    Entry {
        takes: list(row[8]),
        ..entry(
            row[0],
            verb_forms(row),
            zh,
            [list(row[7]), vec![kind, "activity"]].concat(),
        )
    }
}

/// An adjective: positive, comparative, superlative, Chinese, attributive, tags, takes.
pub(super) fn adjective(row: &Row) -> Entry {
    let forms = english(&[("", row[0]), ("er", row[1]), ("est", row[2])]);
    let zh = chinese(&[("", row[3]), ("de", row[4])]);
    Entry {
        takes: list(row[6]),
        ..entry(
            row[0],
            forms,
            zh,
            [list(row[5]), vec!["adjective"]].concat(),
        )
    }
}

/// A place: singular, plural, noun phrase, preposition, Chinese, measure word, localizer, tags.
pub(super) fn place(row: &Row) -> Entry {
    let one = format!("{}/d {}", article(row[0]), row[0]);
    let at = format!("{}/p {}", row[3], row[2]);
    let to = if row[2] == "home" {
        "home".to_owned()
    } else {
        format!("to/_ {}", row[2])
    };
    let forms = english(&[
        ("", row[2]),
        ("n", row[0]),
        ("s", row[1]),
        ("a", &one),
        ("at", &at),
        ("to", &to),
    ]);
    let inside = if row[6] == "-" { "" } else { row[6] };
    let measure = row[5];
    let zh_at = if inside.is_empty() {
        format!("在/p{}", row[4])
    } else {
        format!("在/p{} {inside}/p", row[4])
    };
    let zh_in = format!("{}{inside}", row[4]);
    let zh_one = if measure == "-" {
        "-".to_owned()
    } else {
        format!("一{measure}/d{}", row[4])
    };
    let zh = chinese(&[
        ("", row[4]),
        ("m", measure),
        ("a", &zh_one),
        ("at", &zh_at),
        ("in", &zh_in),
    ]);
    entry(row[0], forms, zh, [list(row[7]), vec!["place"]].concat())
}

/// A unit of time: singular, plural, Chinese, tags.
pub(super) fn unit(row: &Row) -> Entry {
    let forms = english(&[("", row[0]), ("s", row[1])]);
    entry(
        row[0],
        forms,
        chinese(&[("", row[2])]),
        [list(row[3]), vec!["unit"]].concat(),
    )
}

/// A word or phrase of one form: English, Chinese, tags.
pub(super) fn word(row: &Row) -> Entry {
    plain(row[0], row[1], row[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mass_noun_counts_by_its_container() {
        let tea = mass(&["tea", "cup", "cups", "茶", "杯", "drink"]);
        let words = |forms: &Forms, feature: &str| -> String {
            let pieces = Entry::form(forms, feature).unwrap();
            pieces
                .iter()
                .map(|p| p.text.clone())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(words(&tea.english, "a"), "a cup of tea");
        assert_eq!(words(&tea.english, "s"), "cups of tea");
        assert_eq!(words(&tea.chinese, "a"), "一杯 茶");
    }
}
