//! Which acts and which actors are looked for beside the built-in ones.

use super::bracket;
use super::gazetteer::Gazetteer;
use super::inflect;
use super::lexicon::Lexicon;
use super::quick::Words;

/// Acts that a query names, and the names of actors that a config gives, made ready for many texts.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub(super) acts: Vec<String>,
    forms: Words<String, (Option<u16>, Option<u16>)>,
    /// By the forms of their first word: the words behind it, and which act it is.
    idioms: Words<String, Vec<(Vec<String>, u16)>>,
    pub(super) names: Gazetteer,
}

impl Wanted {
    /// For acts as base forms, and for actors with the names that a text may call them by.
    pub fn new(acts: &[String], names: &[(String, Vec<String>)]) -> Self {
        let mut it = Self { names: Gazetteer::of(names), ..Self::default() };
        for act in acts {
            let act = act.trim().to_lowercase();
            if act.is_empty() || it.acts.contains(&act) {
                continue;
            }
            let Ok(number) = u16::try_from(it.acts.len()) else { break };
            it.add(&act, number);
            it.acts.push(act);
        }
        it
    }

    fn add(&mut self, act: &str, number: u16) {
        let lexicon = Lexicon::get();
        let mut words = act.split_whitespace();
        let first = words.next().unwrap_or_default();
        let rest: Vec<String> = words.map(str::to_owned).collect();
        // A verb that is known has its irregular forms in the lexicon.
        let known = lexicon.verb_of(first).filter(|verb| verb.base == first);
        let mut forms: Vec<String> = inflect::verb(first).into_iter().map(|(form, _)| form).collect();
        if known.is_some() {
            forms = lexicon.forms(first);
        }
        for form in forms {
            if rest.is_empty() {
                self.forms.entry(form).or_default().0.get_or_insert(number);
            } else {
                self.idioms.entry(form).or_default().push((rest.clone(), number));
            }
        }
        if rest.is_empty() {
            for noun in lexicon.nominals(first) {
                self.forms.entry(noun).or_default().1.get_or_insert(number);
            }
        }
    }

    /// The asked act that a word is a form of, as a verb and as a noun.
    pub(super) fn form(&self, word: &str) -> (Option<u16>, Option<u16>) {
        self.forms.get(word).copied().unwrap_or_default()
    }

    /// Asked acts of several words that begin with a form of a verb.
    pub(super) fn idioms(&self, word: &str) -> &[(Vec<String>, u16)] {
        self.idioms.get(word).map_or(&[], Vec::as_slice)
    }

    /// Whether a sentence with this word may be about an asked act.
    pub(super) fn is_trigger(&self, word: &str) -> bool {
        self.forms.contains_key(word) || self.idioms.contains_key(word)
    }
}

/// An act by its base form: that of a verb where the word is a form of one.
pub fn base_of_act(word: &str) -> String {
    let word = word.trim().to_lowercase();
    let lexicon = Lexicon::get();
    if lexicon.acts.contains(&word) {
        return word;
    }
    lexicon.verb_of(&word).map_or(word.clone(), |verb| verb.base.clone())
}

/// Whether the lists know this act, given by its base form.
pub fn is_known_act(act: &str) -> bool {
    Lexicon::get().acts.iter().any(|known| known == act)
}

/// Words, in lower case, that tell this act, given by its base form, also as a part of a longer word: `Vetodrohung`.
pub fn roots_of_act(act: &str) -> Vec<String> {
    bracket::roots_of(act)
}

/// Words, in lower case, without one of which, or of the [roots](roots_of_act), no sentence has a statement of this act, given by
/// its base form.
pub fn words_of_act(act: &str) -> Vec<String> {
    let asked = if is_known_act(act) { &[][..] } else { &[act.to_owned()] };
    let wanted = Wanted::new(asked, &[]);
    let asked = wanted.forms.into_keys().chain(wanted.idioms.into_keys());
    let mut words: Vec<String> = asked
        .chain(Lexicon::get().triggers_of(act).into_iter().map(str::to_owned))
        .chain(bracket::words_of(act))
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}
