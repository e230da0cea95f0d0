//! PostgreSQL passes the suite in both profiles, and what only PostgreSQL does.

mod bell;
mod connections;
mod given_up;
mod group_commit;
mod host;
mod open;
mod place;
mod plans;
mod races;
mod suite;
mod waiting;
