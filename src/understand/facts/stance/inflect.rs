//! The forms of verbs and nouns by rule, and the nouns that are made of verbs.

use super::classes::Classes;

/// A form of a verb, and what it is.
pub(super) type Form = (String, Classes);

const VOWELS: &[u8] = b"aeiou";

fn is_vowel(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| VOWELS.contains(byte))
}

/// With the ending of a plural or a third person.
pub(super) fn with_s(word: &str) -> String {
    let bytes = word.as_bytes();
    let before = bytes.len().checked_sub(2).and_then(|at| bytes.get(at));
    match bytes.last() {
        Some(b'y') if !is_vowel(before) && word.len() > 2 => format!("{}ies", &word[..word.len() - 1]),
        Some(b's' | b'x' | b'z' | b'o') => format!("{word}es"),
        Some(b'h') if matches!(before, Some(b'c' | b's')) => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

/// Whether the last consonant may be doubled before an ending: `ban`, `permit`.
fn may_double(word: &str) -> bool {
    let [.., before, vowel, last] = word.as_bytes() else { return false };
    VOWELS.contains(vowel) && !VOWELS.contains(before) && !VOWELS.contains(last) && !b"wxyh".contains(last)
        || word.ends_with("quit")
}

/// A word with an ending that begins with a vowel, in each spelling that may be right.
fn with_ending(word: &str, ending: &str) -> Vec<String> {
    let mut forms = Vec::new();
    if let Some(bare) = word.strip_suffix("ie").filter(|_| ending == "ing") {
        return vec![format!("{bare}ying")];
    }
    if let Some(bare) = word.strip_suffix('e').filter(|bare| ending != "ing" || !bare.ends_with(['e', 'y', 'o'])) {
        return vec![format!("{bare}{ending}")];
    }
    let consonant_y = word.ends_with('y') && !is_vowel(word.as_bytes().iter().rev().nth(1));
    if consonant_y && ending == "ed" {
        return vec![format!("{}ied", &word[..word.len() - 1])];
    }
    if may_double(word)
        && let Some(last) = word.chars().next_back()
    {
        forms.push(format!("{word}{last}{ending}"));
    }
    if word.ends_with('c') {
        forms.push(format!("{word}k{ending}"));
    }
    forms.push(format!("{word}{ending}"));
    forms
}

/// All forms of a verb; `written` is a base form, or base, past and participle parted by `/`.
pub(super) fn verb(written: &str) -> Vec<Form> {
    let mut parts = written.split('/');
    let base = parts.next().unwrap_or_default();
    let mut forms = vec![
        (base.to_owned(), Classes::BASE),
        (if base == "have" { "has".to_owned() } else { with_s(base) }, Classes::THIRD),
    ];
    forms.extend(with_ending(base, "ing").into_iter().map(|form| (form, Classes::ING)));
    match (parts.next(), parts.next()) {
        (Some(past), Some(participle)) => {
            forms.extend(past.split('|').map(|form| (form.to_owned(), Classes::PAST)));
            forms.extend(participle.split('|').map(|form| (form.to_owned(), Classes::PART)));
        }
        _ => forms.extend(with_ending(base, "ed").into_iter().map(|form| (form, Classes::PAST.with(Classes::PART)))),
    }
    let twins: Vec<Form> = forms.iter().filter_map(|(form, class)| Some((twin(form)?, *class))).collect();
    forms.extend(twins);
    forms
}

/// The other spelling of a word that is written with `-ise` or with `-ize`.
fn twin(word: &str) -> Option<String> {
    for (one, other) in [("ise", "ize"), ("isa", "iza"), ("isi", "izi"), ("yse", "yze")] {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(at) = word.rfind(from).filter(|&at| at >= 3 && at + 7 >= word.len()) {
                return Some(format!("{}{to}{}", &word[..at], &word[at + from.len()..]));
            }
        }
    }
    None
}

/// Nouns that rules make of a verb, and their plurals. Some are no words; nobody writes them.
pub(super) fn nominals(base: &str) -> Vec<String> {
    let mut nouns = vec![format!("{base}ment")];
    let stem = base.strip_suffix('e').unwrap_or(base);
    if let Some(bare) = base.strip_suffix('y') {
        nouns.push(format!("{bare}ication"));
        nouns.push(format!("{bare}iation"));
    }
    if base.ends_with("ate") || base.ends_with('t') || base.ends_with("ute") || base.ends_with("ss") {
        nouns.push(format!("{stem}ion"));
    } else {
        nouns.push(format!("{stem}ation"));
    }
    if base.ends_with('t') || base.ends_with("rt") {
        nouns.push(format!("{base}ation"));
    }
    if base.ends_with('y') {
        nouns.push(format!("{base}al"));
    }
    nouns.retain(|noun| !OTHER_WORDS.contains(&noun.as_str()));
    let twins: Vec<String> = nouns.iter().filter_map(|noun| twin(noun)).collect();
    nouns.extend(twins);
    let plurals: Vec<String> = nouns.iter().map(|noun| with_s(noun)).collect();
    nouns.extend(plurals);
    nouns
}

/// What the rules make by chance.
const OTHER_WORDS: &[&str] = &[
    "mission",
    "passion",
    "portion",
    "station",
    "ration",
    "notion",
    "department",
    "section",
    "apartment",
    "nation",
    "relation",
    "question",
    "session",
    "action",
    "compartment",
    "torment",
    "comment",
    "foundation",
    "location",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(word: &str, class: Classes) -> Vec<String> {
        verb(word).into_iter().filter(|(_, of)| of.any(class)).map(|(form, _)| form).collect()
    }

    #[test]
    fn verbs_are_inflected_by_rule() {
        for (word, third, past, ing) in [
            ("veto", "vetoes", "vetoed", "vetoing"),
            ("ratify", "ratifies", "ratified", "ratifying"),
            ("ban", "bans", "banned", "banning"),
            ("tie", "ties", "tied", "tying"),
            ("agree", "agrees", "agreed", "agreeing"),
            ("deploy", "deploys", "deployed", "deploying"),
            ("veto", "vetoes", "vetoed", "vetoing"),
            ("panic", "panics", "panicked", "panicking"),
            ("withdraw/withdrew/withdrawn", "withdraws", "withdrew", "withdrawing"),
            ("recognise", "recognizes", "recognized", "recognizing"),
        ] {
            assert!(forms(word, Classes::THIRD).contains(&third.to_owned()), "{third}");
            assert!(forms(word, Classes::PAST).contains(&past.to_owned()), "{past}");
            assert!(forms(word, Classes::ING).contains(&ing.to_owned()), "{ing}");
        }
    }

    #[test]
    fn nouns_are_made_of_verbs() {
        for (verb, noun) in [
            ("deport", "deportation"),
            ("evacuate", "evacuations"),
            ("nationalise", "nationalization"),
            ("ratify", "ratification"),
            ("deploy", "deployment"),
            ("protect", "protection"),
        ] {
            assert!(nominals(verb).contains(&noun.to_owned()), "{noun}");
        }
    }
}
