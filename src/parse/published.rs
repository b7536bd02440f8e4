//! Dates as publishers write them, and which of them are to be believed.

mod clock;

mod spelled;

#[cfg(test)]
mod tests;

mod ways;

mod words;

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

pub(crate) use ways::Ways;

use clock::take_clock;

/// Bytes of a date that are looked at.
const LENGTH: usize = 120;

/// No clock is further from UTC, in minutes.
const OFFSET_MAX: i16 = 1559;

/// A date in any form found in feeds: RFC 822 with its two-digit years, named zones and none, ISO 8601 and RFC 3339 with and
/// without a zone, the names of months in the larger languages, `12/31/2003 6:05 PM`. A date without a time is its midnight,
/// one without a zone is UTC; `ways` are those of its feed. `None` where no day can be made out.
///
/// With it comes how far its clock is ahead of UTC, in minutes; `None` where it does not say.
pub(crate) fn read(written: &str, ways: &Ways) -> Option<(Timestamp, Option<i16>)> {
    let text = written.trim();
    let text = &text[..text.floor_char_boundary(LENGTH)];
    if let Some((date, east)) = rfc822(text.as_bytes()) {
        return Some((date, i16::try_from(east).ok()));
    }
    if text.as_bytes().get(4) == Some(&b'-')
        && let Ok(date) = text.parse::<Timestamp>()
    {
        let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
        return Some((date, minutes(offset.map_or(0, Offset::seconds).into())));
    }
    if let Some(date) = counted(text) {
        return Some((date, None));
    }
    let (text, place) = take_place(text);
    let tokens = tokens(&text.chars().map(ascii_digit).collect::<String>().to_lowercase());
    let (clock, rest) = take_clock(&spelled::joined(&tokens), ways);
    let date = day(&rest, ways)?;
    let written = DateTime::from_parts(date, clock.time);
    let zone = clock.zone.or_else(|| {
        let instant = place?.to_timestamp(written).ok()?;
        Some(Offset::UTC.to_timestamp(written).ok()?.as_second() - instant.as_second())
    });
    let seconds = zone.unwrap_or(0) - clock.next_day * 86_400;
    let instant = Offset::UTC.to_timestamp(written).ok()?;
    let date = instant.checked_sub(SignedDuration::from_secs(seconds)).ok()?;
    Some((date, zone.and_then(minutes)))
}

/// The zone that is named by a place, as in `Europe/Moscow`, and the text without it.
fn take_place(text: &str) -> (Cow<'_, str>, Option<TimeZone>) {
    if !text.contains('/') {
        return (Cow::Borrowed(text), None);
    }
    let words = text.split(|c: char| c.is_whitespace() || "[](),;".contains(c));
    let named = |word: &&str| {
        word.contains('/')
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "/_-+".contains(c))
    };
    let place = words.filter(named).find_map(|word| Some((word, TimeZone::get(word).ok()?)));
    match place {
        Some((word, zone)) => (Cow::Owned(text.replacen(word, " ", 1)), Some(zone)),
        None => (Cow::Borrowed(text), None),
    }
}

fn minutes(seconds: i64) -> Option<i16> {
    i16::try_from(seconds / 60).ok().filter(|minutes| minutes.abs() <= OFFSET_MAX)
}

/// A date with its offset as one number of nanoseconds within its millisecond, for a reader that keeps nothing but instants;
/// 0 where the offset is not known.
pub(crate) fn offset_nanoseconds(offset_minutes: Option<i16>) -> u32 {
    offset_minutes.and_then(|minutes| u32::try_from(minutes + OFFSET_MAX + 1).ok()).unwrap_or(0)
}

/// The offset back from [`offset_nanoseconds`].
pub(crate) fn offset_of(nanoseconds: u32) -> Option<i16> {
    let code = i16::try_from(nanoseconds % 1_000_000).ok().filter(|code| *code > 0)?;
    Some(code - OFFSET_MAX - 1).filter(|minutes| minutes.abs() <= OFFSET_MAX)
}

/// Seconds or milliseconds since 1970, with a fraction, or as an old server of Microsoft's writes them: `/Date(1700000000123)/`.
fn counted(text: &str) -> Option<Timestamp> {
    let text = text.trim_matches(['/', '\\']);
    let text = match text.strip_prefix("Date(").and_then(|inside| inside.strip_suffix(')')) {
        // An offset says how the clock stood there, and nothing of the moment.
        Some(inside) => inside.split(['+', '-']).next().unwrap_or_default(),
        None => text,
    };
    let (text, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        9..=10 => Timestamp::from_second(text.parse().ok()?).ok(),
        12..=13 if !text.starts_with("20") && !text.starts_with("19") => {
            Timestamp::from_millisecond(text.parse().ok()?).ok()
        }
        _ => None,
    }
}

