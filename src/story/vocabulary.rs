use std::hash::Hasher;

use hashbrown::HashTable;

use crate::item::Term;

/// The newest reports of a term that are remembered, at least so many where there are.
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
    /// By place: the term's number.
    ids: Vec<u32>,
    /// By place. What is looked at together lies together.
    heads: Vec<Head>,
}

/// What is known of a term.
#[derive(Debug)]
struct Head {
    newest: Newest,
    /// How many reports have it, of those that say enough to be compared.
    compared: u32,
    /// How many reports hold it, those that say too little included.
    held: u32,
}

impl Head {
    const NONE: Self = Self { newest: Newest::Few(0, [0; FEW]), compared: 0, held: 0 };
}

/// The newest reports that have a term, of those that are compared, the newest last. There are half a million terms, so it is small.
#[derive(Debug)]
enum Newest {
    /// As most terms have it: a name of one place, in the reports of one story.
    Few(u8, [u32; FEW]),
    Many(Box<Row>),
}

/// As many fit where the way to a row would stand.
const FEW: usize = 2;

#[derive(Debug)]
struct Row(Vec<u32>);

impl Vocabulary {
    /// How many places there are.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Where a term stands; [`NOWHERE`] where no report has it.
    pub(super) fn place(&self, term: Term) -> u32 {
        self.places.find(hash(term.id), |place| self.ids[*place as usize] == term.id).copied().unwrap_or(NOWHERE)
    }

    /// How many reports have the term of a place.
    pub(super) fn reports(&self, place: u32) -> u32 {
        self.heads.get(place as usize).map_or(0, |head| head.compared)
    }

    /// The newest reports that have the term of a place, the newest last. Some may have been forgotten.
    pub(super) fn newest(&self, place: u32) -> &[u32] {
        match self.heads.get(place as usize).map(|head| &head.newest) {
            Some(Newest::Few(count, numbers)) => &numbers[..usize::from(*count)],
            Some(Newest::Many(row)) => &row.0,
            None => &[],
        }
    }

    /// A report has a term, which stands at `place`; by its number where it is compared with others. Returns the term's place, which
    /// is another one where it had none.
    pub(super) fn hold(&mut self, term: Term, place: u32, report: Option<u32>) -> u32 {
        let place = if place == NOWHERE { self.settle(term.id) } else { place };
        let head = &mut self.heads[place as usize];
        head.held += 1;
        if let Some(number) = report {
            head.compared += 1;
            head.newest.push(number);
        }
        place
    }

    /// A report that had the term of a place is forgotten.
    pub(super) fn let_go(&mut self, place: u32, was_compared: bool) {
        let head = &mut self.heads[place as usize];
        head.held -= 1;
        head.compared -= u32::from(was_compared);
        if head.held == 0 {
            *head = Head::NONE;
            if let Ok(entry) = self.places.find_entry(hash(self.ids[place as usize]), |other| *other == place) {
                entry.remove();
            }
            self.free.push(place);
        }
    }

    fn settle(&mut self, id: u32) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.ids.push(id);
            self.heads.push(Head::NONE);
            u32::try_from(self.ids.len() - 1).expect("100,000 reports have fewer terms")
        });
        self.ids[place as usize] = id;
        let ids = &self.ids;
        self.places.insert_unique(hash(id), place, |place| hash(ids[*place as usize]));
        place
    }
}

fn hash(id: u32) -> u64 {
    let mut hasher = Numbers::default();
    hasher.write_u32(id);
    hasher.finish()
}

impl Newest {
    fn push(&mut self, number: u32) {
        match self {
            Self::Few(count, numbers) => {
                let filled = usize::from(*count);
                if let Some(next) = numbers.get_mut(filled) {
                    *next = number;
                    *count += 1;
                } else {
                    let mut many = numbers.to_vec();
                    many.push(number);
                    *self = Self::Many(Box::new(Row(many)));
                }
            }
            Self::Many(row) => {
                if row.0.len() == 2 * NEWEST {
                    row.0.drain(..NEWEST);
                }
                row.0.push(number);
            }
        }
    }
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

    #[test]
    fn a_term_is_known_as_long_as_a_report_has_it() {
        let mut terms = Vocabulary::default();
        assert_eq!(terms.place(term(7)), NOWHERE);
        let seven = terms.hold(term(7), NOWHERE, Some(1));
        assert_eq!(terms.hold(term(7), seven, None), seven, "one that says too little");
        assert_eq!((terms.reports(seven), terms.newest(seven)), (1, &[1][..]));
        terms.let_go(seven, true);
        assert_eq!((terms.place(term(7)), terms.reports(seven)), (seven, 0));
        terms.let_go(seven, false);
        assert_eq!(terms.place(term(7)), NOWHERE);
        assert_eq!(terms.hold(term(8), NOWHERE, Some(2)), seven, "its place is free");
        assert_eq!(terms.newest(seven), [2]);
        assert_eq!((terms.reports(NOWHERE), terms.newest(NOWHERE).len()), (0, 0));
    }

    #[test]
    fn a_term_takes_little() {
        assert_eq!(size_of::<Head>(), 24);
    }

    #[test]
    fn of_a_common_term_the_newest_reports_are_known() {
        let mut terms = Vocabulary::default();
        let place = (0..1000).fold(NOWHERE, |place, number| terms.hold(term(7), place, Some(number)));
        let newest = terms.newest(place);
        assert!((NEWEST..=2 * NEWEST).contains(&newest.len()));
        assert!(newest.iter().copied().eq(1000 - u32::try_from(newest.len()).unwrap()..1000));
        assert_eq!(terms.reports(place), 1000);
    }
}
