//! The families of methods and of utilities.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a translation is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The best hypotheses side by side; greedy search with a beam of one.
    Beam,
    /// Groups of beams that keep away from each other's words (Vijayakumar et al. 2018).
    DiverseBeam,
    /// Words drawn from the model's distribution.
    Sample,
    /// Of many samples the one most like the others: minimum Bayes risk (Kumar and Byrne 2004; Eikema and Aziz
    /// 2020). A search with this method gives all samples; who knows their text chooses.
    Mbr,
    /// The best of all translations, whatever it costs (Stahlberg and Byrne 2019).
    Exhaustive,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Beam => "beam",
            Method::DiverseBeam => "diverse-beam",
            Method::Sample => "sample",
            Method::Mbr => "mbr",
            Method::Exhaustive => "exhaustive",
        })
    }
}

/// How alike two translations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Utility {
    /// chrF of one against the other.
    Chrf,
    /// Sentence BLEU of one against the other.
    Bleu,
}
