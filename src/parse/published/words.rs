//! The words of written dates: months, zones, halves of the day.

use std::sync::LazyLock;

use super::Token;

/// Before noon or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

pub(super) fn half_of_day(word: &str) -> Option<Half> {
    match word {
        "am" | "오전" | "午前" | "上午" | "凌晨" | "早上" | "πμ" | "öö" | "ص" => Some(Half::Morning),
        "pm" | "오후" | "午後" | "下午" | "晚上" | "μμ" | "ös" | "م" => Some(Half::Afternoon),
        _ => None,
    }
}

/// The same in two letters with a dot between: `a.m.`, `p. m.`
pub(super) fn halves_of_day(first: &str, second: &str) -> Option<Half> {
    match (first, second) {
        ("a", "m") | ("π", "μ") => Some(Half::Morning),
        ("p", "m") | ("μ", "μ") => Some(Half::Afternoon),
        _ => None,
    }
}

/// Whether a time may follow what was read: a whole day, or a word for "at".
pub(super) fn is_before_time(tokens: &[Token]) -> bool {
    let numbers = tokens.iter().filter(|token| matches!(token, Token::Number(..))).count();
    let is_month = |token: &Token| matches!(token, Token::Word(word) if !is_weekday(word) && month(word).is_some());
    let last = tokens.iter().rev().find(|token| !matches!(token, Token::Sign(_)));
    match last {
        Some(Token::Number(..)) => numbers >= 3 || (numbers == 2 && tokens.iter().any(is_month)),
        Some(Token::Word(word)) => matches!(
            word.as_str(),
            "kl" | "klo"
                | "klokken"
                | "um"
                | "at"
                | "à"
                | "alle"
                | "ore"
                | "ora"
                | "orele"
                | "om"
                | "às"
                | "kello"
                | "godz"
                | "г"
                | "в"
        ),
        _ => false,
    }
}

/// Whether a word is a day of the week in a language in which one begins as a month does.
pub(super) fn is_weekday(word: &str) -> bool {
    const WEEKDAYS: [&str; 26] = [
        "mar",
        "mard",
        "mart",
        "maa",
        "pazar",
        "paz",
        "серед",
        "subot",
        "sab",
        "sáb",
        "dom",
        "lun",
        "gio",
        "ven",
        "sen",
        "sel",
        "jum",
        "sáb",
        "sob",
        "mån",
        "man",
        "tor",
        "ons",
        "tir",
        "fre",
        "pirm",
    ];
    const MONTHS_LIKE: [&str; 8] = ["mars", "marzo", "march", "maart", "maalis", "març", "marec", "mart"];
    let is_month = MONTHS_LIKE.iter().any(|month| word.starts_with(month))
        && !matches!(word, "martes" | "martedì" | "martedi" | "marți" | "marti");
    WEEKDAYS.iter().any(|day| word.starts_with(day)) && !is_month
}

pub(super) fn is_hour(word: &str) -> bool {
    matches!(word, "시" | "時" | "时" | "點" | "点" | "h" | "uhr")
}

pub(super) fn is_minute(word: &str) -> bool {
    matches!(word, "분" | "分" | "min" | "m")
}

/// Minutes east of Greenwich of a zone whose letters mean another one in some countries, by the language of the feed.
pub(super) fn zone_in(word: &str, language: &str) -> Option<i64> {
    let is = |tags: &[&str]| {
        tags.iter().any(|tag| language.strip_prefix(tag).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
    };
    let hours = match word {
        "cst" if is(&["zh"]) => 8,
        "ist" if is(&["he", "iw"]) => 2,
        "ist" if is(&["en-ie", "ga"]) => 1,
        "est" if is(&["en-au"]) => 10,
        "edt" if is(&["en-au"]) => 11,
        "wst" if is(&["en-au"]) => 8,
        "cst" if is(&["en-au"]) => return Some(570),
        "cdt" if is(&["en-au"]) => return Some(630),
        "pst" if is(&["en-ph", "fil", "tl", "ceb"]) => 8,
        "ast" if is(&["ar"]) => 3,
        "bst" if is(&["bn"]) => 6,
        _ => return None,
    };
    Some(hours * 60)
}

/// Minutes east of Greenwich of a named zone: those of RFC 822 §5, and the ones that publishers write beside them.
pub(super) fn zone(word: &str) -> Option<i64> {
    let hours = match word {
        "z" | "gmt" | "ut" | "utc" | "wet" | "utz" => 0,
        "ist" => return Some(330),
        "npt" => return Some(345),
        "irst" => return Some(210),
        "mmt" => return Some(390),
        "bst" | "west" | "cet" | "mez" | "met" | "wat" => 1,
        "cest" | "mesz" | "eet" | "sast" | "cat" => 2,
        "eest" | "msk" | "мск" | "trt" | "eat" | "idt" => 3,
        "msd" | "gst" | "azt" => 4,
        "pkt" | "uzt" | "yekt" => 5,
        "ict" | "wib" | "novt" | "krat" => 7,
        "hkt" | "sgt" | "awst" | "pht" | "myt" | "wita" | "irkt" => 8,
        "jst" | "kst" | "wit" => 9,
        "acst" => return Some(570),
        "acdt" => return Some(630),
        "aest" | "vlat" => 10,
        "aedt" => 11,
        "nzst" => 12,
        "nzdt" => 13,
        "nst" => return Some(-210),
        "ndt" => return Some(-150),
        "brst" => -2,
        "adt" | "art" | "brt" | "uyt" | "clst" => -3,
        "ast" | "edt" | "clt" | "bot" | "vet" => -4,
        "est" | "cdt" | "et" | "cot" | "pet" => -5,
        "cst" | "mdt" | "ct" => -6,
        "mst" | "pdt" | "mt" => -7,
        "pst" | "akdt" | "pt" => -8,
        "akst" => -9,
        "hst" => -10,
        _ => return None,
    };
    Some(hours * 60)
}

/// The beginnings of the months' names, each with its number, from 1.
static MONTHS: LazyLock<Vec<(&str, i64)>> = LazyLock::new(|| numbered(include_str!("months.txt")));

/// The months of the calendar of Iran and Afghanistan by their names, from 1.
static SOLAR: LazyLock<Vec<(&str, i64)>> = LazyLock::new(|| numbered(include_str!("solar.txt")));

/// The words of each line, with the line's number, from 1.
fn numbered(lines: &'static str) -> Vec<(&'static str, i64)> {
    let lines = lines.lines().filter(|line| !line.starts_with('#')).zip(1..);
    lines.flat_map(|(names, number)| names.split_whitespace().map(move |name| (name, number))).collect()
}

/// The number of a month in the calendar of Iran, from 1.
pub(super) fn solar_month(word: &str) -> Option<i64> {
    SOLAR.iter().find(|(name, _)| *name == word).map(|(_, month)| *month)
}

/// The number of a month, from 1. The longest beginning that fits counts, so that `červenec` is not `červen`.
pub(super) fn month(word: &str) -> Option<i64> {
    // In Polish `lipca` is July, in Croatian `lipanj` June; the larger language wins where only three letters are alike.
    let word = if word.starts_with("lip") && !word.starts_with("lipanj") && !word.starts_with("lipnj") {
        "lipc"
    } else {
        word
    };
    let word = if word == "mayıs" { "may" } else { word };
    let fits = MONTHS.iter().filter(|(name, _)| word.starts_with(name));
    fits.max_by_key(|(name, _)| name.len()).map(|(_, month)| *month)
}
