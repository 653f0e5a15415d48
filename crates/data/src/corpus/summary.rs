//! Summary of the lines of a corpus: how many were kept, how many were dropped, and why.

use std::fmt;

/// How many pairs were read, kept and dropped, and why. Shown as one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Where the pairs came from.
    pub source: String,
    /// Pairs and blank lines read: `kept + empty + over_long + one_sided`.
    pub read: usize,
    /// Pairs kept.
    pub kept: usize,
    /// Lines dropped because both sides were blank.
    pub empty: usize,
    /// Pairs dropped because a side had more than `max_characters`.
    pub over_long: usize,
    /// Pairs dropped because one side was blank.
    pub one_sided: usize,
    /// The limit that `over_long` refers to.
    pub max_characters: usize,
    /// Carriage returns within lines that were read as spaces.
    pub stray_returns: usize,
    /// Whether lines end in carriage returns alone.
    pub ends_in_returns: bool,
    /// Those of the corpora of a list.
    pub parts: Vec<Self>,
}

impl Summary {
    pub(super) fn new(source: String, max_characters: usize) -> Self {
        Self {
            source,
            max_characters,
            ..Self::default()
        }
    }

    /// That of a list of corpora, called `source`.
    pub(super) fn of_list(source: String, parts: Vec<Self>) -> Self {
        let sum = |count: fn(&Self) -> usize| parts.iter().map(count).sum();
        Self {
            source,
            read: sum(|part| part.read),
            kept: sum(|part| part.kept),
            empty: sum(|part| part.empty),
            over_long: sum(|part| part.over_long),
            one_sided: sum(|part| part.one_sided),
            max_characters: parts.first().map_or(0, |part| part.max_characters),
            // Each part tells of its own.
            stray_returns: 0,
            ends_in_returns: false,
            parts,
        }
    }

    /// How many lines were dropped, for whatever reason.
    pub fn dropped(&self) -> usize {
        self.empty + self.over_long + self.one_sided
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
        let reasons: Vec<String> = [
            (self.empty, "empty"),
            (self.one_sided, "one-sided"),
            (self.over_long, &over_long),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, reason)| format!("{} {reason}", grouped(count)))
        .collect();
        if !reasons.is_empty() {
            write!(formatter, " ({})", reasons.join(", "))?;
        }
        if self.ends_in_returns {
            formatter.write_str("; its lines end in carriage returns alone")?;
        }
        match self.stray_returns {
            0 => {}
            1 => formatter.write_str("; a carriage return within a line was read as a space")?,
            count => write!(
                formatter,
                "; {} carriage returns within lines were read as spaces",
                grouped(count)
            )?,
        }
        let mut parts = self.parts.iter();
        parts.try_for_each(|part| write!(formatter, "\n  {part}"))
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
        summary = Summary {
            read: 4,
            kept: 1,
            one_sided: 3,
            stray_returns: 2,
            ends_in_returns: true,
            ..Summary::new("z".into(), 10)
        };
        assert_eq!(
            summary.to_string(),
            "read 4 pairs from z: kept 1, dropped 3 (3 one-sided); its lines end in carriage returns alone; \
             2 carriage returns within lines were read as spaces"
        );
    }

    #[test]
    fn thousands_are_grouped() {
        let shown: Vec<String> = [0, 12, 999, 1_000, 1_234_567].map(grouped).into();
        assert_eq!(shown, ["0", "12", "999", "1,000", "1,234,567"]);
    }
}
