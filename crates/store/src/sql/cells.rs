//! Reading a row, whatever driver it comes from.

use std::error;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    error::{Error, ErrorKind, Result},
    sql::timestamp,
};

/// The columns of a row that are not read yet, from the left. Each call reads the next one.
///
/// A driver says how it reads the three kinds of values; the rest follows.
#[expect(
    clippy::missing_errors_doc,
    reason = "each fails in the one way that the trait describes: `Corrupt`"
)]
pub trait Cells {
    /// An id, or nothing.
    fn id_or_none(&mut self) -> Result<Option<Uuid>>;

    /// Bytes.
    fn bytes(&mut self) -> Result<Vec<u8>>;

    /// A number, or nothing.
    fn integer_or_none(&mut self) -> Result<Option<i64>>;

    /// A text, or nothing.
    fn text_or_none<T: From<String>>(&mut self) -> Result<Option<T>>;

    /// An id.
    fn id(&mut self) -> Result<Uuid> {
        self.id_or_none()?.ok_or_else(corrupt)
    }

    /// A number within the range of its type.
    fn number<T: TryFrom<i64, Error: error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> Result<T> {
        let number = self.integer_or_none()?.ok_or_else(corrupt)?;
        T::try_from(number).map_err(|error| corrupt().caused_by(error))
    }

    /// A text.
    fn text<T: From<String>>(&mut self) -> Result<T> {
        self.text_or_none()?.ok_or_else(corrupt)
    }

    /// A moment.
    fn time(&mut self) -> Result<Timestamp> {
        self.number().map(timestamp)
    }

    /// A moment, or nothing.
    fn time_or_none(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.integer_or_none()?.map(timestamp))
    }

    /// What a JSON text holds.
    fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        serde_json::from_str(&self.text::<String>()?).map_err(|error| corrupt().caused_by(error))
    }
}

/// The error of a row that cannot be read, for those who write a store.
#[must_use]
pub fn corrupt() -> Error {
    Error::new(
        ErrorKind::Corrupt,
        "a stored row is not what was once written",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Arg;

    impl Cells for std::vec::IntoIter<Arg> {
        fn id_or_none(&mut self) -> Result<Option<Uuid>> {
            match self.next() {
                Some(Arg::Blob(id)) => Ok(Some(id)),
                Some(Arg::Null) => Ok(None),
                _ => Err(corrupt()),
            }
        }

        fn bytes(&mut self) -> Result<Vec<u8>> {
            match self.next() {
                Some(Arg::Bytes(bytes)) => Ok(bytes),
                _ => Err(corrupt()),
            }
        }

        fn integer_or_none(&mut self) -> Result<Option<i64>> {
            match self.next() {
                Some(Arg::Integer(number)) => Ok(Some(number)),
                Some(Arg::Null) => Ok(None),
                _ => Err(corrupt()),
            }
        }

        fn text_or_none<T: From<String>>(&mut self) -> Result<Option<T>> {
            match self.next() {
                Some(Arg::Text(text)) => Ok(Some(text.into())),
                Some(Arg::Null) => Ok(None),
                _ => Err(corrupt()),
            }
        }
    }

    #[test]
    fn what_is_not_as_expected_is_corrupt() {
        let row = |arg| vec![arg].into_iter();
        let errors = [
            row(Arg::Null).id().err(),
            row(Arg::Null).text::<String>().err(),
            row(Arg::Null).time().err(),
            row(Arg::Integer(-1)).number::<u32>().err(),
            row(Arg::Integer(1 << 40)).number::<u32>().err(),
            row(Arg::from("{")).json::<bool>().err(),
            row(Arg::from("1")).time_or_none().err(),
            Vec::new().into_iter().id_or_none().err(),
        ];
        for error in errors {
            assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Corrupt));
        }
        assert_eq!(row(Arg::Integer(7)).number::<u32>().unwrap(), 7);
        assert_eq!(row(Arg::Null).time_or_none().unwrap(), None);
        assert!(row(Arg::from("true")).json::<bool>().unwrap());
    }
}
