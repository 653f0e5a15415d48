//! The names of the built-in corpora.

use std::fmt;
use std::sync::OnceLock;

use super::split::Divided;
use super::{
    Image, Link, Pair, Split, Words, dates, digits, en_zh, inflection, reverse, transliteration,
};

const PREFIX: &str = "builtin:";

/// The task of a built-in corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// English to Chinese.
    EnZh,
    /// Numbers to the same numbers backwards, 1 to 25 of them.
    Reverse,
    /// The same with exactly 20 numbers.
    Reverse20,
    /// Written dates to ISO 8601.
    Dates,
    /// Greek letters to Latin ones.
    Transliteration,
    /// Features and a Turkish word to its inflected form.
    Inflection,
    /// Images of rows of digits to the digits.
    Digits,
}

impl Task {
    /// All tasks.
    pub const ALL: [Self; 7] = [
        Self::EnZh,
        Self::Reverse,
        Self::Reverse20,
        Self::Dates,
        Self::Transliteration,
        Self::Inflection,
        Self::Digits,
    ];

    /// As it stands in the name of a corpus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EnZh => "en-zh",
            Self::Reverse => "reverse",
            Self::Reverse20 => "reverse-20",
            Self::Dates => "dates",
            Self::Transliteration => "transliteration",
            Self::Inflection => "inflection",
            Self::Digits => "digits",
        }
    }

    /// The splits it has.
    pub const fn splits(self) -> &'static [Split] {
        match self {
            Self::EnZh | Self::Reverse | Self::Transliteration | Self::Inflection => &Split::ALL,
            Self::Reverse20 | Self::Dates | Self::Digits => {
                &[Split::Train, Split::Valid, Split::Test]
            }
        }
    }

    /// Whether its sources are images. Their pairs have the names of images as sources.
    pub const fn has_images(self) -> bool {
        matches!(self, Self::Digits)
    }

    /// Whether it is known which words of a pair belong together.
    pub const fn has_links(self) -> bool {
        matches!(self, Self::EnZh | Self::Reverse | Self::Reverse20)
    }

    /// Its corpora in short: `builtin:dates:train (or :valid, :test)`.
    fn listing(self) -> String {
        let others: Vec<String> = self.splits()[1..]
            .iter()
            .map(|split| format!(":{split}"))
            .collect();
        format!(
            "{PREFIX}{}:{} (or {})",
            self.name(),
            Split::Train,
            others.join(", ")
        )
    }

    fn divided(self) -> &'static Divided {
        static DIVIDED: [OnceLock<Divided>; Task::ALL.len()] =
            [const { OnceLock::new() }; Task::ALL.len()];
        DIVIDED[self as usize].get_or_init(|| match self {
            Self::EnZh => Split::ALL.map(|split| (split, plain(split))).into(),
            Self::Reverse => reverse::build(),
            Self::Reverse20 => reverse::build_20(),
            Self::Dates => dates::build(),
            Self::Transliteration => transliteration::build(),
            Self::Inflection => inflection::build(),
            Self::Digits => digits::build(),
        })
    }
}

/// English-Chinese pairs without their alignments.
fn plain(split: Split) -> Vec<Pair> {
    let plain = |pair: en_zh::AlignedPair| Pair::new(pair.source, pair.target);
    en_zh::pairs(split).into_iter().map(plain).collect()
}

/// A built-in corpus: a split of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Builtin {
    task: Task,
    split: Split,
}

impl Builtin {
    /// The corpus of a split; `None` where the task does not have it.
    pub fn new(task: Task, split: Split) -> Option<Self> {
        task.splits()
            .contains(&split)
            .then_some(Self { task, split })
    }

    /// Every built-in corpus.
    pub fn all() -> impl Iterator<Item = Self> {
        Task::ALL.into_iter().flat_map(|task| {
            let splits = task.splits().iter();
            splits.map(move |&split| Self { task, split })
        })
    }

    /// Whether `name` is meant to name a built-in corpus.
    pub fn is_name(name: &str) -> bool {
        name.starts_with(PREFIX)
    }

