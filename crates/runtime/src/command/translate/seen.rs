//! Attention of a translation over its source.

use data::batching::{Example, Source};

use crate::error::RuntimeError;
use crate::model::OpenedModel;
use crate::picture::{Alignment, ImageView, Seen};
use crate::translator::{Translation, Translator};

/// The attention of the best of `translations`, which are those of `line`, as the model read it in `example`.
///
/// # Errors
/// When the tokenizer fails.
pub(super) fn alignment(
    loaded: &OpenedModel,
    translator: &Translator<'_>,
    line: &str,
    example: &Example,
    translations: &[Translation],
) -> Result<Option<Alignment>, RuntimeError> {
    let Some(best) = translations.first() else {
        return Ok(None);
    };
    let seen = match &example.source {
        Source::Picture(picture) => {
            let encoder = &loaded.config.model.encoder;
            let grid = encoder.grid(picture.height, picture.width);
            Seen::Image {
                image: ImageView::new(line, picture, grid),
            }
        }
        Source::Words(_) => Seen::Words {
            source: translator.prepare(line)?.tokens,
        },
    };
    let word = |id: &u32| loaded.target.shown(*id).unwrap_or_default();
    Ok(Some(Alignment {
        seen,
        target: best.hypothesis.tokens.iter().map(word).collect(),
        weights: best.hypothesis.attention.clone(),
        text: best.text.clone(),
        score: best.hypothesis.score,
    }))
}
