//! The `[search]` table.

use serde::{Deserialize, Serialize};

use super::ensemble::Average;
use super::favour::Favour;
use super::method::{Method, Utility};
use super::score::Normalization;
use super::stopping::EarlyStopping;

/// How translations are searched for. Every default lives here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchConfig {
    /// Which member of the family.
    pub method: Method,
    /// Hypotheses kept side by side; 1 is greedy search.
    pub beam: usize,
    /// How a hypothesis' log-probability is made comparable over lengths.
    pub normalization: Normalization,
    /// The exponent of the length.
    pub length_penalty: f64,
    /// How much a hypothesis loses for source positions that it looked at too little (Wu et al. 2016,
    /// equation 14, beta); 0 for nothing.
    pub coverage_penalty: f64,
    /// Fewest tokens of a translation, end mark included.
    pub min_length: usize,
    /// Most tokens of a translation, end mark included.
    pub max_length: usize,
    /// Most tokens of a translation for each token of its source (end marks included), beside `max_length_margin`: a
    /// search that does not find the end must not go on for ever. Where it is not set, a run decides it by its training
    /// corpus; elsewhere 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length_ratio: Option<f64>,
    /// So many tokens a translation may always have beyond that ratio; decided like it, or 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length_margin: Option<usize>,
    /// Most tokens of a source, end mark not included; what is beyond is not seen by the model.
    pub max_source_length: usize,
    /// So many tokens in a row never come twice in a translation (Paulus et al. 2018); 0 for no such rule.
    pub no_repeat_ngram: usize,
    /// When a beam ends.
    pub early_stopping: EarlyStopping,
    /// Whether `<unk>` may be produced.
    pub allow_unknown: bool,
    /// Mean of the distributions of several models.
    pub ensemble: Average,
    /// Goal of the CPU's kernels: throughput or latency.
    pub favour: Favour,
    /// In how many groups the beam is divided; `diverse-beam`; 5, or the beam where that is smaller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<usize>,
    /// Cost of a word for each hypothesis of an earlier group that has it at the same place; `diverse-beam`; 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diversity: Option<f64>,
    /// Divisor of log-probabilities before words are drawn; `sample` and `mbr`; 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Words are drawn from so many of the most probable; 0 for all; `sample` and `mbr`; 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<usize>,
    /// Words are drawn from the fewest that have this probability together; `sample` and `mbr`; 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Where the randomness starts; `sample` and `mbr`; 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many translations are drawn; `mbr`; 32.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<usize>,
    /// How alike two translations are; `mbr`; chrF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utility: Option<Utility>,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            method: Method::Beam,
            beam: 5,
            normalization: Normalization::Average,
            length_penalty: 1.0,
            coverage_penalty: 0.0,
            min_length: 1,
            max_length: 500,
            max_length_ratio: None,
            max_length_margin: None,
            max_source_length: 1000,
            no_repeat_ngram: 0,
            early_stopping: EarlyStopping::Exact,
            allow_unknown: false,
            ensemble: Average::Probabilities,
            favour: Favour::Throughput,
            groups: None,
            diversity: None,
            temperature: None,
            top_k: None,
            top_p: None,
            seed: None,
            samples: None,
            utility: None,
        }
    }
}

impl SearchConfig {
    /// The config with every default of its method written out.
    pub fn effective(mut self) -> Self {
        if self.method == Method::DiverseBeam {
            self.groups = Some(self.groups());
            self.diversity = Some(self.diversity());
        }
        if matches!(self.method, Method::Sample | Method::Mbr) {
            self.temperature = Some(self.temperature());
            self.top_k = Some(self.top_k());
            self.top_p = Some(self.top_p());
            self.seed = Some(self.seed());
        }
        if self.method == Method::Mbr {
            self.samples = Some(self.samples());
            self.utility = Some(self.utility());
        }
        self
    }

    /// In how many groups the beam is divided: one unless the method is `diverse-beam`.
    pub fn groups(&self) -> usize {
        match self.method {
            Method::DiverseBeam => self.groups.unwrap_or(5).min(self.beam).max(1),
            _ => 1,
        }
    }

    /// Returns the cost of a word for each hypothesis of an earlier group that has it at the same place.
    pub fn diversity(&self) -> f64 {
        self.diversity.unwrap_or(1.0)
    }

    /// Returns the divisor of log-probabilities before words are drawn.
    pub fn temperature(&self) -> f64 {
        self.temperature.unwrap_or(1.0)
    }

    /// From how many of the most probable words one is drawn; 0 for all.
    pub fn top_k(&self) -> usize {
        self.top_k.unwrap_or(0)
    }

    /// Returns the total probability of the words from which one is drawn.
    pub fn top_p(&self) -> f64 {
        self.top_p.unwrap_or(1.0)
    }

    /// Where the randomness starts.
    pub fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }

    /// How many translations are drawn for minimum Bayes risk.
    pub fn samples(&self) -> usize {
        self.samples.unwrap_or(32)
    }

    /// How alike two translations are, for minimum Bayes risk.
    pub fn utility(&self) -> Utility {
        self.utility.unwrap_or(Utility::Chrf)
    }

    /// The method in words, for reports: `beam 5`.
    pub fn describe(&self) -> String {
        match self.method {
            Method::Beam => format!("beam {}", self.beam),
            Method::DiverseBeam => {
                format!("diverse beam {} in {} groups", self.beam, self.groups())
            }
            Method::Sample => "sampling".into(),
            Method::Mbr => format!("minimum Bayes risk of {} samples", self.samples()),
            Method::Exhaustive => "exhaustive search".into(),
        }
    }

    /// Most tokens for a source of `source` tokens, end marks included.
    pub fn limit(&self, source: usize) -> usize {
        // A product beyond all numbers is the largest there is.
        let by_ratio = (self.max_length_ratio.unwrap_or(10.0) * source as f64) as usize;
        let by_source = by_ratio.saturating_add(self.max_length_margin.unwrap_or(50));
        self.max_length.min(by_source).max(1)
    }
}
