//! The bare loop on PostgreSQL.

use super::server::bare_loop;

/// The tables of the bare loop and of pgbench.
const TABLES: &str = "
CREATE TABLE instance (id uuid PRIMARY KEY, version integer NOT NULL, status text NOT NULL, state text NOT NULL);
CREATE TABLE task (id uuid PRIMARY KEY, instance uuid NOT NULL, state text NOT NULL, assignee text);
CREATE TABLE history (instance uuid NOT NULL, version integer NOT NULL, body text NOT NULL, PRIMARY KEY (instance, version));
";
const INSERT: &str = "INSERT INTO instance (id, version, status, state) VALUES ($3, 1, $1, $2)";
const UPDATE: &str = "UPDATE instance SET version = version + 1, status = $1, state = $2 WHERE id = $3 AND version = $4";
const OPEN: &str =
    "INSERT INTO task (id, instance, state, assignee) VALUES ($1, $2, 'assigned', 'amy')";
const CLOSE: &str = "UPDATE task SET state = 'completed' WHERE id = $1";
const HISTORY: &str = "INSERT INTO history (instance, version, body) VALUES ($1, $2, $3)";

bare_loop!(sqlx::PgConnection);
