//! The families that a config chooses from, by their names.

mod attention;
mod bridge;
mod context;
mod decoder;
mod distance;
mod dropout;
mod encoder;
mod forcing;

pub use attention::{AttentionKind, Query};
pub use bridge::BridgeKind;
pub use context::ContextKind;
pub use decoder::DecoderKind;
pub use distance::Distance;
pub use dropout::DropoutKind;
pub use encoder::{EncoderKind, InitialState};
pub use forcing::{Coin, Guess};
