//! Minimum Bayes risk: of many samples the one that is most like the others.

use metrics::bleu::{Bleu, Tokenize};
use metrics::chrf::Chrf;
use search::Utility;

use crate::error::RuntimeError;
use crate::translator::Translation;

/// The different translations among `samples`, best first: each has as its score how alike it is on average to all
/// samples, itself included, from 0 to 100 (Eikema and Aziz 2020, equation 5: the samples are at once what may be
/// chosen and what it is measured against). Of equals the one that was drawn more often comes first, then the one
/// that was drawn earlier.
///
/// # Errors
/// None that a user could see: there is always a reference.
pub fn by_expected_utility(
    samples: Vec<Translation>,
    utility: Utility,
    tokenize: Tokenize,
) -> Result<Vec<Translation>, RuntimeError> {
    let total = samples.len() as f64;
    let mut different: Vec<(Translation, f64)> = Vec::new();
    for sample in samples {
        match different
            .iter_mut()
            .find(|(one, _)| one.text == sample.text)
        {
            Some((_, count)) => *count += 1.0,
            None => different.push((sample, 1.0)),
        }
    }
    let (bleu, chrf) = (Bleu::new(tokenize), Chrf::new());
    let alike = |one: &str, other: &str| -> Result<f64, RuntimeError> {
        Ok(match utility {
            _ if one == other => 100.0,
            Utility::Chrf => chrf.sentence(one, &[other])?.score,
            Utility::Bleu => bleu.sentence(one, &[other])?.score,
        })
    };
    let mut scores = Vec::with_capacity(different.len());
    for (one, _) in &different {
        let mut sum = 0.0;
        for (other, count) in &different {
            sum += count * alike(&one.text, &other.text)?;
        }
        scores.push(sum / total);
    }
    let mut ranked: Vec<(Translation, f64)> = different;
    for ((translation, _), score) in ranked.iter_mut().zip(scores) {
        translation.hypothesis.score = score;
    }
    // The sort is stable.
    ranked.sort_by(|(one, drawn), (other, often)| {
        let scores = other.hypothesis.score.total_cmp(&one.hypothesis.score);
        scores.then(often.total_cmp(drawn))
    });
    Ok(ranked.into_iter().map(|(one, _)| one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::Hypothesis;

    fn sample(text: &str) -> Translation {
        Translation {
            text: text.into(),
            hypothesis: Hypothesis {
                tokens: Vec::new(),
                log_probability: 0.0,
                score: 0.0,
                attention: Vec::new(),
            },
        }
    }

    #[test]
    fn the_sample_most_like_the_others_wins() {
        let texts = [
            "the cat sat on the mat",
            "a dog ran away",
            "the cat sat on a mat",
            "the cat is on the mat",
        ];
        for utility in [Utility::Chrf, Utility::Bleu] {
            let samples = texts.iter().map(|text| sample(text)).collect();
            let found = by_expected_utility(samples, utility, Tokenize::ThirteenA).unwrap();
            assert_eq!(found.len(), 4);
            assert_eq!(found[0].text, texts[0], "{utility:?}");
            let scores: Vec<f64> = found.iter().map(|one| one.hypothesis.score).collect();
            assert!(scores.is_sorted_by(|a, b| a >= b) && scores[0] < 100.0 && scores[3] > 20.0);
            // By hand: the mean over the samples.
            let score = |other: &str| match utility {
                Utility::Chrf => Chrf::new().sentence(texts[0], &[other]).unwrap().score,
                Utility::Bleu => {
                    let bleu = Bleu::new(Tokenize::ThirteenA);
                    bleu.sentence(texts[0], &[other]).unwrap().score
                }
            };
            let mean = texts.iter().map(|other| score(other)).sum::<f64>() / 4.0;
            assert!(
                (scores[0] - mean).abs() < 1e-6,
                "{} is not {mean}",
                scores[0]
            );
        }
    }

    #[test]
    fn what_is_drawn_often_is_like_many_samples() {
        let samples = ["x", "yyy", "yyy", "zz"].map(sample).to_vec();
        let found = by_expected_utility(samples, Utility::Chrf, Tokenize::None).unwrap();
        let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["yyy", "x", "zz"]);
        assert!(
            by_expected_utility(Vec::new(), Utility::Bleu, Tokenize::Zh)
                .unwrap()
                .is_empty()
        );
    }
}
