//! By the longest word.

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::FilterConfig;

pub(super) struct WordLength(usize);

impl WordLength {
    pub(super) fn of(config: &FilterConfig) -> Option<Box<dyn Filter>> {
        let most = config.max_word_length;
        (most > 0).then(|| Box::new(Self(most)) as Box<dyn Filter>)
    }
}

impl Filter for WordLength {
    fn reason(&self) -> String {
        format!("a word has more than {} characters", self.0)
    }

    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        let mut words = text.sides().flat_map(str::split_whitespace);
        words.all(|word| word.chars().nth(self.0).is_none())
    }
}
