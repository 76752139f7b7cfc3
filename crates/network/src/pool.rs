//! Many short lists in one block of memory.
//!
//! A list's room follows from its length alone: the next of 1, 2, 3, 4, 6, 8, 12, 16, 24 …, so a list is two numbers, and on
//! average a tenth of the block is slack. What a list outgrows is given to the next one that needs that much.

/// Where a list is, and how long.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct List {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// The block that lists of `T` share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pool<T> {
    cells: Vec<T>,
    /// Where rooms are free, by the class of their size.
    free: Vec<Vec<u32>>,
}

impl<T: Copy + Default> Pool<T> {
    pub(crate) fn get(&self, list: List) -> &[T] {
        &self.cells[list.start as usize..][..list.len as usize]
    }

    pub(crate) fn get_mut(&mut self, list: List) -> &mut [T] {
        &mut self.cells[list.start as usize..][..list.len as usize]
    }

    /// A list of `len` defaults.
    pub(crate) fn allocate(&mut self, len: u32) -> List {
        if len == 0 {
            return List::default();
        }
        let reused = self.free.get_mut(class(len)).and_then(Vec::pop);
        let start = reused.unwrap_or_else(|| self.extend(room(len)));
        List { start, len }
    }

    /// A list with `value` before what stood at `at`.
    pub(crate) fn insert(&mut self, list: List, at: usize, value: T) -> List {
        let longer = self.resize(list, list.len + 1);
        let cells = self.get_mut(longer);
        cells.copy_within(at..list.len as usize, at + 1);
        cells[at] = value;
        longer
    }

    /// A list without what stood at `at`.
    pub(crate) fn remove(&mut self, list: List, at: usize) -> List {
        self.get_mut(list).copy_within(at + 1.., at);
        self.resize(list, list.len - 1)
    }

    /// The same list, cut or with room for more; what is new in it has no meaning yet.
    fn resize(&mut self, list: List, len: u32) -> List {
        if room(len) == room(list.len) {
            return List { len, ..list };
        }
        let resized = self.allocate(len);
        let kept = list.len.min(len) as usize;
        self.cells.copy_within(list.start as usize..list.start as usize + kept, resized.start as usize);
        self.release(list);
        resized
    }

    fn release(&mut self, list: List) {
        if list.len == 0 {
            return;
        }
        let class = class(list.len);
        if self.free.len() <= class {
            self.free.resize_with(class + 1, Vec::new);
        }
        self.free[class].push(list.start);
    }

    fn extend(&mut self, room: u32) -> u32 {
        let start = self.cells.len();
        let end = start + room as usize;
        reserve_sparingly(&mut self.cells, end);
        self.cells.resize(end, T::default());
        u32::try_from(start).expect("fewer than four thousand million observations")
    }

    /// Makes room for lists of these lengths at once.
    pub(crate) fn reserve(&mut self, lens: impl Iterator<Item = u32>) {
        self.cells.reserve_exact(lens.map(|len| room(len) as usize).sum());
    }

    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        let free: usize = self.free.iter().map(|starts| starts.capacity() * size_of::<u32>()).sum();
        self.cells.capacity() * size_of::<T>() + free
    }
}

/// Makes room for `len` cells. If there is none, an eighth is added: the double of its length would be the largest part of what
/// the network takes.
pub(crate) fn reserve_sparingly<T>(cells: &mut Vec<T>, len: usize) {
    if len > cells.capacity() {
        cells.reserve_exact(len + len / 8 - cells.len());
    }
}

/// How much room a list of `len` has.
fn room(len: u32) -> u32 {
    if len == 0 {
        return 0;
    }
    let power = len.next_power_of_two();
    let three_quarters = power / 4 * 3;
    if len <= three_quarters { three_quarters } else { power }
}

/// The number of `room(len)` among all sizes of rooms.
fn class(len: u32) -> usize {
    let power = len.next_power_of_two();
    (2 * power.trailing_zeros() + u32::from(len > power / 4 * 3)) as usize
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn rooms_hold_their_lists_and_two_rooms_of_one_class_are_alike() {
        let mut rooms = std::collections::BTreeMap::new();
        for len in 1..5000 {
            assert!(room(len) >= len && room(len) <= len + len / 2, "{len}");
            assert_eq!(*rooms.entry(class(len)).or_insert(room(len)), room(len), "{len}");
        }
    }

    #[test]
    fn lists_hold_what_vectors_hold() {
        let mut pool = Pool::default();
        let mut lists = [List::default(); 7];
        let mut vectors = [const { Vec::new() }; 7];
        let mut state = 1_u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        for round in 0..20_000 {
            let which = random(7);
            let (list, vector) = (&mut lists[which], &mut vectors[which]);
            if vector.is_empty() || random(100) < 55 - round / 400 {
                let at = random(vector.len() + 1);
                vector.insert(at, round);
                *list = pool.insert(*list, at, round);
            } else {
                let at = random(vector.len());
                vector.remove(at);
                *list = pool.remove(*list, at);
            }
            for (list, vector) in lists.iter().zip(&vectors) {
                assert_eq!(pool.get(*list), vector);
            }
        }
    }

    #[test]
    fn rooms_are_used_again() {
        let mut pool = Pool::default();
        for _ in 0..100 {
            let mut list = List::default();
            for value in 0..100 {
                list = pool.insert(list, 0, value);
            }
            while list.len > 0 {
                list = pool.remove(list, 0);
            }
        }
        assert!(pool.cells.len() < 1000, "{}", pool.cells.len());
    }
}
