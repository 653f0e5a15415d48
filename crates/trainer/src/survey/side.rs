//! One side of a corpus.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Serialize;
use unicode_script::{Script, UnicodeScript};

/// Scripts whose words have no spaces between them: each letter counts as a word.
const UNSPACED: [Script; 8] = [
    Script::Han,
    Script::Hiragana,
    Script::Katakana,
    Script::Thai,
    Script::Lao,
    Script::Khmer,
    Script::Myanmar,
    Script::Tibetan,
];

/// Scripts that are named.
const NAMED: usize = 4;

/// The words of a text: what stands between white space, and each letter of scripts without spaces.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for piece in text.split_whitespace() {
        let mut begun = 0;
        for (place, letter) in piece.char_indices() {
            if !UNSPACED.contains(&letter.script()) {
                continue;
            }
            let end = place + letter.len_utf8();
            words.extend((begun < place).then(|| &piece[begun..place]));
            words.push(&piece[place..end]);
            begun = end;
        }
        words.extend((begun < piece.len()).then(|| &piece[begun..]));
    }
    words
}

/// How numbers are spread.
#[derive(Debug, Default, Serialize)]
pub(super) struct Quartiles {
    least: f64,
    quarter: f64,
    median: f64,
    three_quarters: f64,
    most_of_95: f64,
    most: f64,
}

impl Quartiles {
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * values.len().saturating_sub(1) as f64).round() as usize;
            values.get(place).copied().unwrap_or_default()
        };
        Self {
            least: at(0.0),
            quarter: at(0.25),
            median: at(0.5),
            three_quarters: at(0.75),
            most_of_95: at(0.95),
            most: at(1.0),
        }
    }
}

impl fmt::Display for Quartiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            ("", self.least),
            (", quartiles ", self.quarter),
            (" ", self.median),
            (" ", self.three_quarters),
            (", 95% up to ", self.most_of_95),
            (", most ", self.most),
        ];
        f.write_str("least ")?;
        all.iter().try_for_each(|(name, value)| {
            let text = format!("{value:.2}");
            let text = text.trim_end_matches('0').trim_end_matches('.');
            write!(f, "{name}{text}")
        })
    }
}

/// Of one side.
#[derive(Debug, Serialize)]
pub(super) struct Side {
    pub words: usize,
    /// Distinct words.
    pub distinct: usize,
    characters: usize,
    /// Distinct characters.
    distinct_characters: usize,
    /// Words of a line.
    lengths: Quartiles,
    /// The share of the letters that each script has, most frequent first.
    pub scripts: Vec<(String, f64)>,
}

impl Side {
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let mut letters: HashMap<char, usize> = HashMap::new();
        let mut lengths = Vec::new();
        for text in texts {
            let words = words(text);
            lengths.push(words.len() as f64);
            words
                .into_iter()
                .for_each(|word| *counts.entry(word).or_default() += 1);
            text.chars()
                .for_each(|letter| *letters.entry(letter).or_default() += 1);
        }
        let mut scripts: BTreeMap<&str, usize> = BTreeMap::new();
        for (letter, count) in letters.iter().filter(|(letter, _)| letter.is_alphabetic()) {
            *scripts.entry(letter.script().full_name()).or_default() += count;
        }
        let all: usize = scripts.values().sum();
        let mut scripts: Vec<(&str, usize)> = scripts.into_iter().collect();
        scripts.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
        let shares = scripts.into_iter().take(NAMED);
        Self {
            words: counts.values().sum(),
            distinct: counts.len(),
            characters: letters.values().sum(),
            distinct_characters: letters.len(),
            lengths: Quartiles::of(lengths),
            scripts: shares
                .map(|(name, count)| (name.to_owned(), count as f64 / all as f64))
                .collect(),
        }
    }

    pub fn lines(&self, name: &str) -> Vec<String> {
        let script = |(name, share): &(String, f64)| format!("{name} {:.1}%", 100.0 * share);
        let scripts: Vec<String> = self.scripts.iter().map(script).collect();
        vec![
            format!(
                "  {name}: {} words ({} distinct), {} characters ({} distinct), letters: {}",
                self.words,
                self.distinct,
                self.characters,
                self.distinct_characters,
                match scripts.is_empty() {
                    true => "none".into(),
                    false => scripts.join(", "),
                }
            ),
            format!("    words of a line: {}", self.lengths),
        ]
    }
}
