//! By the number of words, parted by white space.

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::FilterConfig;

pub(super) struct Words {
    least: usize,
    most: usize,
}

impl Words {
    pub(super) fn of(config: &FilterConfig) -> Option<Box<dyn Filter>> {
        let (least, most) = (config.min_words, config.max_words);
        let most = if most == 0 { usize::MAX } else { most };
        (least > 0 || most < usize::MAX).then(|| Box::new(Self { least, most }) as Box<dyn Filter>)
    }
}

impl Filter for Words {
    fn reason(&self) -> String {
        match self.most {
            most if self.least == 0 => format!("a side has more than {most} words"),
            usize::MAX => format!("a side has fewer than {} words", self.least),
            most => format!(
                "a side has fewer than {} or more than {most} words",
                self.least
            ),
        }
    }

    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        let mut counts = text.sides().map(|side| side.split_whitespace().count());
        counts.all(|count| (self.least..=self.most).contains(&count))
    }
}