/// A digit of another script as one of ASCII's.
fn ascii_digit(c: char) -> char {
    let zeros = ['\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{FF10}'];
    let value =
        zeros.into_iter().find_map(|zero| u32::from(c).checked_sub(u32::from(zero)).filter(|value| *value < 10));
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

/// The form that nearly every RSS has: `Thu, 01 Jan 2004 19:48:21 GMT`, or `+0100` (RFC 822 with the year of RFC 1123).
fn rfc822(text: &[u8]) -> Option<(Timestamp, i32)> {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let number = |digits: &[u8]| {
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| digits.iter().fold(0_i16, |number, digit| number * 10 + i16::from(digit - b'0')))
    };
    let small = |digits: &[u8]| number(digits).and_then(|number| i8::try_from(number).ok());
    let rest = if text.get(3..5) == Some(b", ") { &text[5..] } else { text };
    let (day, rest) = rest.split_at_checked(rest.iter().take(3).position(|byte| *byte == b' ')?)?;
    let [b' ', month @ .., _, _, _, _, _, _] = rest.get(..11)? else { return None };
    let month = MONTHS.iter().position(|name| *name == &month[..3])?;
    let [b' ', year @ .., b' '] = &rest[4..10] else { return None };
    let [h, hour, b':', m, minute, b':', s, second, b' ', zone @ ..] = rest.get(10..)? else { return None };
    let east = match zone {
        b"GMT" | b"UTC" | b"Z" | b"UT" => 0,
        [sign @ (b'+' | b'-'), offset @ ..] if offset.len() == 4 => {
            let minutes = i32::from(number(&offset[..2])?) * 60 + i32::from(number(&offset[2..])?);
            // A larger one is a slip, for which others look.
            if minutes > 14 * 60 {
                return None;
            }
            if *sign == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    let date = Date::new(number(year)?, i8::try_from(month).ok()? + 1, small(day)?).ok()?;
    let time = Time::new(small(&[*h, *hour])?, small(&[*m, *minute])?, small(&[*s, *second])?, 0).ok()?;
    let instant = Offset::UTC.to_timestamp(DateTime::from_parts(date, time)).ok()?;
    Some((instant.checked_sub(SignedDuration::from_mins(east.into())).ok()?, east))
}

/// A piece of a written date.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// Digits: their value and how many there are.
    Number(i64, usize),
    /// Letters, in lower case.
    Word(String),
    /// Anything else but white space.
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let run = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
        let len = if c.is_ascii_digit() {
            let len = run(|c| c.is_ascii_digit());
            tokens.push(Token::Number(rest[..len.min(18)].parse().unwrap_or(0), len));
            len
        } else if is_east_asian(c) {
            let len = run(is_east_asian);
            tokens.push(Token::Word(rest[..len].to_owned()));
            len
        } else if c.is_alphabetic() {
            let len = run(|c| c.is_alphabetic() && !is_east_asian(c) || is_mark(c));
            tokens.push(Token::Word(rest[..len].to_owned()));
            len
        } else {
            if !c.is_whitespace() {
                tokens.push(Token::Sign(c));
            }
            c.len_utf8()
        };
        rest = &rest[len..];
    }
    tokens
}

/// Whether a character belongs to the letter before: an accent, or a sign of India's scripts that is no letter.
fn is_mark(c: char) -> bool {
    let of_india = matches!(c, '\u{900}'..='\u{dff}') && matches!(u32::from(c) & 0x7f, 0x3c | 0x4d);
    matches!(c, '\u{301}' | '\u{e47}'..='\u{e4e}' | '\u{200c}' | '\u{200d}') || of_india
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// `2024-W05-3`: a day by its week (ISO 8601).
fn of_week(tokens: &[Token]) -> Option<Date> {
    use Token::{Number, Sign, Word};
    let tokens: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Sign('-'))).collect();
    let at = tokens.iter().position(|token| matches!(token, Word(word) if word == "w")).filter(|at| *at > 0)?;
    let (Number(year, 4), Number(week, len)) = (tokens[at - 1], tokens.get(at + 1)?) else { return None };
    let (week, day) = match (len, tokens.get(at + 2)) {
        (3, _) => (week / 10, week % 10),
        (2, Some(Number(day, 1))) => (*week, *day),
        (2, _) => (*week, 1),
        _ => return None,
    };
    let weekday = Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()?;
    ISOWeekDate::new(i16::try_from(*year).ok()?, i8::try_from(week).ok()?, weekday).ok().map(ISOWeekDate::date)
}

