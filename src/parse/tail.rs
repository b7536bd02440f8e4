//! The ends of texts that are no part of them: "Continue reading …", "The post X appeared first on Y."
//!
//! They are the same under every item of a feed, so a watch that looks for a word in them would match all of its items.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem;
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
        if text.is_empty() {
            break;
        }
        let Some(end) = tail(&text).or_else(|| buttons(&text)) else { break };
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
    let text = &lower.text;
    let start = credit(text)
        .or_else(|| footer(text))
        .or_else(|| call(text, from == 0))
        .or_else(|| bare(text, from == 0))
        .or_else(|| shared(text))?;
    Some(from + lower.original(start))
}

/// Whether any of the words of a tail stands in a text. Nearly all texts have none, and one look for all of them at once costs a
/// hundredth of a look for each.
fn may_have_tail(text: &str) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let middles = CREDITS.iter().map(|(_, middle)| middle.word);
        let footers = FOOTERS.iter().map(|(start, _)| *start).chain([" was originally published in "]);
        let words = CALLS.iter().map(|call| call.word).chain(middles).chain(footers).chain(SHARED);
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // Three megabytes, and twice as fast.
            .kind(Some(AhoCorasickKind::DFA))
            .build(words.flat_map(spellings))
            .expect("a few hundred short words are less than any limit")
    });
    WORDS.is_match(text) || ends_bare(text)
}

/// A word as it may be written, where small and capital letters of ASCII are one.
fn spellings(word: &str) -> Vec<String> {
    let mut all = vec![word.to_owned()];
    if !word.is_ascii() {
        let capital = |word: &str| {
            let mut rest = word.chars();
            rest.next().map(|first| first.to_uppercase().chain(rest).collect::<String>()).unwrap_or_default()
        };
        all.extend([word.to_uppercase(), capital(word), word.split(' ').map(capital).collect::<Vec<_>>().join(" ")]);
        all.sort_unstable();
        all.dedup();
    }
    all
}

/// Characters of the longest word in [`BARE`], and some.
const WORD: usize = 24;

/// Whether a text ends with a word that needs nothing beside it.
fn ends_bare(text: &str) -> bool {
    static LAST: LazyLock<HashMap<char, Vec<&str>>> = LazyLock::new(|| {
        let mut last: HashMap<char, Vec<&str>> = HashMap::new();
        for word in BARE.iter().map(|bare| bare.word) {
            last.entry(word.chars().next_back().unwrap_or_default()).or_default().push(word);
        }
        last
    });
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let small = |c: char| c.to_lowercase().last().unwrap_or(c);
    let Some(words) = text.chars().next_back().and_then(|c| LAST.get(&small(c))) else { return false };
    let from = text.char_indices().rev().nth(WORD).map_or(0, |(at, _)| at);
    let end = text[from..].to_lowercase();
    words.iter().any(|word| end.ends_with(word))
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

/// A word that is looked for in many texts and found in few: whether it is there at all is quicker told from the front.
struct Sought {
    word: &'static str,
    finder: memmem::Finder<'static>,
}

impl Sought {
    fn new(word: &'static str) -> Self {
        Self { word, finder: memmem::Finder::new(word) }
    }

    /// Where it stands last.
    fn last_in(&self, text: &str) -> Option<usize> {
        self.finder.find(text.as_bytes())?;
        text.rfind(self.word)
    }
}

/// What `WordPress` puts under an item, by its beginning and by its middle, in the languages in which it does.
static CREDITS: LazyLock<Vec<(&str, Sought)>> = LazyLock::new(|| {
    pairs(include_str!("tail/credits.txt")).into_iter().map(|(start, middle)| (start, Sought::new(middle))).collect()
});

/// Bytes at the end of a text in which buttons may stand.
const BUTTONS: usize = 3000;

/// Words without which no [`shared`] is a tail.
const SHARED: [&str; 2] = ["[comments]", "share on facebook"];

/// Who handed a link on, as Reddit puts it under each item, and what invites to hand it on.
fn shared(text: &str) -> Option<usize> {
    static TAIL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:\s*submitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?)?\s*\[link\]\s*\[comments\]\s*$|(?:^|[\n.!?]\s*)(share on facebook\b[^.!?]{0,60}$)",
        )
        .expect("a pattern that is written here")
    });
    let found = TAIL.captures(text)?;
    found.get(1).or_else(|| found.get(0)).map(|tail| tail.start())
}

