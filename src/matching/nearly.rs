//! What does not match, and lacks little: one clause, or a few words.

use smallvec::SmallVec;

use super::evaluate::{Seen, is_in_scope};
use super::explain::Clause;
use super::miss::{Miss, gaps};
use super::plan::{Ask, Find, Plan, Row, Spelling, Unit};
use crate::query::Reach;

/// A whole clause that is missing. What lacks more is not near.
const CLAUSE: u32 = 100;

/// Two things that stand farther apart than they may are a few words short where it is by so many words or fewer, or by half
/// of what is allowed.
const FEW_WORDS: usize = 5;

/// So many words apart, two things that are to stand in one sentence are still near each other.
const SENTENCE_WORDS: usize = 25;

/// The same for a paragraph.
const PARAGRAPH_WORDS: usize = 60;

/// A score lacks little where it lacks one in so many of the points that it needs, or fewer.
const POINTS_SHARE: i64 = 4;

/// Places of one thing in one text that are looked at.
const PLACES_MAX: usize = 128;

/// Longest clause that is named, in characters.
const NAMED_LEN_MAX: usize = 120;

/// How far a clause is from holding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Far {
    /// It holds: because of what the text says, or only because of where it comes from and what it does not say.
    Holds { by_text: bool },
    /// Something of it is there; it lacks so much.
    Short(u32),
    /// Nothing of it is there.
    Absent,
    /// More than one clause is missing, or it is kept out on purpose: by a `NOT`, a feed, a tag, a language.
    Beyond,
}

impl Far {
    const TEXT: Self = Self::Holds { by_text: true };

    fn holds(self) -> bool {
        matches!(self, Self::Holds { .. })
    }

    /// The nearer of two.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Short(one), Self::Short(two)) => Self::Short(one.min(two)),
            (Self::Holds { .. }, _) | (_, Self::Beyond) | (Self::Short(_) | Self::Absent, Self::Absent) => self,
            (_, Self::Holds { .. }) | (Self::Beyond, _) | (Self::Absent, Self::Short(_)) => other,
        }
    }
}

/// By how much a rule that does not hold falls short of it, in hundredths of a clause; `None` where that is more than one clause, or
/// where nothing of it is there.
pub(super) fn short(seen: &Seen<'_, '_>, plan: &Plan) -> Option<u32> {
    match far(seen, plan) {
        Far::Short(short) if short <= CLAUSE => Some(short),
        _ => None,
    }
}

fn far(seen: &Seen<'_, '_>, plan: &Plan) -> Far {
    match plan {
        Plan::All(plans) => all(seen, plans),
        Plan::Any(plans) => match plans.iter().map(|plan| far(seen, plan)).reduce(Far::or) {
            // None of the alternatives is near: together they are one clause that is missing.
            None | Some(Far::Beyond) => Far::Absent,
            Some(nearest) => nearest,
        },
        Plan::Some(count, plans) => {
            let held = plans.iter().filter(|plan| seen.holds(plan)).count();
            match count.checked_sub(held) {
                None | Some(0) => Far::TEXT,
                Some(1) if held > 0 => Far::Short(share(held)),
                Some(_) if held == 0 => Far::Absent,
                Some(_) => Far::Beyond,
            }
        }
        Plan::Times(count, find, _) => match seen.times(find, *count) {
            0 => Far::Absent,
            times if times == *count => Far::TEXT,
            times if times + 1 == *count => Far::Short(share(times + 1)),
            _ => Far::Beyond,
        },
        Plan::Find(find, _) => far_find(seen, find),
        Plan::Score(threshold, rows) => {
            let points: i64 = rows.iter().map(|row| seen.points(row)).sum();
            let lacks = threshold.saturating_sub(points);
            match (lacks, points) {
                (..=0, _) => Far::TEXT,
                (_, ..=0) => Far::Absent,
                _ if lacks.saturating_mul(POINTS_SHARE) <= *threshold => {
                    let hundredths = lacks.saturating_mul(i64::from(CLAUSE)) / (*threshold).max(1);
                    Far::Short(u32::try_from(hundredths).unwrap_or(CLAUSE).max(1))
                }
                _ => Far::Beyond,
            }
        }
        Plan::Not(_) | Plan::Link(..) | Plan::Feed(..) | Plan::Tag(..) | Plan::Lang(..) => {
            if seen.holds(plan) {
                Far::Holds { by_text: false }
            } else {
                Far::Beyond
            }
        }
    }
}

