//! How one feed writes its dates where a date alone does not tell: the order of day and month, and a name that is that of
//! two months.

use jiff::civil::{Date, Weekday};
use memchr::{memchr_iter, memmem};

use super::words;

/// Which of two numbers is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    DayFirst,
    MonthFirst,
}

/// The ways of one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ways {
    order: Option<Order>,
    /// Its language as it says at its head, in small letters; wherever it says so where dates cannot be read without.
    language: String,
}

/// Dates of one document that are looked at.
const DATES: usize = 1000;

/// Bytes before a date in which its day of the week may stand.
const BEFORE: usize = 24;

/// Bytes that are looked at together.
const BLOCK: usize = 256;

/// Bytes at the head of a document in which it may say its language.
const HEAD: usize = 4096;

impl Ways {
    /// Goes by all dates with slashes that begin an element or a value, together: one `27/11/2026` tells of all, and so does
    /// a day of the week. Where none tells, the language does.
    pub(crate) fn of(text: &str) -> Self {
        let mut dates = slashed(text).take(DATES).peekable();
        let has_listopad =
            || ["istopad", "ISTOPAD"].iter().any(|month| memmem::find(text.as_bytes(), month.as_bytes()).is_some());
        if dates.peek().is_none() && !has_listopad() {
            let head = &text[..text.floor_char_boundary(HEAD)];
            return Self { order: None, language: language(head) };
        }
        let language = language(text);
        let (mut days, mut months) = (0, 0);
        let mut any = false;
        for (before, numbers) in dates {
            any = true;
            match order(before, numbers) {
                Some(Order::DayFirst) => days += 1,
                Some(Order::MonthFirst) => months += 1,
                None => {}
            }
        }
        let order = match (any, days, months) {
            (false, ..) => None,
            _ if days > months => Some(Order::DayFirst),
            _ if months > days => Some(Order::MonthFirst),
            // America's order is taken where nothing is said, as most such dates are America's.
            _ if language.is_empty() || matches!(language.as_str(), "en" | "en-us" | "en-ph") => None,
            _ => Some(Order::DayFirst),
        };
        Self { order, language }
    }

    /// Whether the first of two numbers that could both be either is the day.
    pub(super) fn is_day_first(&self) -> bool {
        self.order == Some(Order::DayFirst)
    }

    /// Minutes east of Greenwich of a named zone: of several that have the name, the one of the language.
    pub(super) fn zone(&self, word: &str) -> Option<i64> {
        words::zone_in(word, &self.language).or_else(|| words::zone(word))
    }

    /// Whether halves of the day are called as they are in Vietnam.
    pub(super) fn is_vietnamese(&self) -> bool {
        self.language.starts_with("vi")
    }

    /// The month that begins so: November in Polish, Czech and Slovene, October in Croatian; `None` where the language is not
    /// known.
    pub(super) fn listopad(&self, word: &str) -> Option<i64> {
        let is = |languages: &[&str]| languages.iter().any(|language| self.language.starts_with(language));
        if word == "listopadu" || is(&["pl", "cs", "sl", "sk"]) {
            Some(11)
        } else {
            is(&["hr", "bs", "sh"]).then_some(10)
        }
    }
}

/// The numbers of a date with slashes.
type Numbers = (i8, i8, i16);

