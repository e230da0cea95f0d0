//! Exact decimals: what `decimal("10.50")` makes.

use std::{any::Any, cmp::Ordering, fmt};

use cel_interpreter::{
    ExecutionError,
    common::{
        traits::Comparer,
        types::{CelDouble, CelInt, CelUInt, Kind, Type},
        value::{StaticVal, Val},
    },
};

/// The longest text of a decimal, in bytes.
const TEXT_BYTES: usize = 100;

/// As overloads name it.
pub(crate) const DECIMAL_TYPE: Type = Type::simple_type(Kind::Opaque, "decimal");
static TYPE: Type = DECIMAL_TYPE;

/// A decimal number of any scale. It compares with decimals, ints, uints and doubles by value; a
/// double counts as the shortest decimal that reads back as it, so `0.1` is one tenth.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    negative: bool,
    /// Without leading zeros: empty below one.
    whole: String,
    /// As written, trailing zeros included.
    fraction: String,
}

impl Decimal {
    /// Reads an optional sign, digits, and an optional point with digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES {
            return None;
        }
        Self::read(text)
    }

    /// The decimal of a number; `None` for what is none.
    pub(crate) fn of(value: &dyn Val) -> Option<Self> {
        if let Some(decimal) = value.downcast_ref::<Self>() {
            return Some(decimal.clone());
        }
        let text = if let Some(number) = value.downcast_ref::<CelInt>() {
            number.inner().to_string()
        } else if let Some(number) = value.downcast_ref::<CelUInt>() {
            number.inner().to_string()
        } else {
            value.downcast_ref::<CelDouble>()?.inner().to_string()
        };
        Self::read(&text)
    }

    fn read(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !only_digits(whole) || !only_digits(fraction) {
            return None;
        }
        let is_zero = whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte == b'0');
        Some(Self {
            negative: negative && !is_zero,
            whole: whole.trim_start_matches('0').to_owned(),
            fraction: fraction.to_owned(),
        })
    }

    fn order(&self, other: &Self) -> Ordering {
        let magnitude = self.whole.len().cmp(&other.whole.len()).then_with(|| {
            let mine = (self.whole.as_str(), self.fraction.trim_end_matches('0'));
            let theirs = (other.whole.as_str(), other.fraction.trim_end_matches('0'));
            mine.cmp(&theirs)
        });
        match (self.negative, other.negative) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{}", self.fraction)
    }
}

impl Val for Decimal {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        Self::of(other).is_some_and(|other| self.order(&other) == Ordering::Equal)
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

impl StaticVal for Decimal {}

impl Comparer for Decimal {
    fn compare(&self, rhs: &dyn Val) -> Result<Ordering, ExecutionError> {
        match Self::of(rhs) {
            Some(other) => Ok(self.order(&other)),
            // An infinite or undefined double has no decimal, nor has a string.
            None => Err(ExecutionError::UnexpectedType {
                got: rhs.get_type().name().to_owned(),
                want: "a number".to_owned(),
            }),
        }
    }
}
