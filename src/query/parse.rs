//! ```text
//! query   = all { ("OR" | "|") all }
//! all     = near { [ "AND" ] near }
//! near    = not { distance not }                 left operand first
//! not     = { "NOT" | "-" } clause
//! clause  = [ field ] ( "(" query ")" | term )   nothing stands between a field and its clause
//!         | "ATLEAST/" number clause
//!         | "ANY/" number "(" query { "," query } ")"
//! term    = word | word"*" | "="word | "="phrase | phrase | "@"alias | "/"regex"/" [ "i" ] | fact
//! fact    = "event(" words { "," ( "within=" (days | "any") | "changed=" ("yes" | "no") ) } ")"
//!         | "act(" words { "," ( ("by=" | "on=" | "said-by=") value { "|" value } | "stance=" stance { "|" stance } ) } ")"
//!         | "amount(" [ ">=" | ">" | "<=" | "<" | "=" ] number [ "k" | "m" | "bn" | "tn" ] currency ")"
//! words   = word { "|" word }                    value = word | phrase | "@"alias
//! field   = "title:" | "text:" | "author:" | "link:" | "feed:" | "tag:" | "lang:"
//! distance = ("NEAR" | "W" | "BEFORE" | "PRE") "/" (number | "s" | "p")
//! ```
//!
//! The operands of a distance are terms, ORs of terms, and distances; a link, a feed or a tag has no place in a text.
//! `ATLEAST` counts terms and ORs of terms.

mod counting;

use std::ops::Range;

use super::doubt::QueryWarning;
use super::error::{QueryError, QueryErrors};
use super::lex::{Field, Kind, Token, lex};
use super::tree::{Expr, Look, Near, Node, Place, Reach, Scope, Source, Term};
use super::{Aliases, DEPTH_MAX, LENGTH_MAX};

/// A tree, and where AND and OR stand side by side without brackets.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) root: Node,
    pub(super) mixed: Vec<QueryWarning>,
    /// Words that are operators in capitals.
    pub(super) small: Vec<QueryWarning>,
}

const OPERAND: &str = "expected a word, a \"phrase\", a field such as title: or an opening bracket";

/// Reads a query by the grammar above.
pub(super) fn parse(source: &str, aliases: &Aliases) -> Result<Parsed, QueryErrors> {
    if source.len() > LENGTH_MAX {
        let message = format!("the query has {} bytes, the limit is {LENGTH_MAX}", source.len());
        let start = source.floor_char_boundary(LENGTH_MAX);
        return Err(one(QueryError::new(start..start, message, "make several watches of it")));
    }
    let (tokens, errors) = lex(source, aliases);
    if tokens.is_empty() {
        return Err(one(QueryError::new(0..0, "the query is empty", OPERAND)));
    }
    // In quotes, or behind a field, it is meant as it stands.
    let small = tokens.iter().enumerate().filter(|(at, _)| {
        !at.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|before| matches!(before.kind, Kind::Field(_)))
    });
    let small = small.filter_map(|(at, token)| match &token.kind {
        Kind::Look(Look::Word(word)) => {
            let next = tokens.get(at + 1).map(|next| &next.kind);
            QueryWarning::of_word(&token.span, word, next == Some(&Kind::Open), &source[token.span.end..])
        }
        Kind::Look(Look::Phrase(phrase)) => QueryWarning::of_phrase(&token.span, phrase, aliases),
        _ => None,
    });
    let small = small.collect();
    let mut parser =
        Parser { tokens, at: 0, end: source.trim_end().len(), depth: 0, gave_up: false, errors, mixed: Vec::new() };
    let root = parser.query(None);
    if let Some(errors) = QueryErrors::of(parser.errors) {
        return Err(errors);
    }
    match root {
        Some(root) if nesting(&root.node.expr) > DEPTH_MAX => Err(one(nests_too_deep(root.node.span))),
        Some(root) => Ok(Parsed { root: root.node, mixed: parser.mixed, small }),
        // Whoever returns nothing has reported it; this arm only keeps the compiler's peace.
        None => Err(one(QueryError::new(0..source.len(), "the query cannot be read", OPERAND))),
    }
}

