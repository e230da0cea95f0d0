//! How names of actions and templates, and locales, are written.

use crate::error::{Error, ErrorKind};

/// Names longer than this are refused.
const MAX_NAME: usize = 64;

/// Refuses a name that is not `[a-z][a-z0-9_]*`, at most 64 characters.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), Error> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    let goes_on_well = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if starts_well && goes_on_well && name.len() <= MAX_NAME {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidName,
        format!(
            "{what} name `{}` is not a lowercase letter followed by at most 63 of `a-z`, `0-9`, `_`",
            name.escape_debug()
        ),
    ))
}

/// Writes a locale in the one form that is stored: lowercase, parts joined by `-`.
///
/// `None` when it is not a language of two or three letters with optional parts of one to eight
/// letters or digits.
pub(crate) fn normalize_locale(locale: &str) -> Option<String> {
    if locale.len() > MAX_NAME {
        return None;
    }
    let normalized = locale.to_ascii_lowercase().replace('_', "-");
    let (language, rest) = split_language(&normalized);
    let is_language =
        matches!(language.len(), 2..=3) && language.bytes().all(|byte| byte.is_ascii_lowercase());
    let are_parts = rest.is_none_or(|rest| {
        rest.split('-').all(|part| {
            matches!(part.len(), 1..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    });
    (is_language && are_parts).then_some(normalized)
}

/// The language of a normalized locale and what follows it.
pub(crate) fn split_language(locale: &str) -> (&str, Option<&str>) {
    match locale.split_once('-') {
        Some((language, rest)) => (language, Some(rest)),
        None => (locale, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_normalized_or_refused() {
        for (given, expected) in [
            ("en", Some("en")),
            ("AR_eg", Some("ar-eg")),
            ("zh-Hant-TW", Some("zh-hant-tw")),
            ("", None),
            ("e", None),
            ("en-", None),
            ("../en", None),
            ("en/x", None),
            ("عربي", None),
        ] {
            assert_eq!(normalize_locale(given).as_deref(), expected, "{given}");
        }
    }
}
