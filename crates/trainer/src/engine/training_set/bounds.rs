//! How long the sides of a training pair may be.

use data::image::ImageOptions;

use crate::config::Config;
use crate::reader::Reader;

/// The most tokens of a source, or columns of one that is an image, and of a target.
pub(super) fn longest(config: &Config, images: Option<ImageOptions>) -> [usize; 2] {
    let most = config.max_length();
    let of_source = match images {
        Some(images) => images.max_width,
        None => {
            let of_source = config.model.attention.max_source_length();
            of_source.unwrap_or(most).min(most)
        }
    };
    [of_source, most]
}

/// The same in words.
pub(super) fn limit(config: &Config, source: &Reader) -> String {
    let [of_source, most] = longest(config, source.images());
    match source {
        Reader::Images(_) => format!("{of_source} columns or {most} target tokens"),
        Reader::Words(_) if of_source == most => format!("{most} tokens"),
        Reader::Words(_) => format!("{of_source} source or {most} target tokens"),
    }
}
