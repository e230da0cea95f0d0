//! Formats beyond those of the standard.

/// Whether `text` is a decimal number: `10.50`, `-3`; at most 64 bytes, no exponent.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    text.len() <= 64
        && match unsigned.split_once('.') {
            Some((whole, decimals)) => digits(whole) && digits(decimals),
            None => digits(unsigned),
        }
}

/// Whether `text` refers to a file: `file:` and its id.
pub(crate) fn is_file(text: &str) -> bool {
    signoff_core::id::FileId::referred(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_digits_with_an_optional_point() {
        for text in ["10.50", "0", "-3", "-0.1", "007", &"9".repeat(64)] {
            assert!(is_decimal(text), "{text}");
        }
        for text in [
            "",
            "-",
            "+1",
            "1.",
            ".5",
            "1e3",
            "1,5",
            "1.2.3",
            " 1",
            "٣",
            "--1",
            &"9".repeat(65),
        ] {
            assert!(!is_decimal(text), "{text}");
        }
    }
}
