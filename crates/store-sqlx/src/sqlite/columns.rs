//! Reading the columns of a row, one after the other.

use signoff_store::{
    Result,
    sql::{Cells, corrupt},
};
use sqlx::{Decode, Row, Sqlite, sqlite::SqliteRow};
use uuid::Uuid;

/// The columns of a row from the left.
#[derive(Debug)]
pub(super) struct Columns<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r SqliteRow) -> Self {
        Self { row, next: 0 }
    }

    fn take<T: Decode<'r, Sqlite>>(&mut self) -> Result<Option<T>> {
        let index = self.next;
        self.next += 1;
        let value = self.row.try_get_unchecked(index);
        value.map_err(|error| corrupt().caused_by(error))
    }
}

impl Cells for Columns<'_> {
    fn id_or_none(&mut self) -> Result<Option<Uuid>> {
        let bytes = self.take::<&[u8]>()?;
        let id = bytes.map(Uuid::from_slice).transpose();
        id.map_err(|error| corrupt().caused_by(error))
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        self.take()?.ok_or_else(corrupt)
    }

    fn integer_or_none(&mut self) -> Result<Option<i64>> {
        self.take()
    }

    fn text_or_none<T: From<String>>(&mut self) -> Result<Option<T>> {
        Ok(self.take::<String>()?.map(T::from))
    }
}
