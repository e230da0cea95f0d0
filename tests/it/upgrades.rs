//! Databases of every schema version since the first, brought up to this one: what was under way goes
//! on.
//!
//! `tests/upgrades/N.json` is what a small world had stored under version N, table by table. A file is
//! written once, before the next version is made: `SIGNOFF_WRITE=1 cargo test -p signoff-tests --test
//! it upgrades`.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use signoff::{
    Call, Clock, Engine, EntriesOf, Message, Profile, Start, TenantId, Upload, VirtualClock,
    core::instance::fold,
    sqlx::{
        MySqlSchema, PostgresOptions, PostgresProfile, PostgresSchema, SchemaOnOpen, SqliteSchema,
        SqliteStore,
    },
    store::{
        InstanceFilter, PageRequest, Store, TaskFilter,
        schema::{self, Schema, SchemaConnection},
        sql::{Bound, Cell, Dialect, Sql},
    },
};
use signoff_tests::{builder, person, publish};

use crate::{picture::stream_is_whole, servers};

/// The columns that MySQL has besides: the SHA-256 of others.
const HASHES: [(&str, &str, &str); 5] = [
    ("signoff_message", "id", "id_hash"),
    ("signoff_message", "name", "name_hash"),
    ("signoff_message", "message_key", "key_hash"),
    ("signoff_subscription", "name", "name_hash"),
    ("signoff_subscription", "message_key", "key_hash"),
];

const APPROVAL: &str = "
format: signoff/v1
kind: approval
key: leave
defaults: {due: P1D}
approvals: [{user: max}, {role: lead, select: round_robin}]
";

const FLOW: &str = "
format: signoff/v1
kind: flow
key: order
indexed: [item]
data: {type: object, properties: {item: {type: string}, number: {type: string}}}
nodes:
  start: {start: {}, next: all}
  all: {split: [pack, wait_scan, rest]}
  pack: {task: {user: bob}, next: both}
  wait_scan: {receive: {message: scanned, key: number}, next: both}
  rest: {timer: {after: P1D}, next: both}
  both: {join: all, next: end}
  end: {end: {}}
";

