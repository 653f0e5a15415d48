//! The tables under `[train]` that say what a model is trained towards beside the right words.

mod guided_alignment;
mod minimum_risk;
mod teacher_forcing;
mod word_dropout;

pub use guided_alignment::GuidedAlignmentConfig;
pub use minimum_risk::{MinimumRiskConfig, Objective};
pub use teacher_forcing::{ForcingKind, TeacherForcingConfig};
pub use word_dropout::WordDropoutConfig;
