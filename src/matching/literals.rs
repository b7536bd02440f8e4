use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

use crate::query::Pattern;

/// More ways to write one literal are not told apart.
const WAYS_MAX: usize = 16;

/// A shorter literal is in nearly every text, in bytes.
const LENGTH_MIN: usize = 2;

/// A class of more characters is taken for any character.
const CLASS_MAX: usize = 4;

/// What a regular expression cannot match without: one of these, whatever the case of their plain letters. `None` where
/// nothing can be said.
pub(super) fn required(pattern: &Pattern) -> Option<Vec<Vec<u8>>> {
    let mut parser = ParserBuilder::new().case_insensitive(pattern.ignores_case()).build();
    let hir = parser.parse(pattern.source()).ok()?;
    Needs::of(&hir).best()
}

/// What a part of a regular expression needs.
#[derive(Debug, Clone)]
struct Needs {
    /// All that it can match, where that is little.
    exact: Option<Vec<Vec<u8>>>,
    /// What it cannot match without.
    some: Option<Vec<Vec<u8>>>,
}

impl Needs {
    fn nothing() -> Self {
        Self { exact: None, some: None }
    }

    fn exactly(ways: Vec<Vec<u8>>) -> Self {
        Self { exact: (ways.len() <= WAYS_MAX).then_some(ways), some: None }
    }

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exactly(vec![Vec::new()]),
            HirKind::Literal(literal) => Self::exactly(vec![literal.0.to_ascii_lowercase()]),
            HirKind::Class(class) => Self::class(class),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repeated) => Self::repeated(Self::of(&repeated.sub), repeated.min, repeated.max),
            HirKind::Concat(parts) => Self::row(parts.iter().map(Self::of)),
            HirKind::Alternation(parts) => Self::either(parts.iter().map(Self::of).collect()),
        }
    }

    fn class(class: &Class) -> Self {
        let Class::Unicode(class) = class else { return Self::nothing() };
        let count: usize = class.iter().map(ClassUnicodeRange::len).sum();
        if count > CLASS_MAX {
            return Self::nothing();
        }
        let chars = class.iter().flat_map(|range| range.start()..=range.end());
        let mut ways: Vec<Vec<u8>> =
            chars.map(|c| c.to_ascii_lowercase().encode_utf8(&mut [0; 4]).as_bytes().to_vec()).collect();
        ways.sort_unstable();
        ways.dedup();
        Self::exactly(ways)
    }

    fn repeated(inner: Self, min: u32, max: Option<u32>) -> Self {
        match (min, max, &inner.exact) {
            (0, Some(1), Some(ways)) => Self::exactly([&[Vec::new()][..], ways].concat()),
            (0, ..) => Self::nothing(),
            (1, Some(1), _) => inner,
            _ => Self { exact: None, some: inner.best() },
        }
    }

    fn row(parts: impl Iterator<Item = Self>) -> Self {
        let mut some: Option<Vec<Vec<u8>>> = None;
        let mut run = vec![Vec::new()];
        let mut whole = true;
        for part in parts {
            let longer = part.exact.as_ref().map(|ways| product(&run, ways)).filter(|ways| ways.len() <= WAYS_MAX);
            if let Some(longer) = longer {
                run = longer;
                continue;
            }
            whole = false;
            some = better(some, sound(std::mem::replace(&mut run, vec![Vec::new()])));
            match part.exact {
                Some(ways) => run = ways,
                None => some = better(some, part.some),
            }
        }
        if whole { Self::exactly(run) } else { Self { exact: None, some: better(some, sound(run)) } }
    }

    fn either(parts: Vec<Self>) -> Self {
        let exact: Option<Vec<_>> = parts.iter().map(|part| part.exact.clone()).collect();
        if let Some(ways) = exact.map(|ways| ways.concat()).filter(|ways| ways.len() <= WAYS_MAX) {
            return Self::exactly(ways);
        }
        let some: Option<Vec<_>> = parts.into_iter().map(Self::best).collect();
        Self { exact: None, some: some.map(|some| some.concat()) }
    }

    fn best(self) -> Option<Vec<Vec<u8>>> {
        better(self.some, self.exact.and_then(sound))
    }
}

