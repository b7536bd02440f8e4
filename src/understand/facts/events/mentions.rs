//! The words that name happenings, with the places and names beside them.

use std::ops::Range;

use super::words::Role;
use super::{Found, Reader};
use crate::understand::facts::Asked;
use crate::understand::facts::tokens::{Case, Kind, Tokens, cut};

/// A place is looked for so many tokens behind its happening.
const PLACE_REACH: usize = 14;

/// More words than these no name has.
const NAME_WORDS_MAX: usize = 5;

/// A noun or verb that names a happening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) kind: String,
    pub(super) tokens: Range<usize>,
    pub(super) verb: bool,
}

impl Reader<'_> {
    /// All mentions of the sentence, in order. Of two nouns in a row the last is the head.
    pub(super) fn find_mentions(&self, asked: &[Wish]) -> Vec<Mention> {
        let mut mentions: Vec<Mention> = Vec::new();
        let mut at = self.sentence.start;
        while at < self.sentence.end {
            let Some(mention) = self.mention_at(at, asked) else {
                at += 1;
                continue;
            };
            at = mention.tokens.end;
            // `no talks on Monday`
            if at > self.sentence.start
                && mention.tokens.start > self.sentence.start
                && self.is(mention.tokens.start - 1, Role::Naught).is_some()
            {
                continue;
            }
            // `vote in parliamentary elections`
            if let Some(before) = mentions.last()
                && self.is_held_in(before, &mention)
            {
                mentions.pop();
                mentions.push(mention);
                continue;
            }
            // `the summit venue`
            if !mention.verb && self.is(at, Role::Part).is_some() {
                continue;
            }
            // `the anniversary of the treaty` is an anniversary.
            let of = (1..=2).find(|back| {
                mention.tokens.start >= self.sentence.start + back
                    && matches!(self.tokens.lower(mention.tokens.start - back), "of" | "des" | "der")
            });
            let belongs = of.is_some_and(|back| {
                let end = mention.tokens.start - back;
                mentions.last().is_some_and(|before| !before.verb && before.tokens.end == end)
            });
            if belongs || mentions.last().is_some_and(|before| self.is_topic(before, &mention)) {
                continue;
            }
            if let Some(before) = mentions.last()
                && !before.verb
                && !mention.verb
                && before.tokens.end == mention.tokens.start
            {
                mentions.pop();
            }
            mentions.push(mention);
        }
        if mentions.is_empty() { self.named().into_iter().collect() } else { mentions }
    }

    /// Whether the first is only a part of the second: `vote in parliamentary elections`.
    fn is_held_in(&self, part: &Mention, whole: &Mention) -> bool {
        let between = part.tokens.end..whole.tokens.start;
        let holds = || {
            let entries = self.words.get(self.tokens.word(part.tokens.start));
            entries.is_some_and(|entries| {
                entries.all.iter().any(|entry| matches!(entry.role, Role::Holds(kind) if kind == whole.kind))
            })
        };
        (1..=4).contains(&between.len()) && self.is(between.start, Role::Inside).is_some() && holds()
    }

    /// Whether the second is only what the first is about: `a vote on the new budget`.
    fn is_topic(&self, of: &Mention, mention: &Mention) -> bool {
        /// `on the planned new budget`
        const APART_MAX: usize = 4;
        let between = of.tokens.end..mention.tokens.start;
        let joint = self.is(of.tokens.end, Role::Topic).or_else(|| {
            let inside = self.is(of.tokens.end, Role::Inside);
            inside.filter(|_| !of.verb)
        });
        joint.is_some()
            && !mention.verb
            && between.len() <= APART_MAX
            && between.clone().skip(1).all(|at| {
                self.tokens[at].kind == Kind::Word
                    && !self.reading.begins_date(at)
                    && self.is(at, Role::Boundary).is_none()
            })
    }

    fn mention_at(&self, at: usize, asked: &[Wish]) -> Option<Mention> {
        if let Some((end, kind)) = Wish::at(asked, self.tokens, at) {
            return Some(Mention { kind, tokens: at..end, verb: false });
        }
        let determined = self.is_determined(at);
        let entries = self.words.get(self.tokens.word(at))?;
        let modal = at > self.sentence.start && self.is(at - 1, Role::Helper).is_some();
        let mut found = None;
        for entry in &entries.all {
            let (kind, verb) = match entry.role {
                Role::Noun(kind) if !modal || entry.rest.len() > 1 => (kind, false),
                Role::Verb(kind) if !determined || !entry.rest.is_empty() => (kind, true),
                Role::Modal(kind) if modal => (kind, true),
                _ => continue,
            };
            let Some(end) = entry.end(self.tokens, at) else { continue };
            found = Some(Mention { kind: kind.to_owned(), tokens: at..end, verb });
            // A noun, if the word can be one here; a verb at once behind a name.
            if !verb || !determined {
                break;
            }
        }
        // `March` and `May` with capitals are months.
        let month = self.tokens.lower(at) == "march" && self.tokens[at].case == Case::Title && at > self.sentence.start;
        found.filter(|_| !month)
    }

    /// How many days something lasts by a word of its own: `week-long`.
    pub(super) fn long(&self, at: usize) -> Option<i32> {
        let entries = self.words.get(self.tokens.word(at))?;
        entries.all.iter().find_map(|entry| match entry.role {
            Role::Long(days) => entry.end(self.tokens, at).map(|_| days),
            _ => None,
        })
    }

    fn is_determined(&self, at: usize) -> bool {
        at > self.sentence.start
            && matches!(
                self.tokens.lower(at - 1),
                "the"
                    | "a"
                    | "an"
                    | "their"
                    | "its"
                    | "der"
                    | "die"
                    | "das"
                    | "'s"
                    | "’s"
                    | "his"
                    | "her"
                    | "this"
                    | "of"
            )
    }

    /// A happening that no list has, by the verb that holds it: `COP30 will be held`.
    fn named(&self) -> Option<Mention> {
        let verb = self.sentence.clone().find(|at| self.is(*at, Role::Effect).is_some())?;
        let end = (self.sentence.start..verb).rev().find(|at| {
            matches!(self.tokens[*at].kind, Kind::Word | Kind::Number) && self.is(*at, Role::Holding).is_none()
        })? + 1;
        let mut start = end - 1;
        // `COP30` is two tokens.
        while start > self.sentence.start && !self.tokens[start].spaced && self.tokens[start - 1].kind != Kind::Mark {
            start -= 1;
        }
        let span = self.tokens.span(start..end);
        let words = &self.tokens.text()[span];
        let pronoun =
            matches!(self.tokens.lower(start), "it" | "they" | "this" | "that" | "he" | "she" | "which" | "es" | "sie");
        (!pronoun).then(|| Mention { kind: words.to_lowercase(), tokens: start..end, verb: false })
    }

    /// Where it is: the capitals behind `in`, between the mention and a little behind its date.
    pub(super) fn place(&self, mention: &Mention, found: &Found, dates: &[Found]) -> Option<String> {
        let from = mention.tokens.end;
        let to = found.tokens.end.max(from).saturating_add(PLACE_REACH).min(self.sentence.end);
        let inside = |at: usize| {
            let before = dates.partition_point(|date| date.tokens.start <= at);
            before > 0 && dates[before - 1].tokens.contains(&at)
        };
        (from..to).find_map(|at| {
            let start = self.is(at, Role::In)?;
            let the = usize::from(self.tokens.lower(start) == "the" && self.is_name(start));
            (self.is_name(start + the) && !inside(start)).then(|| self.capitals(start))
        })
    }

    pub(super) fn is_name(&self, at: usize) -> bool {
        at < self.sentence.end && self.tokens[at].kind == Kind::Word && self.tokens[at].case != Case::Lower
    }

    /// The words with capitals from a token on, with the small words inside names.
    fn capitals(&self, start: usize) -> String {
        let mut end = start + 1;
        while end < start + NAME_WORDS_MAX {
            let joined = self.is(end, Role::Join).is_some() && self.is_name(end + 1) && self.tokens.lower(end) != "the";
            let hyphen = self.tokens.surface(end) == "-" && !self.tokens[end].spaced && self.is_name(end + 1);
            if self.is_name(end) {
                end += 1;
            } else if joined || hyphen {
                end += 2;
            } else {
                break;
            }
        }
        self.tokens.text()[self.tokens.span(start..end.min(self.sentence.end))].to_owned()
    }

    /// What it is called: the names before the word for it, and the word.
    pub(super) fn name(&self, mention: &Mention) -> Option<String> {
        let mut start = mention.tokens.start;
        let floor = start.saturating_sub(NAME_WORDS_MAX).max(self.sentence.start);
        while start > floor {
            let before = &self.tokens[start - 1];
            let number = before.kind == Kind::Number && !before.spaced;
            let name = self.is_name(start - 1) || number;
            let small = self.is(start - 1, Role::Join).is_some() || self.is(start - 1, Role::Preposition).is_some();
            if !name || small {
                break;
            }
            start -= 1;
        }
        let is_article =
            |at: usize| matches!(self.tokens.lower(at), "a" | "an" | "the" | "der" | "die" | "das" | "ein" | "eine");
        if start < mention.tokens.start && is_article(start) {
            start += 1;
        }
        let named = start < mention.tokens.start && !mention.verb;
        named.then(|| self.tokens.text()[self.tokens.span(start..mention.tokens.end)].to_owned())
    }
}

