use std::ops::Range;

use super::super::DEPTH_MAX;
use super::super::lex::{Field, Kind};
use super::super::tree::{Expr, Node, Place};
use super::{Clause, Parser};

/// Clauses that count.
impl Parser {
    /// `ATLEAST/n`: what it counts follows.
    pub(super) fn times(&mut self, field: Option<Field>, count: usize, span: Range<usize>) -> Option<Clause> {
        if self.depth >= DEPTH_MAX {
            self.too_deep(span);
            return None;
        }
        self.depth += 1;
        let clause = self.clause(field);
        self.depth -= 1;
        let node = clause?.node;
        let span = span.start..node.span.end;
        let countable = |place: &Place| match place {
            Place::Term(_) => true,
            Place::Any(places) => places.iter().all(|place| matches!(place, Place::Term(_))),
            Place::Near(_) => false,
        };
        let is_source = matches!(node.expr, Expr::Source(_));
        let is_near = matches!(&node.expr, Expr::Place(place) if !countable(place));
        if (is_source && count > 1)
            || is_near
            || matches!(node.expr, Expr::All(_) | Expr::Not(_) | Expr::Some { .. } | Expr::Times { .. })
        {
            let message = if is_source { "this is never found more than once" } else { "ATLEAST counts words" };
            self.fail(node.span, message, "write ATLEAST/3 veto or ATLEAST/3 (veto OR block)");
            return None;
        }
        if is_source {
            return Some(Clause { node: Node { expr: node.expr, span }, bracketed: false });
        }
        let place = self.operand(node)?;
        if !countable(&place) {
            self.fail(span, "ATLEAST counts words", "write ATLEAST/3 veto or ATLEAST/3 (veto OR block)");
            return None;
        }
        Some(Clause { node: Node { expr: Expr::Times { count, place }, span }, bracketed: false })
    }

    /// `ANY/n`: its clauses follow in brackets.
    pub(super) fn some(&mut self, field: Option<Field>, count: usize, span: Range<usize>) -> Option<Clause> {
        if self.depth >= DEPTH_MAX {
            self.too_deep(span);
            return None;
        }
        let open = self.take(&Kind::Open)?;
        self.depth += 1;
        let mut clauses = vec![self.alternatives(field)];
        while self.take(&Kind::Comma).is_some() {
            clauses.push(self.alternatives(field));
        }
        self.depth -= 1;
        let Some(close) = self.take(&Kind::Close) else {
            if !self.gave_up {
                self.fail(open, "this bracket is never closed", "close it with `)`");
            }
            return None;
        };
        let mut of: Vec<Node> = Vec::new();
        for clause in clauses.into_iter().collect::<Option<Vec<Clause>>>()? {
            if !of.contains(&clause.node) {
                of.push(clause.node);
            }
        }
        let span = span.start..close.end;
        if of.len() < count {
            let message = format!("at least {count} of {} clauses can never hold", of.len());
            self.fail(span, message, "write ANY/2 (a, b, c), with commas between different clauses");
            return None;
        }
        let expr = if of.len() == 1 { of.pop()?.expr } else { Expr::Some { count, of } };
        Some(Clause { node: Node { expr, span }, bracketed: true })
    }
}
