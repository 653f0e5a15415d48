//! Text to ids and back.
//!
//! A [`Tokenizer`] is one of the Hugging Face library and is saved as its standard
//! `tokenizer.json`, which other programs can load. The kinds:
//!
//! | kind      | tokens                                                           | what the vocabulary lacks becomes |
//! |-----------|------------------------------------------------------------------|-----------------------------------|
//! | `word`    | words; marks with the spaces beside them; each Chinese character | `<unk>`                           |
//! | `space`   | what spaces part                                                 | `<unk>`                           |
//! | `char`    | characters, spaces too                                           | `<unk>`                           |
//! | `bpe`     | frequent strings, by merging pairs                               | bytes                             |
//! | `unigram` | frequent strings, by likelihood                                  | bytes                             |
//!
//! Every kind gives a line back byte for byte if it knows its tokens, in the normal form that the text was
//! put in ([`Normalization`]); the decomposed forms are composed when written, as most text is. What is
//! written never ends a line: line breaks of all kinds and NUL come out as spaces.
//!
//! A `tokenizer.json` of another program is decoded as the library does: by its decoder, or else with a
//! space between tokens. Files of former versions are read as they were then.
//!
//! The special marks are never found in text: `<s>` in a sentence is cut like any other text.
//! (Other programs do the same if the library's `encode_special_tokens` is set.)

mod alphabet;
mod bpe;
mod character;
mod charsmap;
mod config;
mod cuts;
mod file;
mod former;
mod guard;
mod ids;
mod likelihood;
mod line;
mod merges;
mod normalization;
mod origin;
mod pipeline;
mod script;
mod spaced;
mod spacing;
mod substrings;
mod subword;
mod suited;
mod trie;
mod unigram;
mod whole;
mod word;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tokenizers::{AddedToken, Decoder};
use unicode_normalization::UnicodeNormalization;

pub use config::{Kind, TokenizerConfig};
pub use ids::IdEncoder;
pub use line::visible;
pub use normalization::Normalization;
pub use word::words;

use crate::error::DataError;
use crate::special::{END, UNK, is_mark};
use cuts::Cuts;
use line::{ends_line, one_line};
use origin::Origin;

/// Texts that every tokenizer must be able to cut and put together again.
const PROBES: [&str; 4] = [
    "a",
    " Tom's  12 cafe\u{301}s, (3.5\u{a0}€)! ",
    "汤姆 カメラ 한국 हिन्दी עברית",
    "\t<s> ▁ 👍\u{fe0f} \u{1f468}\u{200d}\u{1f469} ﬁ ™ \u{1b}",
];

/// A text cut into tokens. The vectors `ids`, `tokens` and `offsets` have one entry a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// The tokens' ids, without start and end marks.
    pub ids: Vec<u32>,
    /// The tokens as they stand in the vocabulary (`<unk>` for what it lacks).
    pub tokens: Vec<String>,
    /// For each token the bytes of the text that it stands for, `start..end`; the spaces that a word or
    /// mark has beside it are left out.
    pub offsets: Vec<(usize, usize)>,
    /// The parts of the text that became `<unk>`, in order.
    pub unknown: Vec<String>,
}