/// A kind of happening that a query names.
pub(super) struct Wish {
    kind: String,
    /// Its words in lower case.
    words: Vec<String>,
}

impl Wish {
    /// Whatever is asked for.
    pub(super) fn all(asked: &Asked) -> Vec<Self> {
        let kinds = asked.events.iter().map(|kind| kind.to_lowercase());
        let cut = |kind: String| {
            let words = cut(&kind).iter().map(|token| kind[token.start..token.end].to_owned()).collect();
            Self { kind, words }
        };
        kinds.map(cut).filter(|wish| !wish.words.is_empty()).collect()
    }

    /// The first that stands at a token, also in the plural, and the token behind it.
    fn at(all: &[Self], tokens: &Tokens<'_>, at: usize) -> Option<(usize, String)> {
        if all.is_empty() || tokens[at].kind != Kind::Word {
            return None;
        }
        let stands = |wish: &&Self| {
            wish.words.iter().enumerate().all(|(index, want)| {
                let word = tokens.lower(at + index);
                word == want || (index + 1 == wish.words.len() && is_plural(word, want))
            })
        };
        all.iter().find(stands).map(|wish| (at + wish.words.len(), wish.kind.clone()))
    }
}

fn is_plural(word: &str, of: &str) -> bool {
    let ending = word.strip_prefix(of);
    ending.is_some_and(|ending| matches!(ending, "s" | "es" | "e" | "en" | "n"))
        || of.strip_suffix('y').is_some_and(|stem| word.strip_prefix(stem) == Some("ies"))
}

/// The forms in which an asked word is found.
pub(super) fn asked_forms(word: &str) -> Vec<String> {
    let endings = ["", "s", "es", "e", "en", "n"].map(|ending| format!("{word}{ending}"));
    endings.into_iter().chain(word.strip_suffix('y').map(|stem| format!("{stem}ies"))).collect()
}
