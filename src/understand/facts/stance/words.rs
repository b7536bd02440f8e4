//! The words of one sentence with what the lexicon knows of them: phrases and names are one word each.

use std::borrow::Cow;

use super::super::tokens::{Case, Kind as TokenKind, Tokens};
use super::super::vocabulary::Word;
use super::Wanted;
use super::classes::{Classes, Family};
use super::gazetteer::{Gazetteer, Name};
use super::lexicon::{Entry, Lexicon};
use super::numbered::Numbered;

/// What a word is where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Det,
    Poss,
    /// `'s`.
    Genitive,
    Pron,
    Wh,
    That,
    Whether,
    Modal,
    Be,
    Have,
    Do,
    Not,
    And,
    To,
    Cond,
    Sub,
    Prep,
    Time,
    Adv,
    Adj,
    Num,
    Noun,
    Proper,
    Verb,
    Comma,
    /// A dash, a colon, a semicolon, a bracket: it ends a clause.
    Stop,
    Quote,
    End,
    Other,
}

/// A mark that is no word.
#[derive(Debug, Clone, Copy)]
pub(super) struct W<'a> {
    /// The first byte in the text, and the byte behind.
    pub(super) start: usize,
    pub(super) end: usize,
    /// In lower case.
    pub(super) key: &'a str,
    /// What the lexicon knows, if anything.
    pub(super) entry: Option<&'static Entry>,
    /// What it can be.
    pub(super) classes: Classes,
    /// Begins with a capital.
    pub(super) capital: bool,
    /// Whose name it is.
    pub(super) name: Option<(Name, bool)>,
    /// What it is here.
    pub(super) tag: Tag,
    /// The number of the asked words that it is a form of, as a verb and as a noun.
    pub(super) asked: (Option<u16>, Option<u16>),
    /// Joined by hyphens.
    pub(super) joined: bool,
}

impl W<'_> {
    /// Whether it can be this.
    pub(super) fn can(&self, classes: Classes) -> bool {
        self.classes.any(classes)
    }

    /// What it does as a noun.
    pub(super) fn noun_family(&self) -> Option<Family> {
        self.entry.and_then(|entry| entry.noun.family)
    }

    /// What it does as an adjective.
    pub(super) fn adjective_family(&self) -> Option<Family> {
        self.entry.and_then(|entry| entry.adjective)
    }
}

/// Words that shorten one that follows a pronoun: `we'll`.
const SHORTENED: &[&str] = &["'ll", "’ll", "'ve", "’ve", "'d", "’d", "'re", "’re", "'m", "’m"];

/// What may stand before a verb with a hyphen.
const PREFIXES: &[&str] =
    &["test", "re", "co", "pre", "counter", "force", "de", "dis", "mis", "over", "under", "stage", "fast", "double"];

/// Cuts one sentence into words.
pub(super) struct Cutter<'t, 'w> {
    pub(super) tokens: &'t Tokens<'t>,
    pub(super) wanted: &'w Wanted,
    pub(super) out: Vec<W<'t>>,
}

