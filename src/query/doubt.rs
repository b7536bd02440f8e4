use std::ops::Range;

use annotate_snippets::Level;

use super::Aliases;
use super::error::render;
use super::mistake::closest;
use super::tree::{Expr, Look, Node, Place, Scope, Source, Term};
use crate::understand::text::{Language, fold};

/// A lone prefix with fewer letters matches half of the dictionary.
const PREFIX_LETTERS_MIN: usize = 4;

/// With more different clauses their combinations are not tried out.
const CLAUSES_TRIED_MAX: usize = 12;

/// Something that is allowed and yet hardly meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryWarning {
    /// Bytes of the source, on character boundaries.
    pub span: Range<usize>,
    /// What is odd.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl QueryWarning {
    /// Of a word that looks like an operator or a predicate; `before_bracket` tells whether a bracket follows, and `rest` is
    /// the query behind it.
    pub(super) fn of_word(span: &Range<usize>, word: &str, before_bracket: bool, rest: &str) -> Option<Self> {
        if let Some(warning) = Self::of_mark_inside(span, word) {
            return Some(warning);
        }
        let meant = operator_meant(word).or_else(|| predicate_meant(word, before_bracket));
        let meant = meant.or_else(|| quotes_meant(word, rest))?;
        let hint = format!("{meant}; as a word, write \"{}\"", word.trim_matches('\''));
        Some(Self::new(span, &format!("`{word}` is looked for as a word"), &hint))
    }

    /// Of a word with a mark in it that other search languages have a meaning for, or that parts two words by mistake.
    fn of_mark_inside(span: &Range<usize>, word: &str) -> Option<Self> {
        let (before, behind) = word.split_once(['?', ',', ';', '!'])?;
        let is_inside = before.ends_with(char::is_alphabetic) && behind.starts_with(char::is_alphabetic);
        let mark = word[before.len()..].chars().next().filter(|_| is_inside)?;
        let hint = if mark == '?' {
            format!("`?` is no wildcard; write /\\b{before}.{behind}\\b/, or {before}* for all words that begin so")
        } else {
            format!("leave the `{mark}` out where both words are meant, in whatever order: {before} {behind}")
        };
        Some(Self::new(span, &format!("`{word}` is looked for as the words \"{before} {behind}\""), &hint))
    }

    /// Of a phrase with an alias in it.
    pub(super) fn of_phrase(span: &Range<usize>, phrase: &str, aliases: &Aliases) -> Option<Self> {
        let mut words = phrase.split_whitespace();
        let alias = words.find_map(|word| word.strip_prefix('@').filter(|alias| aliases.names(alias).is_some()))?;
        let message = format!("`@{alias}` is looked for as the word {alias} here");
        let hint =
            format!("no alias stands in quotes: write @{alias} BEFORE/1 veto for any of its names before a word");
        Some(Self::new(span, &message, &hint))
    }

    fn new(span: &Range<usize>, message: &str, hint: &str) -> Self {
        Self { span: span.clone(), message: message.to_owned(), hint: Some(hint.to_owned()) }
    }

    /// The query with the odd part underlined; plain text, lines without a last line feed.
    pub fn render(&self, source: &str) -> String {
        render(source, Level::WARNING, &self.span, &self.message, self.hint.as_deref())
    }
}

