//! What a corpus is: how much there is, how long, in which scripts, what repeats, what is odd, and what several corpora
//! have of one another.

mod odd;
mod overlap;
mod side;

use std::collections::HashSet;

use data::corpus::Corpus;
use serde::Serialize;

use odd::Odd;
use overlap::Overlap;
use side::{Quartiles, Side};

/// Of one corpus.
#[derive(Debug, Serialize)]
pub struct Survey {
    /// What it is called.
    name: String,
    /// What was read, kept and dropped, in words.
    read: String,
    /// Pairs kept.
    pairs: usize,
    source: Side,
    target: Side,
    /// Characters of a target to one of its source.
    ratio: Quartiles,
    /// Pairs that stand in an earlier line.
    repeated_pairs: usize,
    repeated_sources: usize,
    repeated_targets: usize,
    /// Pairs whose sides are the same.
    equal_sides: usize,
    /// Characters that text seldom has, most frequent first.
    odd: Vec<Odd>,
    /// What it shares with the first corpus; nothing for that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    overlap: Option<Overlap>,
}

impl Survey {
    /// Of `corpus`, beside the corpus that is learned from, if it is not that itself.
    pub fn of(name: &str, corpus: &Corpus, train: Option<&Corpus>) -> Self {
        let pairs = &corpus.pairs;
        let repeats = |key: &dyn Fn(&data::corpus::Pair) -> (String, String)| {
            let mut seen = HashSet::new();
            pairs.iter().filter(|pair| !seen.insert(key(pair))).count()
        };
        let ratio = |pair: &data::corpus::Pair| {
            let [source, target] = [&pair.source, &pair.target].map(|side| side.chars().count());
            target as f64 / source.max(1) as f64
        };
        Self {
            name: name.to_owned(),
            read: corpus.summary.to_string(),
            pairs: pairs.len(),
            source: Side::of(pairs.iter().map(|pair| pair.source.as_str())),
            target: Side::of(pairs.iter().map(|pair| pair.target.as_str())),
            ratio: Quartiles::of(pairs.iter().map(ratio).collect()),
            repeated_pairs: repeats(&|pair| (pair.source.clone(), pair.target.clone())),
            repeated_sources: repeats(&|pair| (pair.source.clone(), String::new())),
            repeated_targets: repeats(&|pair| (String::new(), pair.target.clone())),
            equal_sides: pairs
                .iter()
                .filter(|pair| pair.source == pair.target)
                .count(),
            odd: Odd::all(corpus),
            overlap: train.map(|train| Overlap::of(train, corpus)),
        }
    }

    /// For people.
    pub fn lines(&self) -> Vec<String> {
        let share = |count: usize| {
            let percent = 100.0 * count as f64 / self.pairs.max(1) as f64;
            format!("{count} ({percent:.1}%)")
        };
        let mut lines = vec![format!("{}: {}", self.name, self.read)];
        for (name, side) in [("source", &self.source), ("target", &self.target)] {
            lines.extend(side.lines(name));
        }
        lines.push(format!(
            "  characters of a target to one of its source: {}",
            self.ratio
        ));
        lines.push(format!(
            "  repeated: pairs {}, sources {}, targets {}; equal sides: {}",
            share(self.repeated_pairs),
            share(self.repeated_sources),
            share(self.repeated_targets),
            share(self.equal_sides)
        ));
        lines.extend(self.odd.iter().map(|odd| format!("  {odd}")));
        lines.extend(self.overlap.iter().flat_map(Overlap::lines));
        lines
    }
}

#[cfg(test)]
mod tests {
    use data::corpus::Pair;

    use super::*;

    fn corpus(pairs: &[(&str, &str)]) -> Corpus {
        Corpus {
            pairs: pairs
                .iter()
                .map(|(source, target)| Pair::new(*source, *target))
                .collect(),
            lines: (1..=pairs.len()).collect(),
            ..Corpus::default()
        }
    }

    #[test]
    fn counts_are_those_of_the_corpus() {
        let train = corpus(&[
            ("I like tea", "我喜欢茶"),
            ("I like tea", "我喜欢茶"),
            ("I like tea", "我爱茶"),
            ("OK", "OK"),
            ("you\u{200b} like rice", "你喜欢米\u{fffd}"),
        ]);
        let survey = Survey::of("train", &train, None);
        assert_eq!((survey.pairs, survey.repeated_pairs), (5, 1));
        assert_eq!((survey.repeated_sources, survey.repeated_targets), (2, 1));
        assert_eq!(survey.equal_sides, 1);
        // Words: 3 + 3 + 3 + 1 + 3; Chinese characters are words of their own.
        assert_eq!((survey.source.words, survey.source.distinct), (13, 6));
        assert_eq!(survey.target.words, 4 + 4 + 3 + 1 + 5);
        let scripts: Vec<&str> = survey
            .target
            .scripts
            .iter()
            .map(|one| one.0.as_str())
            .collect();
        assert_eq!(scripts, ["Han", "Latin"]);
        let odd: Vec<String> = survey.odd.iter().map(ToString::to_string).collect();
        assert!(
            odd[0].contains("U+200B") && odd[0].contains("line 5"),
            "{odd:?}"
        );
        assert!(odd[1].contains("U+FFFD"), "{odd:?}");
    }

    #[test]
    fn an_overlap_names_what_was_seen() {
        let train = corpus(&[("I like tea", "我喜欢茶"), ("I like rice", "我喜欢米")]);
        let test = corpus(&[
            ("I like tea", "我喜欢茶"),
            ("I like rice", "我爱米"),
            ("we eat", "我们吃"),
        ]);
        let survey = Survey::of("test", &test, Some(&train));
        let overlap = survey.overlap.as_ref().unwrap();
        assert_eq!((overlap.pairs, overlap.sources, overlap.targets), (1, 2, 1));
        // Of 8 source words `we` and `eat` are new.
        assert!((overlap.unknown[0].source - 2.0 / 8.0).abs() < 1e-12);
        assert!(survey.lines().iter().any(|line| line.contains("unknown")));
    }
}
