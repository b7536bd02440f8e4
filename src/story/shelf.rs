use std::collections::VecDeque;
use std::ops::Range;

use super::likeness::{Held, Side};
use crate::item::StoryId;

/// Reports that stand in one block.
const BLOCK: u32 = 256;

/// What the reports that are remembered are compared by, in the order in which they came. They stand one after another in large
/// blocks: a hundred thousand pieces of their own would take a fifth more, and longer to be reached.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    blocks: VecDeque<Block>,
    /// The number of the first report of the first block.
    from: u32,
    /// The number of the first report that is not forgotten.
    first: u32,
}

#[derive(Debug, Default)]
struct Block {
    terms: Vec<Held>,
    sketches: Vec<u16>,
    entries: Vec<Entry>,
}

/// What is asked of many reports before any is looked at: little, and close together.
#[derive(Debug, Clone, Copy)]
struct Entry {
    story: StoryId,
    /// When it was published or seen, in milliseconds.
    when: i64,
    /// How many reports there were when the values of its terms were computed.
    weighed_at: u32,
    /// Where it ends among the terms of its block.
    terms: u16,
    /// Where it ends among the hashes of its block.
    sketch: u16,
}

impl Shelf {
    /// Puts a report of a story and of a time, in milliseconds, behind all others. Its terms were weighed when there were so many
    /// reports.
    pub(super) fn push(&mut self, (terms, sketch): Side<'_>, story: StoryId, when: i64, weighed_at: u32) {
        if self.blocks.back().is_none_or(|block| block.entries.len() == BLOCK as usize) {
            if let Some(full) = self.blocks.back_mut() {
                full.terms.shrink_to_fit();
                full.sketches.shrink_to_fit();
            }
            self.blocks.push_back(Block::default());
        }
        let block = self.blocks.back_mut().expect("there is one now");
        block.terms.extend_from_slice(terms);
        block.sketches.extend_from_slice(sketch);
        let end = |count: usize| u16::try_from(count).expect("reports of one block have a few thousand of each");
        let (terms, sketch) = (end(block.terms.len()), end(block.sketches.len()));
        block.entries.push(Entry { story, when, weighed_at, terms, sketch });
    }

    /// The story of a report.
    pub(super) fn story(&self, number: u32) -> StoryId {
        let (block, at) = self.place(number);
        self.blocks[block].entries[at].story
    }

    /// Puts a report into another story, and says in which it was.
    pub(super) fn put_into(&mut self, number: u32, story: StoryId) -> StoryId {
        let (block, at) = self.place(number);
        std::mem::replace(&mut self.blocks[block].entries[at].story, story)
    }

    /// The time of a report, in milliseconds.
    pub(super) fn when(&self, number: u32) -> i64 {
        let (block, at) = self.place(number);
        self.blocks[block].entries[at].when
    }

    /// How many reports there were when the values of its terms were computed.
    pub(super) fn weighed_at(&self, number: u32) -> u32 {
        let (block, at) = self.place(number);
        self.blocks[block].entries[at].weighed_at
    }

    /// The report of this number.
    pub(super) fn side(&self, number: u32) -> Side<'_> {
        let (block, at) = self.place(number);
        let block = &self.blocks[block];
        let (terms, sketch) = block.span(at);
        (&block.terms[terms], &block.sketches[sketch])
    }

    /// The terms of a report, which are weighed anew: now that there are so many reports.
    pub(super) fn weighed_anew(&mut self, number: u32, count: u32) -> &mut [Held] {
        let (block, at) = self.place(number);
        let block = &mut self.blocks[block];
        block.entries[at].weighed_at = count;
        let (terms, _) = block.span(at);
        &mut block.terms[terms]
    }

    /// Forgets the first report.
    pub(super) fn forget_first(&mut self) {
        self.first += 1;
        if self.first - self.from == BLOCK {
            self.blocks.pop_front();
            self.from = self.first;
        }
    }

    /// Its block, and its place there.
    fn place(&self, number: u32) -> (usize, usize) {
        let place = number - self.from;
        ((place / BLOCK) as usize, (place % BLOCK) as usize)
    }
}

impl Block {
    fn span(&self, at: usize) -> (Range<usize>, Range<usize>) {
        let ends = |at: usize| (usize::from(self.entries[at].terms), usize::from(self.entries[at].sketch));
        let (from, to) = (at.checked_sub(1).map_or((0, 0), ends), ends(at));
        (from.0..to.0, from.1..to.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Term, TermKind};

    #[test]
    fn what_was_put_on_the_shelf_stands_there_until_it_is_forgotten() {
        let term = |place| Held::of(Term { id: place, kind: TermKind::Word, weight: 16, common: 30 }, place);
        let report = |number: u32| {
            let terms: Vec<Held> = (0..number % 49).map(|at| term(number + at)).collect();
            let sketch: Vec<u16> = (0..number % 33).map(|at| u16::try_from(number + at).unwrap()).collect();
            (terms, sketch)
        };
        let mut shelf = Shelf::default();
        for number in 0..3_000 {
            let (terms, sketch) = report(number);
            shelf.push((&terms, &sketch), StoryId(number.into()), i64::from(number) * 1000, number);
            if number >= 700 {
                shelf.forget_first();
            }
            for known in [number.saturating_sub(699), number] {
                let ((terms, sketch), (expected, expected_sketch)) = (shelf.side(known), report(known));
                assert!(terms.iter().map(|held| held.place).eq(expected.iter().map(|held| held.place)), "{known}");
                assert_eq!(sketch, expected_sketch, "{known}");
                assert_eq!(shelf.story(known), StoryId(known.into()));
                assert_eq!((shelf.when(known), shelf.weighed_at(known)), (i64::from(known) * 1000, known));
            }
            assert_eq!(shelf.weighed_anew(number, 7).len(), report(number).0.len());
            assert_eq!(shelf.weighed_at(number), 7);
            shelf.weighed_anew(number, number);
        }
        assert_eq!(shelf.blocks.len(), 4, "blocks of which all is forgotten are gone");
    }
}
