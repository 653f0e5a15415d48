//! Sources: sentences, or images.

use super::batch::Padded;
use crate::image::Picture;

/// Source of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The ids of a sentence, ending with the end mark.
    Words(Vec<u32>),
    /// An image.
    Picture(Picture),
}

impl Source {
    /// How long it is: tokens, the end mark counted, or columns of pixels.
    pub fn len(&self) -> usize {
        match self {
            Self::Words(ids) => ids.len(),
            Self::Picture(picture) => picture.width,
        }
    }

    /// Whether there is nothing, not even an end mark.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn is_picture(&self) -> bool {
        matches!(self, Self::Picture(_))
    }
}

impl Default for Source {
    fn default() -> Self {
        Self::Words(Vec::new())
    }
}

impl From<Vec<u32>> for Source {
    fn from(ids: Vec<u32>) -> Self {
        Self::Words(ids)
    }
}

impl From<Picture> for Source {
    fn from(picture: Picture) -> Self {
        Self::Picture(picture)
    }
}

/// The sources of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Sources {
    /// Sentences.
    Words(Padded),
    /// Images.
    Pictures(Pictures),
}

impl Sources {
    /// Puts sources of one kind side by side, filled up to a multiple of `multiple_of` tokens or columns.
    ///
    /// # Panics
    /// If some are sentences and some images: no data set holds both.
    pub(super) fn new<'a>(
        sources: impl ExactSizeIterator<Item = &'a Source> + Clone,
        multiple_of: usize,
    ) -> Self {
        match sources.clone().next() {
            Some(Source::Picture(_)) => {
                let pictures = sources.map(|source| match source {
                    Source::Picture(picture) => picture,
                    Source::Words(_) => panic!("a data set holds images or sentences, not both"),
                });
                Self::Pictures(Pictures::new(pictures, multiple_of))
            }
            _ => {
                let sentences = sources.map(|source| match source {
                    Source::Words(ids) => ids.as_slice(),
                    Source::Picture(_) => panic!("a data set holds sentences or images, not both"),
                });
                Self::Words(Padded::new(sentences, multiple_of))
            }
        }
    }

    /// How many there are.
    pub fn rows(&self) -> usize {
        self.lengths().len()
    }

    /// How long each is: tokens, end marks counted, or columns of pixels.
    pub fn lengths(&self) -> &[usize] {
        match self {
            Self::Words(words) => &words.lengths,
            Self::Pictures(pictures) => &pictures.widths,
        }
    }

    /// How many tokens or columns there are with those of the padding.
    pub fn places(&self) -> usize {
        match self {
            Self::Words(words) => words.ids.len(),
            Self::Pictures(pictures) => pictures.widths.len() * pictures.width,
        }
    }

    /// The sentences, if these are sentences.
    pub fn words(&self) -> Option<&Padded> {
        match self {
            Self::Words(words) => Some(words),
            Self::Pictures(_) => None,
        }
    }
}

/// Images filled up with background to one width.
#[derive(Debug, Clone, PartialEq)]
pub struct Pictures {
    /// From 0, the background, to 1: `[rows, channels, height, width]`.
    pub pixels: Vec<f32>,
    /// For each image how many of its columns are not padding.
    pub widths: Vec<usize>,
    /// Numbers of a pixel.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Columns of every image.
    pub width: usize,
}

impl Pictures {
    fn new<'a>(
        pictures: impl ExactSizeIterator<Item = &'a Picture> + Clone,
        multiple_of: usize,
    ) -> Self {
        let widths: Vec<usize> = pictures.clone().map(|picture| picture.width).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        let width = widest.next_multiple_of(multiple_of.max(1));
        let first = pictures.clone().next();
        let [channels, height] = first.map_or([1; 2], |one| [one.channels, one.height]);
        let mut pixels = vec![0.0; widths.len() * channels * height * width];
        let images = pixels.chunks_mut((channels * height * width).max(1));
        for (image, picture) in images.zip(pictures) {
            let lines = image
                .chunks_mut(width)
                .zip(picture.pixels.chunks(picture.width));
            for (line, values) in lines {
                for (place, &value) in line.iter_mut().zip(values) {
                    *place = f32::from(value) / 255.0;
                }
            }
        }
        Self {
            pixels,
            widths,
            channels,
            height,
            width,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Background, ImageOptions, Raster};

    #[test]
    fn images_are_filled_up_with_background() {
        let options = ImageOptions {
            height: 2,
            channels: 1,
            max_width: 9,
            background: Background::Dark,
        };
        let source = |width| {
            let image = Raster::grey(width, 2, |x, y| 51 * (2 * y + x) as u8);
            Source::from(Picture::new(image, &options))
        };
        let sources = [source(2), source(1)];
        let Sources::Pictures(found) = Sources::new(sources.iter(), 3) else {
            panic!("these are images");
        };
        assert_eq!((found.width, &found.widths[..]), (3, &[2, 1][..]));
        let (first, second) = (
            [0.0, 0.2, 0.0, 0.4, 0.6, 0.0],
            [0.0, 0.0, 0.0, 0.4, 0.0, 0.0],
        );
        assert_eq!(found.pixels, [first, second].concat());
        let sources = Sources::Pictures(found);
        assert_eq!((sources.rows(), sources.places()), (2, 6));
        assert!(sources.words().is_none());
    }
}
