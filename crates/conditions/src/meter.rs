//! The budget of one evaluation.

use std::{
    any::Any,
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use cel_interpreter::{
    ExecutionError,
    common::{
        types::{CelBytes, CelList, CelMap, CelMapKey, CelString, Kind, Type},
        value::{StaticVal, Val},
    },
};
use signoff_core::conditions::{AboutPerson, People};

use crate::error;

/// What one evaluation may spend: about one unit per node evaluated in a loop, per value converted
/// or copied, and per 64 bytes of text. A spent budget takes about a tenth of a second in a release
/// build, and at most about a hundred megabytes.
pub(crate) const BUDGET: u64 = 1_000_000;

/// What a list takes besides its items.
pub(crate) const LIST_UNITS: u64 = 2;
/// What a map takes besides its entries.
pub(crate) const MAP_UNITS: u64 = 4;

static TYPE: Type = Type::simple_type(Kind::Opaque, "@meter");

/// Counts down, mostly from [`BUDGET`]; handed to our functions as their first argument.
///
/// An expression can absorb the error of an overdraft (`false && …`), so the meter also remembers
/// it: an evaluation that ever overdrew has failed, whatever it came to.
#[derive(Debug)]
pub(crate) struct Meter {
    left: AtomicU64,
    people: Arc<Asked>,
}

/// What is known of people, and what was asked of them in vain.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) known: People,
    unknown: Mutex<BTreeSet<AboutPerson>>,
}

impl Asked {
    pub(crate) fn new(known: People) -> Self {
        Self {
            known,
            unknown: Mutex::default(),
        }
    }

    pub(crate) fn note(&self, about: AboutPerson) {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.insert(about);
    }

    /// What was asked in vain; an expression can absorb that error too.
    pub(crate) fn unknown(&self) -> Vec<AboutPerson> {
        let unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.iter().cloned().collect()
    }
}

impl Meter {
    pub(crate) fn new(budget: u64, people: Asked) -> Self {
        Self {
            left: AtomicU64::new(budget),
            people: Arc::new(people),
        }
    }

    pub(crate) fn people(&self) -> &Asked {
        &self.people
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.left() == 0
    }

    /// Takes `units`, or all that is left and fails.
    pub(crate) fn charge(&self, units: u64) -> Result<(), ExecutionError> {
        let left = self.left().saturating_sub(units);
        self.left.store(left, Ordering::Relaxed);
        if left == 0 {
            return Err(error::function(error::BUDGET, spent()));
        }
        Ok(())
    }

    /// Charges what `value` takes beyond a number, so many times over.
    pub(crate) fn charge_times(&self, value: &dyn Val, times: u64) -> Result<(), ExecutionError> {
        let before = self.left();
        self.charge_value(value)?;
        let units = before.saturating_sub(self.left()).saturating_sub(1);
        self.charge(units.saturating_mul(times))
    }

    pub(crate) fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    /// Charges the whole of `value`, stopping where the budget does.
    pub(crate) fn charge_value(&self, value: &dyn Val) -> Result<(), ExecutionError> {
        if let Some(text) = value.downcast_ref::<CelString<'_>>() {
            return self.charge(text_units(text.inner().len()));
        }
        if let Some(list) = value.downcast_ref::<CelList<'_>>() {
            self.charge(LIST_UNITS)?;
            return list
                .inner()
                .iter()
                .try_for_each(|item| self.charge_value(item.as_ref()));
        }
        if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
            self.charge(MAP_UNITS)?;
            return map.inner().iter().try_for_each(|(key, item)| {
                self.charge(key_units(key))?;
                self.charge_value(item.as_ref())
            });
        }
        let n_bytes = value
            .downcast_ref::<CelBytes<'_>>()
            .map_or(0, |bytes| bytes.inner().len());
        self.charge(text_units(n_bytes))
    }
}

/// The units of a text: one, and one per 64 bytes.
pub(crate) fn text_units(n_bytes: usize) -> u64 {
    1 + u64::try_from(n_bytes / 64).unwrap_or(u64::MAX - 1)
}

pub(crate) fn key_units(key: &CelMapKey<'_>) -> u64 {
    match key {
        CelMapKey::String(text) => text_units(text.inner().len()),
        CelMapKey::Bool(_) | CelMapKey::Int(_) | CelMapKey::UInt(_) => 1,
    }
}

/// The message of an overdraft.
pub(crate) fn spent() -> String {
    format!("the evaluation takes more than its budget of {BUDGET} units, or its data is too deep")
}

impl Val for Meter {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(Self {
            left: AtomicU64::new(self.left()),
            people: Arc::clone(&self.people),
        })
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Meter {}
