//! `tokenizer.json` files, whoever made them.
//!
//! Promised: what is loaded cuts any text, and puts any tokens together, or says why not. Ids are below the size of the
//! vocabulary, and what is written is one line.

use data::special::UNK;
use data::tokenizer::Tokenizer;

use crate::{message, scratch};

/// Pieces of such files.
pub const DICTIONARY: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"true",
    b"1e999",
    b"-1",
    b"\"\"",
    b"\"\\u0000\"",
    b"\"\\ud800\"",
    b"\"type\":",
    b"\"model\":",
    b"\"vocab\":",
    b"\"merges\":",
    b"\"unk_token\":\"<unk>\"",
    b"\"unk_id\":1",
    b"\"byte_fallback\":true",
    b"\"WordLevel\"",
    b"\"WordPiece\"",
    b"\"BPE\"",
    b"\"Unigram\"",
    b"\"Sequence\"",
    b"\"Split\"",
    b"\"Whitespace\"",
    b"\"ByteLevel\"",
    b"\"Metaspace\"",
    b"\"Strip\"",
    b"\"CTC\"",
    b"\"Fuse\"",
    b"\"FixedLength\"",
    b"\"Digits\"",
    b"\"Regex\":",
    b"\"String\":",
    b"\"precompiled_charsmap\":",
    b"{\"type\":\"Sequence\",\"normalizers\":[",
    b"{\"type\":\"Sequence\",\"pretokenizers\":[",
    b"{\"type\":\"Sequence\",\"decoders\":[",
    b"(?=a)",
    b"(a*)*b",
    b"\\\\p{L}",
    b"{1,9999}",
];

/// Some text of several scripts, with what means something to one kind of tokenizer or another.
const TEXTS: [&str; 5] = [
    "",
    "a b, c",
    " Tom's 12  cafe\u{301}s\t<s> \u{2581} ",
    "\u{6c64}\u{59c6} \u{1f44d}\u{fe0f} \u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{1b}\u{2028}\u{fffd}",
];

/// Loads `input`, and cuts and writes text with it.
pub fn run(input: &[u8]) {
    let path = scratch::file("tokenizer.json", input);
    let tokenizer = match Tokenizer::load(&path) {
        Ok(tokenizer) => tokenizer,
        Err(error) => return message::check_said(&error),
    };
    let size = tokenizer.vocab_size();
    assert!(tokenizer.has_fingerprint(&tokenizer.fingerprint()));
    for text in TEXTS {
        let encoding = match tokenizer.encode(text) {
            Ok(encoding) => encoding,
            Err(error) => {
                message::check_said(&error);
                continue;
            }
        };
        let count = encoding.ids.len();
        assert_eq!([encoding.tokens.len(), encoding.offsets.len()], [count; 2]);
        assert!(encoding.ids.iter().all(|&id| (id as usize) < size));
        let unknown = encoding.ids.iter().filter(|&&id| id == UNK);
        assert_eq!(encoding.unknown.len(), unknown.count());
        check_written(&tokenizer, &encoding.ids);
    }
    let few: Vec<u32> = (0..size.min(50) as u32).collect();
    check_written(&tokenizer, &few);
    check_written(&tokenizer, &[u32::MAX, 4]);
    match tokenizer.unwritable() {
        Ok(ids) => assert!(ids.iter().all(|&id| (id as usize) < size)),
        Err(error) => message::check_said(&error),
    }
}

/// Fails unless the tokens of `ids` are written on one line.
fn check_written(tokenizer: &Tokenizer, ids: &[u32]) {
    match tokenizer.decode(ids) {
        Ok(text) => assert!(!text.contains(['\n', '\r', '\0', '\u{85}', '\u{2028}'])),
        Err(error) => message::check_said(&error),
    }
}
