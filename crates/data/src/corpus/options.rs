//! Options for reading a corpus: what to keep of it.

use serde::{Deserialize, Serialize};

use super::Columns;
use crate::image::ImageOptions;

/// Treatment of pairs that have text on one side only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OneSided {
    /// The corpus is refused, with the line.
    #[default]
    Refuse,
    /// They are left out and counted.
    Skip,
}

/// Options for reading a corpus: what to keep of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Pairs with more characters than this on either side are dropped, unless all are kept.
    pub max_characters: usize,
    /// How images are read, where sources name them.
    pub images: Option<ImageOptions>,
    /// Contents of the columns of a TSV file; source and target unless given.
    pub columns: Option<Columns>,
    /// Treatment of pairs that have text on one side only, unless all are kept.
    pub one_sided: OneSided,
    /// Whether each line is a pair, blank ones, one-sided ones and long ones too. Sides of more than
    /// [`super::LONGEST_LINE`] bytes are refused then.
    pub keep_all: bool,
    /// Whether only regular files are read: what is read again later must not be a pipe or a device.
    pub regular_only: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            max_characters: 2_000,
            images: None,
            columns: None,
            one_sided: OneSided::Refuse,
            keep_all: false,
            regular_only: false,
        }
    }
}
