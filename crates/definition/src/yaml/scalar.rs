//! The core schema of YAML 1.2 (chapter 10.3): what a scalar means.

use saphyr_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};

/// Why a scalar has no value.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

/// The value of a scalar.
pub(crate) fn resolve(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Refused> {
    let Some(tag) = tag else {
        return match style {
            ScalarStyle::Plain => plain(text),
            _ => Ok(Value::from(text)),
        };
    };
    if is_unspecific(tag) {
        return Ok(Value::from(text));
    }
    if !tag.is_yaml_core_schema() {
        return Err(refuse_tag(tag));
    }
    let value = match tag.suffix.as_str() {
        "str" => return Ok(Value::from(text)),
        "null" => plain(text)?.is_null().then_some(Value::Null),
        "bool" => Some(plain(text)?).filter(Value::is_boolean),
        "int" => Some(plain(text)?).filter(|value| value.is_i64() || value.is_u64()),
        "float" => plain(text)?
            .as_f64()
            .and_then(Number::from_f64)
            .map(Value::Number),
        _ => None,
    };
    value.ok_or_else(|| refuse_tag(tag))
}

/// The tag `!`: a string, a list or a mapping, as it is written.
pub(crate) fn is_unspecific(tag: &Tag) -> bool {
    tag.handle.is_empty() && tag.suffix == "!"
}

/// The tag is unknown or does not fit what it stands at.
pub(crate) fn refuse_tag(tag: &Tag) -> Refused {
    let name: String = if tag.is_yaml_core_schema() {
        format!("!!{}", tag.suffix)
    } else {
        format!("{}{}", tag.handle, tag.suffix)
    };
    let name: String = name.chars().take(64).collect();
    Refused {
        code: "invalid_tag",
        message: format!("the tag `{name}` is unknown or does not fit the value"),
        help: "only !!str, !!int, !!float, !!bool, !!null, !!seq and !!map are understood",
    }
}

/// A scalar without quotes and without a tag.
fn plain(text: &str) -> Result<Value, Refused> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    if let Some(digits) = text.strip_prefix("0o")
        && all(digits, |digit| matches!(digit, b'0'..=b'7'))
    {
        return u64::from_str_radix(digits, 8)
            .map(Value::from)
            .map_err(|_| out_of_range(INTEGER));
    }
    if let Some(digits) = text.strip_prefix("0x")
        && all(digits, |digit| digit.is_ascii_hexdigit())
    {
        return u64::from_str_radix(digits, 16)
            .map(Value::from)
            .map_err(|_| out_of_range(INTEGER));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if all(unsigned, |digit| digit.is_ascii_digit()) {
        return integer(text);
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(out_of_range(
            "infinity and not-a-number have no form in JSON",
        ));
    }
    if is_float(unsigned) {
        return text
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number)
            .ok_or_else(|| out_of_range("the number is too large"));
    }
    Ok(Value::from(text))
}

const INTEGER: &str = "the integer does not fit into 64 bits";

fn integer(text: &str) -> Result<Value, Refused> {
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Value::from(number));
    }
    match text.parse::<u64>() {
        Ok(number) => Ok(Value::from(number)),
        Err(_) => Err(out_of_range(INTEGER)),
    }
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(unsigned: &str) -> bool {
    let is_digit = |digit: u8| digit.is_ascii_digit();
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", decimals)) => all(decimals, is_digit),
        Some((whole, "")) => all(whole, is_digit),
        Some((whole, decimals)) => all(whole, is_digit) && all(decimals, is_digit),
        None => all(mantissa, is_digit),
    };
    mantissa_fits
        && exponent.is_none_or(|exponent| {
            all(
                exponent.strip_prefix(['-', '+']).unwrap_or(exponent),
                is_digit,
            )
        })
}

/// Whether `text` has characters and all of them are `wanted`.
fn all(text: &str, wanted: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(wanted)
}

fn out_of_range(message: &str) -> Refused {
    Refused {
        code: "invalid_number",
        message: message.to_owned(),
        help: "put it in quotes to make it a string",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("NULL", json!(null)),
            ("nULL", json!("nULL")),
            ("True", json!(true)),
            ("no", json!("no")),
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("off", json!("off")),
            ("y", json!("y")),
            ("0", json!(0)),
            ("-0", json!(0)),
            ("+12", json!(12)),
            ("-12", json!(-12)),
            ("007", json!(7)),
            ("0o17", json!(15)),
            ("0o18", json!("0o18")),
            ("0xFf", json!(255)),
            ("0x", json!("0x")),
            ("1_000", json!("1_000")),
            ("9223372036854775808", json!(9_223_372_036_854_775_808_u64)),
            ("10.50", json!(10.5)),
            (".5", json!(0.5)),
            ("5.", json!(5.0)),
            ("1e3", json!(1000.0)),
            ("-1.5E-2", json!(-0.015)),
            (".", json!(".")),
            ("1e", json!("1e")),
            ("e1", json!("e1")),
            ("+", json!("+")),
            ("--1", json!("--1")),
            ("1.2.3", json!("1.2.3")),
            ("+.nan", json!("+.nan")),
            ("6f1c", json!("6f1c")),
            ("2026-01-05T09:00:00Z", json!("2026-01-05T09:00:00Z")),
            ("12:30", json!("12:30")),
            ("inf", json!("inf")),
            ("nan", json!("nan")),
            ("infinity", json!("infinity")),
        ] {
            assert_eq!(plain(text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn numbers_that_json_cannot_hold_are_refused() {
        for text in [
            "18446744073709551616",
            "-9223372036854775809",
            "0xFFFFFFFFFFFFFFFFF",
            "1e400",
            "-.INF",
            ".nan",
        ] {
            assert_eq!(plain(text).unwrap_err().code, "invalid_number", "{text}");
        }
    }
}