fn nests_too_deep(span: Range<usize>) -> QueryError {
    QueryError::new(span, format!("this nests deeper than {DEPTH_MAX} levels"), "make several watches of it")
}

/// How deep brackets, negations and chained distances lie in each other in the canonical form. Bounded by what the parser
/// let pass, so that it may recur.
fn nesting(expr: &Expr) -> usize {
    match expr {
        Expr::All(nodes) | Expr::Any(nodes) => 1 + nodes.iter().map(|node| nesting(&node.expr)).max().unwrap_or(0),
        // The negation, and the brackets that its operand may need.
        Expr::Not(node) => 2 + nesting(&node.expr),
        Expr::Some { of, .. } => 1 + of.iter().map(|node| nesting(&node.expr)).max().unwrap_or(0),
        Expr::Place(place) => place_nesting(place),
        Expr::Times { place, .. } => 1 + place_nesting(place),
        Expr::Source(_) | Expr::Score(_) => 0,
    }
}

fn place_nesting(place: &Place) -> usize {
    match place {
        Place::Term(_) => 0,
        Place::Any(places) => 1 + places.iter().map(place_nesting).max().unwrap_or(0),
        Place::Near(near) => 1 + place_nesting(&near.left).max(1 + place_nesting(&near.right)),
    }
}

fn one(error: QueryError) -> QueryErrors {
    QueryErrors::of(vec![error]).expect("there is one")
}

/// A clause while it is read.
struct Clause {
    node: Node,
    /// It stands in brackets, so that nobody can misread how it binds.
    bracketed: bool,
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Where the source ends, for what is missing there.
    end: usize,
    depth: usize,
    /// The rest was skipped, so that nothing is missing at the end.
    gave_up: bool,
    errors: Vec<QueryError>,
    mixed: Vec<QueryWarning>,
}

/// Every rule returns `None` after it reported an error, and always consumes what it reported.
impl Parser {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn take(&mut self, kind: &Kind) -> Option<Range<usize>> {
        let token = self.tokens.get(self.at).filter(|token| token.kind == *kind)?;
        self.at += 1;
        Some(token.span.clone())
    }

    fn fail(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.errors.push(QueryError::new(span, message, hint));
    }

    /// Gives up the rest: what would be read from here on could not be trusted.
    fn too_deep(&mut self, span: Range<usize>) {
        self.errors.push(nests_too_deep(span));
        self.at = self.tokens.len();
        self.gave_up = true;
    }

    /// The whole query, or all that stands in brackets.
    fn query(&mut self, field: Option<Field>) -> Option<Clause> {
        let first = self.alternatives(field);
        if self.depth > 0 {
            return first;
        }
        let mut first = first;
        while let Some(span) = self.take(&Kind::Close).or_else(|| self.take(&Kind::Comma)) {
            self.fail(span, "this bracket closes nothing", "leave it out, or open one before");
            // What follows is read too, for its own errors.
            if self.peek().is_some() {
                first = first.and(self.alternatives(field));
            }
        }
        first
    }

    fn alternatives(&mut self, field: Option<Field>) -> Option<Clause> {
        let first = self.all(field);
        if self.peek() != Some(&Kind::Or) {
            return first;
        }
        let mut clauses = vec![first];
        while self.take(&Kind::Or).is_some() {
            clauses.push(self.all(field));
        }
        let clauses = clauses.into_iter().collect::<Option<Vec<Clause>>>()?;
        for clause in &clauses {
            if !clause.bracketed && matches!(clause.node.expr, Expr::All(_)) {
                self.mixed.push(QueryWarning {
                    span: clause.node.span.clone(),
                    message: "AND and OR are mixed without brackets".to_owned(),
                    hint: Some("AND binds tighter than OR; put brackets round what belongs together".to_owned()),
                });
            }
        }
        let span = around(&clauses);
        let mut nodes = Vec::with_capacity(clauses.len());
        for clause in clauses {
            match clause.node.expr {
                Expr::Any(inner) => nodes.extend(inner),
                expr => nodes.push(Node { expr, span: clause.node.span }),
            }
        }
        let expr = Expr::Any(nodes);
        Some(Clause { node: Node { expr, span }, bracketed: false })
    }

