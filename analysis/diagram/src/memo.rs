//! What has been found for diagrams that were met on the way through one.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// So many are kept in a list.
const FEW: usize = 16;

/// A map that grows from nothing, with what is never taken out again. Most diagrams are small, and a list of a few is faster than a table.
pub(crate) struct Memo<K, V> {
    few: [Option<(K, V)>; FEW],
    number: usize,
    more: FxHashMap<K, V>,
}

impl<K: Copy, V: Copy> Default for Memo<K, V> {
    fn default() -> Self {
        Self { few: [None; FEW], number: 0, more: FxHashMap::default() }
    }
}

impl<K: Copy + Eq + Hash, V: Copy> Memo<K, V> {
    pub(crate) fn get(&self, key: K) -> Option<V> {
        let few = self.few[..self.number].iter().flatten();
        let found = few.into_iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        if self.more.is_empty() { found } else { found.or_else(|| self.more.get(&key).copied()) }
    }

    /// Notes what has been found for a key that was not there.
    pub(crate) fn put(&mut self, key: K, value: V) {
        if self.number < FEW {
            self.few[self.number] = Some((key, value));
            self.number += 1;
        } else {
            self.more.insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_found_however_much_it_is() {
        let mut memo = Memo::default();
        for key in 0..100_u32 {
            assert_eq!(memo.get(key), None);
            memo.put(key, key * 2);
            assert!((0..=key).all(|known| memo.get(known) == Some(known * 2)));
        }
    }
}
