//! The ends of texts that are no part of them: "Continue reading …", "The post X appeared first on Y."
//!
//! They are the same under every item of a feed, so a watch that looks for a word in them would match all of its items.

use std::sync::LazyLock;

use regex::Regex;

/// Bytes at the end of a text that are looked at. A title may stand in a tail.
const REACH: usize = 400;

/// Characters of a line that can be nothing but a tail.
const LINE: usize = 200;

/// Tails that one text may have, one behind another.
const TAILS: usize = 3;

/// Cuts what only leads away from a text off its end.
pub(crate) fn without_tail(mut text: String) -> String {
    for _ in 0..TAILS {
        let Some(end) = tail(&text) else { break };
        text.truncate(end);
        text.truncate(text.trim_end().len());
    }
    text
}

/// Where the tail of a text begins.
fn tail(text: &str) -> Option<usize> {
    let from = text.ceil_char_boundary(text.len().saturating_sub(REACH));
    let end = &text[from..];
    if !may_have_tail(end) {
        return None;
    }
    let lower = Lower::of(end);
    let start = credit(&lower.text).or_else(|| shared(&lower.text)).or_else(|| call(&lower.text, from == 0))?;
    Some(from + lower.original(start))
}

/// Whether any of the words of a tail stands in a text, in whatever letters. Nearly all texts have none, and one look for all of
/// them at once costs a hundredth of a look for each.
fn may_have_tail(text: &str) -> bool {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        let middles = CREDITS.iter().map(|(_, middle)| *middle);
        let calls = CALLS.iter().chain(&BARE_CALLS).copied();
        let words: Vec<String> = calls.chain(middles).chain(SHARED).map(regex::escape).collect();
        Regex::new(&format!("(?i){}", words.join("|"))).expect("words between bars are a pattern")
    });
    WORDS.is_match(text)
}

/// A text in small letters, with the way back to the text as it was: some letters are longer when they are small.
struct Lower {
    text: String,
    /// Places from which on the two differ, in `text`, and by how many bytes.
    shifts: Vec<(usize, isize)>,
}

impl Lower {
    fn of(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut shifts = Vec::new();
        let mut shift = 0;
        for c in original.chars() {
            // A letter that becomes two is rare enough to be kept as it is.
            let mut small = c.to_lowercase();
            let small = if small.len() == 1 { small.next().unwrap_or(c) } else { c };
            text.push(small);
            if small.len_utf8() != c.len_utf8() {
                shift += c.len_utf8().cast_signed() - small.len_utf8().cast_signed();
                shifts.push((text.len(), shift));
            }
        }
        Self { text, shifts }
    }

    fn original(&self, at: usize) -> usize {
        let shift = self.shifts.iter().rev().find(|(from, _)| *from <= at).map_or(0, |(_, shift)| *shift);
        at.checked_add_signed(shift).unwrap_or(at)
    }
}

/// What `WordPress` puts under an item, by its beginning and by its middle, in the languages in which it does.
const CREDITS: &[(&str, &str)] = &[
    ("the post ", " appeared first on "),
    ("the post ", " first appeared on "),
    ("the article ", " appeared first on "),
    ("der beitrag ", " erschien zuerst auf "),
    ("der artikel ", " erschien zuerst auf "),
    ("l’article ", " est apparu en premier sur "),
    ("l'article ", " est apparu en premier sur "),
    ("cet article ", " est apparu en premier sur "),
    ("la entrada ", " se publicó primero en "),
    ("la entrada ", " apareció primero en "),
    ("la entrada ", " aparece primero en "),
    ("la noticia ", " aparece primero en "),
    ("el cargo ", " apareció primero en "),
    ("l'articolo ", " proviene da "),
    ("l’articolo ", " proviene da "),
    ("o post ", " apareceu primeiro em "),
    ("het bericht ", " verscheen eerst op "),
    ("artykuł ", " pochodzi z serwisu "),
    ("inlägget ", " dök först upp på "),
    ("innlegget ", " dukket først opp på "),
    ("příspěvek ", " pochází z "),
    ("запись ", " впервые появилась "),
];

/// Words without which no [`shared`] is a tail.
const SHARED: [&str; 7] =
    ["[comments]", "# comments:", "comments:", "feed generated with", "permalink", "share on facebook", "share this"];

/// Who handed a link on, as Reddit puts it under each item, and what invites to hand it on.
fn shared(text: &str) -> Option<usize> {
    static TAIL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)
            (?:\s*submitted\ by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?)?\s*\[link\]\s*\[comments\]\s*$
            |(?:article\ url:\s*\S+\s+)?comments\ url:\s*\S+\s+points:\s*\d+\s+\#\ comments:\s*\d+\s*$
            |\(feed\ generated\ with\ [^()]{1,40}\)\s*$
            |(?:^|[\n.!?…]\s*)(
                share\ (?:on\ facebook\b|this(?:\ (?:post|story|article))?:)[^.!?]{0,60}$
                |(?:permalink\s*[|·]\s*)?comments(?::?\s*\d+|\s*\(\d+\))\s*$
                |permalink\s*[|·]\s*comments\s*$
            )",
        )
        .expect("a pattern that is written here")
    });
    let found = TAIL.captures(text)?;
    found.get(1).or_else(|| found.get(0)).map(|tail| tail.start())
}

