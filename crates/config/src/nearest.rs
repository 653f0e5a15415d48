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

/// The one of `known` of which `name` is a slip of the hand: two letters in the wrong order, one within it left out or too
/// many, or letters of another case.
pub fn slip<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let sorted = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    // Whether one inner letter of `long` makes `short` of it.
    let misses = |long: &str, short: &str| {
        let long: Vec<char> = long.chars().collect();
        let without = |place: usize| {
            let rest = long.iter().enumerate().filter(|(at, _)| *at != place);
            rest.map(|(_, letter)| *letter).eq(short.chars())
        };
        let inner = 1..long.len().saturating_sub(1);
        inner
            .into_iter()
            .any(|place| long[place].is_alphabetic() && without(place))
    };
    let is_slip = |known: &&String| {
        let turned = strsim::damerau_levenshtein(name, known) == 1 && sorted(name) == sorted(known);
        let same = name.to_lowercase() == known.to_lowercase();
        turned || same || misses(known, name) || misses(name, known)
    };
    known.iter().find(is_slip).map(String::as_str)
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

    #[test]
    fn slips_are_told_from_other_names() {
        let known = ["english", "tiny-rnn", "model-a", "seed1"].map(str::to_owned);
        for name in ["engilsh", "englsh", "engllish", "English"] {
            assert_eq!(slip(name, &known), Some("english"), "{name}");
        }
        for name in [
            "tiny-gru", "model-b", "seed2", "seed11", "english2", "spanish", "englishs",
        ] {
            assert_eq!(slip(name, &known), None, "{name}");
        }
    }
}
