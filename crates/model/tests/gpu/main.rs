//! The fused operations of a GPU.

#![cfg(all(feature = "wgpu", not(feature = "fusion")))]

mod counts;
mod device;
