use super::Rule;
use super::evaluate::{Seen, is_in_scope};
use super::facts::{Misfit, bare_mention};
use super::miss::{self, Miss, PLACES_MAX};
use super::plan::{Ask, Find, Plan, Weighed, fold_name};
use super::quote::quote;
use crate::item::{Because, Field};
use crate::query::{Expr, Look, Node, Place, Query, Score, ScoreRow, Term};
use crate::understand::text::Language;

/// Sentences that one clause shows.
const QUOTES_MAX: usize = 3;

/// Where a sentence stands in its text, and what is marked in the text.
type Marked = (std::ops::Range<usize>, Vec<(usize, usize)>);

/// Why one rule did or did not match one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The rule's name.
    pub watch: String,
    /// Whether it matched.
    pub matched: bool,
    /// Its whole query; the clauses that it is made of are its parts.
    pub clause: Clause,
}

impl Explanation {
    /// Every clause with its depth, each before its parts; the whole query first, at depth 0.
    pub fn clauses(&self) -> Vec<(usize, &Clause)> {
        let mut flat = Vec::new();
        self.clause.walk(0, &mut flat);
        flat
    }
}

/// A clause of a query, and how it fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// As its user wrote it; what stands inside a distance, in the canonical form.
    pub clause: String,
    /// Whether it holds. A `NOT` holds where its part does not.
    pub matched: bool,
    /// Where it was found: at most three sentences, in the order of the item's fields. Empty for a clause whose parts say it.
    pub found: Vec<Because>,
    /// Why it does not hold, as far as that can be said; `None` where it holds.
    pub missed_by: Option<Miss>,
    /// What it adds to a score, or what a score comes to; `None` for what weighs nothing.
    pub points: Option<i64>,
    /// What was understood there, a line each.
    pub notes: Vec<String>,
    /// All of its parts must hold.
    pub is_all: bool,
    /// The clauses that it is made of.
    pub parts: Vec<Clause>,
}

impl Clause {
    fn walk<'a>(&'a self, depth: usize, flat: &mut Vec<(usize, &'a Clause)>) {
        flat.push((depth, self));
        self.parts.iter().for_each(|part| part.walk(depth + 1, flat));
    }
}

/// Goes through all of a rule's clauses.
pub(super) fn explain(seen: &Seen<'_, '_>, rule: &Rule, plan: &Plan) -> Explanation {
    let clause = Teller { seen, query: &rule.query, quotes: true }.node(rule.query.root(), plan);
    Explanation { watch: rule.name.clone(), matched: clause.matched, clause }
}

/// The same, without the sentences and what was understood there: what a rule lacks is said of every item that it nearly matches.
pub(super) fn sketch(seen: &Seen<'_, '_>, rule: &Rule, plan: &Plan) -> Clause {
    Teller { seen, query: &rule.query, quotes: false }.node(rule.query.root(), plan)
}

struct Teller<'a, 's> {
    seen: &'a Seen<'s, 's>,
    query: &'a Query,
    /// Whether sentences are quoted, and notes taken.
    quotes: bool,
}

impl Teller<'_, '_> {
    /// The tree and its plan have one shape.
    fn node(&self, node: &Node, plan: &Plan) -> Clause {
        if let (Expr::Score(score), Plan::Score(_, rows)) = (&node.expr, plan) {
            return self.score(self.query.clause(node), score, rows);
        }
        let matched = self.seen.holds(plan);
        let parts: Vec<Clause> = match (&node.expr, plan) {
            (Expr::All(nodes), Plan::All(plans)) | (Expr::Any(nodes), Plan::Any(plans)) => {
                nodes.iter().zip(plans).map(|(node, plan)| self.node(node, plan)).collect()
            }
            (Expr::Some { of, .. }, Plan::Some(_, plans)) => {
                of.iter().zip(plans).map(|(node, plan)| self.node(node, plan)).collect()
            }
            (Expr::Not(node), Plan::Not(plan)) => vec![self.node(node, plan)],
            (Expr::Place(Place::Near(near)), Plan::Find(Find::Near { left, right, .. }, _)) => {
                vec![self.place(&near.left, left), self.place(&near.right, right)]
            }
            _ => Vec::new(),
        };
        let found = match plan {
            _ if !self.quotes => Vec::new(),
            Plan::Find(Find::Fact(ask), span) if !matched => {
                self.nearest_quote(ask, self.query.source().get(span.clone()).unwrap_or_default())
            }
            Plan::Find(find, span) | Plan::Times(_, find, span) => {
                self.quotes(find, self.query.source().get(span.clone()).unwrap_or_default())
            }
            Plan::Link(..) | Plan::Feed(..) | Plan::Tag(..) | Plan::Lang(..) => {
                self.origin(plan, self.query.clause(node))
            }
            _ => Vec::new(),
        };
        let missed_by = (!matched).then(|| match (&node.expr, plan) {
            (Expr::Not(_), _) => Miss::Present,
            (Expr::Some { count, .. }, _) => {
                Miss::TooFew { found: parts.iter().filter(|part| part.matched).count(), needed: *count }
            }
            (_, Plan::Times(needed, find, _)) if self.is_there(find) => {
                Miss::Times { found: self.seen.times(find, *needed), needed: *needed }
            }
            (_, Plan::Lang(..)) => Miss::Language(self.seen.language().map(Language::code)),
            (_, Plan::Feed(..)) => Miss::Feed(self.seen.subject.feed.to_owned()),
            (_, Plan::Tag(..)) => Miss::Tags(self.seen.subject.tags.to_vec()),
            (Expr::All(_), _) => Miss::Unmet(unmet(&parts)),
            (Expr::Place(place), Plan::Find(find, _)) => self.miss(place, find, &parts),
            _ => Miss::Absent,
        });
        let is_all = matches!(node.expr, Expr::All(_));
        let notes = self.notes(plan);
        let clause = self.query.clause(node).to_owned();
        Clause { clause, matched, found, missed_by, points: None, notes, is_all, parts }
    }

