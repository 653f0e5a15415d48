//! The families that a config chooses from, by their names.

mod attention;
mod bridge;
mod context;
mod decoder;
mod dropout;
mod encoder;

pub use attention::{AttentionKind, Query};
pub use bridge::BridgeKind;
pub use context::ContextKind;
pub use decoder::DecoderKind;
pub use dropout::DropoutKind;
pub use encoder::{EncoderKind, InitialState};
