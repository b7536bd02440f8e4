//! What a verb does, by itself and with the words of an idiom, which may stand around its object.

use super::chunk::{Chunker, is_nominal};
use super::classes::Classes;
use super::groups::Vg;
use super::lexicon::Lexicon;
use super::words::Tag;

/// Particles that may stand behind the object: "pulled its troops out".
const PARTICLES: &[&str] = &["off", "up", "back", "out", "down", "away", "aside", "open", "over", "home", "through"];

/// What begins with one of these, and has more words, may also stand behind the object: "took him into custody".
const PARTED: &[&str] = &["on", "in", "into", "under", "out", "persona"];

/// At most so many words behind the verb.
const PARTED_REACH: usize = 10;

impl Chunker<'_, '_> {
    /// What the verb does, with the words of an idiom.
    pub(super) fn meaning(&self, vg: &mut Vg) {
        let Some(entry) = self.words[vg.head].entry else { return };
        let Some(number) = entry.verb else { return };
        let verb = &Lexicon::get().verbs[usize::from(number)];
        let found = verb.idioms.iter().find_map(|idiom| Some((idiom, self.idiom(vg, &idiom.words)?)));
        let (meaning, place) = match found {
            Some((idiom, place)) => (&idiom.meaning, Some(place)),
            None => (&verb.meaning, None),
        };
        vg.family = meaning.family.or(if place.is_some() { verb.meaning.family } else { None });
        vg.own = meaning.own;
        vg.orders = meaning.orders;
        vg.acts = meaning.acts.iter().copied().zip(meaning.objects.iter().copied()).collect();
        if let Some((first, last)) = place {
            vg.idiom = Some((first, last));
            if first == vg.last {
                let word = &self.words[last - 1];
                let keep = matches!(word.tag, Tag::That | Tag::To) || word.key == "to" || word.key.ends_with(" to");
                vg.last = if keep { last - 1 } else { last };
            }
        }
    }

    /// Where the words of an idiom stand behind a verb.
    fn idiom(&self, vg: &Vg, rest: &[String]) -> Option<(usize, usize)> {
        let mut first = vg.last;
        if let Some(end) = self.stand(first, rest) {
            return Some((first, end));
        }
        if self.tag(first) == Tag::Adv
            && let Some(end) = self.stand(first + 1, rest)
        {
            return Some((first + 1, end));
        }
        if let [one, _, ..] = rest
            && PARTED.contains(&one.as_str())
        {
            return self.stand_apart(first, rest);
        }
        let [particle] = rest else { return None };
        let from = particle == "from";
        if !from && !PARTICLES.contains(&particle.as_str()) {
            return None;
        }
        let limit = self.words.len().min(first + 7);
        while first < limit && is_nominal(self.tag(first)) {
            first += 1;
        }
        // "called its ambassador to Paris home"
        if first > vg.last
            && first + 1 < limit
            && self.words[first].key == "to"
            && self.tag(first + 1) == Tag::Proper
            && self.words[first + 1].name.is_some()
        {
            first += 2;
        }
        let of = self.words.get(first).is_some_and(|word| word.key.ends_with(" of"));
        let ends = if of {
            true
        } else if from {
            self.words.get(first + 1).is_some_and(|next| next.can(Classes::ING))
        } else {
            !matches!(self.tag(first + 1), Tag::Det | Tag::Poss | Tag::Noun | Tag::Proper | Tag::Num | Tag::Adj)
        };
        (first > vg.last && ends && self.stand(first, rest).is_some()).then_some((first, first + 1))
    }

    /// Behind the words of an idiom that stand at a word; some are one word here and several in the idiom: `up to`.
    fn stand(&self, first: usize, rest: &[String]) -> Option<usize> {
        let (mut at, mut wanted) = (first, rest.iter());
        while wanted.len() > 0 {
            let key = self.words.get(at)?.key;
            if key.len() < wanted.as_slice()[0].len() && key != "the" {
                return None;
            }
            for part in key.split(' ') {
                match wanted.next() {
                    Some(word) if part == word || word == "a" && part == "the" => {}
                    None if part == "of" => {}
                    _ => return None,
                }
            }
            at += 1;
        }
        Some(at)
    }

    /// "put talks with the EU on ice": behind the object.
    fn stand_apart(&self, first: usize, rest: &[String]) -> Option<(usize, usize)> {
        let nominal = |at: usize| is_nominal(self.tag(at)) || self.tag(at) == Tag::Prep;
        let limit = self.words.len().min(first + PARTED_REACH);
        let end = (first..limit).find(|&at| !nominal(at)).unwrap_or(limit);
        let may_begin = |at: &usize| self.words[*at].key.starts_with(rest[0].as_str());
        (first + 1..end).filter(may_begin).find_map(|at| self.stand(at, rest).map(|end| (at, end)))
    }
}
