//! The `[train.guided_alignment]` table.

use network::kind::Distance;
use serde::{Deserialize, Serialize};

use super::super::violation::{Violation, not_negative, within};

/// Whether attention learns from the links of `data.alignments`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuidedAlignmentConfig {
    /// Weight of the distance between attention and links beside the cross-entropy; 0 for none.
    pub weight: f64,
    /// How that distance is measured.
    pub distance: Distance,
    /// Factor that the weight is multiplied by after each epoch.
    pub decay: f64,
}

impl Default for GuidedAlignmentConfig {
    fn default() -> Self {
        Self {
            weight: 0.0,
            distance: Distance::CrossEntropy,
            decay: 1.0,
        }
    }
}

impl GuidedAlignmentConfig {
    /// Whether there is anything to do.
    pub fn is_on(&self) -> bool {
        self.weight > 0.0
    }

    /// The weight in `epoch`, from 0.
    pub fn weight_in(&self, epoch: u64) -> f64 {
        self.weight * self.decay.powf(epoch as f64)
    }

    /// Refuses numbers out of range.
    pub(in super::super) fn check(&self) -> Result<(), Violation> {
        not_negative("train.guided_alignment.weight", self.weight)?;
        within(
            "train.guided_alignment.decay",
            self.decay,
            |decay| decay > 0.0 && decay <= 1.0,
            "above 0, at most 1",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weight_falls_from_epoch_to_epoch() {
        let config = GuidedAlignmentConfig {
            weight: 0.5,
            decay: 0.9,
            ..GuidedAlignmentConfig::default()
        };
        let weights = [0, 1, 2].map(|epoch| config.weight_in(epoch));
        for (weight, expected) in weights.iter().zip([0.5, 0.45, 0.405]) {
            assert!((weight - expected).abs() < 1e-12, "{weights:?}");
        }
        assert!(config.is_on() && !GuidedAlignmentConfig::default().is_on());
    }
}
