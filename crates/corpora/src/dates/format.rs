//! The forms of a date: texts with fields in braces.

use std::ops::Range;

use random::Stream;

use super::calendar::Date;
use super::words;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const ROMAN: [&str; 12] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
];
/// The years that two digits stand for.
const TWO_DIGITS: Range<usize> = 1970..2070;

/// A form of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Text(String),
    Field(Field),
}

/// A field of a form; the examples are those of 2004-03-03, a Wednesday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// 3
    Day,
    /// 03
    Day0,
    /// 3rd
    Ordinal,
    /// third
    OrdinalWord,
    /// March
    Month,
    /// Mar; for September also Sept
    Short,
    /// Mar. (but May)
    Dotted,
    /// 3
    MonthNumber,
    /// 03
    MonthNumber0,
    /// III
    Roman,
    /// 2004
    Year,
    /// 04
    Yy,
    /// two thousand four
    YearWords,
    /// Wednesday
    Weekday,
    /// Wed
    WeekdayShort,
}

const FIELDS: [(&str, Field); 15] = [
    ("day", Field::Day),
    ("day0", Field::Day0),
    ("ordinal", Field::Ordinal),
    ("ordinal-word", Field::OrdinalWord),
    ("month", Field::Month),
    ("short", Field::Short),
    ("dotted", Field::Dotted),
    ("month-number", Field::MonthNumber),
    ("month-number0", Field::MonthNumber0),
    ("roman", Field::Roman),
    ("year", Field::Year),
    ("yy", Field::Yy),
    ("year-words", Field::YearWords),
    ("weekday", Field::Weekday),
    ("weekday-short", Field::WeekdayShort),
];

/// Reads forms, a line each; blank lines and those that start with `#` are skipped.
pub(super) fn parse(text: &str) -> Result<Vec<Format>, String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(line)
        .collect()
}

fn line(line: &str) -> Result<Format, String> {
    let mut items = Vec::new();
    let mut rest = line;
    while let Some((text, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| format!("no `}}` in {line}"))?;
        let field = FIELDS.iter().find(|(known, _)| *known == name);
        let (_, field) = field.ok_or_else(|| format!("no field {name}: {line}"))?;
        items.extend([Item::Text(text.to_owned()), Item::Field(*field)]);
        rest = after;
    }
    items.push(Item::Text(rest.to_owned()));
    items.retain(|item| *item != Item::Text(String::new()));
    Ok(Format { items })
}

impl Format {
    /// Whether the form can tell `date` from all others.
    pub(super) fn fits(&self, date: Date) -> bool {
        !self.items.contains(&Item::Field(Field::Yy)) || TWO_DIGITS.contains(&date.year)
    }

    /// `date` in this form; `random` chooses between Sep and Sept.
    pub(super) fn write(&self, date: Date, random: &mut Stream) -> String {
        let items = self.items.iter().map(|item| match item {
            Item::Text(text) => text.clone(),
            Item::Field(field) => fill(*field, date, random),
        });
        items.collect()
    }
}

fn fill(field: Field, date: Date, random: &mut Stream) -> String {
    let Date {
        year, month, day, ..
    } = date;
    let name = MONTHS[month - 1];
    match field {
        Field::Day => day.to_string(),
        Field::Day0 => format!("{day:02}"),
        Field::Ordinal => format!("{day}{}", words::ordinal_ending(day)),
        Field::OrdinalWord => words::ordinal(day),
        Field::Month => name.to_owned(),
        Field::Short if month == 9 && random.below(2) == 0 => "Sept".to_owned(),
        Field::Short => name[..3].to_owned(),
        Field::Dotted if name.len() == 3 => name.to_owned(),
        Field::Dotted => format!("{}.", fill(Field::Short, date, random)),
        Field::MonthNumber => month.to_string(),
        Field::MonthNumber0 => format!("{month:02}"),
        Field::Roman => ROMAN[month - 1].to_owned(),
        Field::Year => year.to_string(),
        Field::Yy => format!("{:02}", year % 100),
        Field::YearWords => words::year(year),
        Field::Weekday => WEEKDAYS[date.weekday].to_owned(),
        Field::WeekdayShort => WEEKDAYS[date.weekday][..3].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar;
    use super::*;
    use random::{Place, Purpose};

    fn written(format: &str, iso: &str) -> String {
        let all = calendar::all();
        let date = all.iter().find(|date| date.to_string() == iso).unwrap();
        let mut random = Stream::new(Place {
            seed: 0,
            purpose: Purpose::Corpus,
            step: 0,
            index: 0,
        });
        line(format).unwrap().write(*date, &mut random)
    }

    #[test]
    fn every_field_is_filled() {
        for (format, text) in [
            (
                "{weekday}, the {ordinal} of {month}, {year}",
                "Wednesday, the 3rd of March, 2004",
            ),
            ("{weekday-short}, {day0} {short} {year}", "Wed, 03 Mar 2004"),
            ("{month-number}/{day}/{yy}", "3/3/04"),
            ("{day}.{month-number0}.{year}", "3.03.2004"),
            ("{day}.{roman}.{year}", "3.III.2004"),
            (
                "{dotted} {ordinal-word}, {year-words}",
                "Mar. third, two thousand four",
            ),
        ] {
            assert_eq!(written(format, "2004-03-03"), text);
        }
        assert_eq!(written("{dotted} {day}", "2004-05-01"), "May 1");
        let september = written("{short}", "2004-09-01");
        assert!(["Sep", "Sept"].contains(&september.as_str()), "{september}");
    }

    #[test]
    fn two_digits_stand_for_a_hundred_years_only() {
        let all = calendar::all();
        let format = line("{month-number}/{day}/{yy}").unwrap();
        let years: Vec<usize> = all
            .iter()
            .filter(|date| format.fits(**date))
            .map(|date| date.year)
            .collect();
        assert_eq!((years.first(), years.last()), (Some(&1970), Some(&2069)));
        assert!(line("{month-number}/{day}/{year}").unwrap().fits(all[0]));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parse("{day} {moth}").unwrap_err().contains("moth"));
        assert!(parse("{day} {month").unwrap_err().contains("{month"));
    }
}