/// What was stored, and what people saw of it.
#[derive(Debug, Deserialize, Serialize)]
struct Stored {
    version: u32,
    seen: Value,
    tables: BTreeMap<String, Table>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// Where a test stores it.
struct Database {
    dialect: Dialect,
    schema: Schema,
    connection: Box<dyn SchemaConnection>,
}

fn people() -> Vec<Profile> {
    vec![
        person("ann", &[]),
        person("bob", &[]),
        person("max", &[]),
        person("مها", &["lead"]),
        person("zoe", &["lead"]),
    ]
}

fn world(store: Arc<dyn Store>) -> (Engine, Arc<VirtualClock>) {
    let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
    let builder = builder(store, people()).clock(Arc::clone(&clock) as Arc<dyn Clock>);
    (builder.build().unwrap(), clock)
}

/// Something of everything that is stored.
async fn live(engine: &Engine) {
    for definition in [APPROVAL, FLOW] {
        publish(engine, definition).await;
    }
    for n in 0..3 {
        let started = engine.start(Start::of("leave").by("ann")).await.unwrap();
        for _ in 0..n {
            let view = engine.instance(&TenantId::default(), started.id()).await;
            let instance = view.unwrap().unwrap().instance;
            let task = instance.tasks().next().unwrap();
            let by = task.assignee.clone().unwrap();
            engine.call(Call::approve(task.id).by(by)).await.unwrap();
        }
    }
    // Some of what happened has been read.
    let all = EntriesOf::default();
    engine.entries(&TenantId::default(), &all, 1).await.unwrap();
    let data = json!({"item": "كتاب", "number": "7"});
    let order = Start::of("order").by("ann").data(&data).unwrap();
    let order = engine.start(order).await.unwrap();
    let task = order.instance.tasks().next().unwrap().id;
    engine.call(Call::complete(task).by("bob")).await.unwrap();
    engine
        .send(Message::new("scanned").key("8").id("early"))
        .await
        .unwrap();
    let upload = Upload::new("plan.pdf", b"%PDF".to_vec()).by("ann");
    engine.upload(upload).await.unwrap();
    engine.tick().await.unwrap();
}

/// What people see: instances with their statuses and open tasks.
async fn seen(engine: &Engine) -> Value {
    let (tenant, page) = (TenantId::default(), PageRequest::default());
    let store = engine.store();
    let (all, every) = (InstanceFilter::default(), TaskFilter::default());
    let instances = store.instances(&tenant, &all, &page).await.unwrap();
    let tasks = store.tasks(&tenant, &every, &page).await.unwrap();
    json!({
        "instances": instances.items.iter()
            .map(|row| json!([row.id, row.workflow, row.version, row.status])).collect::<Vec<_>>(),
        "tasks": tasks.items.iter()
            .map(|found| json!([found.task.id, found.task.node, found.task.state, found.task.assignee]))
            .collect::<Vec<_>>(),
    })
}

/// What was under way comes to its end.
async fn goes_on(engine: &Engine, clock: &VirtualClock) {
    let tenant = TenantId::default();
    engine.send(Message::new("scanned").key("7")).await.unwrap();
    clock.set(Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(25));
    engine.tick().await.unwrap();
    for _ in 0..4 {
        let open = TaskFilter {
            open: Some(true),
            ..TaskFilter::default()
        };
        let page = PageRequest::default();
        for found in engine
            .store()
            .tasks(&tenant, &open, &page)
            .await
            .unwrap()
            .items
        {
            let by = found.task.assignee.unwrap();
            engine
                .call(Call::approve(found.task.id).by(by))
                .await
                .unwrap();
        }
    }
    engine.tick().await.unwrap();
    stream_is_whole(engine, &tenant).await;
    let (filter, page) = (InstanceFilter::default(), PageRequest::default());
    for row in engine
        .store()
        .instances(&tenant, &filter, &page)
        .await
        .unwrap()
        .items
    {
        assert_eq!(row.status.as_str(), "completed", "{}", row.workflow);
        let history = engine.history(&tenant, row.id).await.unwrap();
        let view = engine.instance(&tenant, row.id).await.unwrap().unwrap();
        assert_eq!(fold(&history), Some(view.instance));
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("upgrades")
}

fn stored() -> Vec<Stored> {
    let mut found = Vec::new();
    for version in 1..=schema::SQLITE.version() {
        let text = std::fs::read_to_string(folder().join(format!("{version}.json")));
        let text = text.unwrap_or_else(|error| panic!("version {version} is not stored: {error}"));
        found.push(serde_json::from_str(&text).unwrap());
    }
    found
}

async fn rows(connection: &mut dyn SchemaConnection, sql: String) -> Vec<Vec<Cell>> {
    let sql: &'static Sql = Box::leak(Box::new(Sql::new(sql.leak())));
    let rows = connection.rows(&Bound::new(sql)).await.unwrap();
    rows.into_iter()
        .map(|row| row.into_cells().collect())
        .collect()
}

/// All rows of all tables of a SQLite database.
async fn dump(connection: &mut dyn SchemaConnection) -> BTreeMap<String, Table> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'signoff_%'
        AND name <> 'signoff_schema_version'";
    let mut tables = BTreeMap::new();
    for name in rows(connection, names.to_owned()).await {
        let name = text(&name[0]);
        let columns = format!("SELECT name FROM pragma_table_info('{name}')");
        let columns = rows(connection, columns).await;
        let columns: Vec<String> = columns.iter().map(|cells| text(&cells[0])).collect();
        let found = rows(
            connection,
            format!("SELECT {} FROM {name}", columns.join(", ")),
        )
        .await;
        let found = found
            .into_iter()
            .map(|cells| cells.iter().map(as_json).collect());
        let rows = found.collect();
        tables.insert(name, Table { columns, rows });
    }
    tables
}

fn as_json(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => json!(number),
        Cell::Text(text) => json!(text),
        Cell::Bytes(bytes) => json!({"bytes": hex(bytes)}),
        Cell::Id(id) => json!({"bytes": hex(id.as_bytes())}),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn literal(dialect: Dialect, column: &str, value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => {
            let text = text.replace('\'', "''");
            match dialect {
                Dialect::MySql => format!("'{}'", text.replace('\\', "\\\\")),
                Dialect::Postgres | Dialect::Sqlite => format!("'{text}'"),
            }
        }
        Value::Object(bytes) => {
            let hex = bytes["bytes"].as_str().unwrap();
            match dialect {
                Dialect::Postgres if column == "content" => format!("'\\x{hex}'"),
                Dialect::Postgres => format!("'{hex}'"),
                Dialect::MySql | Dialect::Sqlite => format!("x'{hex}'"),
            }
        }
        number => number.to_string(),
    }
}

/// Makes the database what it was under an old version.
async fn restore(database: &mut Database, stored: &Stored) {
    let Database {
        dialect,
        schema,
        connection,
    } = database;
    let old = schema.until(stored.version);
    old.apply(connection.as_mut()).await.unwrap();
    for (table, Table { columns, rows }) in &stored.tables {
        for row in rows {
            let mut names = columns.join(", ");
            let values = columns.iter().zip(row);
            let mut values: Vec<String> = values
                .map(|(column, value)| literal(*dialect, column, value))
                .collect();
            if *dialect == Dialect::MySql {
                for (_, column, hash) in HASHES.iter().filter(|(of, ..)| of == table) {
                    let at = columns.iter().position(|name| name == column).unwrap();
                    values.push(format!("unhex(sha2({}, 256))", values[at]));
                    names = format!("{names}, {hash}");
                }
            }
            let values = values.join(", ");
            let insert = format!("INSERT INTO {table} ({names}) VALUES ({values})");
            connection.batch(&insert).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_stored_today_is_kept_for_the_versions_to_come() {
    let folder_of_file = tempfile::tempdir().unwrap();
    let path = folder_of_file.path().join("signoff.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let (engine, _) = world(Arc::new(store.clone()));
    live(&engine).await;
    let mut connection = SqliteSchema::open(&path, SchemaOnOpen::Check)
        .await
        .unwrap();
    let version = schema::SQLITE.version();
    let now = Stored {
        version,
        seen: seen(&engine).await,
        tables: dump(&mut connection).await,
    };
    if std::env::var_os("SIGNOFF_WRITE").is_some() {
        std::fs::create_dir_all(folder()).unwrap();
        let text = serde_json::to_string_pretty(&now).unwrap();
        std::fs::write(folder().join(format!("{version}.json")), text + "\n").unwrap();
    }
    let kept = stored().pop().unwrap();
    for (name, table) in &now.tables {
        assert_eq!(
            table.columns,
            kept.tables
                .get(name)
                .map(|kept| kept.columns.clone())
                .unwrap_or_default(),
            "{name} has other columns than version {version} had: make a new version"
        );
    }
}

/// What was stored is there and goes on, on a store that was opened on it.
async fn check(store: impl Store + 'static, stored: &Stored) {
    let (engine, clock) = world(Arc::new(store));
    assert_eq!(seen(&engine).await, stored.seen);
    goes_on(&engine, &clock).await;
}

#[tokio::test]
async fn a_sqlite_database_of_any_version_goes_on() {
    for stored in stored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signoff.db");
        let connection = SqliteSchema::open(&path, SchemaOnOpen::Apply)
            .await
            .unwrap();
        let mut database = Database {
            dialect: Dialect::Sqlite,
            schema: schema::SQLITE,
            connection: Box::new(connection),
        };
        restore(&mut database, &stored).await;
        drop(database);
        check(SqliteStore::open(&path).await.unwrap(), &stored).await;
    }
}

async fn on_postgres(profile: PostgresProfile, schema: Schema) {
    for stored in stored() {
        let Some(place) = servers::Schema::fresh() else {
            return;
        };
        let options = PostgresOptions {
            in_schema: Some(place.name.clone()),
            profile,
            ..PostgresOptions::default()
        };
        let connection = PostgresSchema::open(&place.url, &options).await.unwrap();
        let mut database = Database {
            dialect: Dialect::Postgres,
            schema,
            connection: Box::new(connection),
        };
        restore(&mut database, &stored).await;
        drop(database);
        check(place.sqlx(profile).await, &stored).await;
    }
}

#[tokio::test]
async fn a_postgres_database_of_any_version_goes_on() {
    on_postgres(PostgresProfile::Full, schema::POSTGRES).await;
}

#[tokio::test]
async fn a_plain_postgres_database_of_any_version_goes_on() {
    on_postgres(PostgresProfile::Plain, schema::POSTGRES_PLAIN).await;
}

#[tokio::test]
async fn a_mysql_database_of_any_version_goes_on() {
    for stored in stored() {
        let Some(place) = servers::Database::fresh() else {
            return;
        };
        let connection = MySqlSchema::open(&place.url).await.unwrap();
        let mut database = Database {
            dialect: Dialect::MySql,
            schema: schema::MYSQL,
            connection: Box::new(connection),
        };
        restore(&mut database, &stored).await;
        drop(database);
        check(place.sqlx().await, &stored).await;
    }
}
