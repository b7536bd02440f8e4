//! The words of written dates: months, zones, halves of the day.

/// Before noon or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

pub(super) fn half_of_day(word: &str) -> Option<Half> {
    match word {
        "am" | "오전" | "午前" | "上午" => Some(Half::Morning),
        "pm" | "오후" | "午後" | "下午" => Some(Half::Afternoon),
        _ => None,
    }
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
        "z" | "gmt" | "ut" | "utc" | "wet" => 0,
        "ist" => return Some(330),
        "bst" | "west" | "cet" | "mez" | "met" => 1,
        "cest" | "mesz" | "eet" | "sast" => 2,
        "eest" | "msk" | "trt" => 3,
        "msd" => 4,
        "pkt" => 5,
        "ict" | "wib" => 7,
        "hkt" | "sgt" | "awst" => 8,
        "jst" | "kst" => 9,
        "acst" => return Some(570),
        "aest" => 10,
        "aedt" => 11,
        "nzst" => 12,
        "nzdt" => 13,
        "nst" => return Some(-210),
        "ndt" => return Some(-150),
        "adt" | "art" | "brt" => -3,
        "ast" | "edt" => -4,
        "est" | "cdt" | "et" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" | "akdt" => -8,
        "akst" => -9,
        "hst" => -10,
        _ => return None,
    };
    Some(hours * 60)
}

/// The beginnings of the months' names in the larger languages of the news, January first; a longer one that tells two
/// months apart stands where both begin alike.
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "ene", "gen", "янв", "січ", "sty", "oca", "ian", "led", "ιαν", "yan", "tammi", "sij"],
    &["feb", "fév", "fev", "фев", "лют", "lut", "şub", "sub", "úno", "uno", "φεβ", "febr", "helmi", "velj"],
    &["mar", "mär", "mrz", "maa", "мар", "берез", "бер", "mrt", "bře", "bre", "μαρ", "μάρ", "már", "ožu"],
    &["apr", "avr", "abr", "апр", "квіт", "кві", "kwi", "nis", "dub", "απρ", "ápr", "huhti", "tra"],
    &[
        "may", "mai", "mag", "mei", "maj", "мая", "май", "трав", "тра", "kwie", "kvě", "kve", "μαϊ", "μάι", "μαι",
        "máj", "touko", "svi",
    ],
    &[
        "jun", "juin", "giu", "июн", "черв", "чер", "cze", "haz", "iun", "čvn", "červen", "ιουν", "ιούν", "jún",
        "kesä", "lip",
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
    ],
    &["aug", "aoû", "aou", "ago", "авг", "серп", "сер", "sie", "ağu", "agu", "αυγ", "αύγ", "elo", "kol"],
    &["sep", "set", "сен", "верес", "вер", "wrz", "eyl", "zář", "zar", "σεπ", "szep", "syys", "ruj"],
    &["oct", "okt", "ott", "out", "окт", "жовт", "жов", "paź", "paz", "eki", "říj", "rij", "οκτ", "loka"],
    &["nov", "ноя", "листоп", "лис", "kas", "noi", "νοε", "νοέ", "marras", "stu"],
    &["dec", "déc", "dez", "dic", "дек", "груд", "гру", "gru", "ara", "pro", "δεκ", "joulu", "des"],
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
