//! When a result is right.

use model::{Hypothesis, SearchConfig, Seq2Seq};

use crate::specification::{allowed, attention, limit, log_probabilities, normalized};
use crate::subject::END;

pub(crate) fn near(found: f64, wanted: f64, tolerance: f64) -> bool {
    (found - wanted).abs() <= tolerance * wanted.abs().max(1.0)
}

/// All that holds of any single result.
pub(crate) fn assert_sound(
    model: &Seq2Seq,
    source: &[u32],
    config: &SearchConfig,
    found: &Hypothesis,
) {
    let tokens = &found.tokens;
    let limit = limit(config, source);
    let (last, words) = tokens.split_last().expect("at least one token");
    assert!(tokens.len() <= limit, "{tokens:?} is longer than {limit}");
    assert!(
        *last == END || tokens.len() == limit,
        "{tokens:?} stops without a reason"
    );
    assert!(!words.contains(&END), "{tokens:?} goes on after its end");
    let allowed = allowed(model, config);
    assert!(
        tokens.iter().all(|token| allowed.contains(token)),
        "{tokens:?}"
    );

    let wanted = log_probabilities(model, source, std::slice::from_ref(tokens))[0];
    let sum = found.log_probability;
    assert!(
        near(sum, wanted, 1e-4),
        "{tokens:?}: {sum}, but the model says {wanted}"
    );
    let score = normalized(config, sum, tokens.len());
    assert!(
        near(found.score, score, 1e-12),
        "{tokens:?}: {} is not {score}",
        found.score
    );

    if model.decoder.attention().is_none() && model.decoder.pool().is_none() {
        assert!(found.attention.is_empty());
        return;
    }
    assert_eq!(found.attention.len(), tokens.len(), "a row for each token");
    let forced = attention(model, source, tokens);
    // A predicted window's weights fall off towards its ends, and follow its position steeply. These peaked models
    // double what is rounded off at each step (seen: 5e-7 at the first).
    let predicts = model
        .decoder
        .attention()
        .is_some_and(|attention| attention.position.is_some());
    let least = if predicts { 0.0 } else { 1.0 - 1e-5 };
    for (step, (row, forced)) in found.attention.iter().zip(&forced).enumerate() {
        assert_eq!(row.len(), source.len(), "a weight for each source token");
        assert!(
            row.iter().all(|&weight| (0.0..=1.0).contains(&weight)),
            "{row:?}"
        );
        let sum: f32 = row.iter().sum();
        let tolerance = match predicts {
            true => 4e-6_f32 * 2f32.powi(step as i32),
            false => 2e-5,
        };
        assert!((least..=1.0 + 1e-5).contains(&sum), "{row:?} sums to {sum}");
        for (weight, wanted) in row.iter().zip(forced) {
            assert!(
                (weight - wanted).abs() <= tolerance,
                "{row:?}: {weight} is not {wanted}"
            );
        }
    }
}

pub(crate) fn assert_same(found: &Hypothesis, wanted: &Hypothesis) {
    assert_eq!(found.tokens, wanted.tokens);
    let sums = (found.log_probability, wanted.log_probability);
    assert!(near(sums.0, sums.1, 1e-5), "{} is not {}", sums.0, sums.1);
    assert!(
        near(found.score, wanted.score, 1e-5),
        "{} is not {}",
        found.score,
        wanted.score
    );
    assert_eq!(found.attention.len(), wanted.attention.len());
    for (found, wanted) in found
        .attention
        .iter()
        .flatten()
        .zip(wanted.attention.iter().flatten())
    {
        assert!(
            (found - wanted).abs() <= 1e-5,
            "attention {found} is not {wanted}"
        );
    }
}

pub(crate) fn assert_all_same(found: &[Hypothesis], wanted: &[Hypothesis]) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert_same(found, wanted);
    }
}
