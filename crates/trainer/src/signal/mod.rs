//! Training signals beside the right words: the model's own words, unknown words, links for its attention, and the
//! worth of its own translations.

mod gold;
mod judge;
mod risk;
mod tally;
mod words;

pub(crate) use gold::GoldAlignment;
pub(crate) use judge::Judge;
pub(crate) use tally::Tally;
pub(crate) use words::Words;
