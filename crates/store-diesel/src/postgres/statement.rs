//! Statements and rows as diesel has them on PostgreSQL.

use diesel::{
    QueryResult,
    deserialize::{self, FromSql, QueryableByName},
    pg::{Pg, PgValue},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    row::{Field as _, NamedRow},
    sql_types::{BigInt, Binary, Bool, Integer, Nullable, SmallInt, Text, Untyped, Uuid},
};
use signoff_store::sql::{Arg, Bound, Cell, Dialect, Row};

/// Each connection prepares a text once: diesel's cache knows a query without a static id by its
/// text and the types of its arguments.
#[derive(Debug)]
pub(super) struct Statement<'a>(pub(super) &'a Bound);

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0.text(Dialect::Postgres));
        // Diesel writes a `$1`, a `$2` and so on for the arguments; the text has them already, where
        // and as often as it needs them, so these go into a comment.
        out.push_sql("\n-- ");
        for arg in self.0.args(Dialect::Postgres) {
            match arg {
                Arg::Bytes(bytes) => {
                    out.push_bind_param::<Nullable<Binary>, Option<Vec<u8>>>(bytes)?;
                }
                Arg::Id(id) => out.push_bind_param::<Nullable<Uuid>, Option<uuid::Uuid>>(id)?,
                Arg::Integer(number) => {
                    out.push_bind_param::<Nullable<BigInt>, Option<i64>>(number)?;
                }
                Arg::Text(text) => out.push_bind_param::<Nullable<Text>, Option<String>>(text)?,
            }
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

#[cfg(feature = "postgres-sync")]
impl<C> diesel::RunQueryDsl<C> for Statement<'_> {}

/// A row, whatever its columns are.
pub(super) struct Found(pub(super) Row);

impl QueryableByName<Pg> for Found {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let mut cells = Vec::with_capacity(row.field_count());
        for index in 0..row.field_count() {
            let field = diesel::row::Row::get(row, index);
            let value = field.as_ref().and_then(|field| field.value());
            cells.push(value.map_or(Ok(Cell::Null), cell)?);
        }
        Ok(Self(Row::new(cells)))
    }
}

fn cell(value: PgValue<'_>) -> deserialize::Result<Cell> {
    const BOOL: u32 = 16;
    const BYTEA: u32 = 17;
    const INT8: u32 = 20;
    const INT2: u32 = 21;
    const INT4: u32 = 23;
    const UUID: u32 = 2950;

    Ok(match value.get_oid().get() {
        BOOL => Cell::Integer(<bool as FromSql<Bool, Pg>>::from_sql(value)?.into()),
        BYTEA => Cell::Bytes(FromSql::<Binary, Pg>::from_sql(value)?),
        INT2 => Cell::Integer(<i16 as FromSql<SmallInt, Pg>>::from_sql(value)?.into()),
        INT4 => Cell::Integer(<i32 as FromSql<Integer, Pg>>::from_sql(value)?.into()),
        INT8 => Cell::Integer(FromSql::<BigInt, Pg>::from_sql(value)?),
        UUID => Cell::Id(FromSql::<Uuid, Pg>::from_sql(value)?),
        // Texts of every kind are sent as their bytes; what is no text is no UTF-8, or no statement
        // asks for it.
        _ => Cell::Text(FromSql::<Text, Pg>::from_sql(value)?),
    })
}