fn credit(text: &str) -> Option<usize> {
    CREDITS.iter().find_map(|(start, middle)| {
        let at = text.rfind(middle)?;
        // Behind it stands the site's name, on the same line and to the end of the text.
        if text[at + middle.len()..].contains('\n') {
            return None;
        }
        let begin = text[..=at].rfind(start)?;
        let opens = text[..begin].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        (opens && !text[begin..at].contains('\n')).then_some(begin)
    })
}

/// What calls a reader to go on elsewhere, in small letters.
const CALLS: &[&str] = &[
    "continue reading",
    "keep reading",
    "read more",
    "read the full",
    "read full",
    "read the rest",
    "read the whole",
    "read the original",
    "read on",
    "full story",
    "view full post",
    "click here to read",
    "click here for more",
    "(more…)",
    "(more...)",
    "more »",
    "more →",
    "more >",
    "weiterlesen",
    "weiter lesen",
    "mehr lesen",
    "hier weiterlesen",
    "zum artikel",
    "zum vollständigen artikel",
    "den ganzen artikel lesen",
    "lire la suite",
    "lire plus",
    "lire l’article",
    "lire l'article",
    "continuer la lecture",
    "continuer à lire",
    "en savoir plus",
    "la suite sur",
    "leer más",
    "leer mas",
    "seguir leyendo",
    "sigue leyendo",
    "continuar leyendo",
    "continúa leyendo",
    "leggi tutto",
    "leggi di più",
    "leggi l'articolo",
    "leggi l’articolo",
    "continua a leggere",
    "continua la lettura",
    "lees meer",
    "lees verder",
    "verder lezen",
    "ler mais",
    "leia mais",
    "ler o artigo",
    "continuar a ler",
    "continue lendo",
    "continuar lendo",
    "saiba mais",
    "czytaj dalej",
    "czytaj więcej",
    "czytaj całość",
    "läs mer",
    "läs hela",
    "fortsätt läsa",
    "les mer",
    "læs mere",
    "læs videre",
    "fortsett å lese",
    "lue lisää",
    "lue koko",
    "číst více",
    "číst dál",
    "čítať viac",
    "tovább olvasom",
    "tovább a cikkre",
    "citește mai mult",
    "citește mai departe",
    "читать далее",
    "читать дальше",
    "читать полностью",
    "читати далі",
    "devamını oku",
    "διαβάστε περισσότερα",
    "続きを読む",
    "阅读全文",
    "閱讀全文",
    "اقرأ المزيد",
];

/// Words that call a reader away where nothing else stands on their line, or behind a sentence.
const BARE_CALLS: [&str; 8] =
    ["auf facebook teilen", "comments", "kommentare", "mehr", "share this", "tweet this", "view comments", "ver más"];

/// What may stand behind a call: what is to be read, and where.
fn is_object(rest: &str) -> bool {
    static OBJECT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)^(?:\ (?:the|this))?(?:\ (?:full|whole|complete|entire|original))?(?:\ (?:article|story|post|text|report|entry))?
            (?:\ (?:here|now|online|en\ entier|complet|completo|completa))?
            (?:\ (?:on|at)\ [a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})?$",
        )
        .expect("a pattern that is written here")
    });
    OBJECT.is_match(rest.trim_end_matches(|c| is_ornament(c) || is_end(c)))
}

/// Where a call to go on begins; `is_whole` where the text begins with a line.
fn call(text: &str, is_whole: bool) -> Option<usize> {
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    let last = &text[line..];
    // A line of its own, but no sentence.
    let opened = last.trim_start_matches(is_ornament);
    let own = CALLS
        .iter()
        .any(|call| opened.strip_prefix(call).is_some_and(|rest| is_bare(rest) || (ends_word(rest) && is_name(rest))));
    let bare = BARE_CALLS.iter().any(|call| opened.strip_prefix(call).is_some_and(is_label));
    if (own || bare) && (is_whole || line > 0) && last.chars().count() <= LINE {
        return Some(line);
    }
    // At the end of a line, behind the end of a sentence or the dots of what was cut.
    let calls = CALLS.iter().map(|call| (call, true)).chain(BARE_CALLS.iter().map(|call| (call, false)));
    calls.filter_map(|(call, leads)| Some((last.rfind(call)?, call.len(), leads))).find_map(|(at, len, leads)| {
        let before = last[..at].trim_end_matches(|c: char| is_ornament(c) && !is_end(c));
        let (behind, rest) = (before.chars().next_back()?, &last[at + len..]);
        let dots = behind == '…' || before.ends_with("...") || before.ends_with("…]") || before.ends_with("...]");
        let ended = is_end(behind) || dots;
        let is_tail = if leads {
            (is_bare(rest) && (ended || before.len() < at.saturating_sub(1))) || (is_object(rest) && ended)
        } else {
            is_label(rest) && ended
        };
        let is_named = leads && dots && ends_word(rest) && is_name(rest);
        (is_tail || is_named).then(|| line + before.len())
    })
}

