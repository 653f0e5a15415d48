//! The parts that the signatures of all metrics share.

use std::fmt;

/// Who made the number: this crate, in place of sacreBLEU's version.
pub(crate) const VERSION: &str = concat!("attune-", env!("CARGO_PKG_VERSION"));

/// How many references each hypothesis has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReferenceCount {
    /// The same number everywhere.
    Same(usize),
    /// Not the same number everywhere.
    Varying,
}

impl ReferenceCount {
    /// Summarises the numbers of references that the hypotheses of a corpus have.
    pub(crate) fn of(mut counts: impl Iterator<Item = usize>) -> Self {
        let first = counts.next().unwrap_or(0);
        if counts.all(|count| count == first) {
            Self::Same(first)
        } else {
            Self::Varying
        }
    }
}

impl fmt::Display for ReferenceCount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(count) => write!(formatter, "nrefs:{count}"),
            Self::Varying => formatter.write_str("nrefs:var"),
        }
    }
}

/// The signature's word for whether case counts.
pub(crate) fn case(lowercase: bool) -> &'static str {
    if lowercase { "case:lc" } else { "case:mixed" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_varying_number_of_references() {
        assert_eq!(
            ReferenceCount::of([2, 2].into_iter()).to_string(),
            "nrefs:2"
        );
        assert_eq!(
            ReferenceCount::of([1, 2].into_iter()).to_string(),
            "nrefs:var"
        );
    }
}
