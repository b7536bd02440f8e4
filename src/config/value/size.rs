use crate::config::table::Fault;

const UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// A body is held in memory whole, so more than this is no limit.
const BYTES_MAX: u64 = 1 << 30;

/// A number and a unit: `B`, `kB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`. In bytes, at least one.
pub(in crate::config) fn size(text: &str) -> Result<u64, Fault> {
    let number = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(number);
    let fault = |hint: String| Err(Fault::new("a size is a whole number and a unit").hint(hint));
    if number.is_empty() {
        return fault("write \"8MiB\"; the units are B, KiB, MiB, GiB, kB, MB and GB".to_owned());
    }
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return match UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim())) {
            Some((name, _)) => fault(format!("write \"{number}{name}\"")),
            None => fault("write \"8MiB\"; the units are B, KiB, MiB, GiB, kB, MB and GB".to_owned()),
        };
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor)) {
        Some(0) => Err(Fault::new("this may not be zero").hint("write \"8MiB\"")),
        Some(bytes) if bytes <= BYTES_MAX => Ok(bytes),
        _ => Err(Fault::new("this is more than is held in memory").hint("write \"1GiB\" at most")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_make_a_size() {
        for (text, bytes) in [("8MiB", 8 << 20), ("1GiB", 1 << 30), ("1B", 1), ("500kB", 500_000), ("2MB", 2_000_000)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "8", "8 MiB", "8mib", "8MX", "0B", "2GiB", "-1B", "1.5MiB", "99999999999999999999GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(size("8mib").unwrap_err().hint.as_deref(), Some("write \"8MiB\""));
    }
}
