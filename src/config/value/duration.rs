use jiff::SignedDuration;

use crate::config::table::Fault;

/// Units and their milliseconds, the largest first.
const UNITS: [(&str, i64); 6] =
    [("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Longer ones are taken for a mistake: a hundred years.
const MILLISECONDS_MAX: i64 = 36_525 * 86_400_000;

/// A number and a unit: `ms`, `s`, `m`, `h`, `d` or `w`.
pub(in crate::config) fn duration(text: &str) -> Result<SignedDuration, Fault> {
    let units = || UNITS.iter().rev().map(|(unit, _)| *unit).collect::<Vec<_>>().join(", ");
    let number = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(number);
    let fault = |hint: String| Err(Fault::new("a duration is a whole number and a unit").hint(hint));
    if number.is_empty() {
        return fault("write \"60m\", or with another unit of ms, s, m, h, d and w".to_owned());
    }
    if unit.is_empty() {
        let number = number.trim_start_matches('0');
        let number = if number.is_empty() { "0" } else { number };
        return fault(format!("write \"{number}m\" for minutes; the units are {}", units()));
    }
    let Some((_, milliseconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        let trimmed = unit.trim().to_lowercase();
        return match UNITS.iter().find(|(name, _)| *name == trimmed) {
            Some((name, _)) => fault(format!("write \"{number}{name}\"")),
            None => fault(format!("the units are {}, and one of them follows the number", units())),
        };
    };
    let whole = number.parse::<i64>().ok().and_then(|number| number.checked_mul(*milliseconds));
    match whole {
        Some(whole) if whole <= MILLISECONDS_MAX => Ok(SignedDuration::from_millis(whole)),
        _ => Err(Fault::new("this is longer than a hundred years").hint("write \"36525d\" at most")),
    }
}

/// A duration that is not zero.
pub(in crate::config) fn positive_duration(text: &str) -> Result<SignedDuration, Fault> {
    let is_zero = !text.is_empty() && text.bytes().all(|byte| byte == b'0');
    if is_zero || duration(text)?.is_zero() {
        return Err(Fault::new("this may not be zero").hint("write \"1s\" for as short as is sensible"));
    }
    duration(text)
}

/// A duration as it could be typed.
pub(in crate::config) fn show_duration(duration: SignedDuration) -> String {
    let whole = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let (unit, milliseconds) = UNITS.iter().find(|(_, unit)| whole != 0 && whole % unit == 0).unwrap_or(&("s", 1000));
    // Weeks are right and unusual: `14d` is what people write.
    let (unit, milliseconds) = if *unit == "w" { ("d", 86_400_000) } else { (*unit, *milliseconds) };
    format!("{}{unit}", whole / milliseconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_and_a_unit_make_a_duration() {
        for (text, milliseconds) in [
            ("0s", 0),
            ("5ms", 5),
            ("2s", 2000),
            ("60m", 3_600_000),
            ("1h", 3_600_000),
            ("1d", 86_400_000),
            ("2w", 1_209_600_000),
        ] {
            assert_eq!(duration(text), Ok(SignedDuration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_told_what_to_write() {
        for (text, hint) in [
            ("60", "write \"60m\" for minutes; the units are ms, s, m, h, d, w"),
            ("0", "write \"0m\" for minutes; the units are ms, s, m, h, d, w"),
            ("", "write \"60m\", or with another unit of ms, s, m, h, d and w"),
            ("-5m", "write \"60m\", or with another unit of ms, s, m, h, d and w"),
            ("5 M", "write \"5m\""),
            ("5 minutes", "the units are ms, s, m, h, d, w, and one of them follows the number"),
            ("1.5h", "the units are ms, s, m, h, d, w, and one of them follows the number"),
            ("1h30m", "the units are ms, s, m, h, d, w, and one of them follows the number"),
            ("99999999999999999999s", "write \"36525d\" at most"),
            ("36526d", "write \"36525d\" at most"),
            ("9223372036854775807w", "write \"36525d\" at most"),
        ] {
            assert_eq!(duration(text).unwrap_err().hint.as_deref(), Some(hint), "{text}");
        }
        for text in ["0ms", "0", "00"] {
            assert_eq!(positive_duration(text).unwrap_err().message, "this may not be zero");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(milliseconds in 0..MILLISECONDS_MAX) {
            let whole = SignedDuration::from_millis(milliseconds);
            prop_assert_eq!(duration(&show_duration(whole)), Ok(whole));
        }
    }
}
