//! Definition files of Signoff: from text to a JSON value whose every place is known.
//!
//! What it is: the reader of YAML and JSON ([`parse`]), the places of their parts
//! ([`Positions`]), the form that hashes are made of ([`canonical_json`]), JSON Schema behind
//! core's port ([`JsonSchemas`]), time zones behind another ([`TimeZones`]), problems as people read them ([`render`]), flows as other
//! modelers read and write them ([`bpmn`]), and pictures of graphs ([`diagram`]).
//! What it is not: it does not know what a definition means; core reads the value and checks it.
//!
//! # Example: a slip with its place
//!
//! ```
//! use signoff_core::{pointer::Pointer, problem::Problem};
//! use signoff_definition::{Format, parse, render};
//!
//! let text = "key: leave\ntitel: Leave request\n";
//! let parsed = parse(text, Format::Yaml).expect("the text is well formed");
//! assert_eq!(parsed.value["key"], "leave");
//!
//! let path = Pointer::root().key("titel");
//! let mut problem = Problem::error("unknown_key", path, "unknown key `titel`");
//! parsed.positions.locate(&mut problem);
//! assert!(render("leave.yaml", text, &[problem]).starts_with("leave.yaml:2:1: error[unknown_key]"));
//! ```
//!
//! # Codes of problems
//!
//! | code | meaning |
//! |------|---------|
//! | `syntax` | the text is not well formed |
//! | `limit_exceeded` | the text is larger, deeper or expands further than [`limits`] allow |
//! | `duplicate_key` | a mapping has the same key twice |
//! | `invalid_key` | a key is not a string, or is a merge key |
//! | `invalid_number` | a number that JSON cannot hold |
//! | `invalid_tag` | a tag outside YAML's core schema, or one that its value does not fit |
//! | `multiple_documents` | more than one document in the text |

pub mod bpmn;
mod builder;
mod canonical;
pub mod diagram;
pub mod draft;
pub mod extends;
mod format;
mod json;
pub mod limits;
mod lines;
mod parse;
mod positions;
mod render;
mod schema;
mod tree;
mod yaml;
mod zones;

pub use self::{
    canonical::canonical_json,
    format::Format,
    parse::{Parsed, parse},
    positions::Positions,
    render::{render, render_line},
    schema::JsonSchemas,
    yaml::to_yaml,
    zones::TimeZones,
};
