//! The `[train.teacher_forcing]` table.

use network::kind::{Coin, Guess};
use serde::{Deserialize, Serialize};

use super::super::violation::{Violation, above_zero, only, required, share, within};

/// The family of schedules of scheduled sampling (Bengio et al. 2015, section 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForcingKind {
    /// The same ratio throughout.
    Constant,
    /// `k - c i` after i updates.
    Linear,
    /// `k` to the power of i.
    Exponential,
    /// `k / (k + exp(i / k))`.
    InverseSigmoid,
}

impl std::fmt::Display for ForcingKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ForcingKind::Constant => "constant",
            ForcingKind::Linear => "linear",
            ForcingKind::Exponential => "exponential",
            ForcingKind::InverseSigmoid => "inverse-sigmoid",
        })
    }
}

/// How often the decoder reads the right word in training, and its own otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TeacherForcingConfig {
    /// Which schedule.
    pub kind: ForcingKind,
    /// The probability of the right word; `constant`; 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// The schedule's k; every other kind; 1 under `linear`, else it must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<f64>,
    /// Decrease of the ratio with each update; `linear`; must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c: Option<f64>,
    /// The ratio does not fall below this; every kind but `constant`; 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// Scope of one coin toss.
    pub coin: Coin,
    /// Which word is the decoder's own.
    pub guess: Guess,
}

impl Default for TeacherForcingConfig {
    fn default() -> Self {
        Self {
            kind: ForcingKind::Constant,
            ratio: None,
            k: None,
            c: None,
            floor: None,
            coin: Coin::Token,
            guess: Guess::Best,
        }
    }
}

impl TeacherForcingConfig {
    /// The config with every default of its kind written out.
    pub fn effective(mut self) -> Self {
        match self.kind {
            ForcingKind::Constant => {
                self.ratio.get_or_insert(1.0);
            }
            kind => {
                self.floor.get_or_insert(0.0);
                if kind == ForcingKind::Linear {
                    self.k.get_or_insert(1.0);
                }
            }
        }
        self
    }

    /// Whether the decoder ever reads a word of its own.
    pub fn is_on(&self) -> bool {
        self.kind != ForcingKind::Constant || self.ratio.is_some_and(|ratio| ratio < 1.0)
    }

    /// The probability of the right word after `updates` updates, 0 to 1.
    pub fn ratio_after(&self, updates: u64) -> f64 {
        let (i, k) = (updates as f64, self.k.unwrap_or(1.0));
        let ratio = match self.kind {
            ForcingKind::Constant => return self.ratio.unwrap_or(1.0),
            ForcingKind::Linear => k - self.c.unwrap_or(0.0) * i,
            ForcingKind::Exponential => k.powf(i),
            // Far out the exponential is infinite and the ratio zero.
            ForcingKind::InverseSigmoid => k / (k + (i / k).exp()),
        };
        ratio.max(self.floor.unwrap_or(0.0))
    }

    /// Refuses keys of another kind, numbers out of range and schedules without their numbers.
    pub(in super::super) fn check(&self) -> Result<(), Violation> {
        use ForcingKind::{Constant, Exponential, InverseSigmoid, Linear};
        let kind = self.kind;
        let given = [
            ("ratio", self.ratio.is_some(), &[Constant][..]),
            ("c", self.c.is_some(), &[Linear]),
            (
                "k",
                self.k.is_some(),
                &[Linear, Exponential, InverseSigmoid],
            ),
            (
                "floor",
                self.floor.is_some(),
                &[Linear, Exponential, InverseSigmoid],
            ),
        ];
        for (key, given, owners) in given {
            only(&format!("train.teacher_forcing.{key}"), given, kind, owners)?;
        }
        let unit = |ratio: f64| (0.0..=1.0).contains(&ratio);
        let ratio = self.ratio.unwrap_or(1.0);
        within("train.teacher_forcing.ratio", ratio, unit, "0 to 1")?;
        let floor = self.floor.unwrap_or_default();
        share("train.teacher_forcing.floor", floor)?;
        let key = "train.teacher_forcing.k";
        match (kind, self.k) {
            (Constant, _) | (Linear, None) => {}
            (Linear, Some(k)) => within(key, k, unit, "0 to 1 under `kind = \"linear\"`")?,
            (Exponential, Some(k)) => within(
                key,
                k,
                |k| k > 0.0 && k < 1.0,
                "above 0 and below 1 under `kind = \"exponential\"`",
            )?,
            (InverseSigmoid, Some(k)) => within(
                key,
                k,
                |k| k >= 1.0,
                "at least 1 under `kind = \"inverse-sigmoid\"`",
            )?,
            (Exponential, None) => {
                return Err(required(
                    key,
                    "train.teacher_forcing.kind",
                    " (`kind = \"exponential\"` needs it)",
                    "the ratio is k to the power of the updates made: for example k = 0.9998 under \
                     [train.teacher_forcing], 0.82 after 1,000 updates",
                ));
            }
            (InverseSigmoid, None) => {
                return Err(required(
                    key,
                    "train.teacher_forcing.kind",
                    " (`kind = \"inverse-sigmoid\"` needs it)",
                    "the ratio is k / (k + exp(updates / k)): for example k = 1000 under \
                     [train.teacher_forcing], one half after 6,900 updates",
                ));
            }
        }
        if kind == Linear && self.c.is_none() {
            return Err(required(
                "train.teacher_forcing.c",
                "train.teacher_forcing.kind",
                " (`kind = \"linear\"` needs it)",
                "say what the ratio loses with each update: for example c = 1e-4 under \
                 [train.teacher_forcing], from 1 to 0 in 10,000 updates",
            ));
        }
        above_zero("train.teacher_forcing.c", self.c.unwrap_or(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratios(kind: ForcingKind, k: f64, c: f64, floor: f64) -> Vec<f64> {
        let config = TeacherForcingConfig {
            kind,
            k: Some(k),
            c: Some(c),
            floor: Some(floor),
            ..TeacherForcingConfig::default()
        };
        [0, 1, 10, 1_000, 1_000_000]
            .map(|updates| config.ratio_after(updates))
            .to_vec()
    }

    #[test]
    fn schedules_are_those_of_the_paper() {
        for (kind, k, c, floor, expected) in [
            (
                ForcingKind::Linear,
                0.9,
                0.01,
                0.1,
                [0.9, 0.89, 0.8, 0.1, 0.1],
            ),
            (
                ForcingKind::Exponential,
                0.99,
                1.0,
                0.25,
                [1.0, 0.99, 0.904_382_075, 0.25, 0.25],
            ),
            (
                ForcingKind::InverseSigmoid,
                10.0,
                1.0,
                0.0,
                [0.909_090_909, 0.900_481_413, 0.786_269_728, 0.0, 0.0],
            ),
        ] {
            let found = ratios(kind, k, c, floor);
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 1e-6,
                    "{kind}: {found} is not {expected}"
                );
            }
        }
    }

    #[test]
    fn a_ratio_of_one_is_teacher_forcing_as_ever() {
        let mut config = TeacherForcingConfig::default();
        assert!(!config.is_on() && !config.clone().effective().is_on());
        config.ratio = Some(0.5);
        assert!(config.is_on());
        assert_eq!(config.ratio_after(7), 0.5);
    }
}
