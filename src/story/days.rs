use std::sync::LazyLock;

use hashbrown::HashMap;

/// Names of the days of the week, Monday first, and of the months, folded, in English, German, French, Spanish, Italian, Dutch,
/// Portuguese and Polish. A month's short form stands where it is no other word.
const NAMES: [(&str, &str); 19] = [
    ("Mon", "monday montag lundi lunes lunedi maandag segundafeira poniedzialek"),
    ("Tue", "tuesday dienstag mardi martes martedi dinsdag tercafeira wtorek"),
    ("Wed", "wednesday mittwoch mercredi miercoles mercoledi woensdag quartafeira sroda srode"),
    ("Thu", "thursday donnerstag jeudi jueves giovedi donderdag quintafeira czwartek"),
    ("Fri", "friday freitag vendredi viernes venerdi vrijdag sextafeira piatek"),
    ("Sat", "saturday samstag sonnabend samedi sabado sabato zaterdag sobota sobote"),
    ("Sun", "sunday sonntag dimanche domingo domenica zondag niedziela niedziele"),
    ("1", "january januar janner janvier enero gennaio januari janeiro stycznia jan"),
    ("2", "february februar feber fevrier febrero febbraio februari fevereiro lutego feb"),
    ("3", "march marz mars marzo maart marco marca"),
    ("4", "april avril abril aprile kwietnia apr"),
    ("5", "may mai mayo maggio mei maio maja"),
    ("6", "june juni juin junio giugno junho czerwca jun"),
    ("7", "july juli juillet julio luglio julho lipca jul"),
    ("8", "august aout agosto augustus sierpnia aug"),
    ("9", "september septembre septiembre settembre setembro wrzesnia sept sep"),
    ("10", "october oktober octobre octubre ottobre outubro pazdziernika oct okt"),
    ("11", "november novembre noviembre novembro listopada nov"),
    ("12", "december dezember decembre diciembre dicembre dezembro grudnia dec dez"),
];

/// Months that are as often another word unless they are written with a capital.
const OTHER_WORDS: [&str; 5] = ["may", "march", "mars", "mei", "marco"];

/// What each name names; of two that are alike the first counts.
static BY_NAME: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let each =
        |(day, names): &(&'static str, &'static str)| names.split(' ').map(|name| (name, *day)).collect::<Vec<_>>();
    NAMES.iter().rev().flat_map(each).collect()
});

/// The day of the week or the month that a word names, whatever the language.
pub(super) fn named(folded: &str, capital: bool) -> Option<&'static str> {
    if !capital && OTHER_WORDS.contains(&folded) {
        return None;
    }
    BY_NAME.get(folded).copied()
}

/// Whether a number reads as a year.
pub(super) fn is_year(digits: &str) -> bool {
    digits.len() == 4 && digits.parse::<u16>().is_ok_and(|year| (1950..2050).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_day_in_any_language() {
        assert_eq!(named("friday", true), named("freitag", true));
        assert_eq!(named("mars", true), named("march", true));
        assert_eq!(named("may", false), None);
        assert!(is_year("2026") && !is_year("1200") && !is_year("20261"));
    }
}
