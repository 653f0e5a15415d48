//! The days that occur.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// 1900 to 2099.
    pub year: usize,
    /// 1 to 12.
    pub month: usize,
    /// 1 to 31.
    pub day: usize,
    /// Days after Monday, 0 to 6.
    pub weekday: usize,
}

impl fmt::Display for Date {
    /// ISO 8601.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year, month, day, ..
        } = self;
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

/// Every day of 1900 to 2099 in order; the first of January 1900 was a Monday.
pub(super) fn all() -> Vec<Date> {
    let days = (1900..2100).flat_map(|year| {
        (1..=12).flat_map(move |month| (1..=length(year, month)).map(move |day| (year, month, day)))
    });
    let dated = |(count, (year, month, day))| Date {
        year,
        month,
        day,
        weekday: count % 7,
    };
    days.enumerate().map(dated).collect()
}

/// How many days a month has.
fn length(year: usize, month: usize) -> usize {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days_have_their_weekdays() {
        let all = all();
        assert_eq!(all.len(), 73_049);
        for (iso, weekday) in [
            ("1900-02-28", 2),
            ("1900-03-01", 3),
            ("1969-07-20", 6),
            ("2000-02-29", 1),
            ("2024-02-29", 3),
            ("2099-12-31", 3),
        ] {
            let date = all.iter().find(|date| date.to_string() == iso).unwrap();
            assert_eq!(date.weekday, weekday, "{iso}");
        }
        assert!(!all.iter().any(|date| date.to_string() == "1900-02-29"));
    }
}
