//! What was read at a token, so that no date is read twice.

use std::cell::{Cell, RefCell};

use super::reader::Read;
use super::value::{Toward, Value};

/// What the reading of a date depends on: its token, how deep it is, which way it looks, whether it ends a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PointKey {
    pub(super) at: usize,
    pub(super) depth: u8,
    pub(super) toward: Toward,
    pub(super) second: bool,
}

/// A date has hardly more words than this; those that share a place are read again.
const PLACES: usize = 64;

/// One that was read: in which round, what, and what came of it.
type Known = (u32, PointKey, Read<Value>);

/// What was read of late.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// Grows whenever something else that readings depend on changes; what an earlier round read is forgotten.
    round: Cell<u32>,
    /// Whether a word tells the direction, and whether the sentence has named a date.
    state: Cell<(bool, bool)>,
    places: RefCell<Vec<Option<Known>>>,
}

impl Memo {
    /// Forgets everything that was read in another state: whether a word tells the direction, and whether the sentence has
    /// named a date.
    pub(super) fn enter(&self, told: bool, named: bool) {
        if self.state.replace((told, named)) != (told, named) {
            self.round.set(self.round.get().wrapping_add(1));
        }
    }

    pub(super) fn get(&self, key: PointKey) -> Option<Read<Value>> {
        let (round, known, found) = (*self.places.borrow().get(Self::place(key))?)?;
        (round == self.round.get() && known == key).then_some(found)
    }

    pub(super) fn keep(&self, key: PointKey, found: Read<Value>) {
        let mut places = self.places.borrow_mut();
        if places.is_empty() {
            places.resize(PLACES, None);
        }
        places[Self::place(key)] = Some((self.round.get(), key, found));
    }

    fn place(key: PointKey) -> usize {
        (key.at << 3 | usize::from(key.depth & 3) << 1 | usize::from(key.second)) % PLACES
    }
}
