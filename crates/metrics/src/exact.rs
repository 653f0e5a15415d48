//! The share of hypotheses that equal their reference.

use crate::{MetricError, corpus};

/// The share, from 0 to 1, of hypotheses equal to their reference character for character; white
/// space at either end of a line is not compared.
///
/// # Errors
/// When the two sides differ in length or are empty.
pub fn exact_match<H: AsRef<str>, R: AsRef<str>>(
    hypotheses: &[H],
    references: &[R],
) -> Result<f64, MetricError> {
    corpus::check(hypotheses.len(), references.len())?;
    let equal = hypotheses
        .iter()
        .zip(references)
        .filter(|(hypothesis, reference)| hypothesis.as_ref().trim() == reference.as_ref().trim())
        .count();
    Ok(equal as f64 / hypotheses.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_equal_lines() {
        let share = exact_match(&["a b", "a  b", "c ", "D"], &["a b", "a b", "c", "d"]);
        assert_eq!(share, Ok(0.5));
    }

    #[test]
    fn refuses_an_empty_corpus() {
        let none: [&str; 0] = [];
        assert_eq!(exact_match(&none, &none), Err(MetricError::EmptyCorpus));
    }
}
