//! Reading a row, whatever driver it comes from.

use std::{error, vec};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    error::{Error, ErrorKind, Result},
    sql::timestamp,
};

/// The columns of a row that are not read yet, from the left. Each call reads the next one.
#[derive(Clone, Debug)]
pub struct Row(vec::IntoIter<Cell>);

/// A column of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cell {
    /// Bytes; an id where the database has no type for it, a text where the driver does not tell.
    Bytes(Vec<u8>),
    /// An id.
    Id(Uuid),
    /// A number, a truth or a moment.
    Integer(i64),
    /// Nothing.
    Null,
    /// A text.
    Text(String),
}

impl Row {
    /// A row as a driver gives it.
    #[must_use]
    pub fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    /// The same without the next columns, of which the kind of row has no use.
    pub(crate) fn past(&mut self, columns: usize) -> &mut Self {
        if let Some(last) = columns.checked_sub(1) {
            self.0.nth(last);
        }
        self
    }

    /// The columns that are left.
    pub fn into_cells(self) -> impl Iterator<Item = Cell> {
        self.0
    }

    pub(crate) fn id_or_none(&mut self) -> Result<Option<Uuid>> {
        match self.0.next() {
            Some(Cell::Id(id)) => Ok(Some(id)),
            Some(Cell::Bytes(bytes)) => {
                let id = Uuid::from_slice(&bytes);
                id.map(Some).map_err(|error| corrupt().caused_by(error))
            }
            Some(Cell::Null) => Ok(None),
            Some(Cell::Integer(_) | Cell::Text(_)) | None => Err(corrupt()),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>> {
        match self.0.next() {
            Some(Cell::Bytes(bytes)) => Ok(bytes),
            _ => Err(corrupt()),
        }
    }

    pub(crate) fn integer_or_none(&mut self) -> Result<Option<i64>> {
        match self.0.next() {
            Some(Cell::Integer(number)) => Ok(Some(number)),
            Some(Cell::Null) => Ok(None),
            _ => Err(corrupt()),
        }
    }

    pub(crate) fn text_or_none<T: From<String>>(&mut self) -> Result<Option<T>> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(Some(text.into())),
            Some(Cell::Bytes(bytes)) => {
                let text = String::from_utf8(bytes);
                text.map(|text| Some(text.into()))
                    .map_err(|error| corrupt().caused_by(error))
            }
            Some(Cell::Null) => Ok(None),
            _ => Err(corrupt()),
        }
    }

    pub(crate) fn id(&mut self) -> Result<Uuid> {
        self.id_or_none()?.ok_or_else(corrupt)
    }

    /// A number within the range of its type.
    pub(crate) fn number<T: TryFrom<i64, Error: error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> Result<T> {
        let number = self.integer_or_none()?.ok_or_else(corrupt)?;
        T::try_from(number).map_err(|error| corrupt().caused_by(error))
    }

    pub(crate) fn text<T: From<String>>(&mut self) -> Result<T> {
        self.text_or_none()?.ok_or_else(corrupt)
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        self.number().map(timestamp)
    }

    pub(crate) fn time_or_none(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.integer_or_none()?.map(timestamp))
    }

    /// What a JSON text holds.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        serde_json::from_str(&self.text::<String>()?).map_err(|error| corrupt().caused_by(error))
    }
}

/// The error of a row that cannot be read.
pub(crate) fn corrupt() -> Error {
    Error::new(
        ErrorKind::Corrupt,
        "a stored row is not what was once written",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cell: Cell) -> Row {
        Row::new(vec![cell])
    }

    fn text(text: &str) -> Row {
        row(Cell::Text(text.to_owned()))
    }

    #[test]
    fn what_is_not_as_expected_is_corrupt() {
        let errors = [
            row(Cell::Null).id().err(),
            row(Cell::Bytes(vec![1])).id().err(),
            row(Cell::Null).text::<String>().err(),
            row(Cell::Null).time().err(),
            row(Cell::Integer(-1)).number::<u32>().err(),
            row(Cell::Integer(1 << 40)).number::<u32>().err(),
            text("{").json::<bool>().err(),
            text("1").time_or_none().err(),
            Row::new(Vec::new()).id_or_none().err(),
        ];
        for error in errors {
            assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Corrupt));
        }
        assert_eq!(row(Cell::Integer(7)).number::<u32>().unwrap(), 7);
        assert_eq!(row(Cell::Null).time_or_none().unwrap(), None);
        assert!(text("true").json::<bool>().unwrap());
    }
}
