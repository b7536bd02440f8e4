//! What an actor is called, and whom a pronoun stands for.

use super::Wanted;
use super::actor::{DEEPEST, Who};
use super::classes::Family;
use super::gazetteer::{Gazetteer, Kind, Name};
use super::groups::{Gov, Node, Np};
use super::tree::Tree;
use super::words::Tag;

/// What an actor is called, and the words of the text that say so.
#[derive(Debug, Clone)]
pub(super) struct Called {
    /// The common name of a country or body, else the words of the text.
    pub(super) name: String,
    /// The words of the text; of whom a pronoun stands for, where it is one.
    pub(super) text: String,
}

/// Nouns that are what is behind their `of`.
const COLLECTIVE: &[&str] = &[
    "group",
    "convoy",
    "batch",
    "contingent",
    "number",
    "majority",
    "column",
    "fleet",
    "squadron",
    "deployment",
    "couple",
    "dozens",
    "hundreds",
    "thousands",
    "pair",
    "team",
];

/// Whoever is of the same country as those who ask them, where no other is named.
const DOMESTIC: &[&str] = &[
    "lawmakers",
    "parliament",
    "mps",
    "senators",
    "deputies",
    "legislators",
    "senate",
    "congress",
    "government",
    "cabinet",
];

impl Tree<'_, '_> {
    /// The country or body that a noun's group stands for.
    pub(super) fn country_of(&self, np: usize, depth: usize) -> Option<(Name, bool)> {
        if depth > DEEPEST {
            return None;
        }
        if depth > 0 {
            // What is found on the way of another may have been cut short by its depth.
            return self.countries[np].get().copied().unwrap_or_else(|| self.find_country(np, depth));
        }
        if let Some(known) = self.countries[np].get() {
            return *known;
        }
        let found = self.find_country(np, depth);
        *self.countries[np].get_or_init(|| found)
    }

    fn find_country(&self, np: usize, depth: usize) -> Option<(Name, bool)> {
        let group = &self.nps[np];
        let head = &self.words[group.head];
        let gazetteer = Gazetteer::get();
        if let Some((name, own)) = head.name
            && (name.kind != Kind::Seat
                || group.owner.is_none() && !self.words[group.first..group.head].iter().any(|word| word.name.is_some()))
            && (head.tag == Tag::Proper || group.last - group.first == 1)
        {
            return Some((name, own));
        }
        let words = &self.words[group.first..group.last];
        let is_official = words.iter().any(|word| word.tag != Tag::Det && gazetteer.is_official(word.key))
            || words.windows(2).any(|pair| gazetteer.is_official_pair(pair[0].key, pair[1].key));
        // "Thai F-16s"
        let model = |key: &str| {
            key.contains('-')
                && key.contains(|c: char| c.is_ascii_digit())
                && key.starts_with(|c: char| c.is_ascii_lowercase())
        };
        let is_official = is_official || head.capital && model(head.key);
        let plain_names = words.iter().filter(|word| {
            word.name.is_some_and(|(name, _)| {
                name.kind != Kind::People && (group.owner.is_none() || name.kind != Kind::Seat)
            })
        });
        if let Some(named) = plain_names.clone().next()
            && is_official
        {
            return named.name;
        }
        // A person known by name: "Hungarian strongman Viktor Orbán".
        if let Some(owner) = group.owner
            && (is_official || gazetteer.is_title(head.key))
        {
            return self.country_of(owner, depth + 1);
        }
        // "Police in Quito", "nobody in the government"
        let somebody = head.tag == Tag::Pron && group.negated;
        if somebody || words.iter().any(|word| gazetteer.is_local(word.key)) {
            let place = self.nps.iter().position(|other| {
                matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                    && other.prep.is_some_and(|prep| self.words[prep].key == "in")
            });
            let place = place.or_else(|| self.where_it_acts(np));
            if let Some(country) = place.and_then(|place| self.country_of(place, depth + 1)) {
                return Some(country);
            }
        }
        let titled = words.iter().any(|word| gazetteer.is_title(word.key));
        let collective = head.noun_family() == Some(Family::Pass)
            || head.entry.is_some_and(|entry| !entry.noun.acts.is_empty())
            || COLLECTIVE.contains(&head.key);
        if is_official || titled || collective {
            let of = self.nps.iter().position(|other| {
                matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                    && other.prep.is_some_and(|prep| self.words[prep].key == "of")
            });
            if let Some(country) = of.and_then(|of| self.country_of(of, depth + 1)) {
                return Some(country);
            }
        }
        group.also.and_then(|also| self.country_of(also, depth + 1))
    }

