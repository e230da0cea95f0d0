//! What an expression reads: slots, filled from the scope when they are first asked for.

use std::{borrow::Cow, sync::OnceLock};

use cel_interpreter::{
    common::{
        types::CelBool,
        value::{CowVal, Val},
    },
    context::VariableResolver,
};
use serde_json::Value;
use signoff_core::conditions::{ConditionError, json_type};

use crate::{
    error, json,
    meter::{Asked, Meter},
    pattern::Pattern,
};

/// The name under which the rewritten expression finds the meter.
pub(crate) const METER: &str = "@m";

/// One static path that the expression reads, or asks about with `has()`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Slot {
    /// The name in the rewritten expression.
    pub(crate) name: String,
    /// Index into the root variables.
    pub(crate) root: usize,
    pub(crate) path: Vec<String>,
    pub(crate) wanted: Wanted,
}

/// What the expression wants of a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wanted {
    Presence,
    Value,
}

impl Slot {
    /// The value at the path, without the field that a presence test asks about.
    fn find<'a>(&self, roots: &'a [Option<Cow<'_, Value>>]) -> Option<&'a Value> {
        let root = roots.get(self.root)?.as_deref()?;
        let mut fields = self.fields().iter();
        fields.try_fold(root, |value, field| value.as_object()?.get(field))
    }

    /// The fields that must be there.
    fn fields(&self) -> &[String] {
        let fields = self.path.get(1..).unwrap_or_default();
        match self.wanted {
            Wanted::Presence => fields.split_last().map_or(fields, |(_, front)| front),
            Wanted::Value => fields,
        }
    }

    /// Why the slot has nothing.
    pub(crate) fn explain(&self, roots: &[Option<Cow<'_, Value>>]) -> ConditionError {
        let root_name = self.path.first().map_or("", String::as_str);
        let Some(mut value) = roots.get(self.root).and_then(Option::as_deref) else {
            return error::missing(format!("no such variable: {root_name}"));
        };
        let mut walked = root_name.to_owned();
        for field in self.path.iter().skip(1) {
            let Some(object) = value.as_object() else {
                let found = json_type(value);
                return error::wrong_type(format!(
                    "{walked} is {found}, it has no field `{field}`"
                ));
            };
            walked = format!("{walked}.{field}");
            match object.get(field) {
                Some(next) => value = next,
                None => return error::missing(format!("no such field: {walked}")),
            }
        }
        error::missing(format!("no such field: {walked}"))
    }
}

/// The inputs of one evaluation.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    slots: &'a [Slot],
    roots: &'a [Option<Cow<'a, Value>>],
    patterns: &'a [Pattern],
    converted: Vec<OnceLock<Option<Box<dyn Val + 'a>>>>,
    pub(crate) meter: Meter,
}

impl<'a> Inputs<'a> {
    pub(crate) fn new(
        slots: &'a [Slot],
        roots: &'a [Option<Cow<'a, Value>>],
        patterns: &'a [Pattern],
        budget: u64,
        people: Asked,
    ) -> Self {
        Self {
            slots,
            roots,
            patterns,
            converted: slots.iter().map(|_| OnceLock::new()).collect(),
            meter: Meter::new(budget, people),
        }
    }

    fn fill(&self, slot: &Slot) -> Option<Box<dyn Val + 'a>> {
        let value = slot.find(self.roots)?;
        match slot.wanted {
            Wanted::Presence => {
                let present = value.as_object()?.contains_key(slot.path.last()?);
                Some(Box::new(CelBool::from(present)))
            }
            // An overdraft empties the slot; the meter remembers why.
            Wanted::Value => json::to_cel(value, &self.meter).ok(),
        }
    }

    fn value_at(&self, at: usize) -> Option<&(dyn Val + 'a)> {
        let cell = self.converted.get(at)?;
        cell.get_or_init(|| self.fill(&self.slots[at])).as_deref()
    }
}

impl VariableResolver for Inputs<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        if variable == METER {
            return Some(CowVal::Borrowed(&self.meter));
        }
        if let Some(number) = variable.strip_prefix("@r") {
            let pattern = self.patterns.get(number.parse::<usize>().ok()?)?;
            return Some(CowVal::Borrowed(pattern));
        }
        let at = match variable.strip_prefix('@') {
            Some(number) => number.parse().ok()?,
            None => self.slots.iter().position(|slot| slot.name == variable)?,
        };
        self.value_at(at).map(CowVal::Borrowed)
    }
}