/// Whether a text has to be understood for it, which costs more than looking for words.
fn is_understood(plan: &Plan) -> bool {
    match plan {
        Plan::All(plans) | Plan::Any(plans) | Plan::Some(_, plans) => plans.iter().any(is_understood),
        Plan::Not(plan) => is_understood(plan),
        Plan::Find(find, _) | Plan::Times(_, find, _) => is_fact(find),
        Plan::Score(_, rows) => rows.iter().flat_map(|row| &row.any).any(is_understood),
        Plan::Link(..) | Plan::Feed(..) | Plan::Tag(..) | Plan::Lang(..) => false,
    }
}

fn is_fact(find: &Find) -> bool {
    match find {
        Find::Fact(_) => true,
        Find::Any(finds) => finds.iter().any(is_fact),
        Find::Near { left, right, .. } => is_fact(left) || is_fact(right),
        Find::Row(_) | Find::Pattern(..) => false,
    }
}

/// One of several things, of which so many are there, weighs the less the more of them there are.
fn share(there: usize) -> u32 {
    CLAUSE / u32::try_from(there).unwrap_or(CLAUSE).clamp(1, CLAUSE)
}

fn all(seen: &Seen<'_, '_>, plans: &[Plan]) -> Far {
    let (mut there, mut absent, mut short) = (0, 0, None);
    // What has to be understood comes last: mostly so much is missing by then that nobody needs to know.
    let (last, first): (SmallVec<[&Plan; 4]>, SmallVec<[&Plan; 4]>) =
        plans.iter().partition(|plan| is_understood(plan));
    for plan in first.into_iter().chain(last) {
        match far(seen, plan) {
            Far::Holds { by_text } => there += usize::from(by_text),
            Far::Short(lacks) if short.is_none() => short = Some(lacks),
            Far::Absent => absent += 1,
            Far::Short(_) | Far::Beyond => return Far::Beyond,
        }
        if absent + usize::from(short.is_some()) > 1 {
            return Far::Beyond;
        }
    }
    match (absent, short) {
        (0, None) => Far::Holds { by_text: there > 0 },
        (0, Some(lacks)) => Far::Short(lacks),
        _ if there == 0 => Far::Absent,
        _ => Far::Short(share(there)),
    }
}

fn far_find(seen: &Seen<'_, '_>, find: &Find) -> Far {
    if may_hold(seen, find) && passages(seen).any(|number| !seen.find(find, number, 1).is_empty()) {
        return Far::TEXT;
    }
    match find {
        Find::Row(row) => far_row(seen, row),
        Find::Any(finds) => finds.iter().map(|find| far_find(seen, find)).reduce(Far::or).unwrap_or(Far::Absent),
        Find::Pattern(..) => Far::Absent,
        Find::Fact(ask) => far_fact(seen, ask),
        Find::Near { left, right, reach, ordered } => match (far_find(seen, left), far_find(seen, right)) {
            (one, other) if one.holds() && other.holds() => far_apart(seen, (left, right), *reach, *ordered),
            (one, other) if one.holds() || other.holds() => match if one.holds() { other } else { one } {
                Far::Short(lacks) => Far::Short((lacks + CLAUSE / 5).min(CLAUSE)),
                _ => Far::Short(CLAUSE),
            },
            _ => Far::Absent,
        },
    }
}

