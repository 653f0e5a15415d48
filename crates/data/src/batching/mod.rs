//! Sentence pairs as padded rows of ids, in an order fixed by the seed and the epoch.

mod batch;
mod dataset;
mod links;
mod plan;
mod prefetch;
mod sequential;

pub use batch::{Batch, Padded, collate};
pub use dataset::{Dataset, Example};
pub use plan::{BatchConfig, BatchUnit};
pub use prefetch::{Position, Prefetched, Prefetcher};
pub use sequential::{restore_order, sequential};
