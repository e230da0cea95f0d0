//! Statements and rows as diesel has them on MySQL.

use diesel::{
    QueryResult,
    deserialize::{self, FromSql, QueryableByName},
    mysql::{Mysql, MysqlType, MysqlValue},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    row::{Field as _, NamedRow},
    sql_types::{BigInt, Binary, Nullable, Text, Untyped},
};
use signoff_store::sql::{Arg, Bound, Cell, Dialect, Row};

/// Each connection prepares a text once: diesel's cache knows a query without a static id by its
/// text.
#[derive(Debug)]
pub(super) struct Statement<'a>(pub(super) &'a Bound);

impl QueryFragment<Mysql> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        let mut parts = self.0.text(Dialect::MySql).split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (part, arg) in parts.zip(self.0.args(Dialect::MySql)) {
            // Diesel writes the `?`.
            match arg {
                Arg::Bytes(Some(bytes)) => out.push_bind_param::<Binary, [u8]>(bytes.as_slice())?,
                Arg::Id(Some(id)) => {
                    out.push_bind_param::<Binary, [u8]>(id.as_bytes().as_slice())?;
                }
                Arg::Integer(number) => {
                    out.push_bind_param::<Nullable<BigInt>, Option<i64>>(number)?;
                }
                Arg::Text(text) => out.push_bind_param::<Nullable<Text>, Option<String>>(text)?,
                Arg::Bytes(None) | Arg::Id(None) => {
                    out.push_bind_param::<Nullable<Binary>, Option<Vec<u8>>>(&None)?;
                }
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

/// A row, whatever its columns are.
pub(super) struct Found(pub(super) Row);

impl QueryableByName<Mysql> for Found {
    fn build<'a>(row: &impl NamedRow<'a, Mysql>) -> deserialize::Result<Self> {
        let mut cells = Vec::with_capacity(row.field_count());
        for index in 0..row.field_count() {
            let field = diesel::row::Row::get(row, index);
            let value = field.as_ref().and_then(|field| field.value());
            cells.push(value.map_or(Ok(Cell::Null), cell)?);
        }
        Ok(Self(Row::new(cells)))
    }
}

fn cell(value: MysqlValue<'_>) -> deserialize::Result<Cell> {
    Ok(match value.value_type() {
        MysqlType::String | MysqlType::Enum | MysqlType::Set => {
            Cell::Text(FromSql::<Text, Mysql>::from_sql(value)?)
        }
        // Bytes, or a text that is compared by its bytes: diesel does not tell which.
        MysqlType::Blob => Cell::Bytes(FromSql::<Binary, Mysql>::from_sql(value)?),
        _ => Cell::Integer(FromSql::<BigInt, Mysql>::from_sql(value)?),
    })
}