/// The operator that a word looks like, and how it is written.
fn operator_meant(word: &str) -> Option<String> {
    const COUNTED: [&str; 6] = ["NEAR", "W", "BEFORE", "PRE", "ATLEAST", "ANY"];
    if let small @ ("or" | "and" | "not" | "near") = word {
        return Some(format!("operators are written in capitals: {}", small.to_uppercase()));
    }
    if word == "XOR" {
        return Some("one of two and not both is (a OR b) -(a b)".to_owned());
    }
    let digits = word.len() - word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (name, number) = word.split_at(word.len() - digits);
    if !number.is_empty() && COUNTED.contains(&name) {
        return Some(format!("did you mean {name}/{number}?"));
    }
    let (name, number) = word.split_once('/')?;
    let capitals = name.to_ascii_uppercase();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !is_name || !(is_number || (matches!(number, "s" | "p") && name == capitals && name.len() > 2)) {
        return None;
    }
    match capitals.as_str() {
        "ATLEAST" | "ANY" => Some(format!("operators are written in capitals: {capitals}/{number}")),
        "AFTER" => Some(format!("a behind b is b BEFORE/{number} a")),
        "WITHIN" => Some(format!("did you mean NEAR/{number}?")),
        _ => {
            let small = COUNTED.map(str::to_ascii_lowercase);
            let known = small.iter().map(String::as_str).filter(|known| known.len() > 2);
            closest(name, known).map(|near| format!("did you mean {}/{number}?", near.to_ascii_uppercase()))
        }
    }
}

/// The predicate that a word before a bracket looks like.
fn predicate_meant(word: &str, before_bracket: bool) -> Option<String> {
    let name = word.to_ascii_lowercase();
    let example = match name.as_str() {
        "act" => "act(veto)",
        "event" => "event(summit)",
        "amount" => "amount(>= 1bn EUR)",
        _ => return None,
    };
    before_bracket.then(|| format!("write {example}, in small letters and with nothing before the bracket"))
}

/// Quotes that a word looks like the beginning of.
fn quotes_meant(word: &str, rest: &str) -> Option<String> {
    let opens = word.strip_prefix('\'')?;
    let inside = match opens.strip_suffix('\'') {
        Some(inside) => inside.to_owned(),
        None => format!("{opens}{}", rest.split_once('\'')?.0),
    };
    Some(format!("single quotes mean nothing: write \"{inside}\""))
}

/// Everything odd about a query, but for how it is written.
pub(super) fn doubts(root: &Node) -> Vec<QueryWarning> {
    let mut warnings = Vec::new();
    short_prefixes(root, &mut warnings);
    lost_signs(root, &mut warnings);
    let before = warnings.len();
    impossible(root, &mut warnings);
    match outcome(root) {
        // Said of the part that it comes from.
        Outcome::Never if warnings.len() > before => {}
        Outcome::Never => {
            warnings.push(QueryWarning::new(&root.span, "this can never match", "two parts of it exclude each other"));
        }
        Outcome::Always => {
            warnings.push(QueryWarning::new(
                &root.span,
                "this always matches",
                "one part of it or another is always true",
            ));
        }
        Outcome::Open if holds(root, &|_| false) => {
            let hint = "it matches every item that lacks them; add what must be there, such as feed:alliance";
            warnings.push(QueryWarning::new(&root.span, "this only says which words must be absent", hint));
        }
        Outcome::Open => {}
    }
    warnings
}

/// A prefix is lone when it alone makes the query match.
fn short_prefixes(node: &Node, warnings: &mut Vec<QueryWarning>) {
    match &node.expr {
        Expr::Any(nodes) => nodes.iter().for_each(|node| short_prefixes(node, warnings)),
        Expr::Place(Place::Term(Term { look: Look::Prefix(begin), .. }))
            if fold(begin).chars().count() < PREFIX_LETTERS_MIN =>
        {
            let hint = "write more of its letters, or name what must stand with it";
            warnings.push(QueryWarning::new(&node.span, "a prefix this short matches very many words", hint));
        }
        _ => {}
    }
}

