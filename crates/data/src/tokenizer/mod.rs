//! Text to ids and back.
//!
//! A [`Tokenizer`] is one of the Hugging Face library and is saved as its standard
//! `tokenizer.json`, which other programs can load. The kinds:
//!
//! | kind      | tokens                                   | what the vocabulary lacks becomes |
//! |-----------|------------------------------------------|-----------------------------------|
//! | `word`    | words and marks, each Chinese character  | `<unk>`                           |
//! | `char`    | characters                               | `<unk>`                           |
//! | `bpe`     | frequent strings, by merging pairs       | bytes                             |
//! | `unigram` | frequent strings, by likelihood          | bytes                             |
//!
//! The special marks are never found in text: `<s>` in a sentence is cut like any other text.
//! (Other programs do the same if the library's `encode_special_tokens` is set.)

mod alphabet;
mod bpe;
mod character;
mod config;
mod file;
mod likelihood;
mod merges;
mod pipeline;
mod script;
mod spacing;
mod substrings;
mod trie;
mod unigram;
mod whole;
mod word;

use std::path::Path;

use tokenizers::Decoder;

pub use config::{Kind, TokenizerConfig};
pub use word::words;

use crate::error::DataError;
use crate::special::{END, UNK, is_mark};

/// A text cut into tokens. The vectors `ids`, `tokens` and `offsets` have one entry a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// The tokens' ids, without start and end marks.
    pub ids: Vec<u32>,
    /// The tokens as they stand in the vocabulary (`<unk>` for what it lacks).
    pub tokens: Vec<String>,
    /// For each token the bytes of the text that it stands for, `start..end`.
    pub offsets: Vec<(usize, usize)>,
    /// The parts of the text that became `<unk>`, in order.
    pub unknown: Vec<String>,
}

/// Cuts text into tokens and puts tokens together again.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    library: tokenizers::Tokenizer,
    tokens: Vec<String>,
}

impl Tokenizer {
    /// Loads `config.file` if there is one, else trains on `texts`.
    ///
    /// # Errors
    /// Those of [`Self::load`] and [`Self::train`].
    pub fn from_config<'a>(
        config: &TokenizerConfig,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, DataError> {
        match &config.file {
            Some(path) => Self::load(path),
            None => Self::train(config, texts),
        }
    }

    /// Learns a vocabulary from `texts`. The same texts in the same or another order always give
    /// the same tokenizer.
    ///
    /// # Errors
    /// A vocabulary too small to hold the special marks and, for `bpe` and `unigram`, the 256
    /// bytes and one character; no text at all.
    pub fn train<'a>(
        config: &TokenizerConfig,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, DataError> {
        let texts: Vec<&str> = texts.into_iter().collect();
        let library = match config.kind {
            Kind::Word => word::train(config, &texts),
            Kind::Char => character::train(config, &texts),
            Kind::Bpe => bpe::train(config, &texts),
            Kind::Unigram => unigram::train(config, &texts),
        }?;
        Self::new(library, Path::new("the trained vocabulary"))
    }

    /// Loads a `tokenizer.json`, whoever made it, if its first four ids are the special marks.
    ///
    /// # Errors
    /// A file that is missing, unreadable or not a tokenizer; special marks elsewhere; ids with
    /// gaps; a model that cannot deal with unknown text.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        Self::new(file::load(path)?, path)
    }

    fn new(mut library: tokenizers::Tokenizer, path: &Path) -> Result<Self, DataError> {
        // Marks written in a text are text.
        library.set_encode_special_tokens(true);
        let size = library.get_vocab_size(true);
        let tokens = (0..size as u32)
            .map(|id| {
                library.id_to_token(id).ok_or(DataError::GapInVocabulary {
                    path: path.to_owned(),
                    id,
                    size,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { library, tokens })
    }

    /// Writes a standard `tokenizer.json`, whole or not at all.
    ///
    /// # Errors
    /// A path that cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), DataError> {
        let text = self.library.to_string(true).map_err(library("writing"))?;
        file::save(path, &text)
    }

    /// Cuts `text` into tokens. No marks are added.
    ///
    /// # Errors
    /// Only those of a tokenizer from elsewhere, if its own rules fail.
    pub fn encode(&self, text: &str) -> Result<Encoding, DataError> {
        let encoded = if text.is_empty() {
            tokenizers::Encoding::default()
        } else {
            self.library
                .encode(text, false)
                .map_err(library("encoding"))?
        };
        let unknown = encoded
            .get_ids()
            .iter()
            .zip(encoded.get_offsets())
            .filter(|&(&id, _)| id == UNK)
            .map(|(_, &(start, end))| text.get(start..end).unwrap_or_default().to_owned())
            .collect();
        Ok(Encoding {
            unknown,
            ids: encoded.get_ids().to_vec(),
            tokens: encoded.get_tokens().to_vec(),
            offsets: encoded.get_offsets().to_vec(),
        })
    }

    /// The text of `ids` up to the first end mark; the other marks, `<unk>` too, are left out.
    ///
    /// Words are spaced by the habits of their scripts; the other kinds give back the very text
    /// (in the form of [`normalize`](crate::corpus::normalize)) that was encoded, `▁` read as a
    /// space.
    ///
    /// # Errors
    /// Only those of a tokenizer from elsewhere, if its own rules fail.
    pub fn decode(&self, ids: &[u32]) -> Result<String, DataError> {
        self.decode_with(ids, |_| None)
    }

    /// [`Self::decode`] with `replacement(place)` where an `<unk>` stands, if there is one.
    ///
    /// # Errors
    /// Those of [`Self::decode`].
    pub fn decode_with(
        &self,
        ids: &[u32],
        replacement: impl Fn(usize) -> Option<String>,
    ) -> Result<String, DataError> {
        let said = ids.iter().copied().take_while(|&id| id != END);
        let token = |(place, id)| match id {
            UNK => replacement(place),
            id if is_mark(id) => None,
            id => self.token(id).map(str::to_owned),
        };
        let tokens: Vec<String> = said.enumerate().filter_map(token).collect();
        if tokens.is_empty() {
            return Ok(String::new());
        }
        match self.library.get_decoder() {
            Some(decoder) => decoder.decode(tokens).map_err(library("decoding")),
            None => {
                let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
                Ok(spacing::join(&tokens))
            }
        }
    }

    /// How many tokens there are, marks included; ids are below this.
    pub fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    /// The token with this id.
    pub fn token(&self, id: u32) -> Option<&str> {
        self.tokens.get(id as usize).map(String::as_str)
    }

    /// The id of this token.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.library.token_to_id(token)
    }

    /// 16 hexadecimal digits that tell vocabularies apart: tokens and their order (FNV-1a, 64
    /// bits). The same on every machine and in every run.
    pub fn fingerprint(&self) -> String {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for token in &self.tokens {
            // 0xff never occurs in UTF-8 and so marks the end of a token.
            for byte in token.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        format!("{hash:016x}")
    }
}

fn library(doing: &'static str) -> impl Fn(tokenizers::Error) -> DataError {
    move |cause| DataError::Library {
        doing,
        cause: cause.to_string(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