/// Arrows, brackets, dots and spaces around a call.
fn is_ornament(c: char) -> bool {
    c.is_whitespace() || "→➔➜➤►▶▸»›⇒>-–—·•|*[]()…:\"“”„«".contains(c)
}

fn is_end(c: char) -> bool {
    ".!?…。！？”\"»)]".contains(c)
}

/// Whether nothing but ornament stands behind a call.
fn is_bare(rest: &str) -> bool {
    rest.chars().all(|c| is_ornament(c) || is_end(c))
}

/// Whether a word with this behind it is no sentence of its own.
fn is_label(rest: &str) -> bool {
    is_bare(rest) && !rest.contains(['!', '?', '。']) && (!rest.contains('.') || rest.contains(".."))
}

fn ends_word(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| !c.is_alphanumeric())
}

/// Whether what stands behind a call may be the title that it leads to, and not the rest of a sentence.
fn is_name(rest: &str) -> bool {
    let bare = rest.trim_end_matches(|c| is_ornament(c) && c != '…');
    !bare.ends_with(['.', '!', '。']) && rest.chars().count() <= LINE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_only_leads_away_is_cut_off() {
        for (text, kept) in [
            ("The council met.\n\nThe post The council met appeared first on The News.", "The council met."),
            ("The council met […] The post The council appeared first on The News.", "The council met […]"),
            ("Der Rat tagte.\n\nDer Beitrag Der Rat erschien zuerst auf Zeitung.", "Der Rat tagte."),
            ("La réunion.\n\nL’article La réunion est apparu en premier sur Journal.", "La réunion."),
            ("It met. Read more", "It met."),
            ("It met. Read more »", "It met."),
            ("It met … Continue reading →", "It met …"),
            ("It met … Continue reading “The council met”", "It met …"),
            ("It met...\n\nRead more...", "It met..."),
            ("It met.\n\n[Read more]", "It met."),
            ("It met.\n\nRead more: The other council", "It met."),
            ("It met.\n\nContinue reading The council met", "It met."),
            ("It met. (more…)", "It met."),
            ("Er tagte. Weiterlesen", "Er tagte."),
            ("Er tagte … weiterlesen →", "Er tagte …"),
            ("Il s’est réuni. Lire la suite", "Il s’est réuni."),
            ("Se reunió.\nSeguir leyendo.", "Se reunió."),
            ("Совет собрался. Читать далее", "Совет собрался."),
            ("İstanbul’da toplandı.\n\nDevamını oku →", "İstanbul’da toplandı."),
            ("会议开始。阅读全文", "会议开始。"),
            ("It met.\n\nRead more\n\nThe post It appeared first on News.", "It met."),
            ("Read more", ""),
            ("It met. Read full article", "It met."),
            ("It met. Read the full story here", "It met."),
            ("It met. Read more on news.example.com »", "It met."),
            ("Elle vota. Lire l’article en entier", "Elle vota."),
            ("Er tagte. Mehr", "Er tagte."),
            ("Er tagte.\n\n» mehr", "Er tagte."),
            ("Er tagte. Auf Facebook teilen", "Er tagte."),
            ("It met. Comments", "It met."),
            ("Comments", ""),
            ("It met.\nComments: 12", "It met."),
            ("It met. Permalink | Comments", "It met."),
            ("It met.\n\nShare this: Facebook Twitter", "It met."),
            ("It met. Tweet this", "It met."),
            ("It met. (Feed generated with Anything)", "It met."),
            ("Article URL: http://a\n\nComments URL: http://b\n\nPoints: 100\n\n# Comments: 5", ""),
            ("Se reunió. La noticia Se reunió aparece primero en El Diario.", "Se reunió."),
        ] {
            assert_eq!(without_tail(text.to_owned()), kept, "{text}");
        }
        for text in [
            "They want children to read more",
            "Read more books this year, she said.",
            "The post office in the square, which appeared first on maps in 1900, closed.\nNobody came.",
            "She said she would continue reading until the vote.",
            "The full story of the summit was never told.",
            "Um mehr zu erfahren, muss man weiterlesen",
            "Sie wollen nicht mehr",
            "Mehr Geld für die Bahn",
            "Was will sie? Mehr.",
            "Sie sagte: Mehr",
            "He made no further comments",
            "The minister asked them to share this: the plan is dead.",
            "It drew many comments: 12 of them angry, and one from the minister.",
            "Read more at the summit, she said, and talk less.",
            "",
        ] {
            assert_eq!(without_tail(text.to_owned()), text);
        }
    }

    proptest! {
        #[test]
        fn what_stays_is_a_beginning(text in "(İ|ß|é|Ⱥ|[a-z. \n…]){0,30}( Read more| Weiterlesen →|\n\nThe post x appeared first on y\\.)?") {
            let kept = without_tail(text.clone());
            prop_assert!(text.starts_with(&kept));
            prop_assert_eq!(without_tail(kept.clone()), kept);
        }
    }
}
