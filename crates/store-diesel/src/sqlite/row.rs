//! A row, read column by column.

use std::vec;

use diesel::{
    deserialize::{self, FromSql, QueryableByName},
    row::{Field, NamedRow},
    sql_types::{BigInt, Binary, Text},
    sqlite::{Sqlite, SqliteType},
};
use jiff::Timestamp;
use serde_json::from_str;
use signoff_store::{Error, ErrorKind, Result, sql};
use uuid::Uuid;

/// The columns of a row that are not read yet, from the left. It owns its values, so it can leave
/// the thread of its connection.
#[derive(Debug)]
pub(super) struct Row(vec::IntoIter<Cell>);

#[derive(Debug)]
enum Cell {
    Blob(Vec<u8>),
    Integer(i64),
    Null,
    Text(String),
}

impl QueryableByName<Sqlite> for Row {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let mut cells = Vec::with_capacity(row.field_count());
        for index in 0..row.field_count() {
            let field = diesel::row::Row::get(row, index);
            let value = field.as_ref().and_then(|field| field.value());
            cells.push(match value {
                None => Cell::Null,
                Some(value) => match value.value_type() {
                    None => Cell::Null,
                    Some(SqliteType::Binary) => {
                        Cell::Blob(FromSql::<Binary, Sqlite>::from_sql(value)?)
                    }
                    Some(SqliteType::Text) => Cell::Text(FromSql::<Text, Sqlite>::from_sql(value)?),
                    Some(_) => Cell::Integer(FromSql::<BigInt, Sqlite>::from_sql(value)?),
                },
            });
        }
        Ok(Self(cells.into_iter()))
    }
}

impl Row {
    pub(super) fn text<T: From<String>>(&mut self) -> Result<T> {
        self.text_or_none()?.ok_or_else(unexpected)
    }

    pub(super) fn text_or_none<T: From<String>>(&mut self) -> Result<Option<T>> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(Some(text.into())),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Blob(_) | Cell::Integer(_)) | None => Err(unexpected()),
        }
    }

    pub(super) fn number<T: TryFrom<i64, Error: std::error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> Result<T> {
        T::try_from(self.integer_or_none()?.ok_or_else(unexpected)?).map_err(corrupt)
    }

    pub(super) fn id(&mut self) -> Result<Uuid> {
        match self.0.next() {
            Some(Cell::Blob(bytes)) => Uuid::from_slice(&bytes).map_err(corrupt),
            _ => Err(unexpected()),
        }
    }

    pub(super) fn time(&mut self) -> Result<Timestamp> {
        self.number().map(sql::timestamp)
    }

    pub(super) fn time_or_none(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.integer_or_none()?.map(sql::timestamp))
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        from_str(&self.text::<String>()?).map_err(corrupt)
    }

    fn integer_or_none(&mut self) -> Result<Option<i64>> {
        match self.0.next() {
            Some(Cell::Integer(number)) => Ok(Some(number)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Blob(_) | Cell::Text(_)) | None => Err(unexpected()),
        }
    }
}

fn unexpected() -> Error {
    Error::new(
        ErrorKind::Corrupt,
        "a stored row is not what was once written",
    )
}

fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    unexpected().caused_by(error)
}
