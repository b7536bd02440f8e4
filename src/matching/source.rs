use super::plan::fold_name;
use crate::query::{Expr, Node, Query, ScoreRow, Source};

/// Whether a query could match an item of the feed, whatever the item says: false only where `feed:` or `tag:` rule it out.
pub fn could_match(query: &Query, feed: &str, tags: &[String]) -> bool {
    let names = Names { feed: fold_name(feed), tags: tags.iter().map(|tag| fold_name(tag)).collect() };
    names.could(query.root(), true)
}

struct Names {
    feed: String,
    tags: Vec<String>,
}

impl Names {
    /// Whether the clause could be `wanted` of some item.
    fn could(&self, node: &Node, wanted: bool) -> bool {
        match &node.expr {
            Expr::Not(node) => self.could(node, !wanted),
            Expr::All(nodes) if wanted => nodes.iter().all(|node| self.could(node, true)),
            Expr::Any(nodes) if !wanted => nodes.iter().all(|node| self.could(node, false)),
            Expr::All(nodes) | Expr::Any(nodes) => nodes.iter().any(|node| self.could(node, wanted)),
            // Not so many hold where enough of them fail.
            Expr::Some { count, of } => {
                let enough = if wanted { *count } else { (of.len() + 1).saturating_sub(*count) };
                of.iter().filter(|node| self.could(node, wanted)).count() >= enough
            }
            Expr::Source(Source::Feed(name)) => (self.feed == fold_name(name)) == wanted,
            Expr::Source(Source::Tag(name)) => self.tags.contains(&fold_name(name)) == wanted,
            Expr::Score(score) if wanted => {
                let could =
                    |row: &ScoreRow| row.weight.of(row.any.iter().filter(|node| self.could(node, true)).count());
                score.rows.iter().map(could).filter(|points| *points > 0).sum::<i64>() >= score.threshold
            }
            Expr::Score(_) | Expr::Place(_) | Expr::Times { .. } | Expr::Source(Source::Link(_) | Source::Lang(_)) => {
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_that_a_query_rules_out_could_not_match() {
        let tags = vec!["Official".to_owned()];
        for (query, expected) in [
            ("veto", true),
            ("feed:alliance", true),
            ("feed:other", false),
            ("veto feed:other", false),
            ("feed:other OR tag:official", true),
            ("veto -feed:alliance", false),
            ("veto -feed:other", true),
            ("NOT (veto feed:alliance)", true),
            ("NOT (tag:official OR veto)", false),
            ("@EU feed:other", false),
            ("/veto(es)?/ feed:alliance", true),
            ("ATLEAST/2 (veto OR blockade) feed:other", false),
            ("link:example.org", true),
            ("ANY/2 (feed:other, veto, tag:official)", true),
            ("ANY/2 (feed:other, veto, tag:press)", false),
            ("NOT ANY/2 (feed:alliance, veto, tag:official)", false),
            ("NOT ANY/2 (feed:alliance, veto, tag:press)", true),
        ] {
            assert_eq!(could_match(&Query::parse(query).unwrap(), "Alliance", &tags), expected, "{query}");
        }
    }
}
