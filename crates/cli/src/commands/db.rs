//! `signoff db`: the tables of a database.

use serde_json::json;
use signoff::{
    sqlx::{MySqlSchema, PostgresOptions, PostgresSchema, SchemaOnOpen, SqliteSchema},
    store::schema::{self, Schema, SchemaConnection, Status},
};

use crate::{
    args::{DatabaseKind, Db, DbSql, DbStore, Output},
    exit::{Exit, Failure},
    store::{self, Place},
};

pub(crate) async fn run(args: Db) -> Result<Exit, Failure> {
    match args {
        Db::Check(args) => check(args).await,
        Db::Sql(args) => Ok(sql(&args)),
        Db::Status(args) => status(args).await,
        Db::Up(args) => up(args).await,
    }
}

/// A database whose tables are looked at.
struct Opened {
    schema: Schema,
    connection: Box<dyn SchemaConnection>,
}

/// Opens what the URL names.
async fn open(url: &str, on_open: SchemaOnOpen) -> Result<Opened, Failure> {
    let place = store::place(url)?;
    let place = match on_open {
        SchemaOnOpen::Apply => place,
        SchemaOnOpen::Check => place.known()?,
    };
    Ok(match place {
        Place::MySql(url) => {
            let opened = MySqlSchema::open(url).await;
            Opened {
                schema: schema::MYSQL,
                connection: Box::new(opened.map_err(|error| failed(&error))?),
            }
        }
        Place::Postgres(url) => {
            let options = PostgresOptions {
                schema: on_open,
                ..PostgresOptions::default()
            };
            let opened = PostgresSchema::open(url, &options).await;
            Opened {
                schema: schema::POSTGRES,
                connection: Box::new(opened.map_err(|error| failed(&error))?),
            }
        }
        Place::Sqlite(path) => {
            let opened = SqliteSchema::open(path, on_open).await;
            Opened {
                schema: schema::SQLITE,
                connection: Box::new(opened.map_err(|error| failed(&error))?),
            }
        }
    })
}

fn failed(error: &signoff::store::Error) -> Failure {
    Failure::failed(error.code(), error.to_string())
}

async fn check(args: DbStore) -> Result<Exit, Failure> {
    let mut opened = open(&args.store, SchemaOnOpen::Check).await?;
    let Opened { schema, connection } = &mut opened;
    schema
        .check(connection.as_mut())
        .await
        .map_err(|error| failed(&error))?;
    match args.output {
        Output::Json => outln!("{}", json!({"ok": true, "version": schema.version()})),
        Output::Text => outln!("ok: an engine of this version can work on the database"),
    }
    Ok(Exit::Ok)
}

async fn status(args: DbStore) -> Result<Exit, Failure> {
    let mut opened = open(&args.store, SchemaOnOpen::Check).await?;
    let Opened { schema, connection } = &mut opened;
    let status = schema
        .status(connection.as_mut())
        .await
        .map_err(|error| failed(&error))?;
    match args.output {
        Output::Json => outln!("{}", as_json(schema, &status)),
        Output::Text => tell(&status),
    }
    Ok(if status.refused.is_some() {
        Exit::Failed
    } else {
        Exit::Ok
    })
}

async fn up(args: DbStore) -> Result<Exit, Failure> {
    let mut opened = open(&args.store, SchemaOnOpen::Apply).await?;
    let Opened { schema, connection } = &mut opened;
    let before = schema
        .status(connection.as_mut())
        .await
        .map_err(|error| failed(&error))?;
    schema
        .apply(connection.as_mut())
        .await
        .map_err(|error| failed(&error))?;
    match args.output {
        Output::Json => {
            let status = schema
                .status(connection.as_mut())
                .await
                .map_err(|error| failed(&error))?;
            outln!("{}", as_json(schema, &status));
        }
        Output::Text if before.missing.is_empty() => outln!("nothing to do"),
        Output::Text => {
            for step in &before.missing {
                outln!("applied {} {}", step.version, step.name);
            }
        }
    }
    Ok(Exit::Ok)
}

fn sql(args: &DbSql) -> Exit {
    let schema = match args.database {
        DatabaseKind::Mysql => schema::MYSQL,
        DatabaseKind::Postgres => schema::POSTGRES,
        DatabaseKind::Sqlite => schema::SQLITE,
    };
    outln!("{}", schema.to_sql(args.from).trim_end());
    Exit::Ok
}

fn as_json(schema: &Schema, status: &Status) -> serde_json::Value {
    let applied = status
        .applied
        .iter()
        .map(|step| json!({"version": step.version, "name": step.name, "checksum": step.checksum}));
    let missing = status
        .missing
        .iter()
        .map(|step| json!({"version": step.version, "name": step.name}));
    json!({
        "known": schema.version(),
        "applied": applied.collect::<Vec<_>>(),
        "missing": missing.collect::<Vec<_>>(),
        "refused": status.refused,
    })
}

fn tell(status: &Status) {
    for step in &status.applied {
        outln!("applied {} {}", step.version, step.name);
    }
    for step in &status.missing {
        outln!("missing {} {}", step.version, step.name);
    }
    if let Some(why) = &status.refused {
        outln!("refused: {why}");
    }
}