fn product(one: &[Vec<u8>], other: &[Vec<u8>]) -> Vec<Vec<u8>> {
    one.iter().flat_map(|begin| other.iter().map(move |end| [begin.as_slice(), end].concat())).collect()
}

fn sound(ways: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    (shortest(&ways) >= LENGTH_MIN).then_some(ways)
}

fn shortest(ways: &[Vec<u8>]) -> usize {
    ways.iter().map(Vec::len).min().unwrap_or(0)
}

fn better(one: Option<Vec<Vec<u8>>>, other: Option<Vec<Vec<u8>>>) -> Option<Vec<Vec<u8>>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if shortest(&other) > shortest(&one) { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// Many literals, looked for in one pass, whatever the case of their plain letters.
#[derive(Debug)]
pub(super) struct Literals(AhoCorasick);

impl Literals {
    /// `None` where there are none, or they are too many to be looked for at once.
    pub(super) fn of<'a>(literals: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let mut literals = literals.peekable();
        literals.peek()?;
        let mut builder = AhoCorasickBuilder::new();
        builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::ContiguousNFA));
        builder.build(literals).ok().map(Self)
    }

    /// Calls back with the number of each that occurs, as often as it does.
    pub(super) fn each(&self, text: &str, mut found: impl FnMut(usize)) {
        self.0.find_overlapping_iter(text).for_each(|literal| found(literal.pattern().as_usize()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn needs(pattern: &str) -> Option<Vec<String>> {
        let ways = required(&Pattern::new(pattern, false).unwrap())?;
        Some(ways.into_iter().map(|way| String::from_utf8(way).unwrap()).collect())
    }

    #[test]
    fn what_an_expression_cannot_do_without() {
        for (pattern, expected) in [
            ("F-?16s?", Some(&["f16", "f16s", "f-16", "f-16s"][..])),
            (r"\bArticle\s+(4|5|four|five)\b", Some(&["article"])),
            ("(?i)veto", Some(&["veto"])),
            ("veto(es|ed)|block", Some(&["vetoes", "vetoed", "block"])),
            ("[0-9]+(st|nd|rd|th) package", Some(&["st package", "nd package", "rd package", "th package"])),
            (r"\d+", None),
            ("a|veto", None),
            ("(abc)?xy", Some(&["xy", "abcxy"])),
            ("[a-z]+x", None),
            ("(abc)+x", Some(&["abc"])),
            ("(?i)bank|sink", Some(&["bank", "ban\u{212A}", "sink", "sin\u{212A}", "\u{17F}ink", "\u{17F}in\u{212A}"])),
        ] {
            let expected = expected.map(|ways| ways.iter().map(|way| (*way).to_owned()).collect::<Vec<_>>());
            let mut found = needs(pattern);
            let mut expected = expected;
            found.iter_mut().chain(expected.iter_mut()).for_each(|ways| ways.sort_unstable());
            assert_eq!(found, expected, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn nothing_matches_without_it(
            pattern in "(?:a|bc|[kK]|(?:de|f)|x?|\\(\\?i\\)s|c{2}|(?:ab)+|\\.|\\(g\\|hi\\)){1,5}",
            insensitive in any::<bool>(),
            text in "[abcdefghikKsxS\u{212A}ſ]{0,12}",
        ) {
            let Ok(regex) = Pattern::new(&pattern, insensitive) else { return Ok(()) };
            if let Some(ways) = required(&regex).filter(|_| regex.regex().is_match(&text)) {
                let literals = Literals::of(ways.iter().map(Vec::as_slice)).unwrap();
                let mut found = 0;
                literals.each(&text, |_| found += 1);
                prop_assert!(found > 0, "{} {}", pattern, text);
            }
        }
    }
}