/// The words are there, but not in these letters or not in this field.
fn far_row(seen: &Seen<'_, '_>, row: &Row) -> Far {
    // A name that is written otherwise is another word: `us` is not the US.
    if matches!(row.spelling, Some(Spelling::Name(_))) {
        return Far::Absent;
    }
    let fields = passages(seen).filter(|number| !seen.row_anywhere(row, *number).is_empty());
    let in_scope = fields.map(|number| is_in_scope(row.scope, seen.reading().passages()[number].field));
    match in_scope.reduce(|one, other| one || other) {
        Some(true) => Far::Short(CLAUSE / 4),
        Some(false) => Far::Short(CLAUSE / 2),
        None => Far::Absent,
    }
}

/// Whether the words are there without which it cannot hold, as far as a text has to be understood for it: that costs more than
/// looking for words.
fn may_hold(seen: &Seen<'_, '_>, find: &Find) -> bool {
    match find {
        Find::Fact(ask) => is_worded(seen, ask),
        Find::Any(finds) => finds.iter().any(|find| may_hold(seen, find)),
        Find::Near { left, right, .. } => may_hold(seen, left) && may_hold(seen, right),
        Find::Row(_) | Find::Pattern(..) => true,
    }
}

/// The text says something of the kind, but not this; or has a word for it, and says nothing with it.
fn far_fact(seen: &Seen<'_, '_>, ask: &Ask) -> Far {
    if !is_worded(seen, ask) {
        return Far::Absent;
    }
    let misfits = passages(seen).flat_map(|number| seen.told(ask, number)).filter_map(|told| told.misfit);
    match misfits.map(|misfit| misfit.met).max() {
        Some(0) => Far::Absent,
        Some(met) => Far::Short(CLAUSE / (1 + u32::from(met))),
        None if units(ask).is_some() => Far::Short(CLAUSE * 4 / 5),
        None => Far::Absent,
    }
}

fn units(ask: &Ask) -> Option<&[Unit]> {
    ask.needed.as_ref()?.units.as_deref()
}

/// Whether it has a word for what is asked for, where that is known.
fn is_worded(seen: &Seen<'_, '_>, ask: &Ask) -> bool {
    let (Some(needed), Some(units)) = (&ask.needed, units(ask)) else { return true };
    let is_in = |number: usize| is_in_scope(ask.scope, seen.reading().passages()[number].field);
    let has_word = |unit: &Unit| {
        passages(seen).filter(|number| is_in(*number)).any(|number| {
            let occurs = |term| !seen.reading().occurrences(term, number).is_empty();
            unit.parts().all(occurs) || unit.whole.is_some_and(occurs)
        })
    };
    let has_root = |number: usize| {
        let text = seen.reading().passages()[number].small();
        needed.roots.iter().any(|root| text.contains(root.as_str()))
    };
    seen.is_worded(needed, ask.scope, || {
        let has_roots = !needed.roots.is_empty();
        units.iter().any(has_word) || has_roots && passages(seen).filter(|number| is_in(*number)).any(has_root)
    })
}

/// Both are there, but not so close, or in the other order.
fn far_apart(seen: &Seen<'_, '_>, both: (&Find, &Find), reach: Reach, ordered: bool) -> Far {
    let Some(gaps) = gaps(seen, both, PLACES_MAX) else {
        // One stands in the headline, the other in the text.
        return Far::Short(CLAUSE * 4 / 5);
    };
    let within = |most: usize| if gaps.closest <= most { Far::Short(CLAUSE * 2 / 5) } else { Far::Absent };
    match reach {
        Reach::Words(most) => {
            let Some(closest) = (if ordered { gaps.in_order } else { Some(gaps.closest) }) else {
                return within(most);
            };
            let (over, few) = (closest.saturating_sub(most), FEW_WORDS.max(most / 2));
            if over > few {
                return Far::Absent;
            }
            let share = u32::try_from(over * 40 / few).unwrap_or(CLAUSE);
            Far::Short(10 + share)
        }
        Reach::Sentence => within(SENTENCE_WORDS),
        Reach::Paragraph => within(PARAGRAPH_WORDS),
    }
}

fn passages(seen: &Seen<'_, '_>) -> std::ops::Range<usize> {
    0..seen.reading().passages().len()
}

