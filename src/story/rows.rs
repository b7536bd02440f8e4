use super::vocabulary::NEWEST;

/// Room in a row of each size, in numbers. Of the last size is what a row of [`NEWEST`] needs.
const SIZES: [usize; 10] = [2, 4, 6, 8, 12, 16, 24, 32, 48, NEWEST];

/// A row of numbers, the newest of those that were put in. There are half a million of them and most are short, so it is small.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    /// The number itself where there is one; the place among the rows of its size where there are more.
    at: u32,
    count: u8,
    /// Its size, from 1; 0 where it takes no room.
    size: u8,
    /// Where the next number goes.
    next: u8,
}

/// The numbers of all rows, those of one size beside each other: what is looked at on the way to a few thousand of them is
/// little, and there is nothing between them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    sizes: [Room; SIZES.len()],
}

#[derive(Debug, Default)]
struct Room {
    numbers: Vec<u32>,
    /// Places that no row has.
    free: Vec<u32>,
}

impl Rows {
    /// The numbers of a row, the newest first.
    pub(super) fn newest<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = u32> + 'a {
        let numbers = if row.size == 0 {
            &std::slice::from_ref(&row.at)[..usize::from(row.count)]
        } else {
            let from = row.from();
            &self.sizes[usize::from(row.size) - 1].numbers[from..from + usize::from(row.count)]
        };
        // In a row that is full, the newest are at its beginning.
        let (newer, older) = numbers.split_at(usize::from(row.next));
        newer.iter().rev().chain(older.iter().rev()).copied()
    }

    /// Puts a number into a row, which forgets its oldest where it has [`NEWEST`].
    pub(super) fn push(&mut self, row: &mut Row, number: u32) {
        if row.size == 0 && row.count == 0 {
            *row = Row { at: number, count: 1, size: 0, next: 1 };
            return;
        }
        if row.count < row.room() {
            row.count += 1;
        } else if usize::from(row.size) < SIZES.len() {
            self.move_up(row);
            row.count += 1;
        } else if row.next == row.count {
            row.next = 0;
        }
        let at = row.from() + usize::from(row.next);
        self.sizes[usize::from(row.size) - 1].numbers[at] = number;
        row.next += 1;
    }

    /// Gives the room of a row to others.
    pub(super) fn give_up(&mut self, row: Row) {
        if let Some(size) = usize::from(row.size).checked_sub(1) {
            self.sizes[size].free.push(row.at);
        }
    }

    /// Moves a row that is full to where there is more room.
    fn move_up(&mut self, row: &mut Row) {
        let larger = usize::from(row.size);
        let (smaller, rest) = self.sizes.split_at_mut(larger);
        let (room, size) = (&mut rest[0], SIZES[larger]);
        let at = room.free.pop().unwrap_or_else(|| {
            let at = room.numbers.len() / size;
            room.numbers.resize(room.numbers.len() + size, 0);
            u32::try_from(at).expect("there are fewer rows than terms")
        });
        let to = &mut room.numbers[at as usize * size..][..usize::from(row.count)];
        match smaller.last() {
            None => to[0] = row.at,
            Some(room) => to.copy_from_slice(&room.numbers[row.from()..][..usize::from(row.count)]),
        }
        self.give_up(*row);
        *row = Row { at, size: row.size + 1, ..*row };
    }
}

impl Row {
    /// The place of its first number among those of its size.
    fn from(self) -> usize {
        self.at as usize * usize::from(self.room())
    }

    /// How many numbers have room in it.
    fn room(self) -> u8 {
        let room = usize::from(self.size).checked_sub(1).map_or(1, |size| SIZES[size]);
        u8::try_from(room).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_knows_its_newest_numbers_whatever_stands_beside_it() {
        let (mut rows, mut all) = (Rows::default(), vec![(Row::default(), Vec::new()); 40]);
        for number in 0..9_000_u32 {
            let which = (number.wrapping_mul(0x9E37_79B9) >> 7) as usize % 40;
            // Some grow fast, some slowly, and some are given up on the way.
            let (row, pushed) = &mut all[which * which / 40];
            rows.push(row, number);
            pushed.push(number);
            if number % 97 == 0 {
                rows.give_up(std::mem::take(row));
                pushed.clear();
            }
        }
        for (row, pushed) in &all {
            let expected: Vec<u32> = pushed.iter().rev().take(NEWEST).copied().collect();
            assert_eq!(rows.newest(row).collect::<Vec<_>>(), expected);
        }
        assert!(all.iter().any(|(_, pushed)| pushed.len() > 2 * NEWEST));
    }
}
