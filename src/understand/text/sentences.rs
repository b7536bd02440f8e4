use std::ops::Range;

use super::fold::fold;

/// Before a dot these never end a sentence.
const TITLES: &[&str] = &[
    "adm", "amb", "brig", "capt", "cmdr", "col", "cpl", "dr", "fr", "gen", "gov", "hon", "lt", "maj", "messrs", "mme",
    "mr", "mrs", "ms", "mt", "pres", "prof", "rep", "reps", "rev", "sec", "sen", "sens", "sgt", "st", "supt", "vs",
];

/// Before a dot these end no sentence when a number follows.
const COUNTED: &[&str] = &[
    "apr", "approx", "art", "aug", "ca", "ch", "dec", "est", "feb", "fig", "jan", "jul", "jun", "mar", "no", "nos",
    "nov", "oct", "p", "para", "pp", "sep", "sept", "vol",
];

/// Before a dot these end a sentence only when a word follows that begins one.
const SHORTENED: &[&str] = &[
    "al", "assn", "bros", "co", "corp", "dept", "etc", "inc", "jr", "llc", "ltd", "plc", "sr", "univ",
    // German, Polish, Czech, Spanish, Russian: what counts, names a place or leads on.
    "abs", "bzw", "evtl", "ggf", "inkl", "mio", "mld", "mrd", "nr", "vgl", "zzgl", "godz", "mln", "pow", "tzw", "ul",
    "woj", "napr", "tzv", "cf", "sra", "sres", "srta", "им", "млн", "млрд", "тыс", "ул",
];

/// Before a dot these may end no sentence: short forms in several languages, folded.
const SHORT_FORMS: &[&str] = &[
    "abs", "assoc", "ave", "av", "bd", "bldg", "blvd", "bzw", "cia", "cie", "dipl", "dna", "doc", "ed", "eds", "esq",
    "exc", "godz", "govt", "hrsg", "ing", "int", "intl", "kard", "kap", "km", "lic", "mag", "max", "mil", "min", "mio",
    "mld", "mln", "mlle", "natl", "nam", "nr", "obj", "ppor", "proc", "psych", "red", "resp", "sgto", "sra", "srta",
    "sta", "ste", "sto", "str", "tel", "tis", "usw", "ud", "uds", "zob", "акад", "вул", "гр", "дер", "им", "ім", "млн",
    "млрд", "обл", "пос", "проф", "руб", "см", "тов", "тыс", "ул", "κ", "δρ",
];

/// Vowels of the Latin, Cyrillic and Greek letters, folded.
const VOWELS: &str = "aeiouyаеиоуыэюяіїєαεηιουω";

/// Behind a number with a dot these make it an ordinal: months and more, folded, in languages that write so.
const COUNTED_OFF: &[&str] = &[
    // German, Danish, Norwegian.
    "januar",
    "janner",
    "februar",
    "feber",
    "marz",
    "april",
    "mai",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
    "desember",
    "december",
    "marts",
    "mars",
    "jahrhundert",
    "jahrhunderts",
    "weltkrieg",
    "weltkriegs",
    "weltkrieges",
    "armee",
    "auflage",
    "brigade",
    "division",
    "etage",
    "fc",
    "geburtstag",
    "jahrestag",
    "legislaturperiode",
    "parteitag",
    "platz",
    "runde",
    "sanktionspaket",
    "sitzung",
    "spieltag",
    "stock",
    "tag",
    "verhandlungstag",
    "wahlperiode",
    "woche",
    // Czech, Slovak.
    "ledna",
    "unora",
    "brezna",
    "dubna",
    "kvetna",
    "cervna",
    "cervence",
    "srpna",
    "zari",
    "rijna",
    "listopadu",
    "prosince",
    "januara",
    "februara",
    "marca",
    "aprila",
    "maja",
    "juna",
    "jula",
    "augusta",
    "septembra",
    "oktobra",
    "novembra",
    "decembra",
    // Slovenian, Croatian, Serbian.
    "januarja",
    "februarja",
    "junija",
    "julija",
    "avgusta",
    "sijecnja",
    "veljace",
    "ozujka",
    "travnja",
    "svibnja",
    "lipnja",
    "srpnja",
    "kolovoza",
    "rujna",
    "listopada",
    "studenoga",
    "prosinca",
    // Estonian, Finnish, Latvian.
    "jaanuar",
    "veebruar",
    "aprill",
    "juuni",
    "juuli",
    "detsember",
    "tammikuuta",
    "helmikuuta",
    "maaliskuuta",
    "huhtikuuta",
    "toukokuuta",
    "kesakuuta",
    "heinakuuta",
    "elokuuta",
    "syyskuuta",
    "lokakuuta",
    "marraskuuta",
    "joulukuuta",
    "janvari",
    "februari",
    "aprili",
    "julija",
];