/// What a clause that does not hold lacks: the smallest clauses that are missing, each with why.
pub(super) fn lacks(clause: &Clause) -> String {
    let unmet = || clause.parts.iter().filter(|part| !part.matched);
    let deeper = match &clause.missed_by {
        _ if clause.is_all => true,
        Some(Miss::Missing(_)) => unmet().any(|part| !part.missed_by.as_ref().is_some_and(Miss::is_absence)),
        _ => false,
    };
    if deeper {
        return unmet().map(lacks).collect::<Vec<_>>().join("; ");
    }
    // Of alternatives the one that comes nearest.
    if let Some(Miss::Absent) = clause.missed_by
        && let Some(nearest) = unmet().min_by_key(|part| leaves(part)).filter(|part| is_begun(part))
    {
        return lacks(nearest);
    }
    let why = clause.missed_by.as_ref().map(ToString::to_string).unwrap_or_default();
    match clause.missed_by {
        // A score is many lines long.
        Some(Miss::Score { .. }) => why,
        _ => format!("{}: {why}", named(&clause.clause)),
    }
}

/// How many of the smallest clauses are missing; what is there in part counts as less.
fn leaves(clause: &Clause) -> usize {
    match clause.parts.iter().filter(|part| !part.matched) {
        _ if clause.matched => 0,
        unmet if clause.is_all => unmet.map(leaves).sum(),
        _ => 2 - usize::from(is_begun(clause)),
    }
}

/// Whether something of it is there.
fn is_begun(clause: &Clause) -> bool {
    !clause.missed_by.as_ref().is_some_and(Miss::is_absence)
        || clause.parts.iter().any(|part| part.matched || is_begun(part))
}

