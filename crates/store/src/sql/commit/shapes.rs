//! Statements that are made when they are first needed.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use crate::sql::Sql;

/// The statements of one kind by their shapes. What is made is kept for good.
#[derive(Debug)]
pub(super) struct Shapes<K>(OnceLock<Mutex<HashMap<K, &'static Sql>>>);

impl<K: Eq + Hash> Shapes<K> {
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The statement of a shape, where there are few of the many that could be.
    pub(super) fn get(&self, shape: K, text: impl FnOnce() -> String) -> &'static Sql {
        self.known().entry(shape).or_insert_with(|| made(text))
    }

    /// The statement of a shape; nothing when it is new and there are `most` already.
    pub(super) fn one_of(
        &self,
        most: usize,
        shape: K,
        text: impl FnOnce() -> String,
    ) -> Option<&'static Sql> {
        let mut known = self.known();
        let is_full = known.len() >= most;
        match known.entry(shape) {
            Entry::Occupied(sql) => Some(sql.get()),
            Entry::Vacant(_) if is_full => None,
            Entry::Vacant(place) => Some(place.insert(made(text))),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<K, &'static Sql>> {
        let known = self.0.get_or_init(Mutex::default);
        known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn made(text: impl FnOnce() -> String) -> &'static Sql {
    Box::leak(Box::new(Sql::new(text().leak())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Bound, Dialect};

    #[test]
    fn a_shape_is_made_once_and_one_of_so_many() {
        static SHAPES: Shapes<usize> = Shapes::new();
        let first = SHAPES.get(1, || "once".to_owned());
        let again = SHAPES.one_of(1, 1, || "twice".to_owned()).unwrap();
        assert!(std::ptr::eq(first, again));
        assert_eq!(Bound::new(again).text(Dialect::Postgres), "once");
        assert!(SHAPES.one_of(1, 2, || "one more".to_owned()).is_none());
    }
}
