//! Vocabularies of other programs.

use std::collections::BTreeSet;
use std::path::Path;

use data::special::{END, MARKS, PAD, START, UNK};
use data::tokenizer::{Kind, Normalization, Tokenizer, TokenizerConfig};
use network::{Shaped, Values};

use crate::error::ImportError;

/// A vocabulary of another program: its tokens in the order of their ids.
#[derive(Debug)]
pub(crate) struct Vocabulary<'a> {
    /// Where it is from, for messages.
    pub path: &'a Path,
    /// By their ids; what stands at the marks' places means nothing.
    pub tokens: Vec<String>,
    /// The ids of padding, unknown words, start and end.
    pub marks: [usize; 4],
    /// How text is cut into these tokens.
    pub kind: Kind,
    /// Whether text is put in lower case first.
    pub lowercase: bool,
}

/// A tokenizer, and which row of the other program's matrices each of its ids has.
#[derive(Debug)]
pub(crate) struct Side {
    pub config: TokenizerConfig,
    pub tokenizer: Tokenizer,
    rows: Vec<usize>,
}

impl Vocabulary<'_> {
    /// The tokenizer with these tokens.
    ///
    /// # Errors
    /// Marks that are missing, and tokens that no text is cut into.
    pub fn into_side(self) -> Result<Side, ImportError> {
        let refused = |reason: String| ImportError::Vocabulary {
            path: self.path.to_owned(),
            reason,
        };
        let own: BTreeSet<usize> = self.marks.into();
        if own.len() < 4 || own.iter().any(|&id| id >= self.tokens.len()) {
            return Err(refused(
                "its four special marks have no ids of their own".into(),
            ));
        }
        let config = TokenizerConfig {
            kind: self.kind,
            vocab_size: self.tokens.len(),
            lowercase: self.lowercase,
            normalize: Some(Normalization::None),
            ..TokenizerConfig::default()
        };
        let words = self.tokens.iter().enumerate();
        let words: Vec<(usize, &String)> = words.filter(|(id, _)| !own.contains(id)).collect();
        let texts = words.iter().map(|(_, token)| token.as_str());
        let tokenizer = Tokenizer::train(&config, texts)?;
        let mut rows = vec![None; tokenizer.vocab_size()];
        for (mark, id) in [PAD, UNK, START, END].into_iter().zip(self.marks) {
            rows[mark as usize] = Some(id);
        }
        let mut lost = Vec::new();
        for (id, token) in words {
            match tokenizer
                .id(token)
                .filter(|_| !MARKS.contains(&token.as_str()))
            {
                Some(place) => rows[place as usize] = Some(id),
                None => lost.push(token.as_str()),
            }
        }
        if !lost.is_empty() {
            lost.truncate(5);
            return Err(refused(format!("no text is cut into its tokens {lost:?}")));
        }
        let rows = rows.into_iter().collect::<Option<Vec<usize>>>();
        let rows = rows.ok_or_else(|| refused("some of its tokens are parts of others".into()))?;
        Ok(Side {
            config,
            tokenizer,
            rows,
        })
    }
}

impl Side {
    /// `[vocabulary, ..]` with its rows in the order of the tokenizer's ids.
    ///
    /// # Errors
    /// Not as many rows as tokens.
    pub fn in_order(
        &self,
        path: &Path,
        name: &str,
        values: &Values,
    ) -> Result<Values, ImportError> {
        if values.rows() != self.rows.len() {
            let reason = format!(
                "`{name}` has {} rows, and the vocabulary {} tokens",
                values.rows(),
                self.rows.len()
            );
            return Err(ImportError::tensors(path, reason));
        }
        let width = values.data.len() / values.rows().max(1);
        let mut data = Vec::with_capacity(self.rows.len() * width);
        for &row in &self.rows {
            let values = values.data.get(row * width..(row + 1) * width);
            let values = values
                .ok_or_else(|| ImportError::tensors(path, format!("`{name}` ends too early")))?;
            data.extend_from_slice(values);
        }
        let mut shape = values.shape.clone();
        shape[0] = self.rows.len();
        Ok(Values { shape, data })
    }
}
