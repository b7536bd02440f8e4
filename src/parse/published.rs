//! Dates as publishers write them, and which of them are to be believed.

mod spelled;

mod ways;

mod words;

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

pub(crate) use ways::Ways;

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

/// What a date says of the time of day.
#[derive(Debug, Default)]
struct Clock {
    time: Time,
    /// One where the time is 24 o'clock.
    next_day: i64,
    /// Seconds east of Greenwich.
    zone: Option<i64>,
}

/// The time and the zone, and what is left for the day.
#[expect(
    clippy::too_many_lines,
    reason = "one table of the shapes that a time has, in the order in which they are tried"
)]
fn take_clock(tokens: &[Token], ways: &Ways) -> (Clock, Vec<Token>) {
    use Token::{Number, Sign, Word};
    let mut clock = Clock::default();
    let mut rest = Vec::new();
    let mut parts: Option<[i64; 3]> = None;
    let mut half = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match (token, tokens.get(at + 1), tokens.get(at + 2)) {
            (Number(hour, 1 | 2), Some(Sign(':')), Some(Number(minute, 1 | 2))) if parts.is_none() => {
                at += 3;
                let mut second = 0;
                if let (Some(Sign(':')), Some(Number(found, 1 | 2))) = (tokens.get(at), tokens.get(at + 1)) {
                    second = *found;
                    at += 2;
                    // Fractions, with a dot, a comma or, by mistake, a colon.
                    if let (Some(Sign('.' | ',' | ':')), Some(Number(..))) = (tokens.get(at), tokens.get(at + 1)) {
                        at += 2;
                    }
                }
                parts = Some([*hour, *minute, second]);
            }
            (Number(hour, 1 | 2), Some(Word(word)), _) if parts.is_none() && words::is_hour(word) => {
                let minute = match tokens.get(at + 2) {
                    Some(Number(minute, 1 | 2)) => Some(*minute),
                    _ => None,
                };
                let spoken =
                    minute.is_some() && matches!(tokens.get(at + 3), Some(Word(word)) if words::is_minute(word));
                let second = match tokens.get(at + 4) {
                    Some(Number(second, 1 | 2)) if spoken => Some(*second),
                    _ => None,
                };
                parts = Some([*hour, minute.unwrap_or(0), second.unwrap_or(0)]);
                at += 2 + usize::from(minute.is_some()) + usize::from(spoken) + 2 * usize::from(second.is_some());
            }
            (Number(digits, 4 | 6), _, _)
                if parts.is_none() && at > 0 && matches!(&tokens[at - 1], Word(word) if word == "t") =>
            {
                let digits = if matches!(token, Number(_, 4)) { digits * 100 } else { *digits };
                parts = Some([digits / 10_000, digits / 100 % 100, digits % 100]);
                at += 1;
            }
            (Number(digits, len @ (12 | 14)), _, _) if parts.is_none() => {
                let time = if *len == 12 { digits % 10_000 * 100 } else { digits % 1_000_000 };
                parts = Some([time / 10_000, time / 100 % 100, time % 100]);
                rest.push(Number(digits / if *len == 12 { 10_000 } else { 1_000_000 }, 8));
                at += 1;
            }
            (Number(hour, 1 | 2), Some(Sign('.')), Some(Number(minute, 2)))
                if parts.is_none() && words::is_before_time(&tokens[..at]) && is_time_end(&tokens[at + 3..]) =>
            {
                at += 3;
                let mut second = 0;
                if let (Some(Sign('.')), Some(Number(found, 2))) = (tokens.get(at), tokens.get(at + 1)) {
                    second = *found;
                    at += 2;
                }
                parts = Some([*hour, *minute, second]);
            }
            (Number(hour @ 0..=12, 1 | 2), Some(Word(word)), after)
                if parts.is_none()
                    && words::half_of_day(word).is_some()
                    // Where a time follows, the number was the day.
                    && !matches!((after, tokens.get(at + 3)), (Some(Number(_, 1 | 2)), Some(Sign(':') | Word(_)))) =>
            {
                parts = Some([*hour, 0, 0]);
                at += 1;
            }
            (Word(word), _, _) if words::half_of_day(word).is_some() => {
                half = words::half_of_day(word);
                at += 1;
            }
            // Vietnamese names its halves in letters that are words of other languages.
            (Word(word), _, _)
                if parts.is_some()
                    && (word == "ch" || (word == "sa" && ways.is_vietnamese()))
                    && matches!(tokens[at - 1], Number(..)) =>
            {
                half = Some(if word == "ch" { words::Half::Afternoon } else { words::Half::Morning });
                at += 1;
            }
            (Word(first), Some(Sign('.')), Some(Word(second))) if words::halves_of_day(first, second).is_some() => {
                if parts.is_none()
                    && let Some(Number(hour, 1 | 2)) = rest.last()
                {
                    parts = Some([*hour, 0, 0]);
                    rest.pop();
                }
                half = words::halves_of_day(first, second);
                at += 3;
            }
            (Sign(sign @ ('+' | '-' | '−')), Some(Number(value, len)), after) if parts.is_some() => {
                let minutes = match (len, after, tokens.get(at + 3)) {
                    (1 | 2, Some(Sign(':')), Some(Number(minutes, 2))) => {
                        at += 2;
                        value * 60 + minutes
                    }
                    (1 | 2, ..) => value * 60,
                    (3 | 4, ..) => value / 100 * 60 + value % 100,
                    _ => {
                        rest.push(token.clone());
                        at += 1;
                        continue;
                    }
                };
                let east = if *sign == '+' { minutes } else { -minutes };
                // Offsets reach from -12 to +14 hours; a larger one is a slip.
                if minutes <= 15 * 60 {
                    clock.zone = Some(east * 60);
                }
                at += 2;
            }
            (Word(word), _, _) if clock.zone.is_none() && ways.zone(word).is_some() => {
                clock.zone = ways.zone(word).map(|minutes| minutes * 60);
                at += 1;
            }
            _ => {
                rest.push(token.clone());
                at += 1;
            }
        }
    }
    if let Some([hour, minute, second]) = parts {
        let hour = match half {
            Some(words::Half::Morning) if hour == 12 => 0,
            Some(words::Half::Afternoon) if hour < 12 => hour + 12,
            _ => hour,
        };
        clock.next_day = i64::from(hour == 24);
        let hour = if hour == 24 { 0 } else { hour };
        let small = |value: i64| i8::try_from(value).unwrap_or(i8::MAX);
        clock.time = Time::new(small(hour), small(minute), small(second.min(59)), 0).unwrap_or_default();
    }
    (clock, rest)
}