    /// "Police arrested two people in Brasilia"
    fn where_it_acts(&self, np: usize) -> Option<usize> {
        let verb = self.vgs.iter().position(|vg| vg.subjects.contains(&np) && !vg.passive || vg.agent == Some(np))?;
        let place = |other: &Np| {
            other.host == Some(Node::Verb(verb))
                && other.prep.is_some_and(|prep| self.words[prep].key == "in")
                && self.words[other.head].name.is_some()
        };
        self.nps.iter().position(place)
    }

    /// A noun's group as the text has it, without an article.
    pub(super) fn words_of(&self, np: usize, text: &str) -> String {
        let mut first = self.nps[np].first;
        let mut owner = self.nps[np].owner;
        while let Some(of) = owner {
            first = self.nps[of].first;
            owner = self.nps[of].owner;
        }
        let last = self.nps[np].last;
        if last - first > 1 && matches!(self.words[first].key, "the" | "a" | "an" | "no" | "neither") {
            first += 1;
        }
        text[self.words[first].start..self.words[last - 1].end].to_owned()
    }

    /// What an actor is called: the common name of a country or body, else the words of the text. `earlier` tells the
    /// subject of the sentence before.
    pub(super) fn name(
        &self,
        who: Who,
        text: &str,
        wanted: &Wanted,
        earlier: &dyn Fn() -> Option<Called>,
    ) -> Option<Called> {
        self.named(who, text, wanted, earlier, 0)
    }

    /// A name with what behind `of` is part of it: `Bank of England`, `Court of Arbitration for Sport`.
    fn whole_name(&self, np: usize, text: &str) -> String {
        let mut name = self.words_of(np, text);
        let mut end = self.nps[np].last;
        let head = &self.words[self.nps[np].head];
        let office = Gazetteer::get().is_title(head.key);
        if !head.capital && !office {
            return name;
        }
        for joint in ["of", "for"] {
            let next = self.nps.iter().find(|next| next.prep == Some(end) && self.words[end].key == joint);
            let Some(next) = next.filter(|next| self.words[next.first..next.last].iter().all(|word| word.capital))
            else {
                break;
            };
            name.push_str(&text[self.words[end - 1].end..self.words[next.last - 1].end]);
            end = next.last;
        }
        name
    }

    fn called((name, own): (Name, bool), wanted: &Wanted, text: String) -> Called {
        let name = if own { wanted.names.canonical(name) } else { Gazetteer::get().canonical(name) }.to_owned();
        Called { name, text }
    }

    /// A noun's group with what it is also called: "Viktor Orbán, the prime minister".
    fn all_words_of(&self, np: usize, text: &str) -> String {
        let words = self.words_of(np, text);
        match self.nps[np].also {
            Some(also) => format!("{words}, {}", self.words_of(also, text)),
            None => words,
        }
    }

    fn named(
        &self,
        who: Who,
        text: &str,
        wanted: &Wanted,
        earlier: &dyn Fn() -> Option<Called>,
        depth: usize,
    ) -> Option<Called> {
        if depth > DEEPEST {
            return None;
        }
        match who {
            Who::Word(at) => {
                let words = text[self.words[at].start..self.words[at].end].to_owned();
                Some(match self.words[at].name {
                    Some(name) => Self::called(name, wanted, words),
                    None => Called { name: words.clone(), text: words },
                })
            }
            Who::Poss(at) => self.antecedent(at, text, wanted, earlier, depth + 1),
            Who::Np(np) => {
                let group = &self.nps[np];
                let somebody = group.negated && self.country_of(np, 0).is_some();
                if self.words[group.head].tag == Tag::Pron && !somebody {
                    return self.antecedent(group.head, text, wanted, earlier, depth + 1);
                }
                if let Some(name) = self.country_of(np, 0) {
                    return Some(Self::called(name, wanted, self.all_words_of(np, text)));
                }
                if matches!(self.words[group.head].key, "neighbour" | "neighbor" | "rival")
                    && let Some(name) = self.other_country(np)
                {
                    return Some(Self::called(name, wanted, self.words_of(np, text)));
                }
                // "Paraguay's minister said the country had"
                if self.words[group.first].key == "the"
                    && group.last - group.first == 2
                    && matches!(
                        self.words[group.head].key,
                        "country" | "nation" | "government" | "kingdom" | "republic" | "bloc"
                    )
                    && let Some(vg) = group.subject_of
                    && matches!(self.vgs[vg].gov, Gov::Of(_))
                    && let Some(name) = self.antecedent(group.head, text, wanted, earlier, depth + 1)
                {
                    return Some(name);
                }
                // "halting the country's withdrawal"
                let owns = || self.nps.iter().any(|other| other.owner == Some(np));
                if self.words[group.first].key == "the"
                    && group.last - group.first == 2
                    && matches!(self.words[group.head].key, "country" | "nation" | "kingdom" | "republic")
                    && owns()
                    && let Some(name) = self.last_country(group.first)
                {
                    return Some(Self::called(name, wanted, self.words_of(np, text)));
                }
                let poss = (group.first..group.head).find(|&at| self.words[at].tag == Tag::Poss);
                let own_word = |at: usize| Gazetteer::get().is_official(self.words[at].key);
                if let Some(poss) = poss.filter(|_| (group.first..group.last).any(own_word))
                    && let Some(owner) = self.antecedent(poss, text, wanted, earlier, depth + 1)
                {
                    return Some(owner);
                }
                if let Some(owner) = group.owner.filter(|_| (group.first..group.last).any(own_word))
                    && self.words[self.nps[owner].head].tag == Tag::Pron
                {
                    return self.named(Who::Np(owner), text, wanted, earlier, depth + 1);
                }
                // "The Czech president urged lawmakers to"
                if let Some(name) = self.fellow_country(np) {
                    return Some(Self::called(name, wanted, self.words_of(np, text)));
                }
                Some(Called { name: self.whole_name(np, text), text: self.all_words_of(np, text) })
            }
        }
    }

