use std::ops::Range;
use std::sync::Arc;

use super::tree::{Expr, Node, Score, ScoreRow, Weight};
use super::{Query, Understood};

/// Clauses of a score that weigh the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One or more.
    pub any: Vec<Query>,
    /// How much they weigh.
    pub weight: Weight,
}

/// Queries that are made of others. Their source is that of all their parts, one behind the other, so that each clause is
/// still known by what was written.
impl Query {
    /// Weighted queries against a threshold.
    pub fn score(threshold: i64, rows: &[Row]) -> Self {
        let mut source = String::new();
        let rows = rows.iter().map(|row| {
            let span = written(&mut source, &row.weight.to_string());
            let (mut any, mut labels) = (Vec::new(), Vec::new());
            for query in &row.any {
                let label = written(&mut source, &format!("{} {:+}", query.source(), row.weight.each));
                any.push(shifted(query.root(), label.start));
                labels.push(label);
            }
            ScoreRow { weight: row.weight, any, labels, span }
        });
        let rows = rows.collect();
        // The last line is what the whole is called.
        let span = written(&mut source, &format!("score {threshold}"));
        let root = Node { expr: Expr::Score(Score { threshold, rows }), span };
        Self(Arc::new(Understood { source: source.into(), root, warnings: Box::default() }))
    }

    /// This query, but not what any of the others finds.
    #[must_use]
    pub fn without<'a>(self, others: impl IntoIterator<Item = &'a Query>) -> Self {
        let mut others = others.into_iter().peekable();
        if others.peek().is_none() {
            return self;
        }
        let (mut source, mut root) = (self.source().to_owned(), self.root().clone());
        if let Expr::Any(_) = root.expr {
            source = format!("({source})");
            root = Node { span: 0..source.len(), ..shifted(&root, 1) };
        }
        let start = root.span.start;
        let mut nodes = match root.expr {
            Expr::All(nodes) => nodes,
            expr => vec![Node { expr, span: root.span }],
        };
        for other in others {
            let span = source.len() + 1..source.len() + 1 + "NOT ()".len() + other.source().len();
            source.extend([" NOT (", other.source(), ")"]);
            let inner = shifted(other.root(), span.start + "NOT (".len());
            nodes.push(Node { expr: Expr::Not(Box::new(inner)), span });
        }
        let root = Node { expr: Expr::All(nodes), span: start..source.len() };
        Self(Arc::new(Understood { source: source.into(), root, warnings: self.0.warnings.clone() }))
    }
}

/// Writes a part on a line of its own, and says where.
fn written(source: &mut String, part: &str) -> Range<usize> {
    if !source.is_empty() {
        source.push('\n');
    }
    let start = source.len();
    source.push_str(part);
    start..source.len()
}

/// The clause where its source begins at `by`.
fn shifted(node: &Node, by: usize) -> Node {
    let all = |nodes: &[Node]| nodes.iter().map(|node| shifted(node, by)).collect();
    let moved = |span: &Range<usize>| span.start + by..span.end + by;
    let expr = match &node.expr {
        Expr::All(nodes) => Expr::All(all(nodes)),
        Expr::Any(nodes) => Expr::Any(all(nodes)),
        Expr::Not(node) => Expr::Not(Box::new(shifted(node, by))),
        Expr::Some { count, of } => Expr::Some { count: *count, of: all(of) },
        Expr::Score(Score { threshold, rows }) => {
            let row = |row: &ScoreRow| ScoreRow {
                weight: row.weight,
                any: all(&row.any),
                labels: row.labels.iter().map(moved).collect(),
                span: moved(&row.span),
            };
            Expr::Score(Score { threshold: *threshold, rows: rows.iter().map(row).collect() })
        }
        expr @ (Expr::Place(_) | Expr::Times { .. } | Expr::Source(_)) => expr.clone(),
    };
    Node { expr, span: moved(&node.span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(source: &str) -> Query {
        Query::parse(source).unwrap()
    }

    #[test]
    fn clauses_of_a_made_query_are_known_by_what_was_written() {
        let row = |any: &[&str], each, max| Row {
            any: any.iter().map(|any| query(any)).collect(),
            weight: Weight { each, max },
        };
        let made = Query::score(100, &[row(&["\"grey zone\"", "a b"], 60, None), row(&["sport*"], -80, Some(90))]);
        let made = made.without([&query("title:film"), &query("x OR y")]);
        assert_eq!(made.clause(made.root()), "score 100 NOT (title:film) NOT (x OR y)");
        let Expr::All(nodes) = &made.root().expr else { panic!("{made:?}") };
        let written: Vec<&str> = nodes.iter().map(|node| made.clause(node)).collect();
        assert_eq!(written, ["score 100", "NOT (title:film)", "NOT (x OR y)"]);
        let Expr::Score(score) = &nodes[0].expr else { panic!("{made:?}") };
        let rows = score.rows.iter().map(|row| {
            let any: Vec<&str> = row.any.iter().map(|node| made.clause(node)).collect();
            let labels: Vec<&str> = row.labels.iter().map(|label| &made.source()[label.clone()]).collect();
            (&made.source()[row.span.clone()], any, labels)
        });
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [
                ("weight 60", vec!["\"grey zone\"", "a b"], vec!["\"grey zone\" +60", "a b +60"]),
                ("weight -80, max 90", vec!["sport*"], vec!["sport* -80"]),
            ]
        );
        let Expr::All(inner) = &score.rows[0].any[1].expr else { panic!("{made:?}") };
        assert_eq!(made.clause(&inner[1]), "b");
        assert_eq!(
            made.to_string(),
            "score 100 (\"grey zone\", a AND b: weight 60; sport*: weight -80, max 90) AND NOT title:film AND NOT (x OR y)"
        );
    }

    #[test]
    fn what_is_left_out_stands_behind() {
        let made = query("a OR b").without([&query("c d")]);
        assert_eq!(made.clause(made.root()), "(a OR b) NOT (c d)");
        let Expr::All(nodes) = &made.root().expr else { panic!("{made:?}") };
        let written: Vec<&str> = nodes.iter().map(|node| made.clause(node)).collect();
        assert_eq!(written, ["(a OR b)", "NOT (c d)"]);
        let Expr::Any(nodes) = &nodes[0].expr else { panic!("{made:?}") };
        assert_eq!(made.clause(&nodes[1]), "b");
    }

    #[test]
    fn a_row_adds_no_more_than_its_limit_either_way() {
        assert_eq!(Weight { each: 35, max: Some(70) }.of(3), 70);
        assert_eq!(Weight { each: -35, max: Some(70) }.of(3), -70);
        assert_eq!(Weight { each: -35, max: None }.of(3), -105);
        assert_eq!(Weight { each: 35, max: Some(70) }.of(0), 0);
    }
}
