//! The `[model.attention]` table.

use serde::{Deserialize, Serialize};

use crate::error::NetworkError;
use crate::kind::{AttentionKind, Query};

/// Positions on either side of the middle, as in Luong et al. (2015), section 4.1.
const WINDOW: usize = 10;
/// Most heads where nothing is said, as in Vaswani et al. (2017), section 3.2.2.
const HEADS: usize = 8;
/// Most source tokens where nothing is said.
const SOURCE: usize = 60;

/// The `[model.attention]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttentionConfig {
    /// Which member of the family.
    pub kind: AttentionKind,
    /// Which state asks; every kind that asks at each step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Query>,
    /// Whether energies see how much attention a position has had before (See et al. 2017);
    /// `bahdanau` and `luong-concat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<bool>,
    /// Positions looked at on either side of the middle; `local-m` and `local-p`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
    /// Attentions side by side; `multi-head`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heads: Option<usize>,
    /// Whether all features share their mean weight; `time-dense`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single_vector: Option<bool>,
    /// Most source tokens, the end mark not counted; `time-dense` and `tanh-pool`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_source_length: Option<usize>,
}

impl Default for AttentionConfig {
    fn default() -> Self {
        Self {
            kind: AttentionKind::Bahdanau,
            query: None,
            coverage: None,
            window: None,
            heads: None,
            single_vector: None,
            max_source_length: None,
        }
    }
}

impl AttentionConfig {
    /// Which state asks.
    pub fn query(&self) -> Query {
        self.query.unwrap_or(Query::After)
    }

    /// Positions looked at on either side of the middle.
    pub fn window(&self) -> usize {
        self.window.unwrap_or(WINDOW)
    }

    /// Attentions side by side for a decoder of `hidden` units: unless given, the most up to eight
    /// that divide it.
    pub fn heads(&self, hidden: usize) -> usize {
        let fits = |heads: &usize| hidden.is_multiple_of(*heads);
        let most = || (1..=HEADS).rev().find(fits).unwrap_or(1);
        self.heads.unwrap_or_else(most)
    }

    /// Most source tokens, the end mark not counted; `None` where there is no such limit.
    pub fn max_source_length(&self) -> Option<usize> {
        let length = self.max_source_length.unwrap_or(SOURCE);
        self.kind.pools().then_some(length)
    }

    /// Units of a context, for memory of `memory` units and a decoder of `hidden`.
    pub fn context_size(&self, memory: usize, hidden: usize) -> usize {
        match self.kind {
            AttentionKind::MultiHead => hidden,
            _ => memory,
        }
    }

    pub(crate) fn effective(mut self, hidden: usize) -> Self {
        let kind = self.kind;
        if kind.asks() {
            self.query.get_or_insert(Query::After);
        }
        if kind.is_additive() {
            self.coverage.get_or_insert(false);
        }
        if kind.is_local() {
            self.window = Some(self.window());
        }
        if kind == AttentionKind::MultiHead {
            self.heads = Some(self.heads(hidden));
        }
        if kind == AttentionKind::TimeDense {
            self.single_vector.get_or_insert(false);
        }
        self.max_source_length = self.max_source_length();
        self
    }

