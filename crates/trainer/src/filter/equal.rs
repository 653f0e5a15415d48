//! By equal sides: what was not translated.

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::FilterConfig;

pub(super) struct Equal;

impl Equal {
    pub(super) fn of(config: &FilterConfig) -> Option<Box<dyn Filter>> {
        config
            .equal_sides
            .then(|| Box::new(Self) as Box<dyn Filter>)
    }
}

impl Filter for Equal {
    fn reason(&self) -> String {
        "both sides are the same".into()
    }

    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        text.source != Some(text.target)
    }
}
