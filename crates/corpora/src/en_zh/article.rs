//! The indefinite article.

/// `a` or `an` before `word`, by how it is said.
pub(super) fn article(word: &str) -> &'static str {
    const SAID_WITH_A: [&str; 4] = ["uni", "use", "euro", "one"];
    const SAID_WITH_AN: [&str; 4] = ["hour", "honest", "heir", "honor"];
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u']);
    let starts = |list: [&str; 4]| list.iter().any(|start| word.starts_with(start));
    if (vowel && !starts(SAID_WITH_A)) || starts(SAID_WITH_AN) {
        "an"
    } else {
        "a"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_follow_the_sound() {
        let cases = [
            "apple",
            "hour",
            "uniform",
            "umbrella",
            "university",
            "tree",
            "old man",
        ];
        assert_eq!(cases.map(article), ["an", "an", "a", "an", "a", "a", "an"]);
    }
}
