//! Which checkpoint of a run.

/// Which checkpoint of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The best by validation.
    Best,
    /// The latest.
    Last,
    /// That of an update.
    Step(u64),
}

impl std::str::FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "best" => Ok(Which::Best),
            "last" => Ok(Which::Last),
            step => step
                .parse()
                .map(Which::Step)
                .map_err(|_| format!("`{step}` is neither best, last nor the number of a step")),
        }
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Which::Best => f.write_str("best"),
            Which::Last => f.write_str("last"),
            Which::Step(step) => step.fmt(f),
        }
    }
}
