//! Messages to the user about the lines that are translated.

use std::collections::HashMap;

use data::batching::{Dataset, Source};
use data::special::UNK;

use super::input::Line;
use crate::console::Console;
use crate::error::RuntimeError;
use crate::translator::{Request, Translation, Translator};

/// Unknown words that the summary names.
const MOST_NAMED: usize = 10;

/// Says what is wrong with single lines, and sums up what may be wrong with many.
#[derive(Debug)]
pub(super) struct Told {
    /// Whether unknown words are said line by line.
    verbose: bool,
    unknown: HashMap<String, usize>,
    lines_with_unknown: usize,
}

impl Told {
    pub(super) fn new(verbose: bool) -> Self {
        Self {
            verbose,
            unknown: HashMap::new(),
            lines_with_unknown: 0,
        }
    }

    /// Says what is known before the search.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub(super) fn before(
        &mut self,
        console: &Console,
        translator: &Translator<'_>,
        (lines, dataset): (&[Line], &Dataset),
        first: usize,
    ) -> Result<(), RuntimeError> {
        for (number, (line, example)) in (first + 1..).zip(lines.iter().zip(&dataset.examples)) {
            if line.cut > 0 {
                console.say(&format!(
                    "line {number}: too long: the last {} bytes are not read",
                    line.cut
                ));
            }
            match &example.source {
                Source::Picture(picture) if picture.cut > 0 => console.say(&format!(
                    "line {number}: too wide: the last {} of {} columns are left out",
                    picture.cut,
                    picture.width + picture.cut
                )),
                Source::Picture(_) => {}
                Source::Words(ids) => {
                    // The end mark is no word of the sentence.
                    let words = ids.len().saturating_sub(1);
                    let cut = words.saturating_sub(translator.longest());
                    if cut > 0 {
                        console.say(&format!(
                            "line {number}: too long: the last {cut} tokens are left out \
                             (`search.max_source_length` is {})",
                            translator.longest()
                        ));
                    }
                    if ids.contains(&UNK) {
                        self.unknown_in(console, &translator.prepare(&line.text)?.unknown, number);
                    }
                }
            }
        }
        Ok(())
    }

    fn unknown_in(&mut self, console: &Console, words: &[String], number: usize) {
        if words.is_empty() {
            return;
        }
        self.lines_with_unknown += 1;
        for word in words {
            *self.unknown.entry(word.clone()).or_default() += 1;
        }
        if self.verbose {
            console.say(&format!("line {number}: unknown: {}", words.join(" ")));
        }
    }

    /// Says what the search did not find.
    pub(super) fn after(
        &self,
        console: &Console,
        (lines, found): (&[Line], &[Vec<Translation>]),
        request: &Request<'_>,
    ) {
        for (place, (line, translations)) in lines.iter().zip(found).enumerate() {
            let number = request.first + place + 1;
            let constraints = request.constraints.get(place);
            match translations.first() {
                None => console.say(&format!(
                    "line {number}: the rules of the search leave no translation"
                )),
                Some(best)
                    if constraints.is_some_and(|one| !one.are_met(&best.hypothesis.tokens)) =>
                {
                    console.say(&format!(
                        "line {number}: no translation with all that it must contain was found"
                    ));
                }
                Some(best) if best.is_cut() && !line.text.is_empty() => console.say(&format!(
                    "line {number}: the translation did not end and was cut after {} tokens \
                     (`search.max_length`, `max_length_ratio`, `max_length_margin`)",
                    best.hypothesis.tokens.len()
                )),
                Some(_) => {}
            }
        }
    }

    /// The unknown words of all lines, the most frequent first.
    pub(super) fn sum(&self, console: &Console) {
        if self.unknown.is_empty() {
            return;
        }
        let count: usize = self.unknown.values().sum();
        let mut words: Vec<(&String, &usize)> = self.unknown.iter().collect();
        words.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let named: Vec<String> = words
            .iter()
            .take(MOST_NAMED)
            .map(|(word, times)| match times {
                1 => (*word).clone(),
                times => format!("{word} ({times} times)"),
            })
            .collect();
        let more = match words.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (words, lines) = (
            if count == 1 { "word" } else { "words" },
            if self.lines_with_unknown == 1 {
                "line"
            } else {
                "lines"
            },
        );
        let hint = match self.verbose {
            true => "",
            false => "; `--verbose` says which line has which",
        };
        console.say(&format!(
            "{count} unknown {words} in {} {lines}: {}{more}{hint}",
            self.lines_with_unknown,
            named.join(", ")
        ));
    }
}
