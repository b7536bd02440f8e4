//! Parts of a date that are more than one word, or count from another year: brought into the form that all others have.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::{Token, of_century};

/// Years from which others are counted: the years of an emperor, and those of the Republic of China.
const ERAS: [(&str, i64); 7] =
    [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911), ("民國", 1911), ("民国", 1911), ("佛曆", -543)];

/// The numbers by which Vietnamese calls its months.
const VIETNAMESE: [(&str, usize); 12] = [
    ("giêng", 1),
    ("một", 1),
    ("hai", 2),
    ("ba", 3),
    ("tư", 4),
    ("năm", 5),
    ("sáu", 6),
    ("bảy", 7),
    ("tám", 8),
    ("chín", 9),
    ("mười", 10),
    ("chạp", 12),
];

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The tokens with months of two words as one, Thai abbreviations without their dots, and years as years of our era.
pub(super) fn joined(tokens: &[Token]) -> Vec<Token> {
    use Token::{Number, Sign, Word};
    let mut joined = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some(first) = rest.first() {
        let (token, len) = match (rest, first) {
            ([_, Word(second), ..], Word(word)) if matches!(word.as_str(), "تشرين" | "كانون") => {
                (Word(format!("{word}{second}")), 2)
            }
            ([_, Sign('.'), Word(second), ..], Word(word)) if is_thai(word) && is_thai(second) => {
                (Word(format!("{word}{second}")), 3)
            }
            ([_, Word(second), ..], Word(word)) if word == "tháng" => match vietnamese(second, rest.get(2)) {
                Some((month, len)) => (Word(MONTHS[month - 1].to_owned()), 1 + len),
                None => (first.clone(), 1),
            },
            (_, Word(word)) => match (era(word), rest.get(1)) {
                (Some((before, "")), Some(Number(year, 1..=4))) => (Number(before + year, 4), 2),
                (Some((before, "元年")), _) => (Number(before + 1, 4), 1),
                _ => (first.clone(), 1),
            },
            // A year of two digits beside a Thai month is one of the Buddha's.
            (_, Number(year, 2))
                if *year > 31 && joined.iter().any(|token| matches!(token, Word(word) if is_thai(word))) =>
            {
                (Number(2500 + year, 4), 1)
            }
            _ => (first.clone(), 1),
        };
        joined.push(token);
        rest = &rest[len..];
    }
    joined
}

fn is_thai(word: &str) -> bool {
    word.starts_with(|c| matches!(c, '\u{e01}'..='\u{e7f}'))
}

/// The year before the first of an era, and what is written behind the era's name.
fn era(word: &str) -> Option<(i64, &str)> {
    ERAS.iter().find_map(|(name, before)| {
        let (_, behind) = word.split_once(name)?;
        Some((*before, behind))
    })
}

/// The number of a month by its words, and how many there are.
fn vietnamese(word: &str, next: Option<&Token>) -> Option<(usize, usize)> {
    let number = |word: &str| VIETNAMESE.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    let first = number(word)?;
    match next {
        Some(Token::Word(next)) if first == 10 && matches!(next.as_str(), "một" | "hai") => {
            Some((10 + number(next)?, 2))
        }
        _ => Some((first, 1)),
    }
}

/// A day whose numbers say what they are, as in `26年11月27日`.
pub(super) fn labelled(tokens: &[Token]) -> Option<Date> {
    let number = |labels: [char; 2]| {
        tokens.windows(2).find_map(|pair| match pair {
            [Token::Number(value, len), Token::Word(word)] if word.starts_with(labels) => Some((*value, *len)),
            _ => None,
        })
    };
    let (year, len) = number(['年', '년'])?;
    let year = match (year, len) {
        // Years of the Republic of China, which had its hundredth in 2011.
        (80..=200, 2 | 3)
            if len == 3 || tokens.iter().any(|token| matches!(token, Token::Word(word) if word.contains('民'))) =>
        {
            year + 1911
        }
        _ => of_century(year, len),
    };
    let (month, _) = number(['月', '월'])?;
    let day = number(['日', '일']).map_or(1, |(day, _)| day);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Years of the calendar of Iran and Afghanistan in which feeds were published; those of the Hijra are later ones.
pub(super) const SOLAR_YEARS: std::ops::RangeInclusive<i64> = 1369..=1425;

/// Leap years by what is left of them when divided by 33.
const LEAP: [i64; 8] = [1, 5, 9, 13, 17, 22, 26, 30];

/// A day of the solar calendar of Iran, by the arithmetic that fits the sun in [`SOLAR_YEARS`].
pub(super) fn solar(year: i64, month: i64, day: i64) -> Option<Date> {
    let is_leap = |year: i64| LEAP.contains(&(year % 33));
    let last = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 if is_leap(year) => 30,
        12 => 29,
        _ => return None,
    };
    if !SOLAR_YEARS.contains(&year) || !(1..=last).contains(&day) {
        return None;
    }
    // 1 Farvardin 1369.
    let first = Date::constant(1990, 3, 21);
    let years: i64 = (*SOLAR_YEARS.start()..year).map(|year| 365 + i64::from(is_leap(year))).sum();
    let months = if month <= 7 { (month - 1) * 31 } else { 186 + (month - 7) * 30 };
    first.checked_add(SignedDuration::from_hours((years + months + day - 1) * 24)).ok()
}
