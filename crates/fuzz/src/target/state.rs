//! `state.json` files, which say where a training stood.
//!
//! Promised: the step that a file says is the same for all who ask, and a checkpoint without its parameters is refused.
//! The other parts of such a file are tried where a training reads them, in the crate `trainer`.

use runtime::checkpoint::{STATE, Summary, read, unseal};
use runtime::pointer;

use crate::{message, scratch};

/// Pieces of such files.
pub const DICTIONARY: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"\"NaN\"",
    b"\"inf\"",
    b"\"\"",
    b"\"\\ud800\"",
    b"\"\\u0000\"",
    b"\"step\": 1,",
    b"\"batches\": 1,",
    b"\"finished\": false,",
    b"\"progress\": {",
    b"\"best\": \"0.5\",",
    b"\"schedule\": {",
    b"\"factor\": \"1\",",
    b"\"vocabularies\": [\"a\", \"b\"],",
    b"\"contents\": {",
    b"\"hash\": \"ffffffffffffffffffffffffffffffff\",",
    b"\"checksums\": [0, 0],",
    b"\"checksum\": \"\"",
    b"\"checksum\": \"0000000000000000\"",
];

/// Reads `input` as the state of a checkpoint.
pub fn run(input: &[u8]) {
    scratch::file(STATE, input);
    let folder = scratch::folder();
    match read(&folder) {
        Ok(_) => panic!("a checkpoint without parameters is taken"),
        Err(error) => message::check_said(&error),
    }
    let marked = pointer::read(&folder);
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    match unseal::<Summary>(text) {
        Ok(summary) => assert!(marked.is_none_or(|step| step == summary.step)),
        Err(reason) => message::check_said(&reason),
    }
}
