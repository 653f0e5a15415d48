//! Characters that text seldom has.

use std::collections::BTreeMap;
use std::fmt;

use data::corpus::Corpus;
use serde::Serialize;

/// Kinds that are shown.
const SHOWN: usize = 10;

/// One of them.
#[derive(Debug, Serialize)]
pub(super) struct Odd {
    character: char,
    what: &'static str,
    count: usize,
    /// The first line that has it.
    line: usize,
}

/// What is odd about a character, if anything is.
fn what(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{fffd}' => "a replacement character: text was read in the wrong encoding",
        '\u{feff}' => "a byte order mark within text",
        '\u{a0}' | '\u{202f}' | '\u{2007}' => "a space that does not break",
        '\u{200b}' | '\u{2060}' | '\u{ad}' => "a character that is not seen",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
            "a mark of writing direction"
        }
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10fffd}' => "a character of private use",
        // Wide punctuation is what Chinese and Japanese write.
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            "a wide form of a letter or digit"
        }
        letter if letter != '\t' && letter.is_control() => "a control character",
        _ => return None,
    })
}

impl Odd {
    /// Those of a corpus, most frequent first.
    pub fn all(corpus: &Corpus) -> Vec<Self> {
        let mut found: BTreeMap<char, Self> = BTreeMap::new();
        for (place, pair) in corpus.pairs.iter().enumerate() {
            for character in pair.source.chars().chain(pair.target.chars()) {
                if let Some(what) = what(character) {
                    let line = corpus.lines.get(place).copied().unwrap_or(place + 1);
                    let first = Self {
                        character,
                        what,
                        count: 0,
                        line,
                    };
                    found.entry(character).or_insert(first).count += 1;
                }
            }
        }
        let mut all: Vec<Self> = found.into_values().collect();
        all.sort_by_key(|odd| std::cmp::Reverse(odd.count));
        all.truncate(SHOWN);
        all
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = u32::from(self.character);
        let (what, count, line) = (self.what, self.count, self.line);
        write!(
            f,
            "U+{code:04X}, {what}: {count} times, first in line {line}"
        )
    }
}
