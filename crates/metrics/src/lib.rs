//! Scores of translations: corpus and sentence BLEU, chrF and chrF++, the share of exact matches, and the
//! error rates of words and symbols.
//!
//! Every BLEU and chrF equals sacreBLEU's (Post 2018, "A Call for Clarity in Reporting BLEU Scores") for the
//! same settings, so a score printed here can stand beside a published one. The golden values of the
//! tests are sacreBLEU's own; `scripts/make_metrics_golden.py` makes them. A score carries its
//! signature, the line that lists every setting, and the signature names this crate as the maker.
//!
//! ```
//! use metrics::bleu::{Bleu, Tokenize};
//! use metrics::chrf::Chrf;
//!
//! let hypotheses = ["the cat sat on the mat .", "it is raining today"];
//! let references = ["The cat sat on the mat.", "It is raining today."];
//!
//! let bleu = Bleu::new(Tokenize::ThirteenA).with_lowercase(true).corpus(&hypotheses, &references)?;
//! assert_eq!(format!("{:.2}", bleu.score), "91.31");
//! assert!(bleu.signature.starts_with("nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:attune-"));
//!
//! let chrf = Chrf::plus_plus().corpus(&hypotheses, &references)?;
//! assert!(chrf.to_string().starts_with("chrF2++ = "));
//! # Ok::<(), metrics::MetricError>(())
//! ```

pub mod bleu;
pub mod chrf;
mod corpus;
mod error;
mod exact;
mod ngram;
mod signature;
mod symbol_error;
mod vocabulary;
mod whitespace;
mod word_error;

pub use error::MetricError;
pub use exact::exact_match;
pub use symbol_error::SymbolErrors;
pub use word_error::WordErrors;
