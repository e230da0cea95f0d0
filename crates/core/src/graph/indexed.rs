//! Fields of the data that instances are found by.

use crate::graph::DataPath;

/// A field of the data that instances are found and ordered by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Indexed {
    /// Where it is.
    pub path: DataPath,
    /// Whether its texts are decimals, and compare as the numbers that they say.
    pub is_decimal: bool,
}