    fn score(&self, written: &str, score: &Score, plans: &[Weighed]) -> Clause {
        let row = |(row, plans): (&ScoreRow, &Weighed)| {
            let parts: Vec<Clause> = row.any.iter().zip(&plans.any).map(|(node, plan)| self.node(node, plan)).collect();
            let points = row.weight.of(parts.iter().filter(|part| part.matched).count());
            let written = self.query.source().get(row.span.clone()).unwrap_or_default().to_owned();
            let missed_by = (points == 0).then_some(Miss::Absent);
            let (found, notes) = (Vec::new(), Vec::new());
            let points = Some(points);
            Clause {
                clause: written,
                matched: missed_by.is_none(),
                found,
                missed_by,
                points,
                notes,
                is_all: false,
                parts,
            }
        };
        let parts: Vec<Clause> = score.rows.iter().zip(plans).map(row).collect();
        let (found, needed) = (parts.iter().filter_map(|part| part.points).sum(), score.threshold);
        let missed_by = (found < needed).then_some(Miss::Score { found, needed });
        let (clause, matched) = (written.to_owned(), missed_by.is_none());
        let (points, notes) = (Some(found), Vec::new());
        Clause { clause, matched, found: Vec::new(), missed_by, points, notes, is_all: false, parts }
    }

    /// What stands inside a distance.
    fn place(&self, place: &Place, find: &Find) -> Clause {
        let parts = match (place, find) {
            (Place::Any(places), Find::Any(finds)) => {
                places.iter().zip(finds).map(|(place, find)| self.place(place, find)).collect()
            }
            (Place::Near(near), Find::Near { left, right, .. }) => {
                vec![self.place(&near.left, left), self.place(&near.right, right)]
            }
            _ => Vec::new(),
        };
        let written = place.to_string();
        let matched = self.is_there(find);
        let found = match find {
            _ if !self.quotes => Vec::new(),
            Find::Fact(ask) if !matched => self.nearest_quote(ask, &written),
            _ => self.quotes(find, &written),
        };
        let missed_by = (!matched).then(|| self.miss(place, find, &parts));
        Clause {
            clause: written,
            matched,
            found,
            missed_by,
            points: None,
            notes: self.notes_of(find),
            is_all: false,
            parts,
        }
    }

    /// What was understood where a clause was found.
    fn notes(&self, plan: &Plan) -> Vec<String> {
        match plan {
            Plan::Find(find, _) | Plan::Times(_, find, _) => self.notes_of(find),
            _ => Vec::new(),
        }
    }

    fn notes_of(&self, find: &Find) -> Vec<String> {
        let Find::Fact(ask) = find else { return Vec::new() };
        if !self.quotes {
            return Vec::new();
        }
        let told = self.passages().flat_map(|number| self.seen.told(ask, number));
        let mut notes: Vec<String> = Vec::new();
        for told in told.filter(|told| told.misfit.is_none()) {
            if notes.len() < QUOTES_MAX && !notes.contains(&told.note) {
                notes.push(told.note);
            }
        }
        notes
    }

    /// Why what a text says is not what is asked for: of what comes nearest to it.
    fn fact_miss(&self, ask: &Ask) -> Miss {
        self.nearest(ask).map_or(Miss::Absent, |(_, _, why)| Miss::Fact(why))
    }

