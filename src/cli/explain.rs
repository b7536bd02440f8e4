//! Why each watch did or did not match an item: the tree of its clauses, for people and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthChar as _;

use super::table::plain;
use crate::config::Settings;
use crate::item::Because;
use crate::matching::{Clause, Explanation, Miss};
use crate::poll::schedule;

/// Lines are no longer than this, however wide the terminal is.
const COLUMNS_MAX: usize = 100;

/// Where nobody says how wide lines may be.
const COLUMNS: usize = 80;

/// Of alternatives none of which was found, more than this are told in one line.
const ABSENT_SHOWN_MAX: usize = 4;

/// What it is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paper {
    /// How wide it is.
    pub(super) columns: usize,
    /// Whether it shows colours.
    pub(super) color: bool,
}

impl Default for Paper {
    fn default() -> Self {
        Self { columns: COLUMNS, color: false }
    }
}

impl Paper {
    /// The process's stdout.
    pub(super) fn stdout() -> Self {
        let stdout = std::io::stdout();
        let of_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let columns = told.or_else(|| stdout.is_terminal().then(of_terminal).flatten()).unwrap_or(COLUMNS);
        Self { columns: columns.clamp(COLUMNS / 2, COLUMNS_MAX), color: super::check::has_color(&stdout) }
    }

    /// As [`Paper::read`] reads it.
    pub(super) fn written(self) -> String {
        format!("{}{}", self.columns, if self.color { "c" } else { "" })
    }

    /// What a caller says of its own.
    pub(super) fn read(written: &str) -> Self {
        let columns = written.trim_end_matches('c').parse().unwrap_or(COLUMNS);
        Self { columns: columns.clamp(COLUMNS / 2, COLUMNS_MAX), color: written.ends_with('c') }
    }

