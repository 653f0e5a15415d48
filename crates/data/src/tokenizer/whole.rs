//! Vocabularies of whole pieces, without a way to spell what they lack.

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::config::{Kind, TokenizerConfig};
use crate::error::DataError;
use crate::special::{MARKS, UNK};

/// The JSON of a library model with the special marks and then the commonest pieces.
pub(super) fn vocabulary(
    kind: Kind,
    config: &TokenizerConfig,
    mut counts: Vec<(String, u64)>,
) -> Result<Value, DataError> {
    if counts.is_empty() {
        return Err(DataError::NothingToLearn { kind });
    }
    if config.vocab_size <= MARKS.len() {
        return Err(DataError::VocabularyTooSmall {
            kind,
            vocab_size: config.vocab_size,
            least: MARKS.len() + 1,
        });
    }
    counts.retain(|(_, count)| *count >= config.min_frequency);
    // Stable: equally common pieces stay in alphabetical order.
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let vocabulary: Map<String, Value> = MARKS
        .iter()
        .map(|mark| (*mark).to_owned())
        .chain(counts.into_iter().map(|(piece, _)| piece))
        .take(config.vocab_size)
        .enumerate()
        .map(|(id, piece)| (piece, Value::from(id)))
        .collect();
    Ok(json!({"type": "WordLevel", "vocab": vocabulary, "unk_token": MARKS[UNK as usize]}))
}
