//! Numbers in English words.

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// A number below 100: `twenty-one`.
pub(super) fn cardinal(number: usize) -> String {
    match (TENS[number / 10 % 10], number % 10) {
        ("", _) => UNITS[number % 20].to_owned(),
        (tens, 0) => tens.to_owned(),
        (tens, unit) => format!("{tens}-{}", UNITS[unit]),
    }
}

/// A number below 100 that counts off: `twenty-first`.
pub(super) fn ordinal(number: usize) -> String {
    let cardinal = cardinal(number);
    for (end, ordinal) in [
        ("one", "first"),
        ("two", "second"),
        ("three", "third"),
        ("five", "fifth"),
        ("eight", "eighth"),
        ("nine", "ninth"),
        ("twelve", "twelfth"),
        ("y", "ieth"),
    ] {
        if let Some(start) = cardinal.strip_suffix(end) {
            return format!("{start}{ordinal}");
        }
    }
    format!("{cardinal}th")
}

/// The ending of an ordinal in digits: the `rd` of 3rd.
pub(super) fn ordinal_ending(number: usize) -> &'static str {
    match (number / 10 % 10, number % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// A year from 1000 to 9999 as it is said: `nineteen oh five`, `two thousand nine`, `twenty ten`.
pub(super) fn year(year: usize) -> String {
    let (century, rest) = (year / 100, year % 100);
    match (century % 10, rest) {
        (0, 0) => format!("{} thousand", cardinal(century / 10)),
        (0, 1..=9) => format!("{} thousand {}", cardinal(century / 10), cardinal(rest)),
        (_, 0) => format!("{} hundred", cardinal(century)),
        (_, 1..=9) => format!("{} oh {}", cardinal(century), cardinal(rest)),
        _ => format!("{} {}", cardinal(century), cardinal(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_those_of_english() {
        let words = [
            (1, "first"),
            (2, "second"),
            (3, "third"),
            (4, "fourth"),
            (5, "fifth"),
            (8, "eighth"),
            (9, "ninth"),
            (11, "eleventh"),
            (12, "twelfth"),
            (13, "thirteenth"),
            (20, "twentieth"),
            (21, "twenty-first"),
            (22, "twenty-second"),
            (25, "twenty-fifth"),
            (30, "thirtieth"),
            (31, "thirty-first"),
        ];
        for (number, word) in words {
            assert_eq!(ordinal(number), word);
        }
        let digits = [
            (1, "st"),
            (2, "nd"),
            (3, "rd"),
            (4, "th"),
            (11, "th"),
            (12, "th"),
            (13, "th"),
            (21, "st"),
            (22, "nd"),
            (23, "rd"),
            (30, "th"),
            (31, "st"),
        ];
        for (number, ending) in digits {
            assert_eq!(ordinal_ending(number), ending, "{number}");
        }
    }

    #[test]
    fn years_are_said_in_pairs() {
        for (number, words) in [
            (1900, "nineteen hundred"),
            (1905, "nineteen oh five"),
            (1910, "nineteen ten"),
            (1999, "nineteen ninety-nine"),
            (2000, "two thousand"),
            (2009, "two thousand nine"),
            (2010, "twenty ten"),
            (2042, "twenty forty-two"),
        ] {
            assert_eq!(year(number), words);
        }
    }
}
