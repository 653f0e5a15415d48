//! Computing on the CPU that knows no network: matrix products in single precision and in 8-bit integers, functions of
//! lists, threads, memory. Pure functions on `f32` slices; nothing here knows a tensor library.
//!
//! Work is split over rayon's global pool by output rows; no result depends on which thread did what, so equal inputs
//! give equal bits with the same [`instruction_sets`].

#[cfg(target_arch = "x86_64")]
mod amx;
pub mod buffer;
pub mod elementwise;
pub mod fixed;
pub mod instruction_sets;
pub mod lanes;
pub mod matmul;
pub mod parallel;
pub mod profile;
pub mod quantised;
pub mod rows;
pub mod storage;
#[doc(hidden)]
pub mod testing;