    fn all(&mut self, field: Option<Field>) -> Option<Clause> {
        let first = self.near(field);
        let ends = |next: Option<&Kind>| matches!(next, None | Some(Kind::Or | Kind::Close | Kind::Comma));
        if ends(self.peek()) {
            return first;
        }
        let mut clauses = vec![first];
        while !ends(self.peek()) {
            self.at += usize::from(self.peek() == Some(&Kind::And));
            clauses.push(self.near(field));
        }
        let clauses = clauses.into_iter().collect::<Option<Vec<Clause>>>()?;
        let span = around(&clauses);
        let mut nodes = Vec::with_capacity(clauses.len());
        for clause in clauses {
            match clause.node.expr {
                Expr::All(inner) => nodes.extend(inner),
                expr => nodes.push(Node { expr, span: clause.node.span }),
            }
        }
        let expr = Expr::All(nodes);
        Some(Clause { node: Node { expr, span }, bracketed: false })
    }

    fn near(&mut self, field: Option<Field>) -> Option<Clause> {
        let mut left = self.not(field);
        let mut chained = 0;
        while let Some(&Kind::Near { reach, ordered }) = self.peek() {
            let span = self.tokens[self.at].span.clone();
            self.at += 1;
            chained += 1;
            if self.depth + chained > DEPTH_MAX {
                self.too_deep(span);
                return None;
            }
            let right = self.not(field);
            left = self.beside(left, right, reach, ordered);
        }
        left
    }

    fn beside(&mut self, left: Option<Clause>, right: Option<Clause>, reach: Reach, ordered: bool) -> Option<Clause> {
        let (left, right) = (left?.node, right?.node);
        let span = left.span.start..right.span.end;
        // Both operands are judged, so that both get their error.
        let (left, right) = (self.operand(left), self.operand(right));
        let near = Near { left: left?, right: right?, reach, ordered };
        let expr = Expr::Place(Place::Near(Box::new(near)));
        Some(Clause { node: Node { expr, span }, bracketed: false })
    }

    /// The operand of a distance: something that has a place in a text.
    fn operand(&mut self, node: Node) -> Option<Place> {
        let (message, hint) = match node.expr {
            Expr::Place(place) => return Some(place),
            Expr::Any(nodes) => {
                let places: Vec<Option<Place>> = nodes.into_iter().map(|node| self.operand(node)).collect();
                return places.into_iter().collect::<Option<Vec<Place>>>().map(Place::Any);
            }
            Expr::All(nodes) if nodes.iter().any(|node| matches!(node.expr, Expr::Not(_))) => {
                ("NOT cannot stand inside a distance", "write (a NEAR/8 b) AND NOT (a NEAR/8 c)")
            }
            Expr::All(_) => ("AND cannot stand inside a distance", "write (a NEAR/8 b) AND (a NEAR/8 c)"),
            Expr::Not(_) => ("NOT cannot stand inside a distance", "write NOT (a NEAR/8 b)"),
            Expr::Some { .. } | Expr::Times { .. } | Expr::Score(_) => {
                ("what counts cannot stand inside a distance", "write (a NEAR/8 b) AND ATLEAST/3 a")
            }
            Expr::Source(_) => ("this has no place in a text, and so no distance", "write link:… AND (a NEAR/8 b)"),
        };
        self.fail(node.span, message, hint);
        None
    }

