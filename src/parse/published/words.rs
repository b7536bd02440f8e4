//! The words of written dates: months, zones, halves of the day.

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

/// Whether a time may follow, going by the last that was read: a whole year, or a word for "at".
pub(super) fn is_before_time(tokens: &[Token]) -> bool {
    let last = tokens.iter().rev().find(|token| !matches!(token, Token::Sign(_)));
    match last {
        Some(Token::Number(_, 4)) => true,
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

/// The beginnings of the months' names in the larger languages of the news, January first; a longer one that tells two
/// months apart stands where both begin alike.
const MONTHS: [&[&str]; 12] = [
    &[
        "jan",
        "jän",
        "ene",
        "gen",
        "янв",
        "січ",
        "sty",
        "oca",
        "ian",
        "led",
        "ιαν",
        "yan",
        "tammi",
        "sij",
        "jaan",
        "saus",
        "яну",
        "јан",
        "студ",
        "يناير",
        "ינואר",
        "जन",
        "มกรา",
    ],
    &[
        "feb",
        "fév",
        "fev",
        "фев",
        "лют",
        "lut",
        "şub",
        "sub",
        "úno",
        "uno",
        "φεβ",
        "febr",
        "helmi",
        "velj",
        "veeb",
        "vasar",
        "феб",
        "فبراير",
        "פברואר",
        "בפברואר",
        "फ",
        "กุมภา",
    ],
    &[
        "mar",
        "mär",
        "mrz",
        "maa",
        "мар",
        "берез",
        "бер",
        "mrt",
        "bře",
        "bre",
        "μαρ",
        "μάρ",
        "már",
        "ožu",
        "kov",
        "сак",
        "مارس",
        "מרץ",
        "במרץ",
        "मार",
        "มีนา",
    ],
    &[
        "apr",
        "avr",
        "abr",
        "апр",
        "квіт",
        "кві",
        "kwi",
        "nis",
        "dub",
        "απρ",
        "ápr",
        "huhti",
        "tra",
        "bal",
        "крас",
        "أبريل",
        "ابريل",
        "אפריל",
        "באפריל",
        "अप",
        "เมษา",
    ],
    &[
        "may",
        "mai",
        "mag",
        "mei",
        "maj",
        "мая",
        "май",
        "трав",
        "тра",
        "kwie",
        "kvě",
        "kve",
        "μαϊ",
        "μάι",
        "μαι",
        "máj",
        "touko",
        "svi",
        "geg",
        "мај",
        "μαΐ",
        "مايو",
        "ماي",
        "מאי",
        "במאי",
        "मई",
        "พฤษภา",
    ],
    &[
        "jun",
        "juin",
        "giu",
        "июн",
        "черв",
        "чер",
        "cze",
        "haz",
        "iun",
        "čvn",
        "červen",
        "ιουν",
        "ιούν",
        "jún",
        "kesä",
        "lip",
        "juun",
        "birž",
        "юни",
        "јун",
        "jūn",
        "чэрв",
        "يونيو",
        "יוני",
        "ביוני",
        "जून",
        "มิถุนา",
    ],
    &[
        "jul",
        "juil",
        "lug",
        "июл",
        "лип",
        "lipc",
        "tem",
        "iul",
        "čvc",
        "červenec",
        "ιουλ",
        "ιούλ",
        "júl",
        "heinä",
        "srp",
        "juul",
        "liep",
        "юли",
        "јул",
        "jūl",
        "ліп",
        "يوليو",
        "יולי",
        "ביולי",
        "जुल",
        "กรกฎา",
    ],
    &[
        "aug",
        "aoû",
        "aou",
        "ago",
        "авг",
        "серп",
        "сер",
        "sie",
        "ağu",
        "agu",
        "αυγ",
        "αύγ",
        "elo",
        "kol",
        "rugp",
        "жнів",
        "أغسطس",
        "اغسطس",
        "אוגוסט",
        "באוגוסט",
        "अगस",
        "สิงหา",
    ],
    &[
        "sep",
        "set",
        "сен",
        "верес",
        "вер",
        "wrz",
        "eyl",
        "zář",
        "zar",
        "σεπ",
        "szep",
        "syys",
        "ruj",
        "rugs",
        "سبتمبر",
        "ספטמבר",
        "בספטמבר",
        "सित",
        "กันยา",
    ],
    &[
        "oct",
        "okt",
        "ott",
        "out",
        "окт",
        "жовт",
        "жов",
        "paź",
        "paz",
        "eki",
        "říj",
        "rij",
        "οκτ",
        "loka",
        "spal",
        "кастр",
        "أكتوبر",
        "اكتوبر",
        "אוקטובר",
        "באוקטובר",
        "अक",
        "ตุลา",
    ],
    &[
        "nov",
        "ноя",
        "листоп",
        "лис",
        "kas",
        "noi",
        "νοε",
        "νοέ",
        "marras",
        "stu",
        "lapkr",
        "ное",
        "нов",
        "ліст",
        "نوفمبر",
        "נובמבר",
        "בנובמבר",
        "नव",
        "พฤศจิกา",
    ],
    &[
        "dec",
        "déc",
        "dez",
        "dic",
        "дек",
        "груд",
        "гру",
        "gru",
        "ara",
        "pro",
        "δεκ",
        "joulu",
        "des",
        "det",
        "gruod",
        "дец",
        "снеж",
        "ديسمبر",
        "דצמבר",
        "בדצמבר",
        "दिस",
        "ธันวา",
    ],
];

/// The number of a month, from 1. The longest beginning that fits counts, so that `červenec` is not `červen`.
pub(super) fn month(word: &str) -> Option<i64> {
    // In Polish `lipca` is July, in Croatian `lipanj` June; the larger language wins where only three letters are alike.
    let word = if word.starts_with("lip") && !word.starts_with("lipanj") && !word.starts_with("lipnj") {
        "lipc"
    } else {
        word
    };
    let word = if word == "mayıs" { "may" } else { word };
    let fits = MONTHS.iter().zip(1..).flat_map(|(names, month)| names.iter().map(move |name| (*name, month)));
    fits.filter(|(name, _)| word.starts_with(name)).max_by_key(|(name, _)| name.len()).map(|(_, month)| month)
}
