//! What became of the lines of a corpus.

use std::fmt;

/// How many pairs were read, kept and dropped, and why. Shown as one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Where the pairs came from.
    pub source: String,
    /// Pairs and blank lines read: `kept + empty + over_long`.
    pub read: usize,
    /// Pairs kept.
    pub kept: usize,
    /// Lines dropped because both sides were blank.
    pub empty: usize,
    /// Pairs dropped because a side had more than `max_characters`.
    pub over_long: usize,
    /// The limit that `over_long` refers to.
    pub max_characters: usize,
}

impl Summary {
    pub(super) fn new(source: String, max_characters: usize) -> Self {
        Self {
            source,
            read: 0,
            kept: 0,
            empty: 0,
            over_long: 0,
            max_characters,
        }
    }

    /// How many lines were dropped, for whatever reason.
    pub fn dropped(&self) -> usize {
        self.empty + self.over_long
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "read {} {} from {}: kept {}, dropped {}",
            grouped(self.read),
            if self.read == 1 { "pair" } else { "pairs" },
            self.source,
            grouped(self.kept),
            grouped(self.dropped()),
        )?;
        let over_long = format!("over {} characters", grouped(self.max_characters));
        let reasons: Vec<String> = [(self.empty, "empty"), (self.over_long, &over_long)]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, reason)| format!("{} {reason}", grouped(count)))
            .collect();
        if !reasons.is_empty() {
            write!(formatter, " ({})", reasons.join(", "))?;
        }
        Ok(())
    }
}

/// `number` with a comma between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_was_dropped_and_why() {
        let mut summary = Summary {
            read: 28_897,
            kept: 28_890,
            empty: 5,
            over_long: 2,
            ..Summary::new("x.tsv".into(), 1_000)
        };
        assert_eq!(
            summary.to_string(),
            "read 28,897 pairs from x.tsv: kept 28,890, dropped 7 (5 empty, 2 over 1,000 characters)"
        );
        summary = Summary {
            read: 1,
            kept: 1,
            ..Summary::new("y".into(), 10)
        };
        assert_eq!(summary.to_string(), "read 1 pair from y: kept 1, dropped 0");
    }

    #[test]
    fn thousands_are_grouped() {
        let shown: Vec<String> = [0, 12, 999, 1_000, 1_234_567].map(grouped).into();
        assert_eq!(shown, ["0", "12", "999", "1,000", "1,234,567"]);
    }
}