    /// The country of a parliament, a government or a court that is named without one, where somebody of a country asks it.
    fn fellow_country(&self, np: usize) -> Option<(Name, bool)> {
        let group = &self.nps[np];
        let domestic = self.words[group.first..group.last].iter().any(|word| DOMESTIC.contains(&word.key));
        let asked = group.object_of.or(match group.host {
            Some(Node::Verb(vg)) => Some(vg),
            _ => None,
        });
        let asked =
            asked.filter(|&vg| domestic && self.vgs[vg].family == Some(Family::Direct) && !self.vgs[vg].passive)?;
        let speaker = self.vgs[asked].subjects.first().copied()?;
        let words = self.words[self.nps[speaker].first..self.nps[speaker].last].iter();
        let holds_office = words.clone().any(|word| Gazetteer::get().is_title(word.key) || word.key == "opposition");
        self.country_of(speaker, 0).filter(|_| holds_office)
    }

    /// Whom a pronoun in a noun's group may stand for by grammar, the likeliest first.
    fn near(&self, np: usize) -> Vec<Who> {
        let mut candidates: Vec<Who> = Vec::new();
        let group = &self.nps[np];
        // "its" in an object is the subject's; a subject's pronoun is of whoever speaks.
        let verb = if let Some(vg) = group.object_of {
            Some(vg)
        } else if let Some(Node::Verb(vg)) = group.host {
            Some(vg)
        } else {
            None
        };
        if let Some(vg) = verb {
            candidates.extend(self.doers(vg, 1));
            candidates.extend(self.surface(vg, 1));
        }
        if let Some(Node::Noun(host, word)) = group.host {
            candidates.extend(self.noun_user(host, 1));
            let _ = word;
        }
        if let Some(vg) = group.subject_of {
            let mut up = self.vgs[vg].gov;
            for _ in 0..DEEPEST {
                match up {
                    // "demanded that it withdraw": whoever is spoken to.
                    Gov::Of(Node::Verb(other))
                        if matches!(self.vgs[other].family, Some(Family::Direct | Family::Dissuade)) =>
                    {
                        let speaker = self.surface(other, 1);
                        let start = self.vgs[other].first;
                        let country = |who: &Who| match who {
                            Who::Np(np) => self.country_of(*np, 0).map(|(name, _)| name.of),
                            _ => None,
                        };
                        let own = speaker.first().and_then(country);
                        let spoken_to = (0..self.nps.len()).rev().map(Who::Np).filter(|who| {
                            matches!(who, Who::Np(np) if self.nps[*np].first < start || self.nps[*np].object_of == Some(other))
                                && country(who).is_some_and(|country| Some(country) != own)
                        });
                        candidates.extend(spoken_to.take(1));
                        up = Gov::Root;
                    }
                    Gov::Of(Node::Verb(other)) => {
                        candidates.extend(self.surface(other, 1));
                        up = self.vgs[other].gov;
                    }
                    Gov::Of(Node::Noun(other, word)) => {
                        // "rejected claims that its troops": those of whoever rejects.
                        if let Some(verb) = self.nps[other].object_of
                            && matches!(self.vgs[verb].family, Some(Family::Refuse | Family::Deny))
                        {
                            candidates.extend(self.doers(verb, 1));
                        }
                        candidates.extend(self.noun_controller(other, word, 1));
                        break;
                    }
                    _ => break,
                }
            }
        }
        candidates
    }

