//! Compares the statements that are found with labelled ones: the right stance for the right actor, conditions found whole.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use newswatch::understand::facts::{Statement, Wanted, is_known_act, statements};
use serde_json::Value;

/// Actors that stand for an office or a body without a name of its own: any actor is right.
const OFFICES: &[&str] = &["", "President", "Prime Minister", "Finance minister", "Rail union"];

/// How many are right of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) right: usize,
    pub(crate) of: usize,
}

impl Share {
    fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    /// As a number from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "counts of labels are small")]
    pub(crate) fn value(self) -> f64 {
        self.right as f64 / self.of.max(1) as f64
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} = {:.3}", self.right, self.of, self.value())
    }
}

/// The result.
#[derive(Debug, Default)]
pub(crate) struct Stances {
    /// The right stance for the right actor.
    pub(crate) right: Share,
    /// Conditions found whole.
    pub(crate) conditions: Share,
    /// Recall of each stance.
    pub(crate) recall: BTreeMap<String, Share>,
    /// Expected stance and the one that was found for the actor, with how often.
    confusion: BTreeMap<(String, String), usize>,
    /// A line for each that is wrong, with the chains of what was found.
    pub(crate) misses: Vec<String>,
}

impl Stances {
    /// Scores labelled lines; of `held` ones only, or of the others only, where it is given. As a query does, acts that the lists know
    /// are not asked for where `as_queries` is set.
    pub(crate) fn of(lines: &str, held: Option<bool>, as_queries: bool) -> anyhow::Result<Self> {
        let mut score = Self::default();
        for line in lines.lines() {
            let row: Value = serde_json::from_str(line)?;
            if held.is_none_or(|held| held == row["held"].as_bool().unwrap_or_default()) {
                score.add(&row, as_queries);
            }
        }
        Ok(score)
    }

    fn add(&mut self, row: &Value, as_queries: bool) {
        let field = |name: &str| row[name].as_str().unwrap_or_default();
        let (text, actor, act, stance) = (field("text"), field("actor"), field("act"), field("stance"));
        let acts = if as_queries && is_known_act(act) { Vec::new() } else { vec![act.to_owned()] };
        let mut found = statements(None, text, &Wanted::new(&acts, &[]));
        found.retain(|it| it.act == act);
        let also = row["also"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let accepted: Vec<&str> = also.chain([stance]).collect();
        let fits = |it: &&Statement| accepted.contains(&it.stance.as_str());
        let mine = |it: &&Statement| OFFICES.contains(&actor) || same(&it.actor, actor);
        let others = row["not"].as_str();
        let wronged = others.is_some_and(|other| found.iter().filter(fits).any(|it| same(&it.actor, other)));
        let right = if stance == "none" { found.is_empty() } else { found.iter().filter(mine).any(|it| fits(&it)) };
        let right = right && !wronged;
        self.right.add(right);
        self.recall.entry(stance.to_owned()).or_default().add(right);
        let got = found.iter().find(|it| mine(it) && (!right || fits(it))).map_or("none", |it| it.stance.as_str());
        *self.confusion.entry((stance.to_owned(), if right { stance } else { got }.to_owned())).or_default() += 1;
        let mut whole = true;
        if let Some(condition) = row["condition"].as_str() {
            whole = found.iter().filter(mine).any(|it| it.condition.as_deref() == Some(condition));
            self.conditions.add(whole);
        }
        if !right || !whole {
            let mut miss = format!("{text}\n    expected {actor} {act} {stance} {}", field("condition"));
            for it in &found {
                let condition = it.condition.as_deref().unwrap_or("");
                let _ = write!(miss, "\n    found {} {condition}: {}", it.actor, it.chain);
            }
            self.misses.push(miss);
        }
    }
}

impl Stances {
    /// Of the rows for which a stance was found, those of which it is expected.
    fn precision(&self, stance: &str) -> Share {
        let mut share = Share::default();
        for ((expected, found), times) in &self.confusion {
            if found == stance {
                share.of += times;
                share.right += if expected == stance { *times } else { 0 };
            }
        }
        share
    }
}

/// The same actor, whatever its article.
fn same(one: &str, other: &str) -> bool {
    let bare = |name: &str| {
        let name = name.to_lowercase();
        ["the ", "a ", "an "].iter().find_map(|article| name.strip_prefix(article)).unwrap_or(&name).to_owned()
    };
    bare(one) == bare(other)
}

impl fmt::Display for Stances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "right stance for the right actor {}; conditions whole {}", self.right, self.conditions)?;
        let columns: Vec<&str> = ["did", "announced", "denied", "withdrawn", "possible", "called-for", "none"].into();
        write!(f, "\n{:>12} {:>16} {:>16}", "expected", "recall", "precision")?;
        for column in &columns {
            write!(f, " {column:>10}")?;
        }
        for (stance, share) in &self.recall {
            write!(f, "\n{stance:>12} {:>16} {:>16}", share.to_string(), self.precision(stance).to_string())?;
            for column in &columns {
                let times = self.confusion.get(&(stance.clone(), (*column).to_owned())).copied().unwrap_or_default();
                write!(f, " {times:>10}")?;
            }
        }
        Ok(())
    }
}
