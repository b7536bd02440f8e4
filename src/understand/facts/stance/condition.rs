//! The clauses that an act hangs on: if, unless, as long as.

use std::ops::Range;

use super::groups::{Gov, Mood};
use super::tree::Tree;
use super::words::Tag;

/// Words that suppose something without making the act hang on it.
const CONCESSIVE: &[&str] = &["even if", "as far as", "in case"];

/// A condition as a range of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// Its words.
    pub(super) words: Range<usize>,
    /// It stands before what hangs on it.
    fronted: bool,
}

impl Tree<'_, '_> {
    /// All conditions of a sentence.
    pub(super) fn conditions(&self) -> Vec<Condition> {
        let mut found = Vec::new();
        let start = self.words.iter().position(|word| word.tag != Tag::Quote).unwrap_or(0);
        let inverted = self.vgs.iter().any(|vg| vg.supposed && vg.mood != Mood::Open && vg.finite)
            && self.words.get(start).is_some_and(|word| matches!(word.key, "should" | "had" | "were"))
            && !self.words.iter().any(|word| word.key == "?");
        if inverted && let Some(comma) = self.words.iter().position(|word| word.tag == Tag::Comma) {
            found.push(Condition { words: start..comma, fronted: true });
        }
        // "China will retaliate should it proceed"
        let inside = self.vgs.iter().find(|vg| {
            vg.first > start
                && vg.bare
                && matches!(self.words[vg.first].key, "should" | "had" | "were")
                && self.vgs.iter().any(|main| main.last <= vg.first && main.finite && !main.supposed)
                && self.vgs.iter().find(|next| next.first > vg.first).is_some_and(|next| next.supposed)
        });
        if !self.words.iter().any(|word| word.key == "?")
            && let Some(auxiliary) = inside
        {
            let end = self.condition_end(auxiliary.first, false);
            found.push(Condition { words: auxiliary.first..end, fronted: false });
        }
        let mut at = 0;
        while at < self.words.len() {
            // "for as long as needed"
            let measure = at > 0 && self.words[at - 1].key == "for";
            if self.words[at].tag == Tag::Cond && !measure && !CONCESSIVE.contains(&self.words[at].key) {
                let before =
                    self.words[..at].iter().rev().find(|word| !matches!(word.tag, Tag::Quote | Tag::And | Tag::Adv));
                let inverted = self.words[at].key == "only if";
                let fronted = before.is_none_or(|word| matches!(word.tag, Tag::Comma | Tag::Stop | Tag::That))
                    && (inverted || self.is_main_behind(at));
                let end = self.condition_end(at, fronted);
                // "only if" may stand in two words.
                let first = if at > 0 && self.words[at - 1].key == "only" { at - 1 } else { at };
                found.push(Condition { words: first..end, fronted });
                at = end;
            }
            at += 1;
        }
        found
    }

    /// A finite verb of its own comes behind the clause that begins at a word.
    fn is_main_behind(&self, at: usize) -> bool {
        let Some(comma) = self.words[at..].iter().position(|word| word.tag == Tag::Comma).map(|more| at + more) else {
            return false;
        };
        self.vgs
            .iter()
            .any(|vg| vg.first > comma && vg.finite && matches!(vg.gov, Gov::Root | Gov::Of(_)) && !vg.supposed)
    }

