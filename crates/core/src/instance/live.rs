//! What lives in an instance, by id.

use rpds::RedBlackTreeMapSync;

/// What can be over.
pub(super) trait Mortal: Clone {
    /// Whether it still lives.
    fn lives(&self) -> bool;
}

/// What lives, and what a running command closed.
///
/// A clone shares its nodes: a command decides on a copy of the instance, and that copy must not
/// cost more where more lives.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Live<K: Ord, V> {
    all: RedBlackTreeMapSync<K, V>,
    /// Those that were closed since the last [`compact`](Self::compact).
    closed: Vec<K>,
}

impl<K: Copy + Ord, V: Mortal> Live<K, V> {
    pub(super) fn new() -> Self {
        Self {
            all: RedBlackTreeMapSync::new_sync(),
            closed: Vec::new(),
        }
    }

    /// The one with that id, closed or not.
    pub(super) fn get(&self, id: K) -> Option<&V> {
        self.all.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: K) -> Option<&mut V> {
        self.all.get_mut(&id)
    }

    /// Changes all of them, closed or not.
    pub(super) fn change_all(&mut self, mut change: impl FnMut(&mut V)) {
        let ids: Vec<K> = self.all.keys().copied().collect();
        for id in ids {
            if let Some(value) = self.all.get_mut(&id) {
                change(value);
            }
        }
    }

    pub(super) fn contains(&self, id: K) -> bool {
        self.all.contains_key(&id)
    }

    pub(super) fn insert(&mut self, id: K, value: V) {
        self.all.insert_mut(id, value);
    }

    /// Notes that the one with that id is over; it stays until the next [`compact`](Self::compact).
    pub(super) fn close(&mut self, id: K) {
        self.closed.push(id);
    }

    /// How many live.
    pub(super) fn count(&self) -> usize {
        self.all.size().saturating_sub(self.closed.len())
    }

    /// Those that live, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = &V> {
        self.all.values().filter(|value| value.lives())
    }

    /// Drops what is over, and gives it.
    pub(super) fn compact(&mut self) -> Vec<V> {
        let mut over = Vec::new();
        for id in std::mem::take(&mut self.closed) {
            if let Some(value) = self.all.get(&id).filter(|value| !value.lives()) {
                over.push(value.clone());
                self.all.remove_mut(&id);
            }
        }
        over
    }
}
