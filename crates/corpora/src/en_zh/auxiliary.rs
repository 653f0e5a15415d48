//! Auxiliary words, which agree with a slot.

use super::article::article;
use super::entry::{Entry, Gender, Person};

/// The auxiliaries that templates may name.
pub(super) const AUXILIARIES: [&str; 11] = [
    "be", "was", "do", "have", "dont", "isnt", "wasnt", "havent", "he", "his", "a",
];

/// The auxiliary called `name` that agrees with `entry`.
pub(super) fn auxiliary(name: &'static str, entry: &Entry, english: bool) -> &'static str {
    let by_person = |first, plural, third| match entry.person {
        Person::First => first,
        Person::Second | Person::Plural => plural,
        Person::Third => third,
    };
    let referring = |first, second, plural: [&'static str; 2], masculine, feminine| match (
        entry.person,
        entry.gender,
    ) {
        (Person::First, _) => first,
        (Person::Second, _) => second,
        (Person::Plural, _) => plural[usize::from(entry.key == "they")],
        (Person::Third, Gender::Feminine) => feminine,
        (Person::Third, _) => masculine,
    };
    match name {
        "be" => by_person("am", "are", "is"),
        "was" => by_person("was", "were", "was"),
        "do" => by_person("do", "do", "does"),
        "have" => by_person("have", "have", "has"),
        "dont" => by_person("don't", "don't", "doesn't"),
        "isnt" => by_person("am not", "aren't", "isn't"),
        "wasnt" => by_person("wasn't", "weren't", "wasn't"),
        "havent" => by_person("haven't", "haven't", "hasn't"),
        "his" => referring("my", "your", ["our", "their"], "his", "her"),
        "he" if english => referring("I", "you", ["we", "they"], "he", "she"),
        "he" => referring("我", "你", ["我们", "他们"], "他", "她"),
        "a" => article(&entry.key),
        // `go-goes`: the form after I, you, we, they, and the form after he, she, it.
        _ => name
            .split_once('-')
            .map_or("", |(base, third)| by_person(base, base, third)),
    }
}
