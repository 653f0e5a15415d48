//! Rules that several tables have.

use crate::error::NetworkError;

/// The kinds with a cell, as messages name them.
pub(super) const RECURRENT: &str = "`kind = \"rnn\"`, `kind = \"gru\"` and `kind = \"lstm\"`";

/// Refuses `key` where it is `given` although it does not fit `kind`; `owner` says where it does.
pub(super) fn only(
    key: &str,
    given: bool,
    fits: bool,
    owner: &str,
    kind: impl std::fmt::Display,
) -> Result<(), NetworkError> {
    if !given || fits {
        return Ok(());
    }
    Err(NetworkError::MisplacedKey {
        key: key.into(),
        owner: owner.into(),
        kind: kind.to_string(),
    })
}

/// Refuses a size of zero.
pub(super) fn positive(key: &str, value: usize) -> Result<(), NetworkError> {
    if value > 0 {
        return Ok(());
    }
    Err(NetworkError::OutOfRange {
        key: key.into(),
        value: value.to_string(),
        range: "at least 1".into(),
    })
}

/// Refuses what is no share below one.
pub(super) fn share(key: &str, value: f64) -> Result<(), NetworkError> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(NetworkError::OutOfRange {
        key: key.into(),
        value: value.to_string(),
        range: "at least 0 and below 1".into(),
    })
}
