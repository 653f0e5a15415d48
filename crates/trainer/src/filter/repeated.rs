//! By what an earlier pair has had.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_128;

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::{FilterConfig, Repeated};

pub(super) struct Seen {
    what: Repeated,
    /// Hashes: 16 bytes a pair, whatever its length.
    seen: HashSet<u128>,
}

impl Seen {
    pub(super) fn of(config: &FilterConfig) -> Option<Box<dyn Filter>> {
        let what = config.repeated;
        let seen = HashSet::new();
        (what != Repeated::None).then(|| Box::new(Self { what, seen }) as Box<dyn Filter>)
    }
}

impl Filter for Seen {
    fn reason(&self) -> String {
        let what = match self.what {
            Repeated::Source => "its source",
            Repeated::Target => "its target",
            Repeated::Pair | Repeated::None => "the pair",
        };
        format!("{what} stands in an earlier line")
    }

    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        let source = text.source.unwrap_or_default();
        let hash = match self.what {
            // Images repeat by their content, which nobody compares here.
            Repeated::Source | Repeated::Pair if text.source.is_none() => return true,
            Repeated::Source => xxh3_128(source.as_bytes()),
            Repeated::Target => xxh3_128(text.target.as_bytes()),
            Repeated::Pair | Repeated::None => {
                xxh3_128(format!("{source}\0{}", text.target).as_bytes())
            }
        };
        self.seen.insert(hash)
    }
}
