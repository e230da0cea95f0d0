//! Lists of instances and tasks as readers ask for them: one grammar for REST and the command line.

mod asked;
mod filters;
mod found;

use signoff_store::{Page, PageRequest};

use self::asked::Operator;
pub use self::{
    asked::{Asked, page},
    filters::{INSTANCE_FIELDS, TASK_FIELDS},
};

/// A field that a list can be narrowed by, and how.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    name: &'static str,
    operators: &'static [Operator],
}

impl Field {
    /// A text that is one: `eq`.
    #[must_use]
    pub const fn one(name: &'static str) -> Self {
        Self::new(name, Operator::ONE)
    }

    /// A word that may be one of several: `eq`, `ne`, `in`.
    #[must_use]
    pub const fn choice(name: &'static str) -> Self {
        Self::new(name, Operator::CHOICE)
    }

    /// A moment: `lt`, `lte`, `gt`, `gte`.
    #[must_use]
    pub const fn moment(name: &'static str) -> Self {
        Self::new(name, Operator::MOMENT)
    }

    /// What is there or not: `exists`.
    #[must_use]
    pub const fn there(name: &'static str) -> Self {
        Self::new(name, Operator::THERE)
    }

    const fn new(name: &'static str, operators: &'static [Operator]) -> Self {
        Self { name, operators }
    }
}

/// Which part of a list is read, and whether the whole list is counted.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Which part.
    pub page: PageRequest,
    /// Whether to count the whole list, which looks at everything that fits.
    pub total: bool,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<T> {
    /// The part.
    pub page: Page<T>,
    /// How many items the whole list has, when that was asked for.
    pub total: Option<u64>,
}
