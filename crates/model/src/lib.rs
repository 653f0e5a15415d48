//! Attentional encoder-decoders as Burn modules, and search over what they predict.
//!
//! A [`Seq2Seq`] is an [`encoder`] of words or images, a [`decoder`] with [`attention`], and an [`output`] layer. The
//! backend is a runtime value: the same module trains on a device with autodiff and searches on one
//! without. What runs over whole sequences is [`operations`].
//!
//! Tensors are `[batch, time, feature]` where attention reads them and `[time, batch, feature]`
//! inside recurrent layers; each function says which.
//!
//! ```
//! use burn::tensor::Device;
//! use model::{ModelConfig, Padded, Pairs, Seq2Seq};
//!
//! let config = ModelConfig { embedding_size: 8, hidden_size: 16, ..ModelConfig::default() };
//! let model = Seq2Seq::new(&config, 20, 30, 1, &Device::flex())?;
//! let words = |ids| Padded { ids, lengths: &[3], time: 3 };
//! let pairs = Pairs {
//!     source: words(&[7, 8, 3]).into(),
//!     input: words(&[2, 9, 10]),
//!     output: words(&[9, 10, 3]),
//! };
//! let loss = model.loss(pairs, 0.1, None);
//! assert_eq!(loss.tokens, 3);
//! # Ok::<(), model::NetworkError>(())
//! ```

pub mod attention;
pub mod bridge;
pub mod cell;
pub mod convolution;
pub mod decoder;
pub mod dropout;
mod embedding;
pub mod encoder;
mod forcing;
pub mod initial;
pub mod layer_norm;
pub mod linear;
pub mod output;
pub mod parameters;
pub mod positions;
pub mod pytorch;
pub mod search;
mod seq2seq;
pub mod stack;
mod staged;

pub use forcing::{Coin, Forcing, Guess};
pub use network::{Images, Input, ModelConfig, NetworkError, Padded};
pub use operations::guided::{Distance, Guide};
pub use operations::lengths::Lengths;
pub use search::{Hypothesis, Marks, SearchConfig};
pub use seq2seq::{Pairs, Prediction, SHARED, Seq2Seq, Signals};
pub use staged::{Rest, Staged};
