//! The four special marks: the only place where their ids and spellings are written.
//!
//! They are ids 0 to 3 of every vocabulary, whatever its kind.

/// Fills a row behind its sentence's end; never scored, never attended to.
pub const PAD: u32 = 0;
/// Stands for a word that the vocabulary lacks.
pub const UNK: u32 = 1;
/// Input of the decoder before the first word.
pub const START: u32 = 2;
/// Last input of the encoder, and the last word that the decoder is to produce.
pub const END: u32 = 3;

/// How the marks are spelt in a vocabulary; the position of each is its id.
pub const MARKS: [&str; 4] = ["<pad>", "<unk>", "<s>", "</s>"];

/// Whether `id` is one of the four marks.
pub fn is_mark(id: u32) -> bool {
    (id as usize) < MARKS.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_of_a_mark_is_found_at_its_id() {
        let named = [
            (PAD, "<pad>"),
            (UNK, "<unk>"),
            (START, "<s>"),
            (END, "</s>"),
        ];
        for (id, spelling) in named {
            assert_eq!(MARKS[id as usize], spelling);
            assert!(is_mark(id));
        }
        assert!(!is_mark(4));
    }
}