/// The day that is left when the time is taken away.
fn day(tokens: &[Token], ways: &Ways) -> Option<Date> {
    if let Some(date) = of_week(tokens).or_else(|| spelled::labelled(tokens)) {
        return Some(date);
    }
    let mut month = None;
    let mut separator = None;
    let mut numbers: Vec<(i64, usize)> = Vec::new();
    for token in tokens {
        match token {
            Token::Number(value, len) if numbers.len() < 3 => numbers.push((*value, *len)),
            Token::Word(word) => {
                // `mar.` is Tuesday and March; where there is another month it is Tuesday.
                let weekday = words::is_weekday(word);
                if month.is_none_or(|(_, before)| before && !weekday) {
                    let found = if word.starts_with("listopad") {
                        ways.listopad(word)
                    } else {
                        words::solar_month(word).or_else(|| words::month(word))
                    };
                    month = found.map(|found| (found, weekday)).or(month);
                }
            }
            Token::Sign(sign @ ('.' | '/' | '-')) if numbers.len() == 1 => separator = separator.or(Some(*sign)),
            _ => {}
        }
    }
    // A weekday beside a date in numbers is no month either.
    let month = month.filter(|(_, weekday)| !weekday || numbers.len() < 3).map(|(month, _)| month);
    let (year, month, day) = match (month, numbers.as_slice()) {
        (Some(month), [(first, len), (second, other), ..]) => {
            if *len >= 4 || *first > 31 {
                (of_century(*first, *len), month, *second)
            } else {
                (of_century(*second, *other), month, *first)
            }
        }
        (Some(month), [(year, 4)]) => (*year, month, 1),
        (None, [(digits, 8 | 14), ..]) => {
            let digits = if *digits > 99_999_999 { digits / 1_000_000 } else { *digits };
            (digits / 10_000, digits / 100 % 100, digits % 100)
        }
        (None, [(year, 4), (day, 3)]) => return of_year(*year, *day),
        (None, [(digits, 7)]) => return of_year(digits / 1000, digits % 1000),
        (None, [(year, 4), (month, 1 | 2), (day, 1 | 2)]) => (*year, *month, *day),
        (None, [(year, 4), (month, 1 | 2)]) => (*year, *month, 1),
        (None, [(year, 4)]) if (1990..2100).contains(year) => (*year, 1, 1),
        (None, [(first, len), (second, _), (third, other)]) => match separator {
            _ if *first > 31 => (of_century(*first, *len), *second, *third),
            // Two digits three times with hyphens is a short ISO date.
            Some('-') if *len == 2 && *other == 2 => (of_century(*first, *len), *second, *third),
            Some('/') if *first <= 12 && (*second > 12 || !ways.is_day_first()) => {
                (of_century(*third, *other), *first, *second)
            }
            _ if *second > 12 => (of_century(*third, *other), *first, *second),
            _ => (of_century(*third, *other), *second, *first),
        },
        _ => return None,
    };
    if spelled::SOLAR_YEARS.contains(&year) {
        return spelled::solar(year, month, day);
    }
    // A year of the Hijra is one of the moon's, which begins earlier each year.
    if (1426..1500).contains(&year) {
        return None;
    }
    // Thailand counts from the Buddha.
    let year = if (2400..2700).contains(&year) { year - 543 } else { year };
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A day by its number in the year, from 1.
fn of_year(year: i64, day: i64) -> Option<Date> {
    let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
    let day = Some(day).filter(|day| (1..=366).contains(day))?;
    first.checked_add(SignedDuration::from_hours((day - 1) * 24)).ok()
}

/// A year of two digits is in the century that RFC 2822 §4.3 says: below 50 in this one.
fn of_century(year: i64, digits: usize) -> i64 {
    match (digits, year) {
        (1 | 2, ..50) => 2000 + year,
        (1..=3, _) => 1900 + year,
        _ => year,
    }
}

/// 1990-01-01T00:00Z. Nobody published feeds before; such a date is a counter that was never set.
const EARLIEST: Timestamp = Timestamp::constant(631_152_000, 0);

/// How far ahead a date may lie before it is a slip of the pen: events are announced years ahead, not centuries.
const AHEAD: SignedDuration = SignedDuration::from_hours(100 * 365 * 24);

/// The date from its milliseconds since 1970, or `None` where it cannot be meant. A date in the nearer future is kept:
/// who orders items must not trust it, who shows them may.
pub(crate) fn sound(milliseconds: i64, now: Timestamp) -> Option<Timestamp> {
    let date = Timestamp::from_millisecond(milliseconds).ok()?;
    let latest = now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    (EARLIEST <= date && date <= latest).then_some(date)
}
