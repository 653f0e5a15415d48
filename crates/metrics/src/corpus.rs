//! The checks every corpus score makes before it counts anything.

use crate::MetricError;

/// Requires at least one hypothesis, and as many references (or lists of references).
pub(crate) fn check(hypotheses: usize, references: usize) -> Result<(), MetricError> {
    if hypotheses != references {
        return Err(MetricError::DifferentLengths {
            hypotheses,
            references,
        });
    }
    if hypotheses == 0 {
        return Err(MetricError::EmptyCorpus);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unequal_sides_are_named_before_emptiness() {
        assert_eq!(
            check(0, 2),
            Err(MetricError::DifferentLengths {
                hypotheses: 0,
                references: 2
            })
        );
        assert_eq!(check(0, 0), Err(MetricError::EmptyCorpus));
        assert_eq!(check(3, 3), Ok(()));
    }
}
