//! Operations of a convolutional network over images beside matrix products. Images lie with their channels
//! innermost, `[image, row, column, channel]`.

mod pool;
mod unfold;

pub use pool::{pool, unpool};
pub use unfold::{WINDOW, fold, unfold};

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// `N`, images.
    pub images: usize,
    /// `H`, rows of an image.
    pub height: usize,
    /// `W`, columns of an image.
    pub width: usize,
    /// `C`, numbers of a pixel.
    pub channels: usize,
}

impl Shape {
    /// Numbers of one image.
    fn image(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Numbers of all images.
    fn all(self) -> usize {
        self.images * self.image()
    }
}
