//! A row, read column by column.

use std::vec;

use diesel::{
    deserialize::{self, FromSql, QueryableByName},
    row::{Field, NamedRow},
    sql_types::{BigInt, Binary, Text},
    sqlite::{Sqlite, SqliteType},
};
use signoff_store::{
    Result,
    sql::{Cells, corrupt},
};
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

impl Cells for Row {
    fn id_or_none(&mut self) -> Result<Option<Uuid>> {
        match self.0.next() {
            Some(Cell::Blob(bytes)) => {
                let id = Uuid::from_slice(&bytes);
                id.map(Some).map_err(|error| corrupt().caused_by(error))
            }
            Some(Cell::Null) => Ok(None),
            Some(Cell::Integer(_) | Cell::Text(_)) | None => Err(corrupt()),
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        match self.0.next() {
            Some(Cell::Blob(bytes)) => Ok(bytes),
            Some(Cell::Integer(_) | Cell::Null | Cell::Text(_)) | None => Err(corrupt()),
        }
    }

    fn integer_or_none(&mut self) -> Result<Option<i64>> {
        match self.0.next() {
            Some(Cell::Integer(number)) => Ok(Some(number)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Blob(_) | Cell::Text(_)) | None => Err(corrupt()),
        }
    }

    fn text_or_none<T: From<String>>(&mut self) -> Result<Option<T>> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(Some(text.into())),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Blob(_) | Cell::Integer(_)) | None => Err(corrupt()),
        }
    }
}
