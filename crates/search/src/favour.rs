//! Goals for the speed of search: throughput or latency.

use serde::{Deserialize, Serialize};

/// For which batches the CPU's kernels hold weights in full precision. A translation's score differs in the last digits
/// between the two; the batch that it comes in never matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Favour {
    /// Many sentences at once.
    #[default]
    Throughput,
    /// One sentence at a time: steps of up to about eight rows, sentences times beams, which take as long as weights
    /// take to be read. Where the processor is quick to take bytes apart they are of 24 bits, see [`Precision::Full`];
    /// steps of more rows are slower.
    ///
    /// [`Precision::Full`]: crate::packed::Precision::Full
    Latency,
}

/// Up to so many rows of a step, what is asked for is a short time for each.
const FEW_ROWS: usize = 8;

impl Favour {
    /// For steps of up to `rows` rows, sentences times beams: latency where they are few, else `usual`.
    pub fn for_rows(rows: usize, usual: Self) -> Self {
        match rows <= FEW_ROWS {
            true => Favour::Latency,
            false => usual,
        }
    }

    /// As configs name it.
    pub fn name(self) -> &'static str {
        match self {
            Favour::Throughput => "throughput",
            Favour::Latency => "latency",
        }
    }
}