/// Words that begin a sentence rather than continue a name.
const OPENERS: &[&str] = &[
    "a",
    "according",
    "after",
    "all",
    "also",
    "although",
    "an",
    "and",
    "as",
    "at",
    "before",
    "both",
    "but",
    "by",
    "during",
    "earlier",
    "for",
    "from",
    "had",
    "has",
    "he",
    "her",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "is",
    "it",
    "its",
    "last",
    "later",
    "many",
    "meanwhile",
    "more",
    "most",
    "no",
    "nor",
    "not",
    "now",
    "of",
    "on",
    "one",
    "only",
    "or",
    "our",
    "she",
    "since",
    "so",
    "some",
    "such",
    "that",
    "the",
    "their",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "to",
    "under",
    "until",
    "we",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "why",
    "with",
    "yet",
    "you",
    // German, Romance, Slavic.
    "aber",
    "am",
    "auch",
    "bei",
    "da",
    "das",
    "dem",
    "den",
    "denn",
    "der",
    "die",
    "dies",
    "diese",
    "dieser",
    "doch",
    "ein",
    "eine",
    "er",
    "es",
    "ich",
    "im",
    "ihre",
    "man",
    "nach",
    "nun",
    "seit",
    "sie",
    "und",
    "vor",
    "wer",
    "wie",
    "wir",
    "el",
    "la",
    "los",
    "las",
    "un",
    "una",
    "le",
    "les",
    "il",
    "elle",
    "ils",
    "pour",
    "ale",
    "jego",
    "ten",
    "w",
    "na",
    "po",
    "je",
    "ten",
    "ta",
    "он",
    "она",
    "они",
    "это",
    "в",
    "на",
    "по",
];

/// Bytes of each paragraph, in order, without the white space around it. A blank line parts paragraphs.
pub fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut line = 0;
    for piece in text.split_inclusive('\n') {
        if piece.trim().is_empty() {
            push_trimmed(text, start..line, &mut found);
            start = line + piece.len();
        }
        line += piece.len();
    }
    push_trimmed(text, start..line, &mut found);
    found
}

/// Bytes of each sentence, in order, without the white space around it. Nothing but white space lies outside; a
/// paragraph's end is always a sentence's end.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for paragraph in paragraphs(text) {
        let mut start = paragraph.start;
        let mut at = paragraph.start;
        while let Some(end) = next_stop(&text[..paragraph.end], at) {
            at = end;
            if ends_sentence(&text[..paragraph.end], start, end) {
                push_trimmed(text, start..end, &mut found);
                start = end;
            }
        }
        push_trimmed(text, start..paragraph.end, &mut found);
    }
    found
}

/// Whether the words of a row do not belong together: a blank line lies inside `span`, or, where `by_sentences` is set, the
/// end of a sentence beyond doubt. Where it may be an abbreviation that is followed by a name, they do.
pub fn is_parted(text: &str, span: Range<usize>, by_sentences: bool) -> bool {
    let row = &text[span];
    if row.bytes().all(|byte| byte.is_ascii() && !matches!(byte, b'.' | b'!' | b'?' | b'\n')) {
        return false;
    }
    if paragraphs(row).len() > 1 {
        return true;
    }
    let mut at = 0;
    while by_sentences && let Some(end) = next_stop(row, at) {
        if surely_ends(&row[..end], &row[end..]) {
            return true;
        }
        at = end;
    }
    false
}

/// Whether a text has stops between its words, so that it can be found across the end of a sentence.
pub fn has_stop(text: &str) -> bool {
    let mut at = 0;
    while let Some(end) = next_stop(text, at) {
        if text[end..].starts_with(char::is_whitespace) && !text[end..].trim().is_empty() {
            return true;
        }
        at = end;
    }
    false
}

