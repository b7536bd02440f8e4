use jiff::civil::Time;

use super::{Token, Ways, words};

/// What a date says of the time of day.
#[derive(Debug, Default)]
pub(super) struct Clock {
    pub(super) time: Time,
    /// One where the time is 24 o'clock.
    pub(super) next_day: i64,
    /// Seconds east of Greenwich.
    pub(super) zone: Option<i64>,
}

/// The time and the zone, and what is left for the day.
#[expect(
    clippy::too_many_lines,
    reason = "one table of the shapes that a time has, in the order in which they are tried"
)]
pub(super) fn take_clock(tokens: &[Token], ways: &Ways) -> (Clock, Vec<Token>) {
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