    fn not(&mut self, field: Option<Field>) -> Option<Clause> {
        let Some(span) = self.take(&Kind::Not) else { return self.clause(field) };
        if self.depth >= DEPTH_MAX {
            self.too_deep(span);
            return None;
        }
        self.depth += 1;
        let clause = self.not(field);
        self.depth -= 1;
        let node = clause?.node;
        let span = span.start..node.span.end;
        Some(Clause { node: Node { expr: Expr::Not(Box::new(node)), span }, bracketed: false })
    }

    fn clause(&mut self, field: Option<Field>) -> Option<Clause> {
        let Some(token) = self.tokens.get_mut(self.at) else {
            if !self.gave_up {
                let message = format!("something is missing after {}", self.before());
                self.fail(self.end..self.end, message, OPERAND);
            }
            return None;
        };
        // A look is taken along, the others may be needed again for a message.
        let token = match &mut token.kind {
            Kind::Look(_) => std::mem::replace(token, Token { kind: Kind::Bad, span: token.span.clone() }),
            _ => token.clone(),
        };
        if let Kind::Look(look) = token.kind {
            self.at += 1;
            return self.term(field, look, token.span);
        }
        match token.kind {
            Kind::Open => {
                self.at += 1;
                self.bracket(field, token.span)
            }
            Kind::Field(inner) => {
                self.at += 1;
                self.fielded(field, inner, token.span)
            }
            Kind::Times(count) => {
                self.at += 1;
                self.times(field, count, token.span)
            }
            Kind::Some(count) => {
                self.at += 1;
                self.some(field, count, token.span)
            }
            // A name only ever follows its field.
            Kind::Bad | Kind::Name(_) | Kind::Look(_) | Kind::Not => {
                self.at += 1;
                None
            }
            Kind::Close | Kind::And | Kind::Or | Kind::Comma | Kind::Near { .. } => {
                self.missing(&token);
                None
            }
        }
    }

