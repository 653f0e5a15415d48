//! The fused operations of a GPU.

#![cfg(all(feature = "wgpu", not(feature = "fusion")))]

mod close;
mod counts;
mod device;
mod recurrent;
mod whole;
