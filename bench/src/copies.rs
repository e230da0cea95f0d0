//! Finished instances on PostgreSQL, copied inside the database: a million by commits takes a
//! quarter of an hour there.
//!
//! The machine that makes the originals gives its commands a number, in their ids, and a second each. What
//! it would have written later differs by these, and so do the copies: all keys, and so all indexes,
//! are as they would be. In their JSON they keep the ids of their originals, which nothing reads that
//! runs beside them.

use anyhow::{Context as _, ensure};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

/// How many originals there are.
pub(crate) const ORIGINALS: usize = 10_000;

/// The tables that have rows of a finished instance, each with its column for the instance.
const TABLES: [(&str, &str); 3] = [
    ("signoff_instance", "id"),
    ("signoff_task", "instance"),
    ("signoff_event", "instance"),
];
/// What only running instances have, or those with more to them.
const OTHERS: &str = "
SELECT (SELECT count(*) FROM signoff_activation) + (SELECT count(*) FROM signoff_candidate)
    + (SELECT count(*) FROM signoff_field) + (SELECT count(*) FROM signoff_job)";
const COLUMNS: &str = "
SELECT column_name::text AS name, data_type::text AS kind FROM information_schema.columns
WHERE table_name = $1 ORDER BY ordinal_position";

/// Makes the [originals](ORIGINALS) so many by copying them.
pub(crate) async fn make(url: &str, wanted: usize) -> anyhow::Result<()> {
    let mut database = PgConnection::connect(url).await?;
    ensure!(
        number(&mut database, OTHERS).await? == 0,
        "the instances to copy are not finished, or have more rows than are copied"
    );
    run(&mut database, "SET synchronous_commit = off").await?;
    // A second for each command.
    let last = number(&mut database, "SELECT max(at) FROM signoff_event").await?;
    let commands = last / 1_000_000_000;
    let first = "CREATE TEMP TABLE original AS SELECT id FROM signoff_instance ORDER BY id";
    run(&mut database, first).await?;
    let mut columns = Vec::new();
    for (table, _) in TABLES {
        columns.push(columns_of(&mut database, table).await?);
        let keep = format!("CREATE TEMP TABLE of_{table} AS SELECT * FROM {table}");
        run(&mut database, &keep).await?;
    }
    let mut made = ORIGINALS;
    let mut later = 0;
    while made < wanted {
        later += commands;
        let count = (wanted - made).min(ORIGINALS);
        for ((table, instance), columns) in TABLES.iter().zip(&columns) {
            let columns: Vec<String> = columns.iter().map(|one| one.later(later)).collect();
            let copy = format!(
                "INSERT INTO {table} SELECT {} FROM of_{table}
WHERE {instance} IN (SELECT id FROM original ORDER BY id LIMIT {count})",
                columns.join(", ")
            );
            run(&mut database, &copy).await?;
        }
        made += count;
    }
    let made = number(&mut database, "SELECT count(*) FROM signoff_instance").await?;
    ensure!(
        usize::try_from(made)? == wanted,
        "{made} instances of {wanted}"
    );
    Ok(())
}

/// A column of a table.
#[derive(Debug)]
struct Column {
    name: String,
    kind: String,
}

impl Column {
    /// Its value in a row that is so many commands younger.
    fn later(&self, commands: i64) -> String {
        let Self { name, kind } = self;
        let is_moment = name == "at" || name.ends_with("_at");
        match kind.as_str() {
            // The number of the command is in the bytes before the last three.
            "uuid" => format!(
                "encode(overlay(uuid_send({name}) placing int4send(
    ('x' || encode(substring(uuid_send({name}) from 10 for 4), 'hex'))::bit(32)::int + {commands}
) from 10), 'hex')::uuid"
            ),
            "bigint" if is_moment => format!("{name} + {commands} * 1000000000::bigint"),
            _ => name.clone(),
        }
    }
}

async fn columns_of(database: &mut PgConnection, table: &str) -> anyhow::Result<Vec<Column>> {
    let rows = sqlx::query(COLUMNS).bind(table).fetch_all(database).await?;
    let columns = rows.into_iter().map(|row| {
        Ok(Column {
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
        })
    });
    columns.collect()
}

async fn number(database: &mut PgConnection, sql: &'static str) -> anyhow::Result<i64> {
    let found = sqlx::query_scalar::<_, Option<i64>>(sql);
    let found = found.fetch_one(database).await?;
    found.context("there is nothing to copy")
}

async fn run(database: &mut PgConnection, sql: &str) -> anyhow::Result<()> {
    let ran = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    ran.execute(database)
        .await
        .context("cannot copy what was before")?;
    Ok(())
}
