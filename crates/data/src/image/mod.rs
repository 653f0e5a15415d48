//! Images as a model reads them: of one height, grey or coloured, with a background of zeros.
//!
//! An image corpus is a list of names with a text each. A name is the path of a PNG, JPEG or PNM
//! (`.pgm`, `.ppm`) file, which starts at the folder of the list, or an image of a built-in
//! corpus, such as `builtin:digits:test:17`.

mod critical;
mod ending;
mod file;
mod names;
mod options;
mod picture;
mod pnm;
mod problem;
mod raster;
mod scale;
mod upright;

pub use names::{Names, is_name};
pub use options::{Background, ImageOptions};
pub use picture::Picture;
pub use problem::ImageProblem;
pub use raster::Raster;
