//! Corpora, tokenizers, vocabularies and padded batches: text in, batches of ids out.
//!
//! The path of a sentence pair: a [`corpus::CorpusSource`] names where it comes from;
//! [`corpus::read`] reads and checks it, text as it was written; a [`tokenizer::Tokenizer`] cuts both sides
//! into tokens; [`batching::Dataset::encode`] turns them into ids; [`batching::BatchConfig::epoch`]
//! decides which pairs go together and when; [`batching::Prefetcher`] makes the padded
//! [`batching::Batch`]es ahead of their use. What a model produces goes back through
//! [`tokenizer::Tokenizer::decode`]. Sources may be images instead of sentences: [`image`].
//!
//! ```
//! use data::batching::{BatchConfig, Dataset};
//! use data::corpus::{Corpus, CorpusSource, ReadOptions, read};
//! use data::tokenizer::{Tokenizer, TokenizerConfig};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("pairs.tsv");
//! # let path = path.to_str().unwrap();
//! std::fs::write(path, "How are you?\t你好吗？\nTom chases Jerry.\t汤姆追逐杰瑞。\n")?;
//! let source: CorpusSource = path.parse()?;
//! let Corpus { pairs, summary, .. } = read(&source, &ReadOptions::default())?;
//! assert_eq!((summary.read, summary.kept), (2, 2));
//!
//! let words = TokenizerConfig::default();
//! let english = Tokenizer::train(&words, pairs.iter().map(|pair| pair.source.as_str()))?;
//! let chinese = Tokenizer::train(&words, pairs.iter().map(|pair| pair.target.as_str()))?;
//! let dataset = Dataset::encode(&pairs, &english, &chinese, [60, 60])?;
//!
//! let plan: Vec<Vec<usize>> = BatchConfig::default().epoch(&dataset, 0).collect();
//! let batch = dataset.batch(&plan[0], 1);
//! let source = batch.source.words().unwrap();
//! assert_eq!((source.rows, source.time), (2, 5));
//! let tom = batch.indices.iter().position(|&place| place == 1).unwrap();
//! let ids: Vec<u32> = batch.target_output.row(tom).iter().map(|&id| id as u32).collect();
//! assert_eq!(chinese.decode(&ids)?, "汤姆追逐杰瑞。");
//! # Ok(())
//! # }
//! ```

pub mod batching;
#[cfg(not(target_family = "wasm"))]
pub mod cache;
pub mod corpus;
mod error;
pub mod image;
pub mod special;
pub mod tokenizer;
mod whole_file;

pub use error::DataError;
