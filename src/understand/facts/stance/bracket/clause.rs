//! The clauses of a sentence: the verb of each with its auxiliaries, and its groups of nouns.

use std::ops::Range;

use super::super::super::tokens::{Case, Kind as TokenKind, Tokens};
use super::super::groups::{Mood, Vg};
use super::lexicon::{Form, Lexicon, Little, Name};

/// An adjective may stand so far before its noun.
const GROUP_WORDS: usize = 6;

/// How a clause hangs on the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Main,
    /// `…, dass`
    That,
    /// `…, falls`
    Condition,
    /// `…, weil`, and whatever begins with a pronoun of relation.
    Aside,
    /// `…, zu liefern`
    Infinitive,
}

/// A noun with what stands before it.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of grammar, and they go together freely")]
pub(super) struct Group {
    pub(super) tokens: Range<usize>,
    pub(super) prep: Option<usize>,
    pub(super) negated: bool,
    pub(super) poss: bool,
    pub(super) pronoun: bool,
    pub(super) definite: bool,
    /// The name inside it.
    pub(super) name: Option<Name>,
    /// It is what the group before is of: `das Veto der Slowakei`.
    pub(super) genitive: bool,
}

/// A clause.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) tokens: Range<usize>,
    pub(super) kind: Kind,
    /// The verb by its number, and where it stands.
    pub(super) verb: Option<(usize, usize)>,
    /// Its form.
    pub(super) form: Vg,
    /// The token of its finite verb.
    pub(super) finite: Option<usize>,
    pub(super) groups: Vec<Group>,
}

/// The clauses of a sentence.
pub(super) fn clauses(tokens: &Tokens<'_>, sentence: &Range<usize>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut first = sentence.start;
    for at in sentence.clone() {
        let mark = tokens[at].kind == TokenKind::Mark
            && matches!(tokens.surface(at), "," | ";" | ":" | "–" | "—" | "(" | ")" | "." | "!" | "?");
        if mark || at + 1 == sentence.end {
            let end = if mark { at } else { at + 1 };
            clauses.extend(parts(tokens, first..end));
            first = at + 1;
        }
    }
    clauses
}

/// A stretch between marks, parted where `und` joins two clauses with a verb each.
fn parts(tokens: &Tokens<'_>, all: Range<usize>) -> Vec<Clause> {
    let lexicon = Lexicon::get();
    let is_finite = |at: usize| Finder { tokens, lexicon }.is_finite(at);
    let joint = all.clone().find(|&at| {
        lexicon.is(tokens.lower(at), Little::And)
            && (all.start..at).any(is_finite)
            && (at + 1..all.end).take(2).any(is_finite)
    });
    let finder = Finder { tokens, lexicon };
    match joint {
        Some(at) => [finder.clause(all.start..at), finder.clause(at + 1..all.end)].into_iter().flatten().collect(),
        None => finder.clause(all).into_iter().collect(),
    }
}

struct Finder<'a> {
    tokens: &'a Tokens<'a>,
    lexicon: &'static Lexicon,
}

