//! Input of a network: words or images.

mod images;
mod padded;
mod pairs;

pub use images::Images;
pub use padded::Padded;
pub use pairs::Pairs;

/// One batch of sources.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// Sentences, for every encoder but `image`.
    Words(Padded<'a>),
    /// Pictures, for the encoder `image`.
    Images(Images<'a>),
}

impl Input<'_> {
    /// The number of sources.
    pub fn rows(&self) -> usize {
        match self {
            Input::Words(words) => words.rows(),
            Input::Images(images) => images.rows(),
        }
    }
}

impl<'a> Input<'a> {
    /// The source at `index` alone.
    pub fn only(&self, index: usize) -> Self {
        match *self {
            Input::Words(words) => Input::Words(Padded {
                ids: &words.ids[index * words.time..][..words.time],
                lengths: &words.lengths[index..=index],
                time: words.time,
            }),
            Input::Images(images) => {
                let size = images.channels * images.height * images.width;
                Input::Images(Images {
                    pixels: &images.pixels[index * size..][..size],
                    widths: &images.widths[index..=index],
                    ..images
                })
            }
        }
    }
}

impl<'a> From<Padded<'a>> for Input<'a> {
    fn from(words: Padded<'a>) -> Self {
        Input::Words(words)
    }
}

impl<'a> From<Images<'a>> for Input<'a> {
    fn from(images: Images<'a>) -> Self {
        Input::Images(images)
    }
}