    /// The piece before the next one, as messages name it.
    fn before(&self) -> &'static str {
        match self.at.checked_sub(1).map(|before| &self.tokens[before].kind) {
            Some(Kind::And) => "AND",
            Some(Kind::Or) => "OR",
            Some(Kind::Not) => "NOT",
            Some(Kind::Near { .. }) => "the distance",
            Some(Kind::Times(_)) => "ATLEAST",
            Some(Kind::Comma) => "the comma",
            Some(Kind::Open) => "the opening bracket",
            _ => "this",
        }
    }

    /// An operator or a closing bracket where an operand should be.
    fn missing(&mut self, token: &Token) {
        let before = self.at.checked_sub(1).map(|before| &self.tokens[before].kind);
        let message = match (&token.kind, before) {
            (Kind::Close, Some(Kind::Open)) => "the bracket is empty".to_owned(),
            (_, None | Some(Kind::Open)) => "something is missing before this".to_owned(),
            _ => format!("something is missing after {}", self.before()),
        };
        self.fail(token.span.clone(), message, OPERAND);
        // A closing bracket and OR are taken by whoever waits for them; the others would be read as an operand again.
        if matches!(token.kind, Kind::And | Kind::Near { .. }) {
            self.at += 1;
        }
    }

    fn bracket(&mut self, field: Option<Field>, open: Range<usize>) -> Option<Clause> {
        if self.depth >= DEPTH_MAX {
            self.too_deep(open);
            return None;
        }
        self.depth += 1;
        let inner = self.query(field);
        self.depth -= 1;
        let Some(close) = self.take(&Kind::Close) else {
            if !self.gave_up {
                self.fail(open, "this bracket is never closed", "close it with `)`");
            }
            return None;
        };
        let mut clause = inner?;
        clause.node.span = open.start..close.end;
        clause.bracketed = true;
        Some(clause)
    }

    fn fielded(&mut self, outer: Option<Field>, field: Field, span: Range<usize>) -> Option<Clause> {
        let name = field.as_str();
        if let Some(outer) = outer {
            let hint = format!("write {}:… AND {name}:…", outer.as_str());
            self.fail(span.clone(), format!("`{name}:` stands inside `{}:`", outer.as_str()), hint);
        }
        let next = self.tokens.get(self.at).filter(|token| token.span.start == span.end).cloned();
        let (kind, end) = next.map_or((Kind::Bad, None), |token| (token.kind, Some(token.span.end)));
        let clause = match (kind, end) {
            (Kind::Open, Some(_)) => self.clause(Some(field)),
            (Kind::Look(look), Some(end)) => {
                self.at += 1;
                self.term(Some(field), look, span.start..end)
            }
            (Kind::Name(name), Some(end)) => {
                self.at += 1;
                let source = named(field, name)?;
                Some(Clause { node: Node { expr: Expr::Source(source), span: span.start..end }, bracketed: false })
            }
            (Kind::Bad, Some(_)) => {
                self.at += 1;
                None
            }
            (Kind::Not, Some(end)) => {
                self.fail(
                    span.start..end,
                    format!("`{name}:` stands before a word or a bracket"),
                    format!("write -{name}:…"),
                );
                self.at += 1;
                None
            }
            _ => {
                let counts = matches!(self.tokens.get(self.at), Some(token) if token.span.start == span.end && matches!(token.kind, Kind::Times(_) | Kind::Some(_)));
                let (message, hint) = if counts {
                    (
                        format!("`{name}:` stands before a word or a bracket"),
                        format!("write ATLEAST/2 {name}:veto, or {name}:(ATLEAST/2 veto)"),
                    )
                } else {
                    (
                        format!("`{name}:` stands before nothing"),
                        format!("write {name}:summit or {name}:(a OR b), with nothing between"),
                    )
                };
                self.fail(span.clone(), message, hint);
                None
            }
        };
        let mut clause = clause.filter(|_| outer.is_none())?;
        clause.node.span.start = span.start;
        Some(clause)
    }

    fn term(&mut self, field: Option<Field>, look: Look, span: Range<usize>) -> Option<Clause> {
        if look.is_fact() && matches!(field, Some(field) if !matches!(field, Field::Title | Field::Text)) {
            let message = format!("`{}:` says nothing of this kind", field.map_or("", Field::as_str));
            self.fail(span, message, "events, acts and sums are found in title: and text:");
            return None;
        }
        let scope = match field {
            None => Scope::Anywhere,
            Some(Field::Title) => Scope::Title,
            Some(Field::Text) => Scope::Text,
            Some(Field::Author) => Scope::Author,
            Some(field) => return self.name_in_brackets(field, look, span),
        };
        let expr = Expr::Place(Place::Term(Term { scope, look }));
        Some(Clause { node: Node { expr, span }, bracketed: false })
    }

    /// `feed:(one OR "the other")`: words are names here.
    fn name_in_brackets(&mut self, field: Field, look: Look, span: Range<usize>) -> Option<Clause> {
        let (Look::Word(name) | Look::Phrase(name)) = look else {
            let message = match &look {
                Look::Pattern(_) => format!("`{}:` knows no regular expressions", field.as_str()),
                Look::Alias { .. } => format!("`{}:` knows no aliases", field.as_str()),
                _ => format!("`{}:` knows neither `*` nor `=`", field.as_str()),
            };
            self.fail(span, message, "write the name, or a part of the address");
            return None;
        };
        let expr = Expr::Source(named(field, name)?);
        Some(Clause { node: Node { expr, span }, bracketed: false })
    }
}

fn named(field: Field, name: String) -> Option<Source> {
    match field {
        Field::Link => Some(Source::Link(name)),
        Field::Feed => Some(Source::Feed(name)),
        Field::Tag => Some(Source::Tag(name)),
        Field::Lang => Some(Source::Lang(name)),
        Field::Title | Field::Text | Field::Author => None,
    }
}

/// From the first clause to the last.
fn around(clauses: &[Clause]) -> Range<usize> {
    let start = clauses.first().map_or(0, |clause| clause.node.span.start);
    start..clauses.last().map_or(start, |clause| clause.node.span.end)
}
