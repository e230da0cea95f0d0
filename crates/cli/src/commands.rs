//! The commands, one file each.

pub(crate) mod audit;
pub(crate) mod codes;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod diagram;
pub(crate) mod eval;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod incident;
pub(crate) mod list;
pub(crate) mod migrate;
pub(crate) mod publish;
pub(crate) mod test;
pub(crate) mod validate;
