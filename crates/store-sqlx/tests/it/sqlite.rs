//! SQLite passes the suite, and what only SQLite does.

mod host;
mod open;
mod suite;
mod writer;
