//! Images that are sources.

/// A grey image as rows of pixels from the top, 0 black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `[height, width]`.
    pub pixels: Vec<u8>,
}
