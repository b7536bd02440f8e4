//! `threshold` and `score`: weighted queries instead of one.

use super::Vocabulary;
use super::each;
use super::watch::query;
use crate::config::finding::{Finding, Findings};
use crate::config::reference::WATCH_SCORE;
use crate::config::table::{Table, Value};
use crate::query::{Query, Row, Weight};

/// No weight and no threshold is greater.
const POINTS_MAX: i64 = 1_000_000;

/// What a `[[watch]]` looks for by `score` and `threshold`.
pub(super) fn score(watch: &Table<'_>, score: &Value<'_>, words: &Vocabulary, out: &mut Findings) -> Option<Query> {
    let threshold = watch.written("threshold");
    if threshold.is_none() {
        let message = "a `score` needs a `threshold`";
        out.push(score.error(message).hint("write threshold = 100: so many points are a match"));
    }
    let written = threshold.as_ref();
    let threshold = written.and_then(|written| self::threshold(written, out));
    let tables = score.tables(&WATCH_SCORE, out)?;
    if tables.is_empty() {
        let hint = "write score = [{ any = [\"sabotage\", \"jamming\"], weight = 60 }]";
        out.push(score.error("this `score` has no rows").hint(hint));
        return None;
    }
    let rows = each(tables, out, |table, out| row(&table?, words, out))?;
    let threshold = threshold?;
    let most = rows.iter().map(|row| row.weight.of(row.any.len())).filter(|points| *points > 0).sum::<i64>();
    if most < threshold {
        let message = format!("no item can reach this: all that adds to the score comes to {most}");
        let place = written.map_or_else(|| score.place(), Value::place);
        let hint = if most > 0 {
            format!("write a threshold of {most} or less")
        } else {
            "no row has a positive weight".to_owned()
        };
        out.push(Finding::error(&place, message).hint(hint));
        return None;
    }
    Some(Query::score(threshold, &rows))
}

/// So many points are enough.
pub(super) fn threshold(threshold: &Value<'_>, out: &mut Findings) -> Option<i64> {
    threshold.integer(1..=POINTS_MAX, out)
}

fn row(table: &Table<'_>, words: &Vocabulary, out: &mut Findings) -> Option<Row> {
    let any = table.required("any", out).and_then(|any| queries(&any, words, out));
    let weight = table.required("weight", out).and_then(|weight| {
        let points = weight.integer(-POINTS_MAX..=POINTS_MAX, out)?;
        if points == 0 {
            out.push(weight.error("a weight of 0 changes nothing").hint("write weight = 60, or -80 to take away"));
            return None;
        }
        Some(points)
    });
    let max = match table.written("max") {
        Some(max) => Some((max, max.integer(1..=POINTS_MAX, out)?)),
        None => None,
    };
    let (any, each) = (any?, weight?);
    if let Some((value, _)) = max.filter(|(_, max)| *max < each.abs()) {
        let message = format!("one match alone weighs {}, and this lets it count for less", each.abs());
        out.push(Finding::warning(&value.place(), message).hint("write that as its weight, or a greater `max`"));
    }
    Some(Row { any, weight: Weight { each, max: max.map(|(_, max)| max) } })
}

fn queries(any: &Value<'_>, words: &Vocabulary, out: &mut Findings) -> Option<Vec<Query>> {
    let list = any.one_or_list(out)?;
    if list.is_empty() {
        out.push(any.error("`any` is empty").hint("write any = [\"sabotage\", \"jamming\"]"));
        return None;
    }
    let mut known: Vec<Query> = Vec::new();
    for value in list {
        let Some(query) = query(&value, words, out) else { continue };
        if known.contains(&query) {
            let finding = Finding::warning(&value.place(), "this stands in the row already, and so weighs twice");
            out.push(finding.hint("take it out, or give it a row of its own with its weight"));
        }
        known.push(query);
    }
    (known.len() == any.parts().len()).then_some(known)
}
