//! The Greek words.

/// A stem in its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stem {
    /// The stem with each of its endings.
    pub forms: Vec<String>,
}

/// Reads lines `endings : stems`, an ending `-` being none. Blank lines and those that start with `#`
/// are skipped.
pub(super) fn parse(text: &str) -> Result<Vec<Stem>, String> {
    let mut all = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (endings, stems) = line
            .split_once(':')
            .ok_or_else(|| format!("no colon: {line}"))?;
        let endings: Vec<&str> = endings
            .split_whitespace()
            .map(|ending| ending.trim_matches('-'))
            .collect();
        if endings.is_empty() {
            return Err(format!("no ending: {line}"));
        }
        all.extend(stems.split_whitespace().map(|stem| {
            Stem {
                forms: endings
                    .iter()
                    .map(|ending| format!("{stem}{ending}"))
                    .collect(),
            }
        }));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_stem_takes_each_ending_of_its_line() {
        let stems = parse("# a comment\nος ου : δρόμ φίλ\n\n- : και\n").unwrap();
        let forms: Vec<_> = stems.iter().map(|stem| stem.forms.join(" ")).collect();
        assert_eq!(forms, ["δρόμος δρόμου", "φίλος φίλου", "και"]);
        assert!(parse("ος ου δρόμ").unwrap_err().contains("colon"));
        assert!(parse(" : δρόμ").unwrap_err().contains("ending"));
    }

    /// A form of two stems might be held out with one and shown with the other.
    #[test]
    fn the_file_has_every_form_once_in_greek_letters_with_one_accent() {
        let stems = parse(include_str!("words.txt")).unwrap();
        assert!(stems.len() >= 500, "{}", stems.len());
        let mut seen = HashSet::new();
        for form in stems.iter().flat_map(|stem| &stem.forms) {
            assert!(seen.insert(form.to_lowercase()), "{form} is there twice");
            let greek = |letter: char| ('\u{370}'..'\u{400}').contains(&letter);
            assert!(form.chars().all(greek), "{form}");
            let accents = form
                .chars()
                .filter(|c| "άέήίόύώΐΆΈΉΊΌΎΏ".contains(*c))
                .count();
            let vowels = form.chars().filter(|c| "αεηιουω".contains(*c)).count();
            assert!(accents == 1 || accents == 0 && vowels <= 2, "{form}");
        }
    }
}
