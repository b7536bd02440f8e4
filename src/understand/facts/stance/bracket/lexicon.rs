//! The words of statements of a language whose verbs stand in a bracket, read from its lists.

use std::sync::LazyLock;

use super::super::super::tokens::{Kind, Tokens};
use super::super::classes::Family;
use super::super::quick::Words;

const STATEMENTS: &str = include_str!("../../../words/de/statements.txt");
const NAMES: &str = include_str!("../../../words/de/names.txt");

static GERMAN: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(STATEMENTS, NAMES));

/// Endings that a noun or an adjective may have.
const ENDINGS: [&str; 9] = ["", "s", "n", "e", "es", "en", "er", "em", "ern"];

/// Syllables that take no other before them in a participle.
const UNPARTED: [&str; 7] = ["be", "ver", "er", "ent", "zer", "ge", "miss"];

/// No shorter word stands at the end of a compound.
const COMPOUND_MIN: usize = 4;

/// A form of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `lehnt`: it makes a clause, and its particle stands apart.
    Finite,
    /// `ablehnt`: the same at the end of a clause that hangs on another.
    Last,
    Participle,
    Infinitive,
    /// `abzulehnen`
    WithTo,
}

/// What a little word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Little {
    Have,
    Be,
    Become,
    Future,
    Will,
    May,
    Must,
    Not,
    No,
    Longer,
    To,
    That,
    Condition,
    Sub,
    Doubt,
    And,
    Det,
    Genitive,
    Poss,
    Pron,
    Prep,
    Agent,
    Done,
    Ahead,
    Reported,
}

/// What a verb or a noun is and does.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    pub(super) act: Option<&'static str>,
    pub(super) family: Option<Family>,
}

/// A verb.
#[derive(Debug, Clone)]
pub(super) struct Verb {
    pub(super) particle: Option<&'static str>,
    pub(super) meaning: Meaning,
}

/// A noun that tells an act or what becomes of one; of a compound of two both.
#[derive(Debug, Clone, Default)]
pub(super) struct Noun {
    pub(super) act: Option<&'static str>,
    pub(super) family: Option<Family>,
}

/// A name of a country or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// The common English one.
    pub(super) of: &'static str,
    pub(super) adjective: bool,
}

