//! Attention as pictures and numbers.

mod font;
mod image;
mod layout;
mod overlay;
mod png;
mod svg;

use std::fs;
use std::path::Path;

use serde::Serialize;

pub use self::image::ImageView;
use crate::error::RuntimeError;
use crate::output::STANDARD;

/// Attention of one translation over its source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alignment {
    /// Source of the translation.
    #[serde(flatten)]
    pub seen: Seen,
    /// Target tokens, end mark included.
    pub target: Vec<String>,
    /// `[target][source]`: rows sum to one; empty for a model without attention. The places of an image come
    /// in reading order.
    pub weights: Vec<Vec<f32>>,
    /// The translation as text.
    pub text: String,
    /// Its score.
    pub score: f64,
}

/// Source of a translation, as the model saw it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Seen {
    /// A sentence.
    Words {
        /// Its tokens, end mark included.
        source: Vec<String>,
    },
    /// An image.
    Image {
        /// As the model saw it.
        image: ImageView,
    },
}

/// How alignments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For programs.
    Json,
    /// For people.
    Svg,
    /// For people; of images only.
    Png,
}

impl Format {
    /// The format that a file's name asks for.
    ///
    /// # Errors
    /// When it asks for none of them.
    pub fn of(path: &Path) -> Result<Self, RuntimeError> {
        // A pipe or a device has no ending: what reads there is a program.
        let is_special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Ok(Format::Json),
            Some("svg") => Ok(Format::Svg),
            Some("png") => Ok(Format::Png),
            _ if path == Path::new(STANDARD) || is_special => Ok(Format::Json),
            _ => Err(RuntimeError::Usage(format!(
                "`--attention {}`: the name must end in .json or .svg, or in .png for images",
                path.display()
            ))),
        }
    }

    /// The file's content.
    ///
    /// # Errors
    /// A PNG of sentences, or of more images than it can hold.
    pub fn render(self, alignments: &[Alignment]) -> Result<Vec<u8>, RuntimeError> {
        Ok(match self {
            Format::Json => serde_json::to_vec_pretty(alignments).unwrap_or_default(),
            Format::Svg => svg::render(alignments).into_bytes(),
            Format::Png => png::render(alignments)?,
        })
    }
}