/// Dates with slashes at the beginning of an element or a value, each with what stands before it there.
fn slashed(text: &str) -> impl Iterator<Item = (&str, Numbers)> {
    let bytes = text.as_bytes();
    // Addresses are full of slashes, so whole blocks are looked at first for one between two digits.
    let blocks = (1..bytes.len()).step_by(BLOCK).map(|from| (from, (from + BLOCK).min(bytes.len() - 1)));
    let promising = blocks.filter(|(from, end)| {
        let around = bytes[from - 1..end - 1].iter().zip(&bytes[*from..*end]).zip(&bytes[from + 1..end + 1]);
        // As numbers, so that the processor looks at many at a time.
        let is_one = |((before, byte), behind): ((&u8, &u8), &u8)| {
            u8::from(before.is_ascii_digit()) & u8::from(*byte == b'/') & u8::from(behind.is_ascii_digit())
        };
        around.map(is_one).fold(0, |found, one| found | one) > 0
    });
    let slashes = promising.flat_map(|(from, end)| memchr_iter(b'/', &bytes[from..end]).map(move |at| from + at));
    slashes.filter_map(move |at| {
        let digits = |from: usize, max: usize| {
            bytes.get(from..)?.iter().take(max).position(|byte| !byte.is_ascii_digit()).or(Some(max))
        };
        if !bytes[at - 1].is_ascii_digit() {
            return None;
        }
        let start = if at >= 2 && bytes[at - 2].is_ascii_digit() { at - 2 } else { at - 1 };
        let second = digits(at + 1, 3).filter(|len| (1..=2).contains(len))?;
        let slash = at + 1 + second;
        let third =
            digits(slash + 1, 5).filter(|len| *bytes.get(slash).unwrap_or(&0) == b'/' && matches!(len, 2 | 4))?;
        let numbers = (
            text.get(start..at)?.parse().ok()?,
            text.get(at + 1..slash)?.parse().ok()?,
            text.get(slash + 1..slash + 1 + third)?.parse().ok()?,
        );
        let before = &text[text.ceil_char_boundary(start.saturating_sub(BEFORE))..start];
        let (_, before) = before.rsplit_once(['>', '[', '"'])?;
        let word = before.trim_matches(|c: char| c.is_whitespace() || ",.".contains(c));
        let begins = word.is_empty() || (word.chars().all(char::is_alphabetic) && weekday(word).is_some());
        begins.then_some((before, numbers))
    })
}

/// What one date tells of the order.
fn order(before: &str, (first, second, year): Numbers) -> Option<Order> {
    match (first > 12, second > 12) {
        (true, false) => return Some(Order::DayFirst),
        (false, true) => return Some(Order::MonthFirst),
        (true, true) => return None,
        (false, false) => {}
    }
    let weekday = weekday(before)?;
    let year = if year < 100 { year + 2000 } else { year };
    let falls = |month, day| Date::new(year, month, day).is_ok_and(|date| date.weekday() == weekday);
    match (falls(second, first), falls(first, second)) {
        (true, false) => Some(Order::DayFirst),
        (false, true) => Some(Order::MonthFirst),
        _ => None,
    }
}

/// The day of the week that a word names, by how it begins in the larger languages.
fn weekday(text: &str) -> Option<Weekday> {
    const NAMES: [(Weekday, &[&str]); 7] = [
        (Weekday::Monday, &["mon", "lun", "seg", "maa", "pon", "mån", "man"]),
        (Weekday::Tuesday, &["tue", "die", "mar", "ter", "din", "wto", "tis"]),
        (Weekday::Wednesday, &["wed", "mit", "mer", "mie", "mié", "qua", "woe", "śro", "ons"]),
        (Weekday::Thursday, &["thu", "don", "jeu", "jue", "gio", "qui", "czw", "tor"]),
        (Weekday::Friday, &["fri", "fre", "ven", "vie", "sex", "vri", "pią"]),
        (Weekday::Saturday, &["sat", "sam", "sáb", "sab", "zat", "sob", "lör", "lør"]),
        (Weekday::Sunday, &["sun", "son", "dim", "dom", "zon", "nie", "sön", "søn"]),
    ];
    let word = text.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())?.to_lowercase();
    NAMES.iter().find(|(_, names)| names.iter().any(|name| word.starts_with(name))).map(|(day, _)| *day)
}

