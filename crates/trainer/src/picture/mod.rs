//! Attention as pictures and numbers.

mod svg;

use std::path::Path;

use serde::Serialize;

use crate::error::RunError;

/// What one translation looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alignment {
    /// Source tokens, end mark included.
    pub source: Vec<String>,
    /// Target tokens, end mark included.
    pub target: Vec<String>,
    /// `[target][source]`: rows sum to one; empty for a model without attention.
    pub weights: Vec<Vec<f32>>,
    /// The translation as text.
    pub text: String,
    /// Its score.
    pub score: f64,
}

/// How alignments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For programs.
    Json,
    /// For people.
    Svg,
}

impl Format {
    /// The format that a file's name asks for.
    ///
    /// # Errors
    /// When it asks for none of them.
    pub fn of(path: &Path) -> Result<Self, RunError> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Ok(Format::Json),
            Some("svg") => Ok(Format::Svg),
            _ => Err(RunError::Usage(format!(
                "`--attention {}`: the name must end in .json or .svg",
                path.display()
            ))),
        }
    }

    /// The file's text.
    pub fn render(self, alignments: &[Alignment]) -> String {
        match self {
            Format::Json => serde_json::to_string_pretty(alignments).unwrap_or_default(),
            Format::Svg => svg::render(alignments),
        }
    }
}