/// Whether a time with dots ends here: another number would make it a date.
fn is_time_end(behind: &[Token]) -> bool {
    match behind {
        [Token::Sign('.'), Token::Number(_, len), after @ ..] => *len == 2 && !matches!(after, [Token::Sign('.'), ..]),
        _ => true,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> Option<Timestamp> {
        super::read(written, &Ways::default()).map(|(date, _)| date)
    }

    #[test]
    fn an_offset_is_kept_where_it_is_written() {
        for (written, offset) in [
            ("Thu, 01 Jan 2004 19:48:21 GMT", Some(0)),
            ("Thu, 01 Jan 2004 19:48:21 +0530", Some(330)),
            ("Thu, 1 Jan 04 19:48 EST", Some(-300)),
            ("2026-11-24T07:30:00+01:00", Some(60)),
            ("2026-11-24T07:30:00Z", Some(0)),
            ("2026-11-24T07:30:00", None),
            ("2026-11-24", None),
            ("1763968000", None),
        ] {
            let read = super::read(written, &Ways::default()).map(|(_, offset)| offset);
            assert_eq!(read, Some(offset), "{written}");
            assert_eq!(offset_of(7_000_000 + offset_nanoseconds(offset)), offset, "{written}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn dates_are_read_as_they_are_found_in_the_wild() {
        for (written, date) in [
            ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"),
            ("Thu, 1 Jan 04 19:48 EST", "2004-01-02T00:48:00Z"),
            ("01 Jan 99 19:48:21 +0200", "1999-01-01T17:48:21Z"),
            ("Thurs, 01 January 2004 19:48:21 UT", "2004-01-01T19:48:21Z"),
            ("Wed, 25 Aug 2012 08:00:00 PDT", "2012-08-25T15:00:00Z"),
            ("Mon, 26 January 2004 16:31:00 GMT+2", "2004-01-26T14:31:00Z"),
            ("Thu Jan 1 19:48:21 2004", "2004-01-01T19:48:21Z"),
            ("Thu Jan 01 19:48:21 CET 2004", "2004-01-01T18:48:21Z"),
            ("Jan 5, 2004 7:48 pm", "2004-01-05T19:48:00Z"),
            ("Sat, Dec 16 2023 02:02:33 PM", "2023-12-16T14:02:33Z"),
            ("Sunday, June 3rd, 2018", "2018-06-03T00:00:00Z"),
            ("2003-12-31T10:14:55Z", "2003-12-31T10:14:55Z"),
            ("2003-12-31T10:14:55.123+0530", "2003-12-31T04:44:55Z"),
            ("2003-12-31T10:14-08:00", "2003-12-31T18:14:00Z"),
            ("2003-12-31 10:14:55", "2003-12-31T10:14:55Z"),
            ("2003-12-31 10:14:55 -0100", "2003-12-31T11:14:55Z"),
            ("2003-12-31T24:00:00Z", "2004-01-01T00:00:00Z"),
            ("20031231T101455Z", "2003-12-31T10:14:55Z"),
            ("20031231", "2003-12-31T00:00:00Z"),
            ("2003-335", "2003-12-01T00:00:00Z"),
            ("2003-12-31", "2003-12-31T00:00:00Z"),
            ("2003-12", "2003-12-01T00:00:00Z"),
            ("2003", "2003-01-01T00:00:00Z"),
            ("03-12-31", "2003-12-31T00:00:00Z"),
            ("2004/01/08 23:56:58 -05:00", "2004-01-09T04:56:58Z"),
            ("12/31/2003 6:05:00 PM", "2003-12-31T18:05:00Z"),
            ("31/12/2003 18:05", "2003-12-31T18:05:00Z"),
            ("31.12.2003 18:05", "2003-12-31T18:05:00Z"),
            ("1.2.2003", "2003-02-01T00:00:00Z"),
            ("31. März 2024, 12:30 Uhr", "2024-03-31T12:30:00Z"),
            ("lun., 5 févr. 2024 08:00:00 +0100", "2024-02-05T07:00:00Z"),
            ("mié, 03 ene 2024 10:00:00 GMT", "2024-01-03T10:00:00Z"),
            ("3 de maio de 2024 14:05", "2024-05-03T14:05:00Z"),
            ("ven, 12 lug 2024 09:15:00 +0200", "2024-07-12T07:15:00Z"),
            ("Пн, 15 января 2024 12:00:00 +0300", "2024-01-15T09:00:00Z"),
            ("12 grudnia 2023 10:00", "2023-12-12T10:00:00Z"),
            ("2 mei 2024", "2024-05-02T00:00:00Z"),
            ("14 Ağu 2024 10:00:00 +0300", "2024-08-14T07:00:00Z"),
            ("2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z"),
            ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z"),
            ("2004년 05월 25일 오후 11:23:17", "2004-05-25T23:23:17Z"),
            ("2024年1月5日 10時30分", "2024-01-05T10:30:00Z"),
            ("1700000000", "2023-11-14T22:13:20Z"),
            ("1700000000123", "2023-11-14T22:13:20Z"),
            ("20240105103000", "2024-01-05T10:30:00Z"),
            ("202401051030", "2024-01-05T10:30:00Z"),
            ("2024-W05-3", "2024-01-31T00:00:00Z"),
            ("2024W053T10:00:00Z", "2024-01-31T10:00:00Z"),
            ("2024-W05", "2024-01-29T00:00:00Z"),
            ("2003-335T10:00:00Z", "2003-12-01T10:00:00Z"),
            ("Jan 5, 2004 7 pm", "2004-01-05T19:00:00Z"),
            ("Jan 5, 2004 7:48 p.m.", "2004-01-05T19:48:00Z"),
            ("5 de enero de 2004, 7:48 a. m.", "2004-01-05T07:48:00Z"),
            ("Thu, 1 Jan 2004 12:00:00 AM EST", "2004-01-01T05:00:00Z"),
            ("Thu, 1 Jan 2004 12:30 PM +0000", "2004-01-01T12:30:00Z"),
            ("Thu, 01 Jan 2004 24:00:00 GMT", "2004-01-02T00:00:00Z"),
            ("Thu, 01 Jan 2004 19:48 GMT", "2004-01-01T19:48:00Z"),
            ("Thu,21 Jan 2004 19:48:21 GMT", "2004-01-21T19:48:21Z"),
            ("Thu,  21 Jan 2004 19:48:21 GMT", "2004-01-21T19:48:21Z"),
            ("Thu, 01 Jan 2004 19:48:21 +0100 (CET)", "2004-01-01T18:48:21Z"),
            ("Thu, 01 Jan 2004 19:48:21 GMT-05:00", "2004-01-02T00:48:21Z"),
            ("Mon, 5 Feb 2024 10:00:00 MSK", "2024-02-05T07:00:00Z"),
            ("5.2.2024 klo 10.30", "2024-02-05T10:30:00Z"),
            ("05.02.2024 10.30", "2024-02-05T10:30:00Z"),
            ("mandag 5. februar 2024 kl. 10.30", "2024-02-05T10:30:00Z"),
            ("mardi 6 février 2024 à 18h30", "2024-02-06T18:30:00Z"),
            ("mar., 6 févr. 2024 08:00:00 +0100", "2024-02-06T07:00:00Z"),
            ("mar, 05 mar 2024 08:00:00 +0100", "2024-03-05T07:00:00Z"),
            ("martes 6 de febrero de 2024", "2024-02-06T00:00:00Z"),
            ("maandag 5 februari 2024", "2024-02-05T00:00:00Z"),
            ("maandag 05/02/2024", "2024-05-02T00:00:00Z"),
            ("Pazartesi, 5 Şubat 2024 10:00", "2024-02-05T10:00:00Z"),
            ("середа, 7 лютого 2024", "2024-02-07T00:00:00Z"),
            ("pondělí 5. února 2024", "2024-02-05T00:00:00Z"),
            ("pirmadienis, 2024 m. vasario 5 d.", "2024-02-05T00:00:00Z"),
            ("5. veebruar 2024", "2024-02-05T00:00:00Z"),
            ("понеделник, 5 юни 2024", "2024-06-05T00:00:00Z"),
            ("الاثنين 5 فبراير 2024", "2024-02-05T00:00:00Z"),
            ("٥ فبراير ٢٠٢٤", "2024-02-05T00:00:00Z"),
            ("5 בפברואר 2024", "2024-02-05T00:00:00Z"),
            ("5 मार्च 2024", "2024-03-05T00:00:00Z"),
            ("5 กุมภาพันธ์ 2567", "2024-02-05T00:00:00Z"),
            ("5 tháng 2 năm 2024", "2024-02-05T00:00:00Z"),
            ("2024.11.29", "2024-11-29T00:00:00Z"),
            ("2024. 11. 27.", "2024-11-27T00:00:00Z"),
            ("更新日：2024.11.27", "2024-11-27T00:00:00Z"),
            ("2024.11.27. 18:00", "2024-11-27T18:00:00Z"),
            ("2024.11.27 18.05", "2024-11-27T18:05:00Z"),
            ("2024.11.27 18:00:30", "2024-11-27T18:00:30Z"),
            ("2024. november 27. 18.30", "2024-11-27T18:30:00Z"),
            ("2024. 11. 27. 오후 5:00:00", "2024-11-27T17:00:00Z"),
            ("2024-11-27 오후 6:00", "2024-11-27T18:00:00Z"),
            ("2024-11-07 下午 6:00", "2024-11-07T18:00:00Z"),
            ("2024-11-07 오전 6시 30분", "2024-11-07T06:30:00Z"),
            ("2024/11/7 午後6:00", "2024-11-07T18:00:00Z"),
            ("令和6年11月27日", "2024-11-27T00:00:00Z"),
            ("令和元年5月3日 10時", "2019-05-03T10:00:00Z"),
            ("平成30年1月2日", "2018-01-02T00:00:00Z"),
            ("民國113年11月27日", "2024-11-27T00:00:00Z"),
            ("中華民國113年11月27日 下午3:05", "2024-11-27T15:05:00Z"),
            ("24年11月27日", "2024-11-27T00:00:00Z"),
            ("24년 3월 4일", "2024-03-04T00:00:00Z"),
            ("27/11/2024 5:00:00 CH", "2024-11-27T17:00:00Z"),
            ("Sa, 28.11.2026 12:00", "2026-11-28T12:00:00Z"),
            ("27 Tháng Mười Một 2024", "2024-11-27T00:00:00Z"),
            ("5 Tháng Năm 2024", "2024-05-05T00:00:00Z"),
            ("5 tháng mười hai năm 2024", "2024-12-05T00:00:00Z"),
            ("2024-11-27T18:00:00[Europe/Paris]", "2024-11-27T17:00:00Z"),
            ("Wed, 27 Nov 2024 18:00:00 Europe/Moscow", "2024-11-27T15:00:00Z"),
            ("27 June 2024 18:00 America/New_York", "2024-06-27T22:00:00Z"),
            ("/Date(1700000000123)/", "2023-11-14T22:13:20Z"),
            ("/Date(1700000000123+0100)/", "2023-11-14T22:13:20Z"),
            ("1700000000.123", "2023-11-14T22:13:20Z"),
            ("27 تشرين الثاني 2024", "2024-11-27T00:00:00Z"),
            ("الأربعاء 2 تشرين الأول 2024", "2024-10-02T00:00:00Z"),
            ("3 كانون الثاني 2024", "2024-01-03T00:00:00Z"),
            ("3 كانون الأول 2024", "2024-12-03T00:00:00Z"),
            ("6 جويلية 2024", "2024-07-06T00:00:00Z"),
            ("چهارشنبه, 27 نوامبر 2024 10:00:00 +0330", "2024-11-27T06:30:00Z"),
            ("5 مه 2024", "2024-05-05T00:00:00Z"),
            ("27 نومبر 2024", "2024-11-27T00:00:00Z"),
            ("1405/09/06", "2026-11-27T00:00:00Z"),
            ("۱۴۰۳/۱۲/۳۰ ۱۸:۰۰", "2025-03-20T18:00:00Z"),
            ("۶ آذر ۱۴۰۵", "2026-11-27T00:00:00Z"),
            ("1 مهر 1403", "2024-09-22T00:00:00Z"),
            ("1399-01-01", "2020-03-20T00:00:00Z"),
            ("27 พ.ย. 2567", "2024-11-27T00:00:00Z"),
            ("ศุกร์, 9 มี.ค. 2567 17:00:00 +0700", "2024-03-09T10:00:00Z"),
            ("27 ก.ย. 67", "2024-09-27T00:00:00Z"),
            ("২৭ নভেম্বর ২০২৪", "2024-11-27T00:00:00Z"),
            ("৩ মার্চ ২০২৪", "2024-03-03T00:00:00Z"),
            ("27 नोव्हेंबर 2024", "2024-11-27T00:00:00Z"),
            ("27 செப்டம்பர் 2024", "2024-09-27T00:00:00Z"),
            ("27 ნოემბერი 2024", "2024-11-27T00:00:00Z"),
            ("27 նոյեմբերի 2024", "2024-11-27T00:00:00Z"),
            ("27 қараша 2024", "2024-11-27T00:00:00Z"),
            ("27 noyabr 2024", "2024-11-27T00:00:00Z"),
            ("27 Nëntor 2024", "2024-11-27T00:00:00Z"),
            ("27 Disember 2024", "2024-12-27T00:00:00Z"),
        ] {
            let read = read(written).map(|date| date.strftime("%FT%TZ").to_string());
            assert_eq!(read.as_deref(), Some(date), "{written}");
        }
        for written in [
            "",
            "soon",
            "tomorrow at 5",
            "99/99/9999",
            "12:00",
            "-1",
            "2004-13-45",
            // A year of the Hijra, a day that Iran's calendar does not have, and places that there are not.
            "1448/06/17",
            "1404/12/30",
            "/Date(soon)/",
            "1700000000.",
            "Nowhere/Land",
        ] {
            assert_eq!(read(written), None, "{written}");
        }
    }

    #[test]
    fn dates_that_cannot_be_meant_are_none() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let read = |text: &str| {
            let date: Timestamp = text.parse().unwrap();
            sound(date.as_millisecond(), now).map(|date| date.to_string())
        };
        assert_eq!(read("1970-01-01T00:00:00Z"), None);
        assert_eq!(read("1989-12-31T23:59:59Z"), None);
        assert_eq!(read("1990-01-01T00:00:00Z").as_deref(), Some("1990-01-01T00:00:00Z"));
        assert_eq!(read("2026-11-25T00:00:00Z").as_deref(), Some("2026-11-25T00:00:00Z"));
        assert_eq!(read("2099-01-01T00:00:00Z").as_deref(), Some("2099-01-01T00:00:00Z"));
        assert_eq!(read("8190-01-01T00:00:00Z"), None);
        assert_eq!(sound(i64::MAX, now), None);
        assert_eq!(sound(i64::MIN, now), None);
    }
}
