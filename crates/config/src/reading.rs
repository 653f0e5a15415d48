//! How corpora are read.

use data::corpus::ReadOptions;
use data::image::ImageOptions;

use crate::Config;

impl Config {
    /// How corpora are read.
    pub fn reading(&self) -> ReadOptions {
        ReadOptions {
            max_characters: self.data.max_characters,
            images: self.images(),
            columns: self.data.columns,
            one_sided: self.data.one_sided,
            ..ReadOptions::default()
        }
    }

    /// How images are read, if sources are images.
    pub fn images(&self) -> Option<ImageOptions> {
        let encoder = &self.model.encoder;
        encoder.reads_images().then(|| {
            let images = self.data.images.clone().unwrap_or_default();
            ImageOptions {
                height: encoder.height(),
                channels: encoder.input_channels(),
                max_width: images.max_width,
                background: images.background,
            }
        })
    }
}
