//! By the longest word.

use data::corpus::Pair;

use super::{Filter, sides};
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

    fn keeps(&mut self, pair: &Pair) -> bool {
        let mut words = sides(pair).into_iter().flat_map(str::split_whitespace);
        words.all(|word| word.chars().nth(self.0).is_none())
    }
}
