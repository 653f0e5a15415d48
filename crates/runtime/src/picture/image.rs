//! An image as a model saw it.

use data::image::Picture;
use serde::Serialize;

/// An image as a model saw it, and the grid of places over it that attention chooses from.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ImageView {
    /// As the line that named it has it.
    pub name: String,
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels.
    pub width: usize,
    /// Rows of the grid.
    pub rows: usize,
    /// Columns of the grid.
    pub columns: usize,
    /// `[height, width]`, the mean of the channels; 0 is background.
    #[serde(skip)]
    pub pixels: Vec<u8>,
}

impl ImageView {
    /// `picture`, called `name`, with a grid of rows and columns.
    pub fn new(name: &str, picture: &Picture, [rows, columns]: [usize; 2]) -> Self {
        let size = picture.height * picture.width;
        let mean = |place: usize| {
            let planes = picture.pixels.chunks(size.max(1));
            let sum: usize = planes.map(|plane| usize::from(plane[place])).sum();
            u8::try_from(sum / picture.channels.max(1)).unwrap_or(u8::MAX)
        };
        Self {
            name: name.to_owned(),
            height: picture.height,
            width: picture.width,
            rows,
            columns,
            pixels: (0..size).map(mean).collect(),
        }
    }
}

impl std::fmt::Debug for ImageView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} x {} pixels, {} x {} places",
            self.name, self.height, self.width, self.rows, self.columns
        )
    }
}