/// The language that a document gives itself first.
fn language(text: &str) -> String {
    const MARKS: [(&str, &str); 5] =
        [("<", "uage>"), ("<dc:", "uage>"), ("xml:", "=\""), ("xml:", "='"), ("\"", "uage\"")];
    let found = memmem::find_iter(text.as_bytes(), b"lang").find_map(|at| {
        let (before, behind) = (&text[..at], &text[at + "lang".len()..]);
        let (_, end) = MARKS.into_iter().find(|(start, end)| behind.starts_with(end) && before.ends_with(start))?;
        Some(at + "lang".len() + end.len())
    });
    let behind = found.and_then(|at| text.get(at..)).unwrap_or_default();
    let behind =
        behind.trim_start_matches(|c: char| c.is_whitespace() || ":\"".contains(c)).trim_start_matches("<![CDATA[");
    let code = behind.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(20);
    code.map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    /// Each date of a feed as it is read, the first digits of it.
    fn days(language: &str, dates: &[&str]) -> Vec<Option<String>> {
        let items: String = dates.iter().map(|date| format!("<pubDate>{date}</pubDate>")).collect::<Vec<_>>().concat();
        let ways =
            Ways::of(&format!("<rss><language>{language}</language>{items}<p>See 13/01/2026 and a/1/2/2026</p></rss>"));
        dates.iter().map(|date| Some(read(date, &ways)?.0.strftime("%F").to_string())).collect()
    }

    #[test]
    fn the_dates_of_a_feed_tell_of_each_other() {
        let read = |language: &str, dates: &[&str], expected: &[&str]| {
            let expected: Vec<Option<String>> = expected.iter().map(|date| Some((*date).to_owned())).collect();
            assert_eq!(days(language, dates), expected, "{language} {dates:?}");
        };
        read("", &["27/11/2026 10:00", "03/11/2026 10:00", "04/10/26"], &["2026-11-27", "2026-11-03", "2026-10-04"]);
        read("fr", &["11/27/2026 10:00", "03/11/2026 10:00"], &["2026-11-27", "2026-03-11"]);
        read("", &["Thu, 05/03/2026", "06/03/2026"], &["2026-03-05", "2026-03-06"]);
        read("", &["jeudi 05/03/2026", "06/03/2026"], &["2026-03-05", "2026-03-06"]);
        read("de", &["Sun, 05/03/2026"], &["2026-05-03"]);
        // Nothing tells but the language.
        read("vi", &["05/03/2026 10:00"], &["2026-03-05"]);
        read("en-GB", &["05/03/2026 10:00"], &["2026-03-05"]);
        read("en_GB", &["05/03/2026 10:00"], &["2026-03-05"]);
        read("en-us", &["05/03/2026 10:00"], &["2026-05-03"]);
        read("", &["05/03/2026 10:00"], &["2026-05-03"]);
        read("pl", &["27 listopada 2026", "1 listopad 2026"], &["2026-11-27", "2026-11-01"]);
        read("pl", &["27 LISTOPADA 2026"], &["2026-11-27"]);
        read("hr-HR", &["27. listopada 2026."], &["2026-10-27"]);
        read("", &["27. listopadu 2026"], &["2026-11-27"]);
        assert_eq!(days("", &["27 listopada 2026"]), [None]);
    }

    #[test]
    fn letters_that_mean_several_zones_are_those_of_the_language() {
        for (language, zone, hour) in [
            ("zh-CN", "CST", "10"),
            ("zh-tw", "CST", "10"),
            ("en-us", "CST", "00"),
            ("", "CST", "00"),
            ("he", "IST", "16"),
            ("en-IE", "IST", "17"),
            ("en-in", "IST", "12"),
            ("en-au", "EST", "08"),
            ("en", "EST", "23"),
            ("en-PH", "PST", "10"),
            ("ar-sa", "AST", "15"),
            ("arn", "AST", "22"),
        ] {
            let date = format!("Fri, 27 Nov 2026 18:00:00 {zone}");
            let ways = Ways::of(&format!("<rss><language>{language}</language><pubDate>{date}</pubDate></rss>"));
            assert_eq!(read(&date, &ways).unwrap().0.strftime("%H").to_string(), hour, "{language} {zone}");
        }
        let ways = Ways::of("<feed xml:lang='vi'>");
        let midnight = read("27/11/2026 12:00:00 SA", &ways).unwrap().0;
        assert_eq!(midnight.to_string(), "2026-11-27T00:00:00Z");
    }

    #[test]
    fn dates_within_a_text_and_paths_tell_nothing() {
        for text in [
            "<p>on 27/11/2026</p>",
            "<link>http://a/27/11/2026/</link>",
            "/",
            "1/",
            "1/2",
            "1/2/",
            ">1/2/2026",
            "é1/2/26",
        ] {
            assert_eq!(Ways::of(text).order, None, "{text}");
        }
        assert_eq!(Ways::of("{\"language\": \"de\", \"date_published\": \"05/03/2026\"}").order, Some(Order::DayFirst));
    }
}
