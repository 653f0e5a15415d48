//! Parts of an encoder-decoder, without a tensor library: the kinds there are, the `[model]` table of a config, and one
//! tree of parameters.
//!
//! A [`Network`] holds one value for each parameter: its [`Shape`], its [`Values`], or whatever else. Everything that
//! handles parameters walks this tree: search packs it, files are read into it, counts and names come from it.
//!
//! ```
//! use network::{ModelConfig, Network, Shape};
//!
//! let config = ModelConfig { embedding_size: 8, hidden_size: 16, ..ModelConfig::default() };
//! let shapes = Network::<Shape>::new(&config, [20, 30])?;
//! let mut count = 0;
//! shapes.visit(|name, shape| {
//!     assert!(name != "output.bias" || shape.0 == [30]);
//!     count += shape.size();
//! });
//! assert_eq!(count, 5_966);
//! # Ok::<(), network::NetworkError>(())
//! ```

pub mod cell;
pub mod config;
mod energy;
mod error;
mod input;
pub mod kind;
mod reach;
mod shape;
pub mod tree;
mod values;

pub use config::ModelConfig;
pub use energy::Energy;
pub use error::NetworkError;
pub use input::{Images, Input, Padded, Pairs};
pub use reach::Reach;
pub use shape::{Shape, Shaped};
pub use tree::Network;
pub use values::{Parameters, Values};
