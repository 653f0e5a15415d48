//! `--format burnpack`: Burn's own format.

use burn_store::{BurnpackStore, ModuleSnapshot};
use model::Seq2Seq;

/// The bytes of the file.
///
/// # Errors
/// Those of the library, as text.
pub(super) fn bytes(model: &Seq2Seq) -> Result<Vec<u8>, String> {
    let mut store = BurnpackStore::from_bytes(None);
    model
        .save_into(&mut store)
        .map_err(|error| error.to_string())?;
    let bytes = store.get_bytes().map_err(|error| error.to_string())?;
    Ok(bytes.to_vec())
}
