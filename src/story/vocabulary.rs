use std::hash::Hasher;

use hashbrown::HashTable;

use super::rows::{Row, Rows};
use crate::item::Term;

/// The newest reports of a term that are remembered.
pub(super) const NEWEST: usize = 64;

/// The place of a term that no report has.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What the reports of late speak of. Terms go by a place in tables that are dense, so that to look at one of a report that is
/// remembered is one step into memory, and most terms, which are rare, take little of it.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// By the hash of a term's number.
    places: HashTable<u32>,
    /// Places that nothing holds.
    free: Vec<u32>,
    /// By place. What is looked at together lies together.
    heads: Vec<Head>,
    /// The newest reports of each.
    rows: Rows,
}

/// What is known of a term. There are half a million, so it is small.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    /// The term's number.
    id: u32,
    /// The newest reports that have it, of those that are compared.
    newest: Row,
    /// How many reports have it, of those that say enough to be compared.
    compared: u32,
    /// How many reports hold it, those that say too little included.
    held: u32,
}

impl Vocabulary {
    /// How many places there are.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Where a term stands; [`NOWHERE`] where no report has it.
    pub(super) fn place(&self, term: Term) -> u32 {
        self.places.find(hash(term.id), |place| self.heads[*place as usize].id == term.id).copied().unwrap_or(NOWHERE)
    }

    /// How many reports have the term of a place.
    pub(super) fn reports(&self, place: u32) -> u32 {
        self.heads.get(place as usize).map_or(0, |head| head.compared)
    }

    /// The newest reports that have the term of a place, [`NEWEST`] at most, the newest first. Some may have been forgotten.
    pub(super) fn newest(&self, place: u32) -> impl Iterator<Item = u32> {
        self.heads.get(place as usize).into_iter().flat_map(|head| self.rows.newest(&head.newest))
    }

    /// A report has a term, which stands at `place`; by its number where it is compared with others. Returns the term's place, which
    /// is another one where it had none.
    pub(super) fn hold(&mut self, term: Term, place: u32, report: Option<u32>) -> u32 {
        let place = if place == NOWHERE { self.settle(term.id) } else { place };
        let head = &mut self.heads[place as usize];
        head.held += 1;
        if let Some(number) = report {
            head.compared += 1;
            self.rows.push(&mut head.newest, number);
        }
        place
    }

    /// A report that had the term of a place is forgotten.
    pub(super) fn let_go(&mut self, place: u32, was_compared: bool) {
        let head = &mut self.heads[place as usize];
        head.held -= 1;
        head.compared -= u32::from(was_compared);
        if head.held == 0 {
            let Head { id, newest, .. } = std::mem::take(head);
            self.rows.give_up(newest);
            if let Ok(entry) = self.places.find_entry(hash(id), |other| *other == place) {
                entry.remove();
            }
            self.free.push(place);
        }
    }

    fn settle(&mut self, id: u32) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.heads.push(Head::default());
            u32::try_from(self.heads.len() - 1).expect("100,000 reports have fewer terms")
        });
        self.heads[place as usize].id = id;
        let heads = &self.heads;
        self.places.insert_unique(hash(id), place, |place| hash(heads[*place as usize].id));
        place
    }
}

fn hash(id: u32) -> u64 {
    let mut hasher = Numbers::default();
    hasher.write_u32(id);
    hasher.finish()
}

/// The hash of a number that is a hash already, or a row's.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Numbers(u64);

impl Hasher for Numbers {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 29;
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::TermKind;

    fn term(id: u32) -> Term {
        Term { id, kind: TermKind::Word, weight: 16, common: 30 }
    }

    fn newest(terms: &Vocabulary, place: u32) -> Vec<u32> {
        terms.newest(place).collect()
    }

    #[test]
    fn a_term_is_known_as_long_as_a_report_has_it() {
        let mut terms = Vocabulary::default();
        assert_eq!(terms.place(term(7)), NOWHERE);
        let seven = terms.hold(term(7), NOWHERE, Some(1));
        assert_eq!(terms.hold(term(7), seven, None), seven, "one that says too little");
        assert_eq!((terms.reports(seven), newest(&terms, seven)), (1, vec![1]));
        terms.let_go(seven, true);
        assert_eq!((terms.place(term(7)), terms.reports(seven)), (seven, 0));
        terms.let_go(seven, false);
        assert_eq!(terms.place(term(7)), NOWHERE);
        assert_eq!(terms.hold(term(8), NOWHERE, Some(2)), seven, "its place is free");
        assert_eq!(newest(&terms, seven), [2]);
        assert_eq!((terms.reports(NOWHERE), newest(&terms, NOWHERE).len()), (0, 0));
    }

    #[test]
    fn a_term_takes_little() {
        assert_eq!(size_of::<Head>(), 20);
    }

    #[test]
    fn of_a_common_term_the_newest_reports_are_known() {
        let mut terms = Vocabulary::default();
        let place = (0..1000).fold(NOWHERE, |place, number| terms.hold(term(7), place, Some(number)));
        let newest = newest(&terms, place);
        assert_eq!(newest.len(), NEWEST);
        assert!(newest.into_iter().rev().eq(1000 - u32::try_from(NEWEST).unwrap()..1000));
        assert_eq!(terms.reports(place), 1000);
    }
}