    /// "protested to Albania, charging its neighbour": the last country before that is no subject.
    fn other_country(&self, np: usize) -> Option<(Name, bool)> {
        let mut earlier = (0..np).rev().filter(|&other| self.nps[other].subject_of.is_none());
        earlier.find_map(|other| self.country_of(other, 0))
    }

    /// Whom a pronoun stands for.
    fn antecedent(
        &self,
        at: usize,
        text: &str,
        wanted: &Wanted,
        earlier: &dyn Fn() -> Option<Called>,
        depth: usize,
    ) -> Option<Called> {
        let holder = self.nps.iter().position(|np| np.first <= at && at < np.last);
        let mut candidates = holder.map(|np| self.near(np)).unwrap_or_default();
        if matches!(self.words[at].key, "we" | "i" | "our" | "my" | "us") {
            candidates.clear();
            candidates.extend(self.speaker());
        }
        let here = self.words[at].start;
        let before = |np: &usize| self.words[self.nps[*np].first].start < here;
        let subjects = self.vgs.iter().rev().flat_map(|vg| vg.subjects.iter().copied()).filter(before);
        candidates.extend(subjects.map(Who::Np));
        candidates.retain(|who| !matches!(who, Who::Np(np) if Some(*np) == holder));
        // "the payments were due; it": one is not many.
        let one = matches!(self.words[at].key, "it" | "its" | "itself" | "he" | "his" | "him" | "she" | "her");
        let agrees = |who: &Who| !matches!(who, Who::Np(np) if self.is_many(*np));
        if one && candidates.iter().any(agrees) {
            candidates.retain(agrees);
        }
        let nominal = |who: &&Who| match who {
            Who::Np(np) => self.words[self.nps[*np].head].tag != Tag::Pron && self.country_of(*np, 0).is_some(),
            Who::Word(_) => true,
            Who::Poss(_) => false,
        };
        let best = candidates.first().copied().filter(|who| !matches!(who, Who::Np(np) if self.words[self.nps[*np].head].key == "it" && self.words[self.nps[*np].head].start >= here));
        if let Some(who) = best
            && let Some(name) = self.named(who, text, wanted, &|| None, depth + 1)
        {
            return Some(name);
        }
        if let Some(who) = candidates.iter().find(nominal) {
            return self.named(*who, text, wanted, &|| None, depth + 1);
        }
        let fallback =
            candidates.iter().find(|who| matches!(who, Who::Np(np) if self.words[self.nps[*np].head].tag != Tag::Pron));
        if let Some(who) = fallback {
            return self.named(*who, text, wanted, &|| None, depth + 1);
        }
        if let Some(name) = earlier() {
            return Some(name);
        }
        // "Despite its objections Hungary": a name that comes later in the sentence.
        let later = self.nps.iter().position(|np| np.subject_of.is_some() && self.words[np.first].start > here);
        let np = later?;
        self.country_of(np, 0).map(|name| Self::called(name, wanted, self.all_words_of(np, text)))
    }

    /// Whether a noun names many by its form.
    fn is_many(&self, np: usize) -> bool {
        let head = &self.words[self.nps[np].head];
        head.tag == Tag::Noun
            && !head.capital
            && head.key.ends_with('s')
            && head.can(super::classes::Classes::PLURAL)
            && self.country_of(np, 0).is_none()
    }

    /// "the country's withdrawal": the country that was spoken of last.
    fn last_country(&self, before: usize) -> Option<(Name, bool)> {
        let subjects = self.vgs.iter().rev().flat_map(|vg| vg.subjects.iter().copied());
        subjects.filter(|&np| self.nps[np].last <= before).find_map(|np| self.country_of(np, 0))
    }

    /// Whoever says a sentence: "officials said", or "Georgian leader: we won't".
    fn speaker(&self) -> Option<Who> {
        let aside = self.vgs.iter().find_map(|vg| vg.aside).and_then(|vg| self.vgs[vg].subjects.first().copied());
        let headed = self.nps.iter().position(|np| self.words.get(np.last).is_some_and(|word| word.key == ":"));
        aside.or(headed).map(Who::Np)
    }

    /// The subject of the last main verb, for a pronoun in the next sentence.
    pub(super) fn main_subject(&self, text: &str, wanted: &Wanted) -> Option<Called> {
        let main = self.vgs.iter().find(|vg| vg.finite && vg.gov == Gov::Root && !vg.subjects.is_empty())?;
        self.name(Who::Np(main.subjects[0]), text, wanted, &|| None)
    }
}
