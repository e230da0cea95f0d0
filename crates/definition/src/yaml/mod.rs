//! YAML 1.2: reading, scalars of the core schema, errors of form, writing.

mod reader;
mod scalar;
mod syntax;
mod write;

pub(crate) use self::reader::read;
pub use self::write::to_yaml;
