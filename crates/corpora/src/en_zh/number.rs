//! Numbers: English words and figures with their Chinese numerals.

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const SMALL: [&str; 20] = [
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
const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const ORDINALS: [&str; 10] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
];
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

/// The Chinese numeral of `number`, below one hundred million.
///
/// Two is 二, but 两 where it leads before 千 or 万 or stands for a hundred.
pub(super) fn chinese(number: u32) -> String {
    if number >= 10_000 {
        let high = match number / 10_000 {
            2 => "两".to_owned(),
            high => chinese(high),
        };
        let rest = number % 10_000;
        let gap = if rest > 0 && rest < 1_000 { "零" } else { "" };
        let low = if rest > 0 {
            chinese(rest)
        } else {
            String::new()
        };
        return format!("{high}万{gap}{low}");
    }
    let mut text = String::new();
    let mut gap = false;
    for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / unit % 10;
        if digit == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push_str(DIGITS[0]);
            gap = false;
        }
        match (digit, unit) {
            (1, 10) if text.is_empty() => {}
            (2, 100 | 1_000) => text.push('两'),
            _ => text.push_str(DIGITS[digit as usize]),
        }
        text.push_str(name);
    }
    if text.is_empty() {
        DIGITS[0].to_owned()
    } else {
        text
    }
}

/// The English words of `number`, below one hundred.
fn words(number: u32) -> String {
    match (number / 10, number % 10) {
        (0 | 1, _) => SMALL[number as usize].to_owned(),
        (tens, 0) => TENS[tens as usize - 2].to_owned(),
        (tens, ones) => format!("{}-{}", TENS[tens as usize - 2], SMALL[ones as usize]),
    }
}

/// Figures with commas between thousands: `3,000`.
fn figures(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Two before a measure word is 两.
fn counted(number: u32) -> String {
    if number == 2 {
        "两".to_owned()
    } else {
        chinese(number)
    }
}

/// Every number entry: English, Chinese, tag.
pub(super) fn entries() -> Vec<(String, String, &'static str)> {
    let mut entries = Vec::new();
    let mut add = |english: String, chinese: String, tag| entries.push((english, chinese, tag));
    for number in (2..=10).chain([12, 15, 20]) {
        let tag = if number <= 5 { "count,few" } else { "count" };
        add(words(number), counted(number), tag);
    }
    for number in 1..=12 {
        let tag = match number {
            5..=8 => "hour,earlyhour",
            9 => "hour,earlyhour,latehour",
            10 | 11 => "hour,latehour",
            _ => "hour",
        };
        add(words(number), counted(number), tag);
    }
    for number in 1..=10 {
        let ordinal = ORDINALS[number as usize - 1].to_owned();
        let tag = if number >= 2 {
            "ordinal,floor"
        } else {
            "ordinal"
        };
        add(ordinal, chinese(number), tag);
    }
    for number in (3..=20).chain([22, 25, 28, 30, 32, 35, 40, 45, 50, 56, 60, 70, 80]) {
        let tag = if number < 13 { "age,kidage" } else { "age" };
        add(words(number), chinese(number), tag);
    }
    for number in [3, 5, 6, 8, 10, 12, 15, 18, 20, 25, 30, 35, 40, 45, 50, 60] {
        add(figures(number), chinese(number), "cheapprice");
    }
    for number in [
        80, 90, 100, 120, 150, 180, 200, 250, 300, 350, 400, 500, 600, 800, 900,
    ] {
        add(figures(number), chinese(number), "midprice");
    }
    for number in [
        1_000, 1_500, 2_000, 3_000, 3_500, 4_000, 5_000, 6_000, 8_000,
    ] {
        add(figures(number), chinese(number), "bigprice");
    }
    for number in [
        20_000, 30_000, 50_000, 60_000, 80_000, 100_000, 120_000, 150_000, 200_000,
    ] {
        let tag = if number <= 100_000 {
            "dearprice,crowdsize"
        } else {
            "dearprice"
        };
        add(figures(number), chinese(number), tag);
    }
    for number in [500_000, 800_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000] {
        add(figures(number), chinese(number), "dearestprice,population");
    }
    for number in [2, 3, 4, 6, 7, 9, 14, 16] {
        add(figures(number), counted(number), "distance");
    }
    for number in [15, 18, 22, 26, 28, 30, 33, 35] {
        add(figures(number), chinese(number), "degrees");
    }
    for year in (1962..=2022).step_by(3) {
        let digits = year.to_string();
        let numeral = digits.bytes().map(|b| DIGITS[usize::from(b - b'0')]);
        add(digits.clone(), numeral.collect(), "year");
    }
    for (number, month) in (1..).zip(MONTHS) {
        add(month.to_owned(), format!("{}月", chinese(number)), "month");
    }
    for day in 1..=28 {
        add(day.to_string(), chinese(day), "monthday");
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_read_aloud_rightly() {
        let cases = [
            (2, "二"),
            (10, "十"),
            (12, "十二"),
            (20, "二十"),
            (25, "二十五"),
            (105, "一百零五"),
            (120, "一百二十"),
            (200, "两百"),
            (2_000, "两千"),
            (3_500, "三千五百"),
            (12_000, "一万两千"),
            (20_000, "两万"),
            (100_000, "十万"),
            (120_000, "十二万"),
            (1_000_050, "一百万零五十"),
            (2_000_000, "两百万"),
        ];
        for (number, numeral) in cases {
            assert_eq!(chinese(number), numeral);
        }
    }

    #[test]
    fn figures_and_words() {
        assert_eq!(figures(1_500_000), "1,500,000");
        assert_eq!(figures(80), "80");
        assert_eq!(
            (words(45), words(60)),
            ("forty-five".into(), "sixty".into())
        );
    }

    #[test]
    fn two_is_liang_before_measure_words_only() {
        let two: Vec<_> = entries().into_iter().filter(|e| e.0 == "two").collect();
        assert!(two.iter().all(|e| e.1 == "两") && !two.is_empty());
        let second = entries().into_iter().find(|e| e.0 == "second");
        assert_eq!(second.map(|e| e.1).as_deref(), Some("二"));
    }
}
