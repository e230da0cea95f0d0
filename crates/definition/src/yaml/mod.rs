//! YAML 1.2: reading, scalars of the core schema, errors of form.

mod reader;
mod scalar;
mod syntax;

pub(crate) use self::reader::read;
