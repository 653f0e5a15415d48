//! Each mistake is named with its line and what to do. `LEAST` is two lines, so `lines` start at 3.

mod files;
mod keys;
mod values;
