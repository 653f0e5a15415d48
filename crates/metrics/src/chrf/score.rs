//! A chrF score.

use std::fmt;

use serde::Serialize;

/// A chrF or chrF++ score. As text it reads like sacreBLEU's: `chrF2 = 61.23`, `chrF2++ = 58.90`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChrfScore {
    /// The score, from 0 to 100 (rounding may add a few units in the last place).
    pub score: f64,
    /// The longest character n-grams that counted.
    pub character_order: usize,
    /// The longest word n-grams that counted: 0 for chrF, 2 for chrF++.
    pub word_order: usize,
    /// How many times as much recall counted as precision.
    pub beta: u32,
    /// Every setting of the score, in sacreBLEU's form.
    pub signature: String,
}

impl fmt::Display for ChrfScore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "chrF{}{} = {:.2}",
            self.beta,
            "+".repeat(self.word_order),
            self.score
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_for_every_word_order() {
        let score = ChrfScore {
            score: 61.234,
            character_order: 6,
            word_order: 2,
            beta: 2,
            signature: String::new(),
        };
        assert_eq!(score.to_string(), "chrF2++ = 61.23");
    }
}