    /// The corpus called `name`, such as `builtin:en-zh:train`.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|builtin| builtin.to_string() == name)
    }

    /// The names to choose from for one who wrote `name`: those of its task, or of every task where it
    /// has none.
    pub fn choices(name: &str) -> String {
        let task = name
            .strip_prefix(PREFIX)
            .and_then(|name| name.split(':').next());
        let of_task: Vec<String> = Self::all()
            .filter(|builtin| Some(builtin.task.name()) == task)
            .map(|builtin| builtin.to_string())
            .collect();
        match of_task.is_empty() {
            true => Self::listing_of(|_| true),
            false => of_task.join(", "),
        }
    }

    /// The names of the corpora of the tasks that are `wanted`, in short.
    pub fn listing_of(wanted: impl Fn(&Task) -> bool) -> String {
        let tasks = Task::ALL.into_iter().filter(wanted);
        tasks.map(Task::listing).collect::<Vec<_>>().join("; ")
    }

    /// Whether its sources are images.
    pub fn has_images(self) -> bool {
        self.task.has_images()
    }

    /// Whether it is known which words of a pair belong together.
    pub fn has_links(self) -> bool {
        self.task.has_links()
    }

    /// Which words of each pair belong together, where that is known, and what counts as a word.
    pub fn links(self) -> Option<(Vec<Vec<Link>>, Words)> {
        let link = |(source, target)| Link { source, target };
        match self.task {
            Task::EnZh => {
                let pairs = en_zh::pairs(self.split).into_iter();
                let links = pairs.map(|pair| pair.alignment.into_iter().map(link).collect());
                Some((links.collect(), Words::EnglishChinese))
            }
            Task::Reverse | Task::Reverse20 => {
                let links = self.pairs().iter().map(reverse::links);
                Some((links.collect(), Words::Spaced))
            }
            Task::Dates | Task::Transliteration | Task::Inflection | Task::Digits => None,
        }
    }

    /// The image called `name`, such as `builtin:digits:test:17`, the seventeenth of its corpus.
    pub fn image(name: &str) -> Option<Image> {
        let (corpus, number) = name.rsplit_once(':')?;
        let Self { task, split } = Self::named(corpus).filter(|one| one.has_images())?;
        match task {
            Task::Digits => digits::image(split, number.parse().ok()?),
            _ => None,
        }
    }

    /// The name of an image.
    pub fn image_example() -> String {
        format!("{PREFIX}{}:{}:1", Task::Digits.name(), Split::Test)
    }

    /// The pairs, always the same in the same order.
    pub fn pairs(self) -> &'static [Pair] {
        self.task
            .divided()
            .get(&self.split)
            .map_or(&[], Vec::as_slice)
    }
}

impl fmt::Display for Builtin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}:{}", self.task.name(), self.split)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use unicode_normalization::is_nfc;

    use super::*;

    #[test]
    fn links_are_there_where_they_are_said_to_be() {
        for builtin in Builtin::all() {
            let found = builtin.links().map(|(links, _)| links.len());
            let wanted = builtin.has_links().then(|| builtin.pairs().len());
            assert_eq!(found, wanted, "{builtin}");
        }
    }

    #[test]
    fn every_name_is_found_again_and_no_other() {
        let names: HashSet<String> = Builtin::all().map(|builtin| builtin.to_string()).collect();
        assert_eq!(names.len(), Builtin::all().count());
        for builtin in Builtin::all() {
            assert_eq!(Builtin::named(&builtin.to_string()), Some(builtin));
        }
        for wrong in [
            "builtin:dates:unseen",
            "builtin:en-zh",
            "en-zh:train",
            "builtin:x:train",
        ] {
            assert_eq!(Builtin::named(wrong), None, "{wrong}");
        }
        assert_eq!(Builtin::new(Task::Dates, Split::Unseen), None);
    }

    #[test]
    fn a_mistaken_split_is_answered_with_the_splits_of_its_task() {
        let choices = Builtin::choices("builtin:dates:tset");
        assert_eq!(
            choices,
            "builtin:dates:train, builtin:dates:valid, builtin:dates:test"
        );
        let choices = Builtin::choices("builtin:date:test");
        for task in Task::ALL {
            assert!(choices.contains(&task.listing()), "{choices}");
        }
    }

    #[test]
    fn sources_of_one_split_are_in_no_other() {
        for task in Task::ALL {
            let mut seen: HashSet<&str> = HashSet::new();
            for &split in task.splits() {
                let here: HashSet<&str> = Builtin { task, split }
                    .pairs()
                    .iter()
                    .map(|pair| pair.source.as_str())
                    .collect();
                assert!(!here.is_empty(), "{task:?} {split}");
                let common = seen.intersection(&here).next();
                assert_eq!(common, None, "{task:?} {split}");
                seen.extend(here);
            }
        }
    }

    #[test]
    fn pairs_are_trimmed_lines_in_normal_form_c() {
        for builtin in Builtin::all() {
            for pair in builtin.pairs() {
                for text in [pair.source.as_str(), pair.target.as_str()] {
                    assert_eq!(text.trim(), text, "{builtin}");
                    assert!(is_nfc(text), "{builtin}: {text}");
                    assert!(!text.is_empty() && !text.contains(['\t', '\n']), "{pair:?}");
                }
            }
        }
    }
}