    /// The sentence that comes nearest to saying what is asked for.
    fn nearest_quote(&self, ask: &Ask, term: &str) -> Vec<Because> {
        let Some((number, span, _)) = self.nearest(ask) else { return Vec::new() };
        let passage = &self.seen.reading().passages()[number];
        let (_, quoted) = passage.sentence(span.start);
        let (quote, marks) = quote(passage.text, &quoted, vec![(span.start, span.end.min(quoted.end))]);
        vec![Because { term: term.to_owned(), field: passage.field, quote, marks }]
    }

    /// What comes nearest to what is asked for: the first of what meets most of it, else a bare word for it. Its passage, its
    /// place there, and what it lacks.
    fn nearest(&self, ask: &Ask) -> Option<(usize, std::ops::Range<usize>, String)> {
        let told = self.passages().flat_map(|number| {
            let misfits = self.seen.told(ask, number).into_iter();
            misfits.filter_map(move |told| Some((number, told.span, told.misfit?)))
        });
        let rank = |misfit: &Misfit| (misfit.met, misfit.close);
        let nearest = told.reduce(|best, next| if rank(&next.2) > rank(&best.2) { next } else { best });
        let understood = nearest.map(|(number, span, misfit)| (number, span, misfit.why));
        understood.or_else(|| {
            self.passages().find_map(|number| {
                let passage = &self.seen.reading().passages()[number];
                let (span, why) = bare_mention(ask, passage.text).filter(|_| is_in_scope(ask.scope, passage.field))?;
                Some((number, span, why))
            })
        })
    }

    fn passages(&self) -> std::ops::Range<usize> {
        0..self.seen.reading().passages().len()
    }

    fn is_there(&self, find: &Find) -> bool {
        self.passages().any(|number| !self.seen.find(find, number, 1).is_empty())
    }

    fn quotes(&self, find: &Find, term: &str) -> Vec<Because> {
        let mut told: Vec<Because> = Vec::new();
        for number in self.passages() {
            let passage = &self.seen.reading().passages()[number];
            let mut sentences: Vec<Marked> = Vec::new();
            for spot in self.seen.find(find, number, PLACES_MAX) {
                for (start, end) in spot.marks {
                    let (_, quoted) = passage.sentence(start);
                    let mark = (start, end.min(quoted.end));
                    match sentences.iter().position(|(known, _)| *known == quoted) {
                        Some(at) => sentences[at].1.push(mark),
                        None if sentences.len() < QUOTES_MAX => sentences.push((quoted, vec![mark])),
                        None => {}
                    }
                }
            }
            for (quoted, marks) in sentences {
                let (quote, marks) = quote(passage.text, &quoted, marks);
                if told.len() < QUOTES_MAX && !told.iter().any(|known| known.quote == quote) {
                    told.push(Because { term: term.to_owned(), field: passage.field, quote, marks });
                }
            }
        }
        told
    }

    fn origin(&self, plan: &Plan, term: &str) -> Vec<Because> {
        let subject = &self.seen.subject;
        let whole = |field: Field, text: &str| Because {
            term: term.to_owned(),
            field,
            quote: text.to_owned(),
            marks: vec![(0, text.len())],
        };
        match plan {
            Plan::Link(part, _) => {
                let link = subject.item.link.as_deref().zip(self.seen.link(part));
                let quoted =
                    link.map(|(link, at)| Because { marks: vec![(at.start, at.end)], ..whole(Field::Link, link) });
                quoted.into_iter().collect()
            }
            Plan::Lang(Some(language), _) if self.seen.language() == Some(*language) => {
                vec![whole(Field::Language, language.code())]
            }
            Plan::Feed(name, _) if fold_name(subject.feed) == *name => vec![whole(Field::Feed, subject.feed)],
            Plan::Tag(name, _) => {
                subject.tags.iter().filter(|tag| fold_name(tag) == *name).map(|tag| whole(Field::Tag, tag)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn miss(&self, place: &Place, find: &Find, parts: &[Clause]) -> Miss {
        match (place, find) {
            (Place::Near(near), Find::Near { left, right, .. }) => {
                let missing = unmet(parts);
                if missing.is_empty() { miss::of_near(self.seen, near, left, right) } else { Miss::Missing(missing) }
            }
            (Place::Term(term), Find::Row(row)) => miss::of_row(self.seen, &term.look, row),
            (Place::Term(Term { look: look @ Look::Alias { names, .. }, .. }), Find::Any(rows)) => {
                miss::of_names(self.seen, look, names, rows)
            }
            (Place::Term(_), Find::Fact(ask)) => self.fact_miss(ask),
            _ => Miss::Absent,
        }
    }
}

fn unmet(parts: &[Clause]) -> Vec<String> {
    let told = |part: &Clause| match part.missed_by {
        Some(Miss::Score { found, .. }) => format!("{} by coming to {found}", part.clause),
        _ => part.clause.clone(),
    };
    parts.iter().filter(|part| !part.matched).map(told).collect()
}