/// All words.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    pub(super) verbs: Vec<Verb>,
    forms: Words<String, Vec<(usize, Form)>>,
    nouns: Words<&'static str, Meaning>,
    passes: Vec<&'static str>,
    blocks: Vec<&'static str>,
    adjectives: Vec<(&'static str, Family)>,
    little: Words<&'static str, Vec<Little>>,
    officials: Vec<&'static str>,
    /// By the first token, the others.
    names: Words<String, Vec<(Vec<String>, Name)>>,
    /// Their stems in lower case, and whose they are.
    name_adjectives: Vec<(String, &'static str)>,
}

impl Lexicon {
    pub(super) fn get() -> &'static Self {
        &GERMAN
    }

    fn read(statements: &'static str, names: &'static str) -> Self {
        let mut it = Self::default();
        let rows = |text: &'static str| text.lines().filter(|row| !row.is_empty() && !row.starts_with('#'));
        for row in rows(statements) {
            let Some((head, list)) = row.split_once(": ") else { continue };
            let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
            match head.split(' ').collect::<Vec<_>>()[..] {
                ["verbs", act, family] => words.for_each(|written| it.add_verb(written, &meaning(act, family))),
                ["nouns", act, family] => {
                    words.for_each(|noun| _ = it.nouns.insert(noun, meaning(act, family)));
                }
                ["adjectives", family] => {
                    let family = Family::named(family);
                    it.adjectives.extend(words.filter_map(|word| Some((word, family?))));
                }
                ["pass"] => it.passes.extend(words),
                ["block"] => it.blocks.extend(words),
                ["official"] => it.officials.extend(words),
                [class] => {
                    if let Some(class) = little(class) {
                        words.for_each(|word| it.little.entry(word).or_default().push(class));
                    }
                }
                _ => {}
            }
        }
        for row in rows(names) {
            let [of, names, adjectives, seats] = row.split(';').collect::<Vec<_>>()[..] else { continue };
            let parts = |cell: &'static str| cell.split('/').map(str::trim).filter(|name| !name.is_empty());
            for name in parts(names).chain(parts(seats)) {
                let tokens = Tokens::new(name);
                let mut words = (0..tokens.len()).map(|at| tokens.surface(at).to_owned());
                let Some(first) = words.next() else { continue };
                it.names.entry(first).or_default().push((words.collect(), Name { of, adjective: false }));
            }
            it.name_adjectives.extend(parts(adjectives).map(|adjective| (adjective.to_lowercase(), of)));
        }
        for names in it.names.values_mut() {
            names.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        it
    }

    /// Adds a verb as it is written: `ab|lehnen`, `aus|treten/tritt/trat/getreten`.
    fn add_verb(&mut self, written: &'static str, meaning: &Meaning) {
        let mut parts = written.split('/');
        let whole = parts.next().unwrap_or_default();
        let (particle, base) = match whole.split_once('|') {
            Some((particle, base)) => (Some(particle), base),
            None => (None, whole),
        };
        let stem = base.strip_suffix("en").or_else(|| base.strip_suffix('n')).unwrap_or(base);
        let prefixed = UNPARTED.iter().any(|prefix| base.starts_with(prefix)) || stem.ends_with("ier");
        let weak = || {
            let past = format!("{stem}te");
            (format!("{stem}t"), past, if prefixed { format!("{stem}t") } else { format!("ge{stem}t") })
        };
        let (present, past, participle) = match (parts.next(), parts.next(), parts.next()) {
            (Some(present), Some(past), Some(participle)) => (present.into(), past.into(), participle.into()),
            _ => weak(),
        };
        let many = if past.ends_with('e') { format!("{past}n") } else { format!("{past}en") };
        let finite = [present, base.to_owned(), past, many, format!("{stem}e")];
        let number = self.verbs.len();
        let joined = particle.unwrap_or_default();
        let mut add = |form: String, kind| self.forms.entry(form).or_default().push((number, kind));
        for form in finite {
            if particle.is_some() {
                add(format!("{joined}{form}"), Form::Last);
            }
            add(form, Form::Finite);
        }
        add(format!("{joined}{participle}"), Form::Participle);
        add(format!("{joined}{base}"), Form::Infinitive);
        if particle.is_some() {
            add(format!("{joined}zu{base}"), Form::WithTo);
        }
        self.verbs.push(Verb { particle, meaning: meaning.clone() });
    }

    /// The verbs that a word in lower case is a form of.
    pub(super) fn forms(&self, word: &str) -> &[(usize, Form)] {
        self.forms.get(word).map_or(&[], Vec::as_slice)
    }

    pub(super) fn is(&self, word: &str, class: Little) -> bool {
        self.little.get(word).is_some_and(|classes| classes.contains(&class))
    }

    pub(super) fn is_little(&self, word: &str) -> bool {
        self.little.contains_key(word)
    }

    fn plain_noun(&self, word: &str) -> Option<&Meaning> {
        ENDINGS.iter().find_map(|ending| self.nouns.get(word.strip_suffix(ending)?))
    }

    /// What a noun in lower case is, also where it is a compound: `vetodrohung`, `sanktionspaket`, `eu-sanktionen`.
    pub(super) fn noun(&self, word: &str) -> Option<Noun> {
        if let Some(plain) = self.plain_noun(word) {
            return Some(Noun { act: plain.act, family: plain.family });
        }
        let places = || word.char_indices().map(|(at, _)| at).skip(2);
        if places().any(|at| self.blocks.iter().any(|last| ends_as(&word[at..], last))) {
            return None;
        }
        places().find_map(|at| {
            let (first, last) = word.split_at(at);
            if last.len() < COMPOUND_MIN {
                return None;
            }
            let first = first.strip_suffix('-').unwrap_or(first);
            let before = self.plain_noun(first).and_then(|meaning| meaning.act);
            if before.is_some() && self.passes.iter().any(|pass| ends_as(last, pass)) {
                return Some(Noun { act: before, family: None });
            }
            let meaning = self.plain_noun(last)?;
            match (before, meaning.act) {
                (Some(act), None) => Some(Noun { act: Some(act), family: meaning.family }),
                (_, Some(act)) => Some(Noun { act: Some(act), family: None }),
                (None, None) => Some(Noun { act: None, family: meaning.family }),
            }
        })
    }

    /// What an adjective in lower case does to the act that it stands before.
    pub(super) fn adjective(&self, word: &str) -> Option<Family> {
        self.adjectives.iter().find(|(stem, _)| ends_as(word, stem)).map(|(_, family)| *family)
    }

    pub(super) fn is_official(&self, word: &str) -> bool {
        let last = |official: &&str| {
            ENDINGS.iter().any(|ending| word.strip_suffix(ending).is_some_and(|word| word.ends_with(*official)))
        };
        self.officials.iter().any(last)
    }

    /// The name that begins at a token, and the token behind it. A genitive has an `s` more.
    pub(super) fn name(&self, tokens: &Tokens<'_>, at: usize) -> Option<(usize, Name)> {
        let surface = tokens.surface(at);
        let known = self.names.get(surface).or_else(|| self.names.get(surface.strip_suffix('s')?));
        let whole = known.and_then(|names| {
            names
                .iter()
                .find(|(rest, _)| rest.iter().enumerate().all(|(index, word)| tokens.surface(at + 1 + index) == *word))
        });
        if let Some((rest, name)) = whole {
            return Some((at + 1 + rest.len(), *name));
        }
        let lower = tokens.lower(at);
        let adjective = self.name_adjectives.iter().find(|(stem, _)| ends_as(lower, stem));
        adjective.map(|(_, of)| (at + 1, Name { of, adjective: true }))
    }

    /// Words, in lower case, by one of which a sentence may be about an act.
    pub(super) fn words_of(&self, act: &str) -> Vec<String> {
        let is_it = |meaning: &Meaning| meaning.act == Some(act);
        let verbs =
            self.forms.iter().filter(move |(_, forms)| forms.iter().any(|(verb, _)| is_it(&self.verbs[*verb].meaning)));
        let nouns = self.nouns.iter().filter(move |(_, meaning)| is_it(meaning));
        let nouns = nouns.flat_map(|(noun, _)| ENDINGS.iter().map(move |ending| format!("{noun}{ending}")));
        verbs.map(|(form, _)| form.clone()).chain(nouns).collect()
    }

    /// Nouns, in lower case, that tell an act also as a part of a longer word.
    pub(super) fn roots_of(&self, act: &str) -> Vec<String> {
        self.nouns.iter().filter(|(_, meaning)| meaning.act == Some(act)).map(|(noun, _)| (*noun).to_owned()).collect()
    }

    /// Whether a word of a sentence may tell an act.
    pub(super) fn may_act(&self, tokens: &Tokens<'_>, at: usize) -> bool {
        if tokens[at].kind != Kind::Word {
            return false;
        }
        let word = tokens.lower(at);
        let verb = self.forms(word).iter().any(|(verb, _)| self.verbs[*verb].meaning.act.is_some());
        verb || tokens.surface(at).starts_with(char::is_uppercase)
            && self.noun(word).is_some_and(|noun| noun.act.is_some())
    }
}

/// Whether a word is another but for its ending.
fn ends_as(word: &str, stem: &str) -> bool {
    word.strip_prefix(stem).is_some_and(|ending| ENDINGS.contains(&ending))
}

fn meaning(act: &'static str, family: &'static str) -> Meaning {
    Meaning { act: (act != "-").then_some(act), family: Family::named(family) }
}

fn little(class: &str) -> Option<Little> {
    Some(match class {
        "have" => Little::Have,
        "be" => Little::Be,
        "become" => Little::Become,
        "future" => Little::Future,
        "will" => Little::Will,
        "may" => Little::May,
        "must" => Little::Must,
        "not" => Little::Not,
        "no" => Little::No,
        "longer" => Little::Longer,
        "to" => Little::To,
        "that" => Little::That,
        "condition" => Little::Condition,
        "sub" => Little::Sub,
        "doubt" => Little::Doubt,
        "and" => Little::And,
        "det" => Little::Det,
        "genitive" => Little::Genitive,
        "poss" => Little::Poss,
        "pron" => Little::Pron,
        "prep" => Little::Prep,
        "agent" => Little::Agent,
        "done" => Little::Done,
        "ahead" => Little::Ahead,
        "reported" => Little::Reported,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compounds_are_what_their_last_part_makes_of_the_first() {
        let lexicon = Lexicon::get();
        for (word, act, family) in [
            ("veto", Some("veto"), None),
            ("vetodrohung", Some("veto"), Some(Family::Commit)),
            ("sanktionspaket", Some("sanction"), None),
            ("eu-sanktionen", Some("sanction"), None),
            ("vetorecht", None, None),
            ("forderungen", None, Some(Family::Direct)),
        ] {
            let noun = lexicon.noun(word).unwrap_or_default();
            assert_eq!((noun.act, noun.family), (act, family), "{word}");
        }
    }

    #[test]
    fn verbs_have_their_forms() {
        let lexicon = Lexicon::get();
        for (word, base, form) in [
            ("blockierte", "blockieren", Form::Finite),
            ("blockiert", "blockieren", Form::Participle),
            ("lehnt", "ablehnen", Form::Finite),
            ("abgelehnt", "ablehnen", Form::Participle),
            ("abzulehnen", "ablehnen", Form::WithTo),
            ("zurückgetreten", "zurücktreten", Form::Participle),
            ("zogen", "abziehen", Form::Finite),
            ("verboten", "verbieten", Form::Participle),
        ] {
            let is_base = |verb: &usize| lexicon.forms(base).contains(&(*verb, Form::Infinitive));
            let found = lexicon.forms(word).iter().any(|(verb, kind)| is_base(verb) && *kind == form);
            assert!(found, "{word}");
        }
    }
}
