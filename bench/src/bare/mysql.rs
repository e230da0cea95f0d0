//! The bare loop on MySQL and MariaDB.

use super::server::bare_loop;

const TABLES: &str = "
CREATE TABLE instance (id BINARY(16) PRIMARY KEY, version INT NOT NULL, status VARCHAR(20) NOT NULL, state LONGTEXT NOT NULL);
CREATE TABLE task (id BINARY(16) PRIMARY KEY, instance BINARY(16) NOT NULL, state VARCHAR(20) NOT NULL, assignee VARCHAR(64));
CREATE TABLE history (instance BINARY(16) NOT NULL, version INT NOT NULL, body LONGTEXT NOT NULL, PRIMARY KEY (instance, version));
";
const INSERT: &str = "INSERT INTO instance (status, state, id, version) VALUES (?, ?, ?, 1)";
const UPDATE: &str =
    "UPDATE instance SET version = version + 1, status = ?, state = ? WHERE id = ? AND version = ?";
const OPEN: &str =
    "INSERT INTO task (id, instance, state, assignee) VALUES (?, ?, 'assigned', 'amy')";
const CLOSE: &str = "UPDATE task SET state = 'completed' WHERE id = ?";
const HISTORY: &str = "INSERT INTO history (instance, version, body) VALUES (?, ?, ?)";

bare_loop!(sqlx::MySqlConnection);
