//! By the share of letters.

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::FilterConfig;

pub(super) struct Letters(f64);

impl Letters {
    pub(super) fn of(config: &FilterConfig) -> Option<Box<dyn Filter>> {
        let least = config.min_letters;
        (least > 0.0).then(|| Box::new(Self(least)) as Box<dyn Filter>)
    }
}

impl Filter for Letters {
    fn reason(&self) -> String {
        format!("less than {:.0}% of a side are letters", 100.0 * self.0)
    }

    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        text.sides().all(|side| {
            let visible = side.chars().filter(|letter| !letter.is_whitespace());
            let (mut letters, mut all) = (0, 0);
            for letter in visible {
                letters += usize::from(letter.is_alphabetic());
                all += 1;
            }
            letters as f64 >= self.0 * all as f64
        })
    }
}
