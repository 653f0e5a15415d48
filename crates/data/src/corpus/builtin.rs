//! Built-in corpora among the others.

use corpora::Builtin;

use crate::error::DataError;

/// Refuses a corpus of text where `images` are wanted, and the other way round.
pub(super) fn check(builtin: Builtin, images: bool) -> Result<(), DataError> {
    let [holds, reads] = [builtin.has_images(), images].map(|images| match images {
        true => "images",
        false => "text",
    });
    if holds == reads {
        return Ok(());
    }
    Err(DataError::OtherSources {
        name: builtin.to_string(),
        holds,
        reads,
        known: match images {
            true => ", such as `builtin:digits:test`",
            false => "",
        },
    })
}