/// Words with signs that no word has, so that they find more than was meant.
fn lost_signs(node: &Node, warnings: &mut Vec<QueryWarning>) {
    match &node.expr {
        Expr::All(nodes) | Expr::Any(nodes) | Expr::Some { of: nodes, .. } => {
            for node in nodes {
                lost_signs(node, warnings);
            }
        }
        Expr::Not(node) => lost_signs(node, warnings),
        Expr::Place(Place::Term(Term { look: Look::Word(word) | Look::Exact(word), .. })) => {
            let bare = word.trim_end_matches(['+', '#']);
            let number = word.trim_start_matches(['$', '€', '£', '¥']);
            let hint = if bare.len() < word.len() {
                format!("a regular expression finds signs: /{}/", regex_syntax::escape(word))
            } else if number.len() < word.len() && number.starts_with(|c: char| c.is_ascii_digit()) {
                "amount(= 500 USD) finds a sum of money, however it is written".to_owned()
            } else {
                return;
            };
            let found = if bare.len() < word.len() { bare } else { number };
            warnings.push(QueryWarning::new(
                &node.span,
                &format!("signs do not count, so this finds `{found}`"),
                &hint,
            ));
        }
        _ => {}
    }
}

/// Clauses that no item can have.
fn impossible(node: &Node, warnings: &mut Vec<QueryWarning>) {
    match &node.expr {
        Expr::All(nodes) | Expr::Any(nodes) | Expr::Some { of: nodes, .. } => {
            for node in nodes {
                impossible(node, warnings);
            }
        }
        Expr::Not(node) => impossible(node, warnings),
        Expr::Source(Source::Lang(code)) if Language::of_tag(code).is_none() => {
            let message = format!("no language has the code `{code}`, so this can never match");
            let hint = match Language::of_name(code) {
                Some(language) => format!("did you mean lang:{language}?"),
                None => "write a code of ISO 639-1, such as lang:en or lang:de".to_owned(),
            };
            warnings.push(QueryWarning::new(&node.span, &message, &hint));
        }
        expr if !can_be(expr) => {
            let hint = "its parts stand in different fields; distances are measured within one";
            warnings.push(QueryWarning::new(&node.span, "this can never match", hint));
        }
        _ => {}
    }
}

/// Whether a query holds when exactly the given leaves do.
fn holds(node: &Node, leaf: &dyn Fn(&Expr) -> bool) -> bool {
    match &node.expr {
        Expr::All(nodes) => nodes.iter().all(|node| holds(node, leaf)),
        Expr::Any(nodes) => nodes.iter().any(|node| holds(node, leaf)),
        Expr::Not(node) => !holds(node, leaf),
        Expr::Some { count, of } => of.iter().filter(|node| holds(node, leaf)).count() >= *count,
        expr @ (Expr::Place(_) | Expr::Times { .. } | Expr::Source(_) | Expr::Score(_)) => leaf(expr),
    }
}

enum Outcome {
    Never,
    Always,
    Open,
}

/// Tries every combination of leaves that can occur together.
fn outcome(root: &Node) -> Outcome {
    let mut leaves = Vec::new();
    collect(root, &mut leaves);
    if leaves.len() > CLAUSES_TRIED_MAX {
        return Outcome::Open;
    }
    let (mut always, mut never) = (true, true);
    let count = 1_u32 << leaves.len();
    // None, all and each alone tell nearly every query open, and quickly.
    let first = [0, count - 1].into_iter().chain((0..leaves.len()).map(|leaf| 1 << leaf));
    for combination in first.chain(0..count) {
        let is_true = |at: usize| combination >> at & 1 == 1;
        let possible = leaves.iter().enumerate().filter(|(one, _)| is_true(*one)).all(|(one, leaf)| {
            can_be(leaf)
                && leaves.iter().enumerate().all(|(other, beside)| {
                    one == other || if is_true(other) { !excludes(leaf, beside) } else { !implies(leaf, beside) }
                })
        });
        if possible {
            let held = holds(root, &|expr| leaves.iter().position(|leaf| *leaf == expr).is_some_and(is_true));
            always &= held;
            never &= !held;
        }
        if !always && !never {
            return Outcome::Open;
        }
    }
    if never { Outcome::Never } else { Outcome::Always }
}

