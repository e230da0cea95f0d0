//! The words of an enum as they are read: what lists them by hand is held against these.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Every word that `T` can be read from, in order; `none`, whose word is `?`, cannot.
#[track_caller]
pub(crate) fn words<T: Debug + DeserializeOwned>(none: Value) -> Vec<String> {
    let error = serde_json::from_value::<T>(none).unwrap_err().to_string();
    let known = error.strip_prefix("unknown variant `?`, expected one of `");
    let mut words: Vec<String> = known
        .unwrap_or_else(|| panic!("{error}"))
        .trim_end_matches('`')
        .split("`, `")
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words
}