fn credit(text: &str) -> Option<usize> {
    CREDITS.iter().find_map(|(start, middle)| {
        let at = middle.last_in(text).filter(|at| text[..*at].ends_with(' '))?;
        // Behind it stands the site's name, on the same line and to the end of the text.
        if text[at + middle.word.len()..].contains('\n') {
            return None;
        }
        let begin = text[..at]
            .rfind(start)
            .filter(|begin| start.ends_with(['’', '\'']) || text[begin + start.len()..].starts_with(' '))?;
        let opens = text[..begin].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        (opens && !text[begin..at].contains('\n')).then_some(begin)
    })
}

/// What calls a reader to go on elsewhere, in small letters.
static CALLS: LazyLock<Vec<Sought>> = LazyLock::new(|| sought(include_str!("tail/calls.txt")));

/// The same in words that need nothing beside them.
static BARE: LazyLock<Vec<Sought>> = LazyLock::new(|| sought(include_str!("tail/bare.txt")));

/// What services put under each item: how it begins, and what is in it.
static FOOTERS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| pairs(include_str!("tail/footers.txt")));

fn sought(file: &'static str) -> Vec<Sought> {
    lines(file).into_iter().map(Sought::new).collect()
}

fn lines(file: &'static str) -> Vec<&'static str> {
    file.lines().filter(|line| !line.starts_with('#')).collect()
}

fn pairs(file: &'static str) -> Vec<(&'static str, &'static str)> {
    let pair = |line: &'static str| line.split_once('|').map(|(first, second)| (first.trim(), second.trim()));
    lines(file).into_iter().filter_map(pair).collect()
}

/// Where what a service puts under each item begins.
fn footer(text: &str) -> Option<usize> {
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    let last = &text[line..];
    let medium =
        last.contains(" was originally published in ") && last.contains(" on medium, where people are continuing");
    if medium {
        return Some(line);
    }
    FOOTERS.iter().find_map(|(start, inside)| {
        let at = last.rfind(start)?;
        let before = last[..at].trim_end_matches(|c: char| is_ornament(c) && !is_end(c));
        let opens = before.is_empty() || before.ends_with(is_end);
        (opens && last[at..].contains(inside)).then_some(line + before.len())
    })
}

/// Where buttons to hand an item on begin, as `WordPress` puts them under it: one line or two for each.
fn buttons(text: &str) -> Option<usize> {
    static BUTTON: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new("Click to share on "));
    let from = text.ceil_char_boundary(text.len().saturating_sub(BUTTONS));
    let end = &text[from..];
    let at = BUTTON.find(end.as_bytes())?;
    let start = end[..at].rfind("Share this").filter(|start| at - start < 40).unwrap_or(at);
    let opens =
        end[..start].trim_end_matches(' ').ends_with(['\n', '.', '!', '?', '…', '”', '"', ')']) || from + start == 0;
    let others = end[at..].split("Click to ").skip(1).any(|button| !button.contains("(Opens in new window)"));
    (opens && !others).then_some(from + start)
}

/// Where a word that needs nothing beside it begins.
fn bare(text: &str, is_whole: bool) -> Option<usize> {
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    let last = &text[line..];
    let word = last.trim_matches(|c| is_ornament(c) || is_end(c));
    if (is_whole || line > 0) && BARE.iter().any(|bare| bare.word == word) {
        return Some(line);
    }
    BARE.iter().filter_map(|bare| Some((bare.last_in(last)?, bare.word.len()))).find_map(|(at, len)| {
        let rest = &last[at + len..];
        let before = last[..at].trim_end_matches(|c: char| is_ornament(c) && !is_end(c));
        let between = &last[before.len()..at];
        let dots = before.ends_with('…') || before.ends_with("...");
        let set_off = between.contains(['[', '(', '→', '»', '›', '►']) || rest.contains(['→', '»', '›', '►', ']']);
        (is_bare(rest) && !before.is_empty() && (dots || (set_off && before.ends_with(is_end))))
            .then_some(line + before.len())
    })
}

