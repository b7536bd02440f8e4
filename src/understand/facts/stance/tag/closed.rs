//! Words of the closed classes: there are few of them, and most are one thing only.

use super::super::classes::Classes;
use super::super::words::{Tag, W};
use super::Tagger;

/// Behind one of these `if` is `whether`.
const ASKING: &[&str] = &[
    "ask",
    "asks",
    "asked",
    "asking",
    "say",
    "saying",
    "know",
    "knows",
    "wonder",
    "wonders",
    "wondered",
    "unclear",
    "unsure",
    "uncertain",
    "decide",
    "decided",
    "deciding",
    "see",
    "determine",
    "doubt",
    "doubts",
    "doubted",
    "question",
    "questioned",
];

/// Words that can begin a clause both with and without a verb.
fn is_double(word: &W<'_>) -> bool {
    word.can(Classes::SUB) && word.can(Classes::PREP)
}

impl Tagger<'_, '_> {
    /// Words of the closed classes.
    pub(super) fn closed(&self, at: usize) -> Option<Tag> {
        let word = &self.words[at];
        let next = self.after(at).map(|next| &self.words[next]);
        let next_can = |classes: Classes| next.is_some_and(|next| next.can(classes));
        let auxiliary = Classes::MODAL.with(Classes::BE).with(Classes::HAVE).with(Classes::DO);
        Some(match word.key {
            "nor" if next_can(auxiliary) => Tag::Not,
            "nor" => Tag::And,
            "neither" if matches!(self.tag_before(at), Some(Tag::Modal | Tag::Do | Tag::Have | Tag::Be)) => Tag::Not,
            "neither" if next.is_some_and(|next| next.key == "to") => Tag::Not,
            "neither" if next_can(Classes::PAST.with(Classes::THIRD)) && !next_can(Classes::NOUN) => Tag::Not,
            "neither" => Tag::Det,
            // "will stop, or at least suspend, it"
            "at least" if next_can(Classes::VERB) && !next_can(Classes::NOUN.with(Classes::ADJ)) => Tag::Adv,
            "yet" | "about" if next.is_some_and(|next| next.key == "to") => Tag::Adj,
            "there" if next_can(auxiliary) => Tag::Pron,
            "yet" if self.tag_before(at) != Some(Tag::Comma) && at > 0 => Tag::Adv,
            "her" if !self.is_nominal_next(at) => Tag::Pron,
            "to" => {
                let infinitive = next.is_some_and(|next| {
                    next.can(Classes::BASE) && next.tag == Tag::Other
                        || next.can(Classes::BE.with(Classes::HAVE).with(Classes::NOT))
                }) && !self.is_place_after(at);
                if infinitive { Tag::To } else { Tag::Prep }
            }
            "that" if matches!(self.tag_before(at), Some(Tag::Prep)) => Tag::Det,
            // "signed up to it", but "up to 400 troops"
            "up to" if next.is_some_and(|next| next.name.is_some() || next.can(Classes::DET.with(Classes::POSS))) => {
                Tag::Prep
            }
            _ if word.can(Classes::NOT.with(Classes::LONGER)) => Tag::Not,
            _ if word.can(Classes::MODAL) => Tag::Modal,
            _ if word.can(Classes::BE) => Tag::Be,
            _ if word.can(Classes::HAVE) => Tag::Have,
            _ if word.can(Classes::DO) => Tag::Do,
            // "would not say if it had"
            "if" if at.checked_sub(1).is_some_and(|before| ASKING.contains(&self.words[before].key)) => Tag::Whether,
            _ if word.can(Classes::COND) => Tag::Cond,
            _ if word.can(Classes::UNTIL) => {
                if self.is_clause_ahead(at) {
                    Tag::Cond
                } else {
                    Tag::Prep
                }
            }
            _ if word.can(Classes::WHETHER) => Tag::Whether,
            _ if word.can(Classes::THAT) => Tag::That,
            _ if word.can(Classes::WH) => Tag::Wh,
            _ if is_double(word) || matches!(word.key, "as" | "than" | "once" | "after" | "before" | "since") => {
                if self.is_clause_ahead(at) { Tag::Sub } else { Tag::Prep }
            }
            _ if word.can(Classes::SUB) => Tag::Sub,
            _ if word.can(Classes::CC) => Tag::And,
            _ if word.can(Classes::POSS) => Tag::Poss,
            _ if word.can(Classes::NO.with(Classes::DET)) && (!word.can(Classes::PRON) || self.is_nominal_next(at)) => {
                Tag::Det
            }
            _ if word.can(Classes::PRON.with(Classes::NOBODY)) => Tag::Pron,
            _ if word.can(Classes::PREP)
                && !(word.can(Classes::VERB) && matches!(self.tag_before(at), Some(Tag::Modal | Tag::To))) =>
            {
                Tag::Prep
            }
            _ => return None,
        })
    }
}