/// Whether a sentence ends between `before`, which ends in stops, and `after`, whatever the words mean.
fn surely_ends(before: &str, after: &str) -> bool {
    let before = before.trim_end_matches(closes);
    if before.ends_with(is_wide_stop) {
        return !after.is_empty();
    }
    let next = after.trim_start();
    if next.len() == after.len() || !next.trim_start_matches(opens).starts_with(char::is_uppercase) {
        return false;
    }
    match before.chars().next_back() {
        Some('.') => !may_be_short(last_word(&before[..before.len() - 1])),
        // Names may end so: `Yahoo!`.
        Some('!' | '?') => last_word(&before[..before.len() - 1]).starts_with(char::is_lowercase),
        _ => false,
    }
}

/// Whether a word before a dot may be a short form, an initial or an ordinal.
fn may_be_short(word: &str) -> bool {
    let folded = fold(word);
    let folded = folded.as_ref();
    word.is_empty()
        || word.contains('.')
        || is_initials(word)
        || word.ends_with(|c: char| c.is_ascii_digit())
        || !folded.contains(|c| VOWELS.contains(c))
        || (COUNTED.contains(&folded) && folded != "no")
        || [TITLES, SHORTENED, SHORT_FORMS].iter().any(|list| list.contains(&folded))
}

fn push_trimmed(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let trimmed = piece.trim_start();
    let start = range.end - trimmed.len();
    let end = start + trimmed.trim_end().len();
    if start < end {
        found.push(start..end);
    }
}

/// The end of the next run of stops and of what closes behind them, from `from`.
fn next_stop(text: &str, from: usize) -> Option<usize> {
    let stop = from + first_stop(&text[from..])?;
    let end = text[stop..].find(|c: char| !is_stop(c) && !closes(c)).map_or(text.len(), |length| stop + length);
    Some(end)
}

fn first_stop(text: &str) -> Option<usize> {
    /// So many bytes are looked at together: few hold a stop.
    const TOGETHER: usize = 32;
    // The first bytes of all stops.
    let may_stop = |byte: &u8| matches!(byte, b'.' | b'!' | b'?' | 0xE2 | 0xE3 | 0xEF);
    let mut from = 0;
    loop {
        let bytes = &text.as_bytes()[from..];
        let hold = |bytes: &&[u8]| bytes.iter().fold(false, |found, byte| found | may_stop(byte));
        let passed = TOGETHER * bytes.chunks_exact(TOGETHER).take_while(|bytes| !hold(bytes)).count();
        let at = from + passed + bytes[passed..].iter().position(may_stop)?;
        let c = text[at..].chars().next()?;
        if is_stop(c) {
            return Some(at);
        }
        from = at + c.len_utf8();
    }
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…') || is_wide_stop(c)
}

/// Stops that no space follows.
fn is_wide_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡')
}

fn closes(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | ')' | ']' | '»' | '）' | '」' | '』')
}

fn opens(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '‘' | '„' | '(' | '[' | '«' | '¿' | '¡')
}

/// Whether the stops that end at `end` end the sentence that began at `start`.
fn ends_sentence(text: &str, start: usize, end: usize) -> bool {
    let before = &text[start..end];
    if before.trim_end_matches(closes).ends_with(is_wide_stop) {
        return true;
    }
    let after = &text[end..];
    if !after.starts_with(char::is_whitespace) {
        return after.is_empty();
    }
    let next = after.trim_start().trim_start_matches(opens);
    match next.chars().next() {
        None => return true,
        Some(c) if c.is_lowercase() => return false,
        Some(_) => {}
    }
    let Some(shortened) = before.strip_suffix('.') else { return true };
    let word = last_word(shortened);
    let opener = || {
        let first = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        OPENERS.contains(&&*fold(first))
    };
    let folded = fold(word);
    let folded = folded.as_ref();
    if TITLES.contains(&folded) || is_ordinal(word, next) {
        return false;
    }
    if is_initials(word) || SHORTENED.contains(&folded) {
        return opener();
    }
    !(COUNTED.contains(&folded) && next.starts_with(|c: char| c.is_ascii_digit()))
}

/// The word, with dots inside it, that ends where `text` ends. No abbreviation is longer than what is looked at.
fn last_word(text: &str) -> &str {
    let mut start = text.len();
    for (at, c) in text.char_indices().rev().take(12) {
        if !c.is_alphanumeric() && c != '.' {
            break;
        }
        start = at;
    }
    &text[start..]
}

/// `9.` before `Juli`.
fn is_ordinal(word: &str, next: &str) -> bool {
    let counted = next.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    (1..=2).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && COUNTED_OFF.contains(&&*fold(counted))
}

