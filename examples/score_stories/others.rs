//! Other news of the kind of some given reports: the same stories, with other names, numbers and rare words.

use std::collections::HashMap;

use newswatch::item::{Report, Term, TermKind};

use super::Labelled;
use super::dice::{next, shuffle};

/// A term in more of the given reports than this belongs to all news, and one in fewer to its story if it is a name or a number, else
/// to what it speaks of.
const OF_ITS_STORY: u32 = 14;

/// Different things that are spoken of.
const SUBJECTS: u64 = 16;

/// Stories that are told at a time.
const OPEN: usize = 300;

/// Makes reports of other news without end. Their stories have as many reports, as much alike, as those that were given, and
/// share common words with them and with each other.
pub(crate) struct Others<'a> {
    reports: &'a [Labelled],
    /// The given reports by story.
    stories: Vec<Vec<usize>>,
    /// In how many of the given reports a term is.
    shares: HashMap<u32, u32>,
    /// What each story that is being told is called, and which reports are still to come.
    open: Vec<(u64, Vec<usize>)>,
    dice: u64,
}

impl<'a> Others<'a> {
    pub(crate) fn of(reports: &'a [Labelled]) -> Self {
        let mut shares = HashMap::new();
        let terms = reports.iter().flat_map(|report| &report.report.terms);
        terms.for_each(|term| *shares.entry(term.id).or_default() += 1);
        let mut stories: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, report) in reports.iter().enumerate() {
            stories.entry(&report.story).or_default().push(at);
        }
        let mut stories: Vec<Vec<usize>> = stories.into_values().collect();
        stories.sort();
        Self { reports, stories, shares, open: Vec::new(), dice: 1 }
    }

    pub(crate) fn next(&mut self) -> Report {
        while self.open.len() < OPEN {
            let name = next(&mut self.dice);
            let mut reports = self.stories[pick(name, self.stories.len())].clone();
            shuffle(&mut reports, name);
            self.open.push((name, reports));
        }
        let at = pick(next(&mut self.dice), self.open.len());
        let (name, reports) = &mut self.open[at];
        let (name, report) = (*name, reports.pop().unwrap_or_default());
        if reports.is_empty() {
            self.open.swap_remove(at);
        }
        self.renamed(report, name)
    }

    fn renamed(&self, report: usize, name: u64) -> Report {
        let Report { terms, sketch } = &self.reports[report].report;
        let rename = |term: &Term| {
            let is_common = self.shares.get(&term.id).is_some_and(|count| *count > OF_ITS_STORY);
            let id = match term.kind {
                TermKind::Date => term.id,
                _ if is_common => term.id,
                TermKind::Word => other(term.id, name % SUBJECTS),
                TermKind::Name | TermKind::Number => other(term.id, name),
            };
            Term { id, ..*term }
        };
        let mut terms: Vec<Term> = terms.iter().map(rename).collect();
        terms.sort_unstable_by_key(|term| term.id);
        terms.dedup_by_key(|term| term.id);
        let mut sketch: Vec<u32> = sketch.iter().map(|hash| other(*hash, name)).collect();
        sketch.sort_unstable();
        Report { terms, sketch }
    }
}

fn pick(roll: u64, of: usize) -> usize {
    usize::try_from(roll % (of as u64).max(1)).unwrap_or(0)
}

fn other(id: u32, name: u64) -> u32 {
    u32::try_from(next(&mut (u64::from(id) << 32 ^ name)) >> 32).unwrap_or(0)
}
