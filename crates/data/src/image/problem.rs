//! Errors of an image.

use std::io;

use super::ending::ENDINGS;
use super::raster::MOST_PIXELS;

/// A problem with an image, and its remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageProblem {
    /// A name that is none of an image.
    #[error(
        "not the name of an image, which ends in {}; in a corpus of images the first column holds paths", ENDINGS.join(", ")
    )]
    Name,

    /// A file that does not exist.
    #[error(
        "no such image; check the path (a relative one starts at the folder of the file that names it, or, on \
         standard input, at the folder the command is run in)"
    )]
    Missing,

    /// A folder.
    #[error("this is a folder; name an image in it")]
    Folder,

    /// A path that is no regular file.
    #[error("this is a pipe or a device; save the image in a file")]
    NotRegular,

    /// A file that the system does not let us read.
    #[error("cannot be read ({0}); check its permissions and the disk")]
    Unreadable(io::Error),

    /// A file that holds something else.
    #[error("this is no PNG, JPEG or PNM image, whatever its name says; convert it to one of them")]
    Content,

    /// An image that cannot be decoded.
    #[error("this image is damaged ({0}); make or fetch it again")]
    Damaged(String),

    /// An image without pixels.
    #[error("this image is {width} x {height} pixels: there is nothing to see; leave its line out")]
    Empty {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },

    /// An image whose pixels would fill the memory.
    #[error(
        "this image is {width} x {height} pixels, and more than {} million are not read; make it smaller",
        MOST_PIXELS / 1_000_000
    )]
    TooLarge {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },

    /// An image that no built-in corpus has.
    #[error("there is no such built-in image; their names are like `{example}`")]
    Builtin {
        /// A name that exists.
        example: String,
    },
}