/// One letter, or letters with dots between them.
fn is_initials(word: &str) -> bool {
    word.split('.').all(|part| part.chars().all(char::is_alphabetic) && part.chars().count() == 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        for (text, expected) in [
            ("One. Two! Three? Four", &["One.", "Two!", "Three?", "Four"][..]),
            ("Mr. Smith met Sen. Jones. They left.", &["Mr. Smith met Sen. Jones.", "They left."]),
            ("The U.S. President spoke.", &["The U.S. President spoke."]),
            ("He went to the U.S. The visit was short.", &["He went to the U.S.", "The visit was short."]),
            ("It fell 3.5 percent. It rose.", &["It fell 3.5 percent.", "It rose."]),
            ("On Jan. 5 they met. No. 10 denied it.", &["On Jan. 5 they met.", "No. 10 denied it."]),
            ("They met in Jan. Nobody came.", &["They met in Jan.", "Nobody came."]),
            ("J. K. Rowling wrote it.", &["J. K. Rowling wrote it."]),
            ("Acme Inc. Chief Bob left. So did Ann.", &["Acme Inc. Chief Bob left.", "So did Ann."]),
            ("\"No,\" he said. \"Never.\" She left.", &["\"No,\" he said.", "\"Never.\"", "She left."]),
            ("“Why?” he asked. (Nobody knew.) Silence", &["“Why?” he asked.", "(Nobody knew.)", "Silence"]),
            ("Wait … what? see example.org now", &["Wait … what? see example.org now"]),
            ("他说。我走！好", &["他说。", "我走！", "好"]),
            ("A title\n\nA text. More\r\n\r\nEnd", &["A title", "A text.", "More", "End"]),
            ("one\nline more", &["one\nline more"]),
            ("Der Gipfel ist am 9. Juli. Er dauert.", &["Der Gipfel ist am 9. Juli.", "Er dauert."]),
            ("Am 12. März, am 3. September", &["Am 12. März, am 3. September"]),
            ("Sejdou se 9. Července v Praze", &["Sejdou se 9. Července v Praze"]),
            ("They came in 9. Juliet left.", &["They came in 9.", "Juliet left."]),
            (
                "Für Rüstung gibt Berlin 12,5 Mrd. Euro aus. Es reicht.",
                &["Für Rüstung gibt Berlin 12,5 Mrd. Euro aus.", "Es reicht."],
            ),
            ("Es kostet 5 Mio. Der Rat zahlt.", &["Es kostet 5 Mio.", "Der Rat zahlt."]),
            ("In der 19. Legislaturperiode nach Abs. 3 Satz 1", &["In der 19. Legislaturperiode nach Abs. 3 Satz 1"]),
            ("Spotkał się z tzw. Grupą E3 przy ul. Wiejskiej", &["Spotkał się z tzw. Grupą E3 przy ul. Wiejskiej"]),
            ("  ", &[]),
            ("?!", &["?!"]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn a_row_is_parted_only_where_that_is_beyond_doubt() {
        for (row, expected) in [
            ("veto aid", false),
            ("veto\naid", false),
            ("A veto.\n\nAid", true),
            ("said no. Veto threats", true),
            ("They cease. Fire broke out", true),
            ("for the United. States objected", true),
            ("a “veto.” Aid", true),
            ("why a veto? Aid", true),
            ("他走。我", true),
            ("the U.S. President", false),
            ("Mr. Smith", false),
            ("St. Petersburg", false),
            ("Fifth Ave. Theatre", false),
            ("bzw. Regierung", false),
            ("am 9. Juli", false),
            ("Yahoo! News", false),
            ("ул. Ленина", false),
            ("veto. aid", false),
            ("veto.Aid", false),
            ("veto… Aid", false),
        ] {
            assert_eq!(is_parted(row, 0..row.len(), true), expected, "{row}");
        }
        assert!(!is_parted("They cease. Fire", 0.."They cease. Fire".len(), false));
        assert!(is_parted("cease\n\nfire", 0.."cease\n\nfire".len(), false));
        assert!(has_stop("Yahoo! News") && !has_stop("U.N.") && !has_stop("cease-fire"));
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_lies_outside(text in "(\\PC|[.!?\"’ \nAb1]){0,40}") {
            for ranges in [sentences(&text), paragraphs(&text)] {
                let mut next = 0;
                for range in ranges {
                    prop_assert!(text[next..range.start].trim().is_empty() && !text[range.clone()].trim().is_empty());
                    next = range.end;
                }
                prop_assert!(text[next..].trim().is_empty());
            }
        }
    }
}
