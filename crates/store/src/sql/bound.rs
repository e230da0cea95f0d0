//! A statement with its arguments, as data.

use jiff::Timestamp;
use uuid::Uuid;

use crate::sql::nanos;

/// A statement with its arguments, for any driver.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bound {
    /// The text, with numbered parameters.
    pub sql: &'static str,
    /// The arguments, in the order of the parameters.
    pub args: Vec<Arg>,
}

/// An argument.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Arg {
    /// An id: 16 bytes.
    Blob(Uuid),
    /// What is in a file.
    Bytes(Vec<u8>),
    /// A number, a truth or a moment.
    Integer(i64),
    /// Nothing.
    Null,
    /// A text.
    Text(String),
}

impl Bound {
    /// The statement without arguments.
    #[must_use]
    pub const fn new(sql: &'static str) -> Self {
        Self {
            sql,
            args: Vec::new(),
        }
    }

    /// The same with the next argument.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Arg>) -> Self {
        self.args.push(value.into());
        self
    }
}

impl From<Uuid> for Arg {
    fn from(id: Uuid) -> Self {
        Self::Blob(id)
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Timestamp> for Arg {
    fn from(at: Timestamp) -> Self {
        Self::Integer(nanos(at))
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, T::into)
    }
}
