//! Reading the columns of a row, one after the other.

use jiff::Timestamp;
use serde_json::from_str;
use signoff_store::{Error, ErrorKind, Result, sql};
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

    /// Text or a number, or an option of one.
    pub(super) fn take<T: Decode<'r, Sqlite>>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.try_get_unchecked(index).map_err(corrupt)
    }

    pub(super) fn text<T: From<String>>(&mut self) -> Result<T> {
        self.take::<String>().map(T::from)
    }

    pub(super) fn text_or_none<T: From<String>>(&mut self) -> Result<Option<T>> {
        Ok(self.take::<Option<String>>()?.map(T::from))
    }

    pub(super) fn number<T: TryFrom<i64, Error: std::error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> Result<T> {
        T::try_from(self.take::<i64>()?).map_err(corrupt)
    }

    pub(super) fn id(&mut self) -> Result<Uuid> {
        Uuid::from_slice(self.take::<&[u8]>()?).map_err(corrupt)
    }

    pub(super) fn time(&mut self) -> Result<Timestamp> {
        self.take().map(sql::timestamp)
    }

    pub(super) fn time_or_none(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.take::<Option<i64>>()?.map(sql::timestamp))
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        from_str(self.take::<&str>()?).map_err(corrupt)
    }
}

fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(
        ErrorKind::Corrupt,
        "a stored row is not what was once written",
    )
    .caused_by(error)
}
