//! Rules for every error message.

use std::fmt::Display;

/// Most lines of a message.
const MOST_LINES: usize = 4;
/// Most characters of a message, the paths in it counted.
const MOST_CHARACTERS: usize = 1_500;

/// Fails unless `error` says something.
pub(crate) fn check_said(error: &dyn Display) {
    assert!(!error.to_string().trim().is_empty(), "nothing is said");
}

/// Fails unless `error` says something that every terminal shows as it is meant: a few lines without NUL or another
/// control character, whatever the input has.
pub(crate) fn check_shown(error: &dyn Display) {
    check_said(error);
    let message = error.to_string();
    assert!(message.lines().count() <= MOST_LINES, "{message}");
    assert!(message.chars().count() <= MOST_CHARACTERS, "{message}");
    let is_clean = |character: char| character == '\n' || !character.is_control();
    assert!(message.chars().all(is_clean), "{message:?}");
}