/// Where a call to go on begins; `is_whole` where the text begins with a line.
fn call(text: &str, is_whole: bool) -> Option<usize> {
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    let last = &text[line..];
    // A line of its own, but no sentence.
    let opened = last.trim_start_matches(is_ornament);
    let own = CALLS.iter().any(|call| {
        opened.strip_prefix(call.word).is_some_and(|rest| is_bare(rest) || (ends_word(rest) && is_name(rest)))
    });
    if own && (is_whole || line > 0) && last.chars().count() <= LINE {
        return Some(line);
    }
    // At the end of a line, behind the end of a sentence or the dots of what was cut.
    CALLS.iter().filter_map(|call| Some((call.last_in(last)?, call.word.len()))).find_map(|(at, len)| {
        let before = last[..at].trim_end_matches(|c: char| is_ornament(c) && !is_end(c));
        let (behind, rest) = (before.chars().next_back()?, &last[at + len..]);
        let dots = behind == '…' || before.ends_with("...") || before.ends_with("…]") || before.ends_with("...]");
        let is_tail = is_bare(rest) && (is_end(behind) || dots || before.len() < at.saturating_sub(1));
        let is_named = dots && ends_word(rest) && is_name(rest);
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

    /// Texts, and what stays of them.
    const TAILS: &[(&str, &str)] = &[
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
        ("Er tagte.\n\nmehr ...", "Er tagte."),
        ("Er tagte … [mehr]", "Er tagte …"),
        ("Er tagte. Lesen Sie mehr", "Er tagte."),
        ("Ülésezett.\n\nTovább »", "Ülésezett."),
        ("Ülésezett… Bővebben", "Ülésezett…"),
        ("Zasedala.\n\nCelý článek", "Zasedala."),
        ("Zasedala. Číst dále", "Zasedala."),
        ("Совет собрался.\nПодробнее", "Совет собрался."),
        ("Рада зібралась. Детальніше →", "Рада зібралась."),
        ("המועצה התכנסה. קרא עוד", "המועצה התכנסה."),
        ("위원회가 열렸다. 더 보기", "위원회가 열렸다."),
        ("Hội đồng đã họp. Xem thêm", "Hội đồng đã họp."),
        ("Dewan bertemu. Selengkapnya »", "Dewan bertemu."),
        ("会议开始。[详细]", "会议开始。"),
        ("会议开始。查看全文>>", "会议开始。"),
        ("اجتمع المجلس. لقراءة المزيد", "اجتمع المجلس."),
        ("It met.\n\nRead more of this story at Slashdot.", "It met."),
        ("It met.\n\nRead more about The council met\n\nAdd new comment", "It met."),
        (
            "It met.\n\nShare this:\n\nClick to share on Facebook (Opens in new window)\nFacebook\n\n\
          Click to share on X (Opens in new window)\nX\n\nClick to email a link to a friend (Opens in new window)\nEmail",
            "It met.",
        ),
        (
            "It met.\n\nThe veto was originally published in Pub on Medium, where people are continuing the conversation by \
          highlighting and responding to this story.",
            "It met.",
        ),
        ("It met.\n\nHosted on Acast. See acast.com/privacy for more information.", "It met."),
        ("It met. Learn more about your ad choices. Visit megaphone.fm/adchoices", "It met."),
        (
            "It met.\n\nThanks for reading The Wire! Subscribe for free to receive new posts and support my work.",
            "It met.",
        ),
    ];

    #[test]
    fn what_only_leads_away_is_cut_off() {
        for &(text, kept) in TAILS {
            assert_eq!(without_tail(text.to_owned()), kept, "{text}");
        }
        for text in [
            "They want children to read more",
            "Read more books this year, she said.",
            "The post office in the square, which appeared first on maps in 1900, closed.\nNobody came.",
            "She said she would continue reading until the vote.",
            "The full story of the summit was never told.",
            "Um mehr zu erfahren, muss man weiterlesen",
            "Die Grünen wollen mehr",
            "Они рассказали об этом подробнее.",
            "Jó ez így? Menjünk tovább!",
            "The app says: Click to share on Facebook and all is lost.",
            "Thanks for reading the whole of it, she said.",
            "It was learned more than once, and they did not learn more",
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
