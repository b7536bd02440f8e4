use std::fmt::{self, Display, Formatter, Write};

use super::lex::is_plain_name;
use super::tree::{Expr, Look, Near, Node, Place, Reach, Scope, Score, Source, Term, Weight};

/// The canonical form: AND and OR spelt out, brackets wherever two operators meet.
impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(nodes) => list(f, nodes, " AND ", |node| matches!(node.expr, Self::All(_) | Self::Any(_))),
            Self::Any(nodes) => list(f, nodes, " OR ", |node| matches!(node.expr, Self::All(_) | Self::Any(_))),
            Self::Not(node) => {
                let brackets = matches!(node.expr, Self::All(_) | Self::Any(_) | Self::Place(Place::Near(_)));
                f.write_str("NOT ")?;
                bracketed(f, &node.expr, brackets)
            }
            Self::Place(place) => place.fmt(f),
            Self::Some { count, of } => {
                write!(f, "ANY/{count} (")?;
                list(f, of, ", ", |_| false)?;
                f.write_char(')')
            }
            Self::Times { count, place } => write!(f, "ATLEAST/{count} {place}"),
            Self::Source(source) => source.fmt(f),
            Self::Score(score) => score.fmt(f),
        }
    }
}

/// `score 100`, with the weights below it in brackets.
impl Display for Score {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "score {} (", self.threshold)?;
        for (at, row) in self.rows.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "; " })?;
            list(f, &row.any, ", ", |_| false)?;
            write!(f, ": {}", row.weight)?;
        }
        f.write_char(')')
    }
}

/// `weight 35, max 70`
impl Display for Weight {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "weight {}", self.each)?;
        self.max.map_or(Ok(()), |max| write!(f, ", max {max}"))
    }
}

fn list(f: &mut Formatter<'_>, nodes: &[Node], between: &str, brackets: fn(&Node) -> bool) -> fmt::Result {
    for (at, node) in nodes.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        bracketed(f, &node.expr, brackets(node))?;
    }
    Ok(())
}

fn bracketed(f: &mut Formatter<'_>, inner: &impl Display, brackets: bool) -> fmt::Result {
    if brackets { write!(f, "({inner})") } else { inner.fmt(f) }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Any(places) => {
                for (at, place) in places.iter().enumerate() {
                    f.write_str(if at == 0 { "(" } else { " OR " })?;
                    place.fmt(f)?;
                }
                f.write_char(')')
            }
            Self::Near(near) => near.fmt(f),
        }
    }
}

impl Display for Near {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = if self.ordered { "BEFORE" } else { "NEAR" };
        write!(f, "{} {name}/{} ", self.left, self.reach)?;
        bracketed(f, &self.right, matches!(self.right, Place::Near(_)))
    }
}

impl Display for Reach {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => words.fmt(f),
            Self::Sentence => f.write_char('s'),
            Self::Paragraph => f.write_char('p'),
        }
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scope {
            Scope::Anywhere => "",
            Scope::Title => "title:",
            Scope::Text => "text:",
            Scope::Author => "author:",
        })?;
        self.look.fmt(f)
    }
}

impl Display for Look {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Phrase(words) => quoted(f, words),
            Self::Exact(spelling) => {
                f.write_char('=')?;
                if is_plain_name(spelling) { f.write_str(spelling) } else { quoted(f, spelling) }
            }
            Self::Prefix(begin) => write!(f, "{begin}*"),
            Self::Alias { alias, .. } => write!(f, "@{alias}"),
            Self::Event(ask) => ask.fmt(f),
            Self::Act(ask) => ask.fmt(f),
            Self::Amount(ask) => ask.fmt(f),
            Self::Pattern(pattern) => {
                write!(f, "/{}/{}", pattern.source(), if pattern.ignores_case() { "i" } else { "" })
            }
        }
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (field, name) = match self {
            Self::Link(part) => ("link", part),
            Self::Feed(name) => ("feed", name),
            Self::Tag(name) => ("tag", name),
            Self::Lang(code) => ("lang", code),
        };
        write!(f, "{field}:")?;
        if is_plain_name(name) { f.write_str(name) } else { quoted(f, name) }
    }
}

pub(super) fn quoted(f: &mut Formatter<'_>, content: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in content.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
