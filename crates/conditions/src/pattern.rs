//! Regular expressions whose worst case is known.

use std::any::Any;

use cel_interpreter::common::{
    types::{Kind, Type},
    value::{StaticVal, Val},
};
use regex::{Regex, RegexBuilder};

use crate::error;

/// The sizes at which a pattern is tried, in bytes of its compiled form; beyond the last it is
/// refused. The size is the worst time per byte of text, so it sets the price of a match.
const SIZES: [usize; 4] = [4 << 10, 16 << 10, 64 << 10, 256 << 10];
/// The longest pattern that data may bring; one in the source is bounded with the source.
const PATTERN_BYTES: usize = 1024;
/// The slowest engine walks every state for every byte: about one unit per this much of the
/// compiled form.
const BYTES_PER_UNIT: usize = 1 << 10;
/// Compiling takes time in proportion to the compiled form.
const COMPILED_BYTES_PER_UNIT: usize = 64;

static TYPE: Type = Type::simple_type(Kind::Opaque, "@pattern");

/// One compiled pattern and the price of using it.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    size: usize,
}

impl Pattern {
    /// Compiles `pattern`, or says why not.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        if pattern.len() > PATTERN_BYTES {
            return Err(format!("the pattern is longer than {PATTERN_BYTES} bytes"));
        }
        for size in SIZES {
            let built = RegexBuilder::new(pattern)
                .size_limit(size)
                .dfa_size_limit(1 << 20)
                .build();
            match built {
                Ok(regex) => return Ok(Self { regex, size }),
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(_) => {
                    let shown = error::shortened(pattern);
                    return Err(format!("not a regular expression: {shown}"));
                }
            }
        }
        Err("the pattern is too large once its repetitions are unrolled".to_owned())
    }

    /// Whether it occurs in `text`.
    pub(crate) fn occurs_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The units that a search in so many bytes may take at worst.
    pub(crate) fn search_units(&self, n_bytes: usize) -> u64 {
        let per_byte = self.size / BYTES_PER_UNIT;
        u64::try_from(n_bytes.saturating_add(1).saturating_mul(per_byte)).unwrap_or(u64::MAX)
    }

    /// The units that compiling took at worst.
    pub(crate) fn compile_units(&self) -> u64 {
        u64::try_from(self.size / COMPILED_BYTES_PER_UNIT).unwrap_or(u64::MAX)
    }
}

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}
