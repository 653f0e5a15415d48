//! Corpora that need no file: every pair is generated, always the same.
//!
//! | name              | source                            | target                    |
//! |-------------------|-----------------------------------|---------------------------|
//! | `en-zh`           | English sentence                  | Chinese sentence          |
//! | `reverse`         | 1 to 25 whole numbers             | the same backwards        |
//! | `reverse-20`      | 20 whole numbers                  | the same backwards        |
//! | `dates`           | a date as people write it         | the date by ISO 8601      |
//! | `transliteration` | Greek words                       | the same in Latin letters |
//! | `inflection`      | features and letters of a Turkish word | the inflected form   |
//! | `digits`          | the name of an image: a row of digits by hand | the digits     |
//!
//! Each is divided into [`Split`]s, named `builtin:NAME:SPLIT` in a config.

mod dates;
mod digits;
pub mod en_zh;
mod image;
mod inflection;
mod link;
mod pair;
mod reverse;
mod split;
mod task;
mod transliteration;
mod words;

pub use image::Image;
pub use link::Link;
pub use pair::Pair;
pub use split::Split;
pub use task::{Builtin, Task};
pub use words::Words;