    fn condition_end(&self, first: usize, fronted: bool) -> usize {
        let mut relative = false;
        let mut at = first + 1;
        while at < self.words.len() {
            let word = &self.words[at];
            match word.tag {
                Tag::End => break,
                Tag::Stop if word.key != "(" && word.key != ")" => break,
                Tag::Comma => {
                    let next = self.words.get(at + 1).map(|word| word.tag);
                    if next == Some(Tag::Wh) && !relative {
                        relative = true;
                    } else if relative && self.verb_pending(first, at, fronted) {
                        relative = false;
                    } else {
                        break;
                    }
                }
                // "Only if it frees them will Spain reopen"
                Tag::Modal
                    if fronted
                        && at > first + 2
                        && self.vgs.iter().any(|vg| vg.first == at && vg.bare && !vg.infinitive) =>
                {
                    break;
                }
                // A second main clause: "and will".
                Tag::And if !fronted && self.is_new_main(at) => break,
                _ => {}
            }
            at += 1;
        }
        while at > first + 1 && matches!(self.words[at - 1].tag, Tag::Quote | Tag::End | Tag::Other) {
            at -= 1;
        }
        at
    }

    /// The clause has a verb still to come behind a relative clause that ends here.
    fn verb_pending(&self, first: usize, at: usize, fronted: bool) -> bool {
        let _ = fronted;
        let own = self.vgs.iter().find(|vg| vg.first > first && vg.finite && !matches!(vg.gov, Gov::About(_)));
        own.is_none_or(|vg| vg.first > at && vg.supposed)
    }

    fn is_new_main(&self, at: usize) -> bool {
        self.vgs.iter().find(|vg| vg.first > at).is_some_and(|vg| {
            vg.finite && vg.first <= at + 2 && matches!(vg.mood, Mood::Will | Mood::Would) && !vg.supposed
        })
    }

    /// The condition that an act with this verb at the end of its chain hangs on.
    pub(super) fn condition_for(
        &self,
        conditions: &[Condition],
        word: usize,
        root: Option<usize>,
    ) -> Option<Range<usize>> {
        let root = root.map(|root| self.top_of(root, true));
        let inside = conditions.iter().any(|condition| condition.words.contains(&word));
        if inside {
            return None;
        }
        let behind = conditions.iter().find(|condition| {
            !condition.fronted && condition.words.start > word && {
                // The clause right before the condition is the act's, or hangs on the same verb.
                let last = self.vgs.iter().rposition(|vg| {
                    vg.first < condition.words.start
                        && (vg.finite || vg.infinitive)
                        && vg.gov != Gov::Aside
                        && !matches!(vg.gov, Gov::About(_))
                });
                root.is_none() || last.is_none_or(|last| Some(self.top_of(last, false)) == root)
            }
        });
        let fronted = || {
            conditions.iter().find(|condition| {
                condition.fronted && condition.words.end <= word && {
                    let main = self.vgs.iter().position(|vg| {
                        vg.first > condition.words.end && vg.finite && !vg.supposed && vg.gov != Gov::Aside
                    });
                    main.is_none_or(|main| root.is_none_or(|root| self.top_of(main, true) == root))
                }
            })
        };
        behind.or_else(fronted).map(|condition| condition.words.clone())
    }

    /// The verb that everything above a verb hangs on in the end; through what goes with another verb only if `beside`.
    fn top_of(&self, vg: usize, beside: bool) -> usize {
        let mut at = vg;
        for _ in 0..12 {
            let up = match self.vgs[at].gov {
                Gov::Beside(_) if !beside => None,
                Gov::Of(super::groups::Node::Verb(up)) | Gov::Beside(up) | Gov::Without(up) | Gov::Purpose(up) => {
                    Some(up)
                }
                Gov::Of(super::groups::Node::Noun(np, _)) => self.noun_governor(np).and_then(|node| match node {
                    super::groups::Node::Verb(up) => Some(up),
                    super::groups::Node::Noun(..) => None,
                }),
                _ => None,
            };
            match up {
                Some(up) if up < self.vgs.len() && up != at => at = up,
                _ => break,
            }
        }
        at
    }
}

/// A condition that is told by a noun: "in exchange for two fugitives".
pub(super) fn is_nominal_condition(key: &str) -> bool {
    matches!(
        key,
        "in exchange for"
            | "in return for"
            | "pending"
            | "subject to"
            | "conditional on"
            | "contingent on"
            | "on condition of"
    )
}
