//! The texts of mails: subject, HTML and plain text, by name and locale.

mod bounded;
mod builtin;
mod set;
mod source;
mod view;

pub use self::builtin::BUILTIN_NAMES;
pub use self::set::Templates;
pub use self::source::{Rendered, Source};
