//! By the ratio of the two sides' characters.

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::FilterConfig;

pub(super) struct Ratio(f64);

impl Ratio {
    pub(super) fn of(config: &FilterConfig) -> Option<Box<dyn Filter>> {
        let most = config.max_ratio;
        (most > 0.0).then(|| Box::new(Self(most)) as Box<dyn Filter>)
    }
}

impl Filter for Ratio {
    fn reason(&self) -> String {
        format!(
            "one side is more than {} times as long as the other",
            self.0
        )
    }

    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        let Some(source) = text.source else {
            return true;
        };
        let [source, target] = [source, text.target].map(|side| side.chars().count() as f64);
        source.max(target) <= self.0 * source.min(target)
    }
}