impl Finder<'_> {
    fn is(&self, at: usize, class: Little) -> bool {
        self.lexicon.is(self.tokens.lower(at), class)
    }

    fn is_auxiliary(&self, at: usize) -> bool {
        [Little::Have, Little::Be, Little::Become, Little::Future, Little::Will, Little::May, Little::Must]
            .iter()
            .any(|class| self.is(at, *class))
    }

    /// A verb in lower case with a form that makes a clause.
    fn is_finite(&self, at: usize) -> bool {
        let forms = self.lexicon.forms(self.tokens.lower(at));
        let finite = forms.iter().any(|(_, form)| matches!(form, Form::Finite | Form::Last));
        self.tokens[at].case == Case::Lower && (finite || self.is_auxiliary(at))
    }

    fn clause(&self, tokens: Range<usize>) -> Option<Clause> {
        let words = || tokens.clone().filter(|at| self.tokens[*at].kind == TokenKind::Word);
        let first = words().next()?;
        let finites: Vec<usize> = words().filter(|at| self.is_finite(*at)).collect();
        let last = words().next_back()?;
        let kind = self.kind(&tokens, first, last, &finites);
        let mut clause = Clause {
            tokens: tokens.clone(),
            kind,
            verb: None,
            form: Vg { finite: kind != Kind::Infinitive, ..Vg::default() },
            finite: None,
            groups: Vec::new(),
        };
        self.verb(&mut clause, &finites, last);
        self.groups(&mut clause);
        self.marks(&mut clause);
        Some(clause)
    }

    /// How a clause hangs on the one before, by its first word and where its verbs stand.
    fn kind(&self, tokens: &Range<usize>, first: usize, last: usize, finites: &[usize]) -> Kind {
        let mut words = tokens.clone().filter(|at| self.tokens[*at].kind == TokenKind::Word);
        let to = words
            .any(|at| self.lexicon.forms(self.tokens.lower(at)).iter().any(|(_, form)| *form == Form::WithTo))
            || last > first
                && self.is(last - 1, Little::To)
                && (self.has_form(last, Form::Infinitive) || self.is_auxiliary(last));
        if self.is(first, Little::That) {
            Kind::That
        } else if self.is(first, Little::Condition) {
            Kind::Condition
        } else if self.is(first, Little::Sub)
            || self.is(first, Little::Det)
                && finites.first().is_some_and(|at| *at == last)
                && tokens.start > 0
                && self.tokens.surface(tokens.start - 1) == ","
        {
            Kind::Aside
        } else if to && finites.iter().all(|at| *at == last) {
            Kind::Infinitive
        } else if finites.first().is_some_and(|at| self.is(*at, Little::Reported)) {
            Kind::That
        } else {
            Kind::Main
        }
    }

    /// What denies or doubts it.
    fn marks(&self, clause: &mut Clause) {
        let tokens = clause.tokens.clone();
        let words = || tokens.clone().filter(|at| self.tokens[*at].kind == TokenKind::Word);
        let any = |class| words().any(|at| self.is(at, class));
        let negated = any(Little::Not);
        let longer = words().any(|at| {
            self.is(at, Little::Longer)
                && words().any(|not| not < at && (self.is(not, Little::Not) || self.is(not, Little::No)))
        });
        clause.form.no_longer = longer;
        clause.form.negated = negated && !longer;
        clause.form.doubt = any(Little::Doubt);
    }

    fn has_form(&self, at: usize, form: Form) -> bool {
        self.lexicon.forms(self.tokens.lower(at)).iter().any(|(_, known)| *known == form)
    }

    /// The verb of a clause: of an auxiliary that at the end, else the finite one with the particle at the end.
    fn verb(&self, clause: &mut Clause, finites: &[usize], last: usize) {
        let ends = matches!(clause.kind, Kind::That | Kind::Condition | Kind::Aside);
        let finite = if ends { finites.last() } else { finites.first() }.copied();
        clause.finite = finite;
        if clause.kind == Kind::Infinitive {
            clause.form.mood = Mood::Open;
            clause.form.infinitive = true;
            clause.finite = None;
            let verb = clause.tokens.clone().rev().find_map(|at| {
                let forms = self.lexicon.forms(self.tokens.lower(at));
                let wanted = |form: &Form| {
                    matches!(form, Form::WithTo | Form::Infinitive)
                        || *form == Form::Participle && self.is_auxiliary(last)
                };
                forms.iter().find(|(_, form)| wanted(form)).map(|(verb, _)| (*verb, at))
            });
            clause.verb = verb;
            return;
        }
        let Some(finite) = finite else {
            // A headline: `Gipfel abgesagt`.
            if self.has_form(last, Form::Participle) {
                clause.verb = self.form_at(last, Form::Participle);
                clause.form.passive = true;
            }
            return;
        };
        if !self.is_auxiliary(finite) {
            clause.verb = self.finite_verb(finite, last);
            return;
        }
        let inside = clause.tokens.clone().rev().filter(|at| *at != finite && self.tokens[*at].case == Case::Lower);
        let behind: Vec<(usize, usize, Form)> = inside
            .filter_map(|at| {
                let forms = self.lexicon.forms(self.tokens.lower(at));
                let found = forms.iter().find(|(_, form)| matches!(form, Form::Participle | Form::Infinitive))?;
                Some((found.0, at, found.1))
            })
            .collect();
        let Some(&(verb, at, form)) = behind.first() else { return };
        clause.verb = Some((verb, at));
        let passive_end = clause.tokens.clone().any(|at| at != finite && self.is(at, Little::Become));
        let participle = form == Form::Participle
            && !self.is(finite, Little::Will)
            && !self.is(finite, Little::May)
            && !self.is(finite, Little::Must)
            || passive_end
            || self.tokens.lower(last) == "werden";
        let it = &mut clause.form;
        let moods = [
            (Little::Future, Mood::Will),
            (Little::Will, Mood::Will),
            (Little::May, Mood::May),
            (Little::Must, Mood::Must),
        ];
        if let Some((_, mood)) = moods.iter().find(|(class, _)| self.is(finite, *class)) {
            (it.mood, it.passive) = (*mood, participle);
        } else if self.is(finite, Little::Become) {
            it.passive = true;
        } else if self.is(finite, Little::Be) {
            // `ist zurückgetreten` is the verb's own past, `ist aufgehoben worden` a passive.
            it.passive = passive_end;
        }
    }

    fn form_at(&self, at: usize, form: Form) -> Option<(usize, usize)> {
        self.lexicon.forms(self.tokens.lower(at)).iter().find(|(_, known)| *known == form).map(|(verb, _)| (*verb, at))
    }

    fn finite_verb(&self, finite: usize, last: usize) -> Option<(usize, usize)> {
        let forms = self.lexicon.forms(self.tokens.lower(finite));
        let end = self.tokens.lower(last);
        let parted = forms.iter().find(|(verb, form)| {
            *form == Form::Finite && last > finite && self.lexicon.verbs[*verb].particle == Some(end)
        });
        let plain = || {
            forms.iter().find(|(verb, form)| {
                *form == Form::Last || *form == Form::Finite && self.lexicon.verbs[*verb].particle.is_none()
            })
        };
        parted.or_else(plain).map(|(verb, _)| (*verb, finite))
    }

    /// The groups of nouns, from left to right.
    fn groups(&self, clause: &mut Clause) {
        let mut at = clause.tokens.start;
        let mut prep = None;
        while at < clause.tokens.end {
            let verbal = Some(at) == clause.finite || clause.verb.is_some_and(|(_, verb)| verb == at);
            if self.tokens[at].kind == TokenKind::Mark || verbal {
                prep = None;
                at += 1;
                continue;
            }
            if let Some(group) = self.group(at, clause.tokens.end, prep) {
                let after_group = clause.groups.last().is_some_and(|before| {
                    before.tokens.end == at
                        && !(before.name.is_some_and(|name| !name.adjective) && before.tokens.len() == 1)
                });
                let genitive = prep.is_none()
                    && after_group
                    && (self.is(at, Little::Genitive)
                        || self.tokens.surface(at).ends_with('s') && group.tokens.len() == 1);
                at = group.tokens.end;
                clause.groups.push(Group { genitive, ..group });
                prep = None;
                continue;
            }
            prep = if self.is(at, Little::Prep) { Some(at) } else { prep.filter(|_| self.is(at, Little::Not)) };
            at += 1;
        }
    }

    fn is_capital(&self, at: usize) -> bool {
        self.tokens[at].kind == TokenKind::Word && self.tokens[at].case != Case::Lower
    }

    fn group(&self, from: usize, end: usize, prep: Option<usize>) -> Option<Group> {
        let mut group = Group { tokens: from..from, prep, ..Group::default() };
        let mut at = from;
        let opened = |at: usize| [Little::Det, Little::Poss, Little::No].iter().any(|class| self.is(at, *class));
        while at < end && opened(at) {
            group.negated |= self.is(at, Little::No);
            group.poss |= self.is(at, Little::Poss);
            group.definite |= !self.tokens.lower(at).starts_with("ein") && !self.is(at, Little::No);
            at += 1;
        }
        // `er`, but not `sie` before a noun
        if at == from && self.is(from, Little::Pron) {
            group.pronoun = true;
            group.tokens = from..from + 1;
            return Some(group);
        }
        // Adjectives up to the noun.
        let noun = (at..end.min(at + GROUP_WORDS))
            .find(|&at| self.is_capital(at) || self.tokens[at].kind == TokenKind::Mark)?;
        let adjectives = at..noun;
        let known = |at: usize| self.lexicon.name(self.tokens, at).is_some_and(|(_, name)| name.adjective);
        let adjective = |word: usize| {
            self.tokens[word].kind == TokenKind::Number
                || !self.lexicon.is_little(self.tokens.lower(word))
                    && (at > from || known(word) || prep.is_some() || word + 1 == noun)
        };
        if self.tokens[noun].kind == TokenKind::Mark
            || !adjectives.clone().all(adjective)
            || self.lexicon.is_little(self.tokens.lower(noun)) && noun == from
        {
            return None;
        }
        for word in adjectives {
            group.name = group.name.or_else(|| self.lexicon.name(self.tokens, word).map(|(_, name)| name));
        }
        at = noun;
        while at < end
            && (self.is_capital(at) || self.tokens.surface(at) == "-" && at + 1 < end && self.is_capital(at + 1))
        {
            let name = self.lexicon.name(self.tokens, at);
            let found = name.map_or((at + 1, None), |(end, name)| (end, Some(name)));
            group.name = group.name.or(found.1);
            at = found.0;
        }
        group.tokens = from..at.min(end);
        Some(group)
    }
}