    pub(crate) fn check(&self, hidden: usize) -> Result<(), NetworkError> {
        let kind = self.kind;
        let (local, heads) = (kind.is_local(), kind == AttentionKind::MultiHead);
        let (dense, pools) = (kind == AttentionKind::TimeDense, kind.pools());
        let asking =
            "every attention that asks at each step: not \"none\", \"time-dense\" or \"tanh-pool\"";
        for (key, given, belongs, owner) in [
            ("query", self.query.is_some(), kind.asks(), asking),
            (
                "coverage",
                self.coverage.is_some(),
                kind.is_additive(),
                "`kind = \"bahdanau\"` and `kind = \"luong-concat\"`",
            ),
            (
                "window",
                self.window.is_some(),
                local,
                "`kind = \"local-m\"` and `kind = \"local-p\"`",
            ),
            (
                "heads",
                self.heads.is_some(),
                heads,
                "`kind = \"multi-head\"`",
            ),
            (
                "single_vector",
                self.single_vector.is_some(),
                dense,
                "`kind = \"time-dense\"`",
            ),
            (
                "max_source_length",
                self.max_source_length.is_some(),
                pools,
                "`kind = \"time-dense\"` and `kind = \"tanh-pool\"`",
            ),
        ] {
            if given && !belongs {
                return Err(NetworkError::MisplacedKey {
                    key: format!("model.attention.{key}"),
                    owner: owner.into(),
                    kind: kind.to_string(),
                });
            }
        }
        let outside = |key: &str, value: usize, range: String| {
            Err(NetworkError::OutOfRange {
                key: format!("model.attention.{key}"),
                value: value.to_string(),
                range,
            })
        };
        match (self.window, self.heads, self.max_source_length) {
            (Some(window @ (0 | 100_001..)), _, _) => {
                outside("window", window, "from 1 to 100,000".into())
            }
            (_, Some(heads), _) if heads == 0 || !hidden.is_multiple_of(heads) => outside(
                "heads",
                heads,
                format!("a divisor of `model.hidden_size`, {hidden}"),
            ),
            // The layer has as many rows, and columns, as a source has positions.
            (_, _, Some(length @ (0 | 10_001..))) => {
                outside("max_source_length", length, "from 1 to 10,000".into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: AttentionKind) -> AttentionConfig {
        AttentionConfig {
            kind,
            ..AttentionConfig::default()
        }
    }

    #[test]
    fn every_kind_is_sound_with_its_defaults() {
        for kind in AttentionKind::ALL {
            for hidden in [1, 7, 12, 512] {
                let effective = of(kind).effective(hidden);
                assert_eq!(effective.check(hidden), Ok(()), "{kind}");
                assert_eq!(effective.clone().effective(hidden), effective, "{kind}");
            }
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        for kind in AttentionKind::ALL {
            let own = of(kind).effective(8);
            let keys = [
                (
                    "query",
                    own.query.is_none(),
                    AttentionConfig {
                        query: Some(Query::After),
                        ..own.clone()
                    },
                ),
                (
                    "coverage",
                    own.coverage.is_none(),
                    AttentionConfig {
                        coverage: Some(false),
                        ..own.clone()
                    },
                ),
                (
                    "window",
                    own.window.is_none(),
                    AttentionConfig {
                        window: Some(2),
                        ..own.clone()
                    },
                ),
                (
                    "heads",
                    own.heads.is_none(),
                    AttentionConfig {
                        heads: Some(2),
                        ..own.clone()
                    },
                ),
                (
                    "single_vector",
                    own.single_vector.is_none(),
                    AttentionConfig {
                        single_vector: Some(true),
                        ..own.clone()
                    },
                ),
                (
                    "max_source_length",
                    own.max_source_length.is_none(),
                    AttentionConfig {
                        max_source_length: Some(9),
                        ..own.clone()
                    },
                ),
            ];
            for (key, foreign, config) in keys {
                let refused = config.check(8);
                assert_eq!(refused.is_err(), foreign, "{kind}: {key}");
                if let Err(error) = refused {
                    assert!(
                        error
                            .to_string()
                            .contains(&format!("`model.attention.{key}` belongs to")),
                        "{error}"
                    );
                }
            }
        }
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        let refuse = |config: AttentionConfig| config.check(12).unwrap_err().to_string();
        let heads = |heads| AttentionConfig {
            heads: Some(heads),
            ..of(AttentionKind::MultiHead)
        };
        assert!(refuse(heads(5)).contains("a divisor of `model.hidden_size`, 12"));
        assert!(refuse(heads(0)).contains("model.attention.heads"));
        assert_eq!(heads(6).check(12), Ok(()));
        let window = AttentionConfig {
            window: Some(0),
            ..of(AttentionKind::LocalP)
        };
        assert!(refuse(window).contains("model.attention.window"));
        let length = AttentionConfig {
            max_source_length: Some(0),
            ..of(AttentionKind::TanhPool)
        };
        assert!(refuse(length).contains("model.attention.max_source_length"));
    }
}