/// Cuts text into tokens and puts tokens together again.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    library: tokenizers::Tokenizer,
    tokens: Vec<String>,
    origin: Origin,
    /// Where texts can be cut without a token's noticing, if that is known, and the normal form.
    cuts: Option<(Cuts, Normalization)>,
    /// Where it comes from, for messages.
    path: PathBuf,
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
        let kind = match config.kind {
            Kind::Auto => Kind::suited_to(texts.iter().copied()),
            kind => kind,
        };
        let library = match kind {
            Kind::Auto | Kind::Word => word::train(config, &texts),
            Kind::Space => spaced::train(config, &texts),
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
    /// gaps; a model that cannot deal with unknown text; a file that makes the library fail.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        Self::of(file::load(path)?, path)
    }

    /// As [`Self::load`], from the bytes of a file that messages call `path`.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub fn parse(bytes: Vec<u8>, path: &Path) -> Result<Self, DataError> {
        Self::of(file::parse(bytes, path)?, path)
    }

    fn of(library: tokenizers::Tokenizer, path: &Path) -> Result<Self, DataError> {
        let tokenizer = guard::guarded(|| Self::new(library, path))
            .map_err(|cause| Self::failing(path, cause))??;
        tokenizer.probe()?;
        Ok(tokenizer)
    }

    /// Cuts and puts together some text, so that a file that cannot is refused before it is used.
    fn probe(&self) -> Result<(), DataError> {
        let tried = || {
            for text in PROBES {
                let ids = self.encode(text)?.ids;
                self.decode(&ids)?;
            }
            let first: Vec<u32> = (0..self.vocab_size().min(1000) as u32)
                .filter(|&id| !is_mark(id))
                .collect();
            for &id in &first {
                self.decode(&[id])?;
            }
            self.decode(&first)
        };
        tried().map(drop).map_err(|error| match error {
            DataError::Library { doing, cause } => DataError::NotATokenizer {
                path: self.path.clone(),
                line: 1,
                cause: format!("{doing} a sentence for a trial failed: {cause}"),
            },
            other => other,
        })
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
        let (origin, cuts) = origin::of(&library)?;
        Ok(Self {
            origin,
            cuts,
            path: path.to_owned(),
            library,
            tokens,
        })
    }

    /// This tokenizer with a token for each of `features`, which stand behind a source, each after a tab
    /// ([`crate::corpus::Features::behind`]): however the text is cut, a feature is one token. They are tokens added to
    /// the vocabulary, as the library knows them.
    ///
    /// # Errors
    /// When the library refuses one.
    pub fn with_features<'a>(
        self,
        features: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, DataError> {
        let features: BTreeSet<String> = features
            .into_iter()
            .map(|feature| format!("\t{feature}"))
            .collect();
        let added = features
            .into_iter()
            .map(|feature| AddedToken::from(feature, false).normalized(false));
        let mut library = self.library;
        library
            .add_tokens(added)
            .map_err(self::library("adding features"))?;
        Self::new(library, &self.path)
    }

    /// Writes a standard `tokenizer.json`, whole or not at all.
    ///
    /// # Errors
    /// A path that cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), DataError> {
        file::save(path, &self.to_json()?)
    }

    /// The text of a standard `tokenizer.json`.
    ///
    /// # Errors
    /// When the library cannot write it.
    pub fn to_json(&self) -> Result<String, DataError> {
        self.library.to_string(true).map_err(library("writing"))
    }

    /// The error of a file that makes the library fail.
    fn failing(path: &Path, said: String) -> DataError {
        DataError::NotATokenizer {
            path: path.to_owned(),
            line: 1,
            cause: format!("it makes the library fail: {said}"),
        }
    }

    /// Asks the library. A file may be such that it fails, which is an error and not the end.
    fn ask<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce() -> tokenizers::Result<T>,
    ) -> Result<T, DataError> {
        let answer = guard::guarded(work).map_err(|said| Self::failing(&self.path, said))?;
        answer.map_err(library(doing))
    }

    /// The ids of `text`, as [`Self::encode`] has them.
    fn ids(&self, text: &str) -> Result<Vec<u32>, DataError> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let encoded = self.ask("encoding", || self.library.encode_fast(text, false))?;
        Ok(encoded.get_ids().to_vec())
    }

    /// Cuts `text` into tokens. No marks are added.
    ///
    /// # Errors
    /// Only those of a tokenizer from elsewhere, if its own rules fail.
    pub fn encode(&self, text: &str) -> Result<Encoding, DataError> {
        let encoded = if text.is_empty() {
            tokenizers::Encoding::default()
        } else {
            self.ask("encoding", || self.library.encode(text, false))?
        };
        let offsets: Vec<(usize, usize)> = match self.origin {
            Origin::Own { .. } => {
                let places = encoded.get_offsets().iter();
                places
                    .map(|&place| pipeline::without_spaces(text, place))
                    .collect()
            }
            Origin::FormerWords | Origin::Other => encoded.get_offsets().to_vec(),
        };
        let unknown = encoded
            .get_ids()
            .iter()
            .zip(&offsets)
            .filter(|&(&id, _)| id == UNK)
            .map(|(_, &(start, end))| text.get(start..end).unwrap_or_default().to_owned())
            .collect();
        Ok(Encoding {
            unknown,
            ids: encoded.get_ids().to_vec(),
            tokens: encoded.get_tokens().to_vec(),
            offsets,
        })
    }

    /// The text of `ids` up to the first end mark; the other marks, `<unk>` too, are left out.
    ///
    /// The text that was encoded, in its normal form or composed if that is a decomposed one. Never a
    /// character that ends a line.
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
        Ok(one_line(self.written(tokens)?))
    }

    /// Returns the text that `tokens` write, line breaks and all.
    fn written(&self, tokens: Vec<String>) -> Result<String, DataError> {
        if tokens.is_empty() {
            return Ok(String::new());
        }
        let text = match self.library.get_decoder() {
            Some(decoder) => self.ask("decoding", || decoder.decode(tokens))?,
            None if self.origin == Origin::FormerWords => {
                let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
                spacing::join(&tokens)
            }
            // As the library does.
            None => tokens.join(" "),
        };
        Ok(match self.origin {
            Origin::Own { composes: true } => text.nfc().collect(),
            _ => text,
        })
    }

    /// The ids of the tokens, marks aside, that alone write what ends a line or another control
    /// character without showing it, as tokens of bytes do, so that a search can leave them out. A vocabulary has such a
    /// character as itself only if its corpus has.
    ///
    /// # Errors
    /// Those of [`Self::decode`].
    pub fn unwritable(&self) -> Result<Vec<u32>, DataError> {
        let mut found = Vec::new();
        for (id, token) in (0..).zip(&self.tokens) {
            if is_mark(id) {
                continue;
            }
            let shown = |character: char| character.is_control() || ends_line(character);
            // Of this crate's tokens only these can write something else than they say.
            let own = matches!(self.origin, Origin::Own { .. });
            if own && !token.starts_with("<0x") {
                continue;
            }
            let alone = self.written(vec![token.clone()])?;
            if alone.chars().any(|one| shown(one) && !token.contains(one)) {
                found.push(id);
            }
        }
        Ok(found)
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

    /// The token with this id as it can be shown to people: [`visible`].
    pub fn shown(&self, id: u32) -> Option<String> {
        self.token(id).map(|token| visible(token).into_owned())
    }

    /// Hexadecimal digits that tell tokenizers apart: [`Self::vocabulary_fingerprint`], a hyphen, and as
    /// much of all else that decides how text is cut and put together, such as merges, scores, normal
    /// form and decoder. The same on every machine and in every run.
    pub fn fingerprint(&self) -> String {
        // Writing to a string cannot fail; the tokens count in any case.
        let whole = self.library.to_string(false).unwrap_or_default();
        let whole = hash(whole.bytes());
        format!("{}-{whole:016x}", self.vocabulary_fingerprint())
    }

    /// 16 hexadecimal digits that tell vocabularies apart: tokens and their order. What former versions
    /// had as their fingerprint.
    pub fn vocabulary_fingerprint(&self) -> String {
        // 0xff never occurs in UTF-8 and so marks the end of a token.
        let bytes = self
            .tokens
            .iter()
            .flat_map(|token| token.bytes().chain([0xff]));
        format!("{:016x}", hash(bytes))
    }

    /// Whether `fingerprint` is this tokenizer's, as this or a former version wrote it.
    pub fn has_fingerprint(&self, fingerprint: &str) -> bool {
        let own = self.fingerprint();
        own == fingerprint
            || own
                .split_once('-')
                .is_some_and(|(old, _)| old == fingerprint)
    }
}

/// FNV-1a, 64 bits.
fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

fn library(doing: &'static str) -> impl Fn(tokenizers::Error) -> DataError {
    move |cause| DataError::Library {
        doing,
        cause: cause.to_string(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
