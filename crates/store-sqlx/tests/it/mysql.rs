//! MySQL or MariaDB passes the suite, and what only they do.

pub(crate) mod database;
mod given_up;
mod host;
mod lists;
mod locks;
mod open;
mod suite;
