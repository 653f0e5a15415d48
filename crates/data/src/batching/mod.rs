//! Sentence pairs, or images and their texts, as padded rows, in an order fixed by the seed and the epoch.

mod batch;
mod counts;
mod dataset;
mod epoch;
mod examples;
mod links;
mod plan;
mod prefetch;
mod repeats;
mod sequential;
mod share;
mod source;

pub use batch::{Batch, Padded, collate};
pub use counts::Counts;
pub use dataset::{Dataset, Example};
pub use epoch::Epoch;
pub use examples::{Examples, Spread};
pub use plan::{BatchConfig, BatchUnit};
pub use prefetch::{Position, Prefetched, Prefetcher};
pub use repeats::Repeats;
pub use sequential::{restore_order, sequential};
pub use share::{Share, Whole};
pub use source::{Pictures, Source, Sources};
