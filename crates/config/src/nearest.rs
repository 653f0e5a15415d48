//! The name that a misspelt one was probably meant to be.

/// How alike two names must be, 0 to 1.
const LIKENESS: f64 = 0.6;

/// The one of `known` that is most like `name`, if one is like enough.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = plain(name);
    known
        .iter()
        .map(|&candidate| (likeness(&name, &plain(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Most letters that a slip of the hand changes.
const SLIP: usize = 2;

/// The one of `known` of which `name` seems to be a slip of the hand. Names that differ in their numbers alone were meant.
pub fn slip<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let letters = |name: &str| -> String { name.chars().filter(|c| !c.is_numeric()).collect() };
    let near = known.iter().filter(|known| {
        let edits = strsim::damerau_levenshtein(name, known);
        edits <= SLIP && known.chars().count() > 2 * SLIP && letters(name) != letters(known)
    });
    near.min_by_key(|known| strsim::damerau_levenshtein(name, known))
        .map(String::as_str)
}

/// `; did you mean X?` with X between `mark`s, or nothing.
pub(super) fn did_you_mean(name: Option<&str>, mark: &str) -> String {
    name.map_or(String::new(), |name| {
        format!("; did you mean {mark}{name}{mark}?")
    })
}

fn likeness(name: &str, candidate: &str) -> f64 {
    // A long name is not worth comparing letter by letter; no key is that long.
    if name.is_empty() || name.len() > 100 {
        return 0.0;
    }
    let edits = strsim::normalized_damerau_levenshtein(name, candidate);
    // `dropout_rate` for `dropout`, `max_step` for `max_steps`.
    let prefix = name.starts_with(candidate) || candidate.starts_with(name);
    if prefix && name.len().min(candidate.len()) >= 3 {
        return edits.max(LIKENESS + 0.2);
    }
    edits
}

/// Without what people vary: case, `_`, `-` and spaces.
fn plain(name: &str) -> String {
    let letters = name
        .chars()
        .filter(|letter| !matches!(letter, '_' | '-' | ' '));
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_key_and_other_words_find_none() {
        let known = [
            "embedding_size",
            "hidden_size",
            "dropout",
            "dropout_kind",
            "bridge",
        ];
        assert_eq!(nearest("embeding_size", &known), Some("embedding_size"));
        assert_eq!(nearest("EmbeddingSize", &known), Some("embedding_size"));
        assert_eq!(nearest("hidden-size", &known), Some("hidden_size"));
        assert_eq!(nearest("dropout_rate", &known), Some("dropout"));
        assert_eq!(nearest("wibble", &known), None);
        assert_eq!(nearest("", &known), None);
        assert_eq!(nearest(&"dropout".repeat(1_000), &known), None);
    }

    #[test]
    fn choices_too() {
        assert_eq!(nearest("ltsm", &["rnn", "gru", "lstm"]), Some("lstm"));
        assert_eq!(
            nearest("luong_dot", &["bahdanau", "luong-dot"]),
            Some("luong-dot")
        );
        assert_eq!(nearest("conv", &["rnn", "gru", "lstm"]), None);
    }
}
