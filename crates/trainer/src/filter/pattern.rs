//! By a regular expression.

use regex::Regex;

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::FilterConfig;

pub(super) struct Pattern(Regex);

impl Pattern {
    pub(super) fn of(config: &FilterConfig) -> Result<Option<Box<dyn Filter>>, String> {
        let Some(pattern) = &config.pattern else {
            return Ok(None);
        };
        match Regex::new(pattern) {
            Ok(pattern) => Ok(Some(Box::new(Self(pattern)))),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default();
                Err(format!(
                    "`data.filter.pattern`: `{pattern}` is no regular expression: {reason}"
                ))
            }
        }
    }
}

impl Filter for Pattern {
    fn reason(&self) -> String {
        format!("a side matches `{}`", self.0)
    }

    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        text.sides().all(|side| !self.0.is_match(side))
    }
}
