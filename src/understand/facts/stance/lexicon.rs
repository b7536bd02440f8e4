//! The words of the language: what they can be, what they do to an act that hangs on them, and which acts they are.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::classes::{Classes, Family};
use super::inflect;
use super::quick::Words;

const CLASSES: &str = include_str!("../../words/en/classes.txt");
const VERBS: &str = include_str!("../../words/en/verbs.txt");
const EMBEDDERS: &str = include_str!("../../words/en/embedders.txt");
const ACTS: &str = include_str!("../../words/en/acts.txt");
const NOMINALS: &str = include_str!("../../words/en/nominals.txt");

static ENGLISH: LazyLock<Lexicon> = LazyLock::new(Lexicon::english);

/// With which objects a verb is an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Objects {
    Any,
    Some,
    None,
    /// Something that one can be in: "leave the alliance".
    Body,
    /// Something that one can hit: not "strike a deal".
    Target,
}

/// What a verb, an idiom or a noun does.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    /// What it does to an act that hangs on it.
    pub(super) family: Option<Family>,
    /// Of a verb: without an object it speaks of its own subject's act: "asked to join". Of a noun: behind another it makes
    /// no act of that: "veto power".
    pub(super) own: bool,
    /// Of a verb: what it says has to be done, so that an order to one's own is one's own decision.
    pub(super) orders: bool,
    /// The acts that it is, as numbers in [`Lexicon::acts`].
    pub(super) acts: Vec<u16>,
    /// Of each of them, with which objects it is that act.
    pub(super) objects: Vec<Objects>,
}

/// A verb with the words behind it that make it another: `rule out`.
#[derive(Debug, Clone)]
pub(super) struct Idiom {
    /// The words behind the verb.
    pub(super) words: Vec<String>,
    /// What it does.
    pub(super) meaning: Meaning,
}

/// A verb in all its forms.
#[derive(Debug, Clone, Default)]
pub(super) struct Verb {
    /// Its base form.
    pub(super) base: String,
    /// What it does by itself.
    pub(super) meaning: Meaning,
    /// What it does with other words, those of most words first.
    pub(super) idioms: Vec<Idiom>,
}

/// What is known of one form of a word.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// What it can be.
    pub(super) classes: Classes,
    /// The verb that it is a form of, as a number in [`Lexicon::verbs`].
    pub(super) verb: Option<u16>,
    /// What it does as a noun.
    pub(super) noun: Meaning,
    /// What it does as an adjective.
    pub(super) adjective: Option<Family>,
}

/// All that is known of the words of a language.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    entries: Words<String, Entry>,
    /// By their first word: the other words, and the whole as it stands in `entries`. The longest come first.
    phrases: Words<String, Vec<(Vec<String>, String)>>,
    /// All verbs.
    pub(super) verbs: Vec<Verb>,
    /// Base forms of the built-in acts.
    pub(super) acts: Vec<String>,
    nominals: Words<&'static str, Vec<&'static str>>,
    /// Verbs whose own form as a noun is not the act: a host, a ship.
    other_nouns: Vec<&'static str>,
    /// Those that are a built-in act only where they are somebody's, or on something: a block.
    owned_nouns: Vec<&'static str>,
    /// Those that are an act only where a word leads to them: a fine.
    led_nouns: Vec<&'static str>,
}

/// Of the words behind the first one of an idiom the longest, which few sentences have; of a word with hyphens its last part,
/// since a text is cut there.
fn rarest<'w>(words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    words.filter_map(|word| word.rsplit('-').next()).filter(|word| !word.is_empty()).max_by_key(|word| word.len())
}

/// As it is spelt with `z`, where it may be: `recognise` and `recognize` are one verb.
fn american(base: &str) -> Cow<'_, str> {
    base.strip_suffix("ise").map_or(base.into(), |stem| format!("{stem}ize").into())
}

fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn items(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

impl Lexicon {
    /// The English one.
    pub(super) fn get() -> &'static Self {
        &ENGLISH
    }

    /// What is known of a word in lower case.
    pub(super) fn entry(&'static self, word: &str) -> Option<&'static Entry> {
        self.entries.get(word)
    }

    /// All words and phrases.
    pub(super) fn words(&'static self) -> impl Iterator<Item = &'static str> {
        self.entries.keys().map(String::as_str)
    }

    /// By their first word: the other words, and the whole; the longest come first.
    pub(super) fn phrases(&self) -> impl Iterator<Item = (&str, &[(Vec<String>, String)])> {
        self.phrases.iter().map(|(first, phrases)| (first.as_str(), &phrases[..]))
    }

    /// Nouns that mean the act of a verb, in singular and plural.
    pub(super) fn nominals(&self, base: &str) -> Vec<String> {
        let mut nouns = Vec::new();
        if let Some(listed) = self.nominals.get(base) {
            nouns.extend(listed.iter().flat_map(|noun| [(*noun).to_owned(), inflect::with_s(noun)]));
        } else {
            nouns = inflect::nominals(base);
        }
        let is_noun = self.entries.get(base).is_none_or(|entry| entry.classes.any(Classes::NOUN));
        if is_noun && !self.other_nouns.contains(&base) {
            nouns.extend([base.to_owned(), inflect::with_s(base)]);
        }
        nouns
    }

    /// Whether a noun is a built-in act only where it is somebody's, or on something.
    pub(super) fn is_owned(&self, noun: &str) -> bool {
        self.owned_nouns.contains(&noun)
    }

    /// Whether a noun is an act only behind another word.
    pub(super) fn is_led(&self, noun: &str) -> bool {
        self.led_nouns.contains(&noun)
    }

    /// All forms of a verb that is known.
    pub(super) fn forms(&self, base: &str) -> Vec<String> {
        let number = self.entries.get(base).and_then(|entry| entry.verb);
        let of_it = |entry: &Entry| entry.verb == number && entry.classes.any(Classes::VERB);
        self.entries.iter().filter(|(_, entry)| of_it(entry)).map(|(form, _)| form.clone()).collect()
    }

    /// The verb that a word is a form of.
    pub(super) fn verb_of(&self, form: &str) -> Option<&Verb> {
        self.entries.get(form).and_then(|entry| entry.verb).map(|verb| &self.verbs[usize::from(verb)])
    }

    fn english() -> Self {
        let mut it = Self::default();
        for row in rows(NOMINALS) {
            let mut words = row.split_whitespace();
            match words.next() {
                Some("-") => it.other_nouns = words.collect(),
                Some("~") => it.led_nouns = words.collect(),
                Some(verb) => _ = it.nominals.insert(verb, words.collect()),
                None => {}
            }
        }
        // Irregular verbs come first: a verb is what it was first said to be.
        let written = || rows(VERBS).flat_map(str::split_whitespace);
        let irregular = written().filter(|verb| verb.contains('/'));
        for written in irregular.chain(written().filter(|verb| !verb.contains('/'))) {
            let (is_noun, written) = (written.contains('*'), written.replace('*', ""));
            it.add_verb(&written);
            if is_noun {
                let base = written.split('/').next().unwrap_or_default();
                it.classed(base, Classes::NOUN);
                it.classed(&inflect::with_s(base), Classes::NOUN.with(Classes::PLURAL));
            }
        }
        for row in rows(CLASSES) {
            if let Some((class, words)) = row.split_once(':')
                && let Some(class) = Classes::named(class)
            {
                for word in items(words) {
                    it.classed(word, class);
                    if class == Classes::NOUN {
                        it.classed(&inflect::with_s(word), class.with(Classes::PLURAL));
                    }
                }
            }
        }
        for row in rows(EMBEDDERS) {
            it.add_family(row);
        }
        for row in rows(ACTS) {
            it.add_act(row);
        }
        for verb in &mut it.verbs {
            verb.idioms.sort_by_key(|idiom| std::cmp::Reverse(idiom.words.len()));
        }
        for phrases in it.phrases.values_mut() {
            phrases.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        it
    }

    fn at(&mut self, word: &str) -> &mut Entry {
        if let Some((first, rest)) = word.split_once(' ') {
            let rest: Vec<String> = rest.split(' ').map(str::to_owned).collect();
            let phrases = self.phrases.entry(first.to_owned()).or_default();
            if !phrases.iter().any(|(known, _)| *known == rest) {
                phrases.push((rest, word.to_owned()));
            }
        }
        self.entries.entry(word.to_owned()).or_default()
    }

    fn classed(&mut self, word: &str, class: Classes) {
        let entry = self.at(word);
        entry.classes = entry.classes.with(class);
    }

    /// The number of a verb, which is added where it is new. `written` is as in the list of verbs.
    fn add_verb(&mut self, written: &str) -> u16 {
        let base = written.split('/').next().unwrap_or_default();
        let known = |entry: &Entry| entry.classes.any(Classes::BASE).then_some(entry.verb).flatten();
        if let Some(number) = self.entries.get(base).and_then(known)
            && american(&self.verbs[usize::from(number)].base) == american(base)
        {
            return number;
        }
        let number = u16::try_from(self.verbs.len()).unwrap_or(u16::MAX);
        self.verbs.push(Verb { base: base.to_owned(), ..Verb::default() });
        for (form, class) in inflect::verb(written) {
            let entry = self.at(&form);
            // A form of two verbs, like `found`, is of the one that was there first.
            entry.verb.get_or_insert(number);
            entry.classes = entry.classes.with(class);
        }
        number
    }

    fn add_family(&mut self, row: &'static str) {
        let mut head = row.splitn(3, ' ');
        let (Some(family), Some(kind), Some(words)) = (head.next(), head.next(), head.next()) else { return };
        let Some(family) = Family::named(family) else { return };
        for word in items(words) {
            let (own, orders) = (word.ends_with('~'), word.ends_with('!'));
            let word = word.trim_end_matches(['~', '!']);
            match kind {
                "verb" => self.add_meaning(word, |meaning| {
                    meaning.family.get_or_insert(family);
                    meaning.own |= own;
                    meaning.orders |= orders;
                }),
                "noun" => {
                    for (form, class) in
                        [(word.to_owned(), Classes::NOUN), (inflect::with_s(word), Classes::NOUN.with(Classes::PLURAL))]
                    {
                        let entry = self.at(&form);
                        entry.classes = entry.classes.with(class);
                        entry.noun.family.get_or_insert(family);
                        entry.noun.own |= family == Family::Block;
                    }
                }
                _ => {
                    let entry = self.at(word);
                    entry.classes = entry.classes.with(Classes::ADJ);
                    entry.adjective.get_or_insert(family);
                }
            }
        }
    }

    /// Gives a verb or an idiom a meaning.
    fn add_meaning(&mut self, word: &str, give: impl FnOnce(&mut Meaning)) {
        let mut words = word.split(' ').map(str::to_owned);
        let number = self.add_verb(&words.next().unwrap_or_default());
        let rest: Vec<String> = words.collect();
        let verb = &mut self.verbs[usize::from(number)];
        if rest.is_empty() {
            return give(&mut verb.meaning);
        }
        let at = verb.idioms.iter().position(|idiom| idiom.words == rest).unwrap_or_else(|| {
            verb.idioms.push(Idiom { words: rest, meaning: Meaning::default() });
            verb.idioms.len() - 1
        });
        give(&mut verb.idioms[at].meaning);
    }

    fn add_act(&mut self, row: &'static str) {
        let mut parts = row.split(';');
        let (Some(act), Some(verbs), Some(nouns)) = (parts.next(), parts.next(), parts.next()) else { return };
        let number = u16::try_from(self.acts.len()).unwrap_or(u16::MAX);
        self.acts.push(act.to_owned());
        for verb in items(verbs) {
            let object = match verb.as_bytes().last() {
                Some(b'+') => Objects::Some,
                Some(b'-') => Objects::None,
                Some(b'@') => Objects::Body,
                Some(b'!') => Objects::Target,
                _ => Objects::Any,
            };
            self.add_meaning(verb.trim_end_matches(['+', '-', '@', '!']), |meaning| {
                meaning.acts.push(number);
                meaning.objects.push(object);
            });
        }
        for noun in items(nouns) {
            let bare = noun.trim_end_matches('*');
            if bare != noun {
                self.owned_nouns.push(bare);
            }
            let noun = bare;
            for (form, class) in
                [(noun.to_owned(), Classes::NOUN), (inflect::with_s(noun), Classes::NOUN.with(Classes::PLURAL))]
            {
                let entry = self.at(&form);
                entry.classes = entry.classes.with(class);
                entry.noun.acts.push(number);
            }
        }
    }

    /// Words without a form of which no sentence is about this built-in act, in all their forms.
    pub(super) fn triggers_of(&self, act: &str) -> Vec<&str> {
        let number = self.acts.iter().position(|known| known == act).and_then(|at| u16::try_from(at).ok());
        let Some(number) = number else { return Vec::new() };
        let is_it = |meaning: &Meaning| meaning.acts.contains(&number);
        let is_verb = |verb: &Verb| is_it(&verb.meaning) || verb.idioms.iter().any(|idiom| is_it(&idiom.meaning));
        let of_it = |entry: &Entry| {
            is_it(&entry.noun) || entry.verb.is_some_and(|verb| is_verb(&self.verbs[usize::from(verb)]))
        };
        let words = self.entries.iter().filter(|(_, entry)| of_it(entry)).map(|(word, _)| word.as_str());
        words.map(|word| word.split(' ').next().unwrap_or_default()).collect()
    }

    /// Forms of words by which a sentence may be about a built-in act, each with another word of every idiom that it begins.
    pub(super) fn triggers(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.entries.iter().filter_map(|(word, entry)| {
            if !entry.noun.acts.is_empty() {
                let (first, rest) = word.split_once(' ').unwrap_or((word.as_str(), ""));
                return Some((first, rarest(rest.split(' ')).into_iter().collect()));
            }
            let verb = &self.verbs[usize::from(entry.verb?)];
            if !verb.meaning.acts.is_empty() {
                return Some((word.as_str(), Vec::new()));
            }
            let idioms = verb.idioms.iter().filter(|idiom| !idiom.meaning.acts.is_empty());
            let others: Vec<&str> = idioms.filter_map(|idiom| rarest(idiom.words.iter().map(String::as_str))).collect();
            (!others.is_empty()).then_some((word.as_str(), others))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_word_is_of_one_family() {
        let mut seen = HashSet::new();
        for row in rows(EMBEDDERS).filter(|row| !row.starts_with("block")) {
            let mut head = row.splitn(3, ' ');
            let (family, kind, words) = (head.next().unwrap(), head.next().unwrap(), head.next().unwrap());
            assert!(Family::named(family).is_some(), "{family}");
            assert!(["verb", "noun", "adj"].contains(&kind), "{kind}");
            for word in items(words) {
                assert!(seen.insert((kind, word.trim_end_matches(['~', '!']))), "{kind} {word} is there twice");
            }
        }
    }

    #[test]
    fn lists_are_read_whole() {
        let lexicon = Lexicon::get();
        for row in rows(CLASSES) {
            let (class, _) = row.split_once(':').unwrap();
            assert!(Classes::named(class).is_some(), "{class}");
        }
        for row in rows(ACTS) {
            assert_eq!(row.split(';').count(), 3, "{row}");
        }
        assert_eq!(lexicon.acts.len(), rows(ACTS).count());
        let withdrew = lexicon.verb_of("withdrew").unwrap();
        assert_eq!(withdrew.base, "withdraw");
        assert!(lexicon.nominals("expel").contains(&"expulsions".to_owned()));
        assert!(!lexicon.nominals("host").contains(&"host".to_owned()));
        for act in &lexicon.acts {
            let verb = lexicon.verb_of(act).map(|verb| &verb.meaning.acts);
            let is_known = verb.is_none_or(|acts| acts.iter().any(|number| lexicon.acts[usize::from(*number)] == *act));
            assert!(is_known || act == "ceasefire", "the verb of `{act}` is no act");
        }
    }
}