    fn style(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.style("1", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.style("2", text)
    }

    pub(super) fn good(self, text: &str) -> String {
        self.style("32", text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.style("31", text)
    }

    /// A quote with its marks: coloured, or between asterisks.
    fn marked(self, quote: &str, marks: &[(usize, usize)]) -> String {
        let (open, close) = if self.color { ("\u{1b}[1;33m", "\u{1b}[0m") } else { ("*", "*") };
        let mut out = String::with_capacity(quote.len() + marks.len() * (open.len() + close.len()));
        let mut at = 0;
        for &(start, end) in marks {
            out.extend([&*plain(&quote[at..start]), open, &*plain(&quote[start..end]), close]);
            at = end;
        }
        out.push_str(&plain(&quote[at..]));
        out
    }

    /// Text in lines, each begun with so many spaces, the first with `head` at its end.
    pub(super) fn wrapped(self, indent: usize, head: &str, text: &str) -> String {
        let mut out = format!("{}{head}", " ".repeat(indent));
        let mut used = width(&out);
        let hang = indent + 2;
        for (at, word) in text.split_whitespace().enumerate() {
            let length = width(word);
            if at > 0 && used + 1 + length > self.columns {
                let _ = write!(out, "\n{}", " ".repeat(hang));
                used = hang;
            } else if at > 0 || !head.is_empty() {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            used += length;
        }
        out.push('\n');
        out
    }
}

/// How many columns a text takes; what colours it takes none.
fn width(text: &str) -> usize {
    let mut escaped = false;
    let width_of = |c: char| {
        if c == '\u{1b}' {
            escaped = true;
        }
        let own = if escaped { 0 } else { c.width().unwrap_or(0) };
        escaped &= c != 'm';
        own
    };
    text.chars().map(width_of).sum()
}

/// What keeps a watch from telling each match at once, by its name.
pub(super) fn waits(settings: &Settings) -> BTreeMap<String, String> {
    let waits = settings.watches.iter().filter_map(|watch| {
        let wait = match (&watch.telling.sources, watch.telling.quiet) {
            (Some(sources), _) => {
                let (count, within) = (sources.count, schedule::words(sources.within));
                format!("waits for {count} sites that tell the story within {within}")
            }
            (None, Some(quiet)) => format!("mails when nothing matched for {}", schedule::words(quiet)),
            (None, None) => return None,
        };
        Some((watch.name.clone(), wait))
    });
    waits.collect()
}

/// What a rule made of an item: a line, and below it the clauses.
pub(super) fn told(explanation: &Explanation, waits: &BTreeMap<String, String>, paper: Paper) -> String {
    let root = &explanation.clause;
    let name = paper.bold(&plain(&explanation.watch));
    let mut out = match &root.missed_by {
        None => {
            let wait = waits.get(&explanation.watch).map(|wait| format!("; {wait}")).unwrap_or_default();
            paper.wrapped(0, &paper.good("✓"), &format!("{name} matches{}{wait}", score(root)))
        }
        Some(miss) => {
            let why = paper.bad(&plain(&reason(root, miss)));
            paper.wrapped(0, &paper.bad("✗"), &format!("{name} does not match: {why}"))
        }
    };
    // What must all hold is told part by part, and a score row by row.
    let parts = if is_list(root) { &root.parts[..] } else { std::slice::from_ref(root) };
    for part in parts {
        clause(part, 2, paper, &mut out);
    }
    out
}

fn is_list(clause: &Clause) -> bool {
    clause.points.is_some() || clause.is_all
}

fn score(clause: &Clause) -> String {
    clause.points.map(|points| format!(" with a score of {points}")).unwrap_or_default()
}

/// Why a whole query does not match, as shortly as can be said.
fn reason(root: &Clause, miss: &Miss) -> String {
    let unmet: Vec<&Clause> = root.parts.iter().filter(|part| !part.matched).collect();
    match (miss, unmet.as_slice()) {
        // The one clause that is missing tells more by how it was missed.
        (Miss::Unmet(_), [one]) => match &one.missed_by {
            Some(Miss::Absent) | None => miss.to_string(),
            Some(Miss::Score { .. }) => one.missed_by.as_ref().map(ToString::to_string).unwrap_or_default(),
            Some(inner) => format!("{}: {inner}", one_line(&one.clause)),
        },
        _ => one_line(&miss.to_string()),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn clause(told: &Clause, indent: usize, paper: Paper, out: &mut String) {
    let mark = if told.matched { paper.good("✓") } else { paper.bad("✗") };
    let written = plain(&one_line(&told.clause));
    let how = match (&told.missed_by, told.points) {
        (Some(miss @ Miss::Score { .. }), _) => format!(": {}", paper.bad(&miss.to_string())),
        (Some(miss), None) => format!(": {}", paper.bad(&plain(&one_line(&miss.to_string())))),
        (_, Some(points)) => format!(": {points:+}"),
        (None, None) => String::new(),
    };
    out.push_str(&paper.wrapped(indent, &mark, &format!("{written}{how}")));
    for found in &told.found {
        quote(found, indent + 4, paper, out);
    }
    for note in &told.notes {
        out.push_str(&paper.wrapped(indent + 4, "", &paper.dim(&plain(note))));
    }
    let is_absence = matches!(told.missed_by, Some(Miss::Present));
    let shown: Vec<&Clause> = match &told.parts[..] {
        // What must be absent is there: where, says the part.
        [one] if is_absence && one.parts.is_empty() => {
            one.found.iter().for_each(|found| quote(found, indent + 4, paper, out));
            Vec::new()
        }
        // Its quotes have shown its parts.
        _ if told.matched && !told.found.is_empty() => Vec::new(),
        parts if told.matched && !is_list(told) => parts.iter().filter(|part| part.matched).collect(),
        parts if told.matched || told.points.is_some() => parts.iter().collect(),
        parts => {
            let is_absent = |part: &&Clause| {
                part.parts.is_empty() && matches!(part.missed_by, Some(Miss::Absent | Miss::Unnamed(_)))
            };
            let absent = parts.iter().filter(is_absent).count();
            // The clause itself has said it of all of them.
            let all = absent == parts.len() && absent > ABSENT_SHOWN_MAX;
            if all { Vec::new() } else { parts.iter().collect() }
        }
    };
    for part in shown {
        clause(part, indent + 2, paper, out);
    }
}

fn quote(found: &Because, indent: usize, paper: Paper, out: &mut String) {
    let head = paper.dim(&format!("{}:", found.field));
    out.push_str(&paper.wrapped(indent, &head, &paper.marked(&found.quote, &found.marks)));
}

/// `{"watch","matched","silenced","clauses":[…]}`, the clauses flat, each before its parts; `silenced` is the number of the
/// silence on the match, if there is one.
pub(super) fn json(explanation: &Explanation, silenced: Option<i64>) -> Value {
    let clauses = explanation.clauses().into_iter().map(|(depth, clause)| {
        let first = clause.found.first();
        let found: Vec<_> = clause
            .found
            .iter()
            .map(|found| json!({"where": found.field, "quote": found.quote, "marks": found.marks}))
            .collect();
        json!({
            "clause": one_line(&clause.clause), "matched": clause.matched, "where": first.map(|found| found.field),
            "quote": first.map(|found| &found.quote), "missed_by": clause.missed_by.as_ref().map(ToString::to_string),
            "depth": depth, "points": clause.points, "found": found, "notes": clause.notes,
        })
    });
    json!({
        "watch": explanation.watch, "matched": explanation.matched, "silenced": silenced,
        "clauses": clauses.collect::<Vec<_>>(),
    })
}

/// An item's headline, or what its text begins with, and below it where it comes from.
pub(super) fn heading(item: &crate::item::Item, from: &str, paper: Paper) -> String {
    let mut out = paper.wrapped(0, "", &paper.bold(&plain(&headline(item))));
    let link = item.link.as_deref().unwrap_or_default();
    for line in [link, from].iter().filter(|line| !line.is_empty()) {
        let _ = writeln!(out, "{}", paper.dim(&plain(line)));
    }
    out
}

/// On one line.
pub(super) fn headline(item: &crate::item::Item) -> String {
    const CHARS_MAX: usize = 80;
    let title = one_line(&item.title);
    if !title.is_empty() {
        return title;
    }
    let text = if item.text.is_empty() { &item.summary } else { &item.text };
    let line = text.lines().map(one_line).find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// That a rule does not match one item of several, in a line or two.
pub(super) fn missed(item: &crate::item::Item, explanation: &Explanation, paper: Paper) -> String {
    let root = &explanation.clause;
    let why = root.missed_by.as_ref().map(|miss| plain(&reason(root, miss))).unwrap_or_default();
    paper.wrapped(0, &paper.bad("✗"), &format!("{}: {}", plain(&headline(item)), paper.bad(&why)))
}

/// Of so many watches all are told, whatever they found.
const ALL_TOLD_MAX: usize = 20;

/// Those that matched, and those that did not: all of them where they are few or were asked for by name, else those that
/// found something.
pub(super) fn told_all(
    explanations: &[Explanation],
    by_name: bool,
    waits: &BTreeMap<String, String>,
    paper: Paper,
) -> String {
    let mut out = String::new();
    let all = by_name || explanations.len() <= ALL_TOLD_MAX;
    let (matched, missed): (Vec<_>, Vec<_>) = explanations.iter().partition(|one| one.matched);
    let near = |one: &&Explanation| one.clauses().iter().any(|(_, clause)| !clause.found.is_empty());
    let shown: Vec<&Explanation> =
        if all { missed.clone() } else { missed.iter().copied().filter(near).take(ALL_TOLD_MAX).collect() };
    for explanation in matched.iter().chain(&shown) {
        let _ = write!(out, "\n{}", told(explanation, waits, paper));
    }
    if shown.len() < missed.len() {
        let rest = super::check::count(missed.len() - shown.len(), "more watch");
        let _ = write!(out, "\n{rest} did not match; `--watch NAME` tells why\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_the_paper_and_colours_take_no_room() {
        let paper = Paper { columns: 40, color: true };
        let text = "one two three four five six seven eight nine ten".repeat(3);
        let (plainly, colored) = (
            Paper { color: false, ..paper }.wrapped(4, "text:", &text),
            paper.wrapped(4, &paper.dim("text:"), &text.replace("two", "\u{1b}[1;33mtwo\u{1b}[0m")),
        );
        assert!(plainly.lines().all(|line| line.len() <= 40), "{plainly}");
        let stripped = colored.replace("\u{1b}[2m", "").replace("\u{1b}[1;33m", "").replace("\u{1b}[0m", "");
        assert_eq!(stripped, plainly);
    }

    #[test]
    fn what_a_feed_says_steers_no_terminal() {
        let paper = Paper { columns: 80, color: true };
        assert_eq!(paper.marked("a\u{1b}[2J veto", &[(6, 10)]), "a [2J \u{1b}[1;33mveto\u{1b}[0m");
    }
}