fn collect<'a>(node: &'a Node, leaves: &mut Vec<&'a Expr>) {
    match &node.expr {
        Expr::All(nodes) | Expr::Any(nodes) | Expr::Some { of: nodes, .. } => {
            for node in nodes {
                collect(node, leaves);
            }
        }
        Expr::Not(node) => collect(node, leaves),
        expr @ (Expr::Place(_) | Expr::Times { .. } | Expr::Source(_) | Expr::Score(_)) => {
            if leaves.len() <= CLAUSES_TRIED_MAX && !leaves.contains(&expr) {
                leaves.push(expr);
            }
        }
    }
}

/// Whether any item can have it: two things are only close to each other in one field.
fn can_be(leaf: &Expr) -> bool {
    match leaf {
        Expr::Place(place) | Expr::Times { place, .. } => fields(place) != [false; 3],
        Expr::Source(Source::Lang(code)) => Language::of_tag(code).is_some(),
        _ => true,
    }
}

/// Where a place can be found: in the title, in summary and text, among the authors.
fn fields(place: &Place) -> [bool; 3] {
    let both = |one: [bool; 3], other: [bool; 3]| std::array::from_fn(|at| one[at] && other[at]);
    let either = |one: [bool; 3], other: [bool; 3]| std::array::from_fn(|at| one[at] || other[at]);
    match place {
        Place::Term(term) => match term.scope {
            Scope::Anywhere => [true, true, false],
            Scope::Title => [true, false, false],
            Scope::Text => [false, true, false],
            Scope::Author => [false, false, true],
        },
        Place::Any(places) => places.iter().map(fields).fold([false; 3], either),
        Place::Near(near) => both(fields(&near.left), fields(&near.right)),
    }
}

/// Whether an item cannot have both: it comes from one feed, and is in one language.
fn excludes(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::Source(Source::Feed(one)), Expr::Source(Source::Feed(other))) => fold(one) != fold(other),
        (Expr::Source(Source::Lang(one)), Expr::Source(Source::Lang(other))) => {
            Language::of_tag(one) != Language::of_tag(other)
        }
        _ => false,
    }
}

/// Whether an item that has one has the other too; some cases that people write, not all there are.
fn implies(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::Place(one) | Expr::Times { place: one, .. }, Expr::Place(other)) => place_implies(one, other),
        (Expr::Times { count: one, place }, Expr::Times { count: other, place: beside }) => {
            one >= other && place_implies(place, beside)
        }
        (Expr::Source(Source::Feed(one)), Expr::Source(Source::Feed(other)))
        | (Expr::Source(Source::Tag(one)), Expr::Source(Source::Tag(other))) => fold(one) == fold(other),
        (Expr::Source(Source::Lang(one)), Expr::Source(Source::Lang(other))) => {
            Language::of_tag(one) == Language::of_tag(other)
        }
        (Expr::Source(Source::Link(one)), Expr::Source(Source::Link(other))) => {
            one.to_ascii_lowercase().contains(&other.to_ascii_lowercase())
        }
        _ => false,
    }
}

fn place_implies(one: &Place, other: &Place) -> bool {
    match (one, other) {
        (Place::Any(places), _) => places.iter().all(|place| place_implies(place, other)),
        (Place::Near(near), _) if one != other => place_implies(&near.left, other) || place_implies(&near.right, other),
        (Place::Term(one), Place::Term(other)) => {
            let within = one.scope == other.scope || (other.scope == Scope::Anywhere && one.scope != Scope::Author);
            within && look_implies(&one.look, &other.look)
        }
        _ => one == other,
    }
}

fn look_implies(one: &Look, other: &Look) -> bool {
    match (one, other) {
        (Look::Word(one) | Look::Exact(one), Look::Word(other)) => fold(one) == fold(other),
        (Look::Prefix(one), Look::Prefix(other)) => fold(one).starts_with(&*fold(other)),
        _ => one == other,
    }
}
