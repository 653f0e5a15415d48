//! How images are brought into the form that a model reads.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Background around the ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// Dark ink on light paper: the image is inverted.
    #[default]
    Light,
    /// Light ink on a dark ground: the image is left as it is.
    Dark,
}

impl Background {
    /// The grey that is around the ink.
    pub(super) fn paper(self) -> u8 {
        match self {
            Self::Light => 255,
            Self::Dark => 0,
        }
    }
}

impl fmt::Display for Background {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

/// How images are brought into the form that a model reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageOptions {
    /// Rows of pixels. Images are scaled to it with their proportions kept.
    pub height: usize,
    /// Numbers of a pixel: 1 for grey, 3 for red, green and blue.
    pub channels: usize,
    /// Most columns of pixels after scaling; what is further right is left out.
    pub max_width: usize,
    /// Background around the ink.
    pub background: Background,
}

impl ImageOptions {
    /// Returns a text that tells these options from others under which a trained model would see other images.
    pub fn fingerprint(&self) -> String {
        format!(
            "images of {} rows, {} channels, {} background",
            self.height, self.channels, self.background
        )
    }
}
