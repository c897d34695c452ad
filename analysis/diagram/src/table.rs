//! The tables that diagrams are made by: which nodes there are, and what has been worked out.
//!
//! All are asked for every node that is made. So they are plain arrays of numbers: what is in a table stands in the order in which it was put
//! there, and places that a number computed from the key points to say where. What was put last can be taken out again at no cost.

/// Three numbers.
pub(crate) type Key = [u32; 3];

/// No entry has this number.
const NONE: u32 = u32::MAX;

/// A small command makes up to a thousand nodes: so many places are there from the start, for growing costs more than all that is put in.
const USUAL: usize = 1 << 12;

/// Where a key is looked for first among so many places, which are a power of two.
fn first_place([a, b, c]: Key, places: usize) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (u64::from(a) << 32 | u64::from(b)).wrapping_mul(ODD);
    let mixed = (mixed.rotate_left(32) ^ u64::from(c)).wrapping_mul(ODD);
    // What products mix well is at their upper end.
    (mixed >> 32) as usize & (places - 1)
}

/// A key and what is noted for it.
#[derive(Clone, Copy)]
struct Entry {
    key: Key,
    value: u32,
}

/// Keys, each of which has a number, how many were there before it, and a value.
#[derive(Default)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    /// Numbers of keys, as close behind their first places as there was a free one.
    places: Vec<u32>,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The key with that number.
    pub(crate) fn key(&self, number: u32) -> Key {
        self.entries[number as usize].key
    }

    /// The value of the key with that number, if there is one.
    pub(crate) fn value(&self, number: u32) -> Option<u32> {
        self.entries.get(number as usize).map(|entry| entry.value)
    }

    /// The number of a key, if it has one.
    pub(crate) fn number(&self, key: Key) -> Option<u32> {
        if self.places.is_empty() {
            return None;
        }
        let number = self.places[self.place(key)];
        (number != NONE).then_some(number)
    }

    /// The value of a key, if it has one.
    pub(crate) fn get(&self, key: Key) -> Option<u32> {
        self.value(self.number(key)?)
    }

    /// The place of a key: the one that says its number, else a free one.
    fn place(&self, key: Key) -> usize {
        let mut at = first_place(key, self.places.len());
        loop {
            let number = self.places[at];
            if number == NONE || self.entries[number as usize].key == key {
                return at;
            }
            at = (at + 1) & (self.places.len() - 1);
        }
    }

    /// Gives a key that is not there a value and its number; nothing if there are no more numbers.
    pub(crate) fn put(&mut self, key: Key, value: u32) -> Option<u32> {
        let number = u32::try_from(self.entries.len()).ok().filter(|number| *number != NONE)?;
        if self.entries.len() * 2 >= self.places.len() {
            self.grow();
        }
        let at = self.place(key);
        self.places[at] = number;
        self.entries.push(Entry { key, value });
        Some(number)
    }

    fn grow(&mut self) {
        self.places = vec![NONE; (self.places.len() * 2).max(USUAL)];
        self.entries.reserve(USUAL / 8);
        for (number, entry) in (0..).zip(&self.entries) {
            let at = self.place(entry.key);
            self.places[at] = number;
        }
    }

    /// Takes out all but the first so many. What stands behind the place of another, because that was taken, is younger, and is taken out
    /// before it.
    pub(crate) fn truncate(&mut self, length: usize) {
        while self.entries.len() > length {
            let Some(entry) = self.entries.last() else { break };
            let at = self.place(entry.key);
            self.places[at] = NONE;
            self.entries.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Key {
        [number % 7, number / 3, number]
    }

    #[test]
    fn keys_have_their_numbers_and_values_until_they_are_taken_out() {
        let mut table = Table::default();
        for number in 0..5000 {
            assert_eq!((table.number(key(number)), table.get(key(number))), (None, None));
            assert_eq!(table.put(key(number), number * 3), Some(number));
        }
        assert!((0..5000).all(|number| table.number(key(number)) == Some(number) && table.key(number) == key(number)));
        assert!((0..5000).all(|number| table.get(key(number)) == Some(number * 3)));
        table.truncate(100);
        assert!((0..5000).all(|number| table.get(key(number)) == (number < 100).then_some(number * 3)));
        assert_eq!(table.places.iter().filter(|place| **place != NONE).count(), 100);
    }
}