impl<'t> Cutter<'t, '_> {
    /// The words of some tokens.
    pub(super) fn cut(mut self, tokens: std::ops::Range<usize>) -> Vec<W<'t>> {
        let mut at = tokens.start;
        while at < tokens.end {
            at = self.next(at, tokens.end);
        }
        self.out
    }

    fn push(&mut self, from: usize, to: usize, key: &'t str, entry: Option<&'static Entry>, tag: Tag) -> &mut W<'t> {
        let (first, last) = (self.tokens[from], self.tokens[to - 1]);
        let classes = entry.map_or(Classes::NONE, |entry| entry.classes);
        let capital = matches!(first.case, Case::Title | Case::Upper | Case::Mixed);
        self.out.push(W {
            start: first.start,
            end: last.end,
            key,
            entry,
            classes,
            capital,
            name: None,
            tag,
            asked: (None, None),
            joined: false,
        });
        let at = self.out.len() - 1;
        &mut self.out[at]
    }

    /// Takes what begins at a token, and says where the next begins.
    fn next(&mut self, at: usize, end: usize) -> usize {
        let tokens = self.tokens;
        let token = tokens[at];
        match token.kind {
            TokenKind::Mark => return self.mark(at, end),
            TokenKind::Number => return self.number(at, end),
            TokenKind::Word => {}
        }
        let lower = tokens.lower(at);
        if matches!(lower, "'s" | "’s") {
            let after_pronoun = self
                .out
                .last()
                .is_some_and(|last| matches!(last.key, "it" | "he" | "she" | "that" | "there" | "who" | "what"));
            if after_pronoun {
                self.push(at, at + 1, "is", Lexicon::get().entry("is"), Tag::Be);
            } else {
                self.push(at, at + 1, "'s", None, Tag::Genitive);
            }
            return at + 1;
        }
        if let Some(next) = self.name(at, end) {
            return next;
        }
        if let Some((entry, more)) = Numbered::get()
            .phrase(token.word, |more| if at + 1 + more < end { tokens.word(at + 1 + more) } else { Word::UNKNOWN })
        {
            let to = at + 1 + more;
            let key = tokens.lower_between(at, to);
            self.push(at, to, key, Some(entry), Tag::Other);
            return to;
        }
        self.word(at, end)
    }

    fn mark(&mut self, at: usize, end: usize) -> usize {
        let surface = self.tokens.surface(at);
        let last = at + 1 == end;
        let tag = match surface {
            "," => Tag::Comma,
            ";" | ":" | "(" | ")" | "[" | "]" | "{" | "}" | "–" | "—" | "|" | "/" | "…" => Tag::Stop,
            "-" if self.tokens[at].spaced => Tag::Stop,
            "?" | "!" => Tag::End,
            "." if last || at + 2 >= end => Tag::End,
            "'" | "’"
                if !self.tokens[at].spaced
                    && self
                        .out
                        .last()
                        .is_some_and(|word| word.key.ends_with('s') && word.end == self.tokens[at].start)
                    && self.tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::Word && next.spaced) =>
            {
                Tag::Genitive
            }
            // "Norway's $2trn fund"
            "$" | "€" | "£" | "¥" if self.tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::Number) => {
                Tag::Num
            }
            "\"" | "“" | "”" | "„" | "«" | "»" | "'" | "‘" | "’" | "`" => Tag::Quote,
            _ => Tag::Other,
        };
        let key = self.tokens.lower(at);
        self.push(at, at + 1, key, None, tag);
        at + 1
    }

    /// A number with its marks, and with what is written without a space behind it: `1,000`, `11th`, `10-member`.
    fn number(&mut self, at: usize, end: usize) -> usize {
        let tokens = self.tokens;
        let mut to = at + 1;
        let mut joined = false;
        while to < end && !tokens[to].spaced {
            // "the 50% tariff"
            if tokens.surface(to) == "%" {
                to += 1;
                break;
            }
            let inner = tokens[to].kind == TokenKind::Mark
                && matches!(tokens.surface(to), "," | "." | "-" | "/")
                && to + 1 < end
                && !tokens[to + 1].spaced
                && tokens[to + 1].kind != TokenKind::Mark;
            if !inner && (tokens[to].kind == TokenKind::Mark || matches!(tokens.lower(to), "'s" | "’s")) {
                break;
            }
            joined |= tokens[to].kind == TokenKind::Word;
            to += 1;
        }
        let key = tokens.lower_between(at, to);
        self.push(at, to, key, None, if joined && key.contains('-') { Tag::Adj } else { Tag::Num });
        to
    }

    fn name(&mut self, at: usize, end: usize) -> Option<usize> {
        let tokens = self.tokens;
        if tokens[at].case == Case::Lower {
            return None;
        }
        let next = |more: usize| if at + 1 + more < end { tokens.surface(at + 1 + more) } else { "" };
        let surface = tokens.surface(at);
        let own = self.wanted.names.find(surface, |more| next(more).into()).map(|found| (found, true));
        let mut found =
            own.or_else(|| Gazetteer::get().find(surface, |more| next(more).into()).map(|found| (found, false)));
        if found.is_none() && tokens[at].case == Case::Upper && surface.len() > 3 {
            let title = |word: &str| {
                let mut chars = word.chars();
                chars.next().map_or_else(String::new, |first| format!("{first}{}", chars.as_str().to_lowercase()))
            };
            found = Gazetteer::get().find(&title(surface), |more| title(next(more)).into()).map(|found| (found, false));
        }
        let ((name, more), own) = found?;
        let to = at + 1 + more;
        // "Turkish-led" is one word; a name with a hyphen of its own was found whole.
        if self.is_hyphen(to, end) {
            return None;
        }
        // "Real Madrid": a city inside a name of something else.
        let city = name.kind == super::gazetteer::Kind::Seat && !own;
        let inside = |before: &W<'_>| {
            before.capital
                && before.tag == Tag::Other
                && before.entry.is_none()
                && before.name.is_none()
                && !before.joined
        };
        let company = |before: &W<'_>| before.capital && Gazetteer::get().is_inside(before.key);
        if tokens[at].spaced && !own && self.out.last().is_some_and(|before| city && inside(before) || company(before))
        {
            return None;
        }
        let key = tokens.lower_between(at, to);
        let adjective = name.kind == super::gazetteer::Kind::Adjective;
        self.push(at, to, key, None, if adjective { Tag::Adj } else { Tag::Proper }).name = Some((name, own));
        Some(to)
    }

    fn is_hyphen(&self, at: usize, end: usize) -> bool {
        at + 1 < end
            && matches!(self.tokens.surface(at), "-" | "\u{2010}" | "\u{2011}")
            && !self.tokens[at].spaced
            && !self.tokens[at + 1].spaced
            && self.tokens[at + 1].kind != TokenKind::Mark
    }

    fn word(&mut self, at: usize, end: usize) -> usize {
        let tokens = self.tokens;
        let mut to = at + 1;
        while self.is_hyphen(to, end) {
            to += 2;
        }
        // "F-16s"
        let plural = to > at + 1 && to < end && tokens[to - 1].kind == TokenKind::Number && !tokens[to].spaced;
        if plural && tokens.lower(to) == "s" {
            to += 1;
        }
        let lexicon = Lexicon::get();
        let lower_first = tokens.lower(at);
        if to > at + 1 {
            let key = tokens.lower_between(at, to);
            let bare: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
            let last_adjective = tokens.lower(to - 1);
            // "test-launched" is launched.
            let verb = PREFIXES.contains(&lower_first).then(|| lexicon.entry(last_adjective)).flatten();
            let entry = lexicon
                .entry(key)
                .or_else(|| lexicon.entry(&bare))
                .or(verb.filter(|entry| entry.classes.any(Classes::VERB)));
            let mut asked = self.wanted.form(&bare);
            if asked == (None, None) && verb.is_some() {
                // "test-fired" is both.
                let (first, last) = (self.wanted.form(lower_first).0, self.wanted.form(last_adjective).0);
                asked.0 = last.or(first);
            }
            let led = matches!(last_adjective, "led")
                .then(|| Gazetteer::get().find(tokens.surface(at), |_| Cow::Borrowed("")))
                .flatten();
            let word = self.push(at, to, key, entry, Tag::Other);
            word.joined = entry.is_none() && asked == (None, None);
            if word.joined {
                let own = lexicon.entry(last_adjective).map_or(Classes::NONE, |entry| entry.classes);
                word.classes = if own.any(Classes::NOUN) && !own.any(Classes::VERB) {
                    Classes::ADJ.with(Classes::NOUN)
                } else {
                    Classes::ADJ
                };
                word.name = led.map(|(name, _)| (name, false));
            }
            word.asked = asked;
            return to;
        }
        let lower = tokens.lower(at);
        let apostrophe = lower.bytes().any(|byte| byte == b'\'' || !byte.is_ascii());
        if apostrophe && let Some(cut) = SHORTENED.iter().find_map(|ending| lower.strip_suffix(ending)) {
            let place = lower.len() - cut.len();
            let ending = if lower.ends_with("ll") {
                "'ll"
            } else {
                SHORTENED.iter().copied().find(|known| lower.ends_with(known)).unwrap_or("'d")
            };
            let token = tokens[at];
            let first = self.push(at, at + 1, &lower[..cut.len()], lexicon.entry(cut), Tag::Other);
            first.end = token.end - place;
            let plain = ending.replace('’', "'");
            let second = self.push(at, at + 1, &lower[cut.len()..], lexicon.entry(&plain), Tag::Other);
            second.start = token.end - place;
            return at + 1;
        }
        if (apostrophe || lower == "cannot")
            && let Some((entry, bare)) = negated(lower)
        {
            // Two words in one token: each stands for the whole of it.
            self.push(at, at + 1, bare, Some(entry), Tag::Other);
            self.push(at, at + 1, "not", lexicon.entry("not"), Tag::Not);
            return at + 1;
        }
        let entry = Numbered::get().entry(tokens.word(at));
        let asked = self.wanted.form(lower);
        self.push(at, at + 1, lower, entry, Tag::Other).asked = asked;
        at + 1
    }
}

/// `won't`, `didn't`, `cannot`: the verb in it.
fn negated(lower: &str) -> Option<(&'static Entry, &'static str)> {
    let bare = lower.strip_suffix("n't").or_else(|| lower.strip_suffix("n’t"));
    let bare = match (bare, lower) {
        (_, "cannot") | (Some("ca"), _) => "can",
        (Some("wo"), _) => "will",
        (Some("sha"), _) => "shall",
        (Some(bare), _) => [
            "is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "would", "could", "should", "must",
            "might",
        ]
        .iter()
        .copied()
        .find(|known| *known == bare)?,
        _ => return None,
    };
    Some((Lexicon::get().entry(bare)?, bare))
}