fn named(clause: &str) -> String {
    let clause = clause.split_whitespace().collect::<Vec<_>>().join(" ");
    if clause.chars().count() <= NAMED_LEN_MAX {
        return clause;
    }
    let cut: String = clause.chars().take(NAMED_LEN_MAX - 1).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use crate::item::{Item, NearMiss};
    use crate::matching::{Cut, Matcher, Rule, Subject};
    use crate::query::{Query, Row, Weight};

    fn near(query: &str, title: &str, text: &str) -> Option<NearMiss> {
        let matcher = Matcher::new(vec![Rule::new("w", Query::parse(query).unwrap())]);
        let item = Item { title: title.to_owned(), text: text.to_owned(), ..Item::default() };
        let cut = Cut::new(&Subject { item: &item, feed: "alliance", tags: &[] });
        assert!(matcher.hits_in(&cut).is_empty(), "{query} matches {title}");
        matcher.read(&cut).near_misses(&|_| true).pop()
    }

    #[test]
    fn one_clause_or_a_few_words_short_is_near_and_says_what_is_missing() {
        for (query, text, lacks) in [
            ("harbour pilots strike", "Harbour pilots go home.", "strike: does not occur"),
            ("harbour (strike OR walkout)", "The harbour is calm.", "(strike OR walkout): does not occur"),
            ("harbour strike -football", "The harbour is calm.", "strike: does not occur"),
            ("(tram driver) OR (harbour pilots strike)", "Harbour pilots go home.", "strike: does not occur"),
            (
                "ferry NEAR/3 strike",
                "A ferry was late on the day before the strike.",
                "ferry NEAR/3 strike: distance 8, needed 3",
            ),
            ("ferry BEFORE/4 strike", "A strike of ferry crews.", "ferry BEFORE/4 strike: stand in the other order"),
            (
                "ferry NEAR/s strike",
                "A ferry was late. The strike goes on.",
                "ferry NEAR/s strike: never in one sentence",
            ),
            ("ferry NEAR/9 strike", "A ferry was late.", "ferry NEAR/9 strike: misses strike"),
            ("ATLEAST/3 ferry", "A ferry met a ferry.", "ATLEAST/3 ferry: occurs 2 times, needed 3"),
            (
                "ANY/3 (ferry, tram, bus, train)",
                "A tram met a bus.",
                "ANY/3 (ferry, tram, bus, train): 2 of these hold, needed 3",
            ),
            ("=FERRY port", "The ferry leaves the port.", "=FERRY: is written ferry"),
            ("title:ferry port", "The ferry leaves the port.", "title:ferry: occurs only in text"),
            (
                "act(veto, by=@hungary, stance=announced)",
                "Hungary vetoed the budget on Monday.",
                "act(veto, by=@hungary, stance=announced): the veto is did, needed announced",
            ),
        ] {
            let near = near(query, "News", text).unwrap_or_else(|| panic!("{query} is not near {text}"));
            assert_eq!(near.lacks, lacks, "{query}");
        }
    }

    #[test]
    fn words_of_one_clause_in_the_headline_and_in_the_text_are_near() {
        let near = near("veto NEAR/8 slovakia", "Slovakia waits", "A veto is possible.").unwrap();
        assert_eq!((near.lacks.as_str(), near.short), ("veto NEAR/8 slovakia: never in the same field", 80));
    }

    #[test]
    fn what_lacks_more_or_is_kept_out_on_purpose_is_not_near() {
        for (query, text) in [
            ("harbour pilots strike", "Harbour gardens are open."),
            ("harbour", "A calm day."),
            ("strike OR walkout", "A calm day."),
            ("harbour strike -football", "A football strike in the harbour."),
            ("harbour feed:courier", "The harbour is calm."),
            ("harbour lang:de", "The harbour is calm."),
            (
                "ferry NEAR/3 strike",
                "A ferry was late. It rained all day long and nobody went out but the crew, who spoke of a strike.",
            ),
            ("ATLEAST/5 ferry", "A ferry met a ferry."),
            ("ANY/3 (ferry, tram, bus, train)", "A tram."),
            ("act(veto, by=@hungary)", "Poland vetoed the budget on Monday."),
            ("amount(>= 1bn EUR)", "The port paid 900 million euros."),
            ("@us navy", "The navy told us."),
        ] {
            assert_eq!(
                near(query, "News", text).map(|near| near.lacks).filter(|_| query != "@us navy"),
                None,
                "{query}"
            );
        }
        assert_eq!(near("@us navy", "News", "The navy told us.").unwrap().short, 100, "us is not the US");
    }

    #[test]
    fn a_score_is_near_where_little_is_missing() {
        let score = |threshold: i64| {
            let row =
                |any: &str, each| Row { any: vec![Query::parse(any).unwrap()], weight: Weight { each, max: None } };
            let query = Query::score(threshold, &[row("sabotage", 60), row("poland", 30)]);
            let matcher = Matcher::new(vec![Rule::new("w", query)]);
            let item = Item { title: "Sabotage".to_owned(), ..Item::default() };
            matcher.read(&Cut::new(&Subject { item: &item, feed: "", tags: &[] })).near_misses(&|_| true).pop()
        };
        assert_eq!(score(70).unwrap().lacks, "score 60 of 70");
        assert_eq!(score(90), None);
    }

    #[test]
    fn the_more_is_there_the_nearer_it_is() {
        let short = |query: &str, text: &str| near(query, "News", text).unwrap().short;
        let two = short("harbour strike", "The harbour is calm.");
        let three = short("harbour pilots strike", "Harbour pilots go home.");
        let apart = short("ferry NEAR/6 strike", "A ferry was late on the day before the strike.");
        assert!(apart < three && three < two, "{apart} {three} {two}");
    }

    #[test]
    fn of_many_rules_only_those_that_the_index_selects_are_looked_at() {
        let rule = |n: usize| Rule::new(format!("w{n}"), Query::parse(&format!("harbour only{n}")).unwrap());
        let matcher = Matcher::new((0..5000).map(rule).collect());
        let item = Item { title: "The harbour".to_owned(), ..Item::default() };
        let cut = Cut::new(&Subject { item: &item, feed: "", tags: &[] });
        assert!(matcher.read(&cut).near_misses(&|_| true).len() <= super::super::read::NEAR_MAX);
    }
}
