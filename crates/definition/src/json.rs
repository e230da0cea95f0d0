//! Reads JSON: the library decides whether the text is JSON, a walk over it notes the places.

use serde::de::IgnoredAny;
use serde_json::Value;
use signoff_core::problem::Position;

use crate::{
    builder::{Builder, Halt, NO_ANCHOR},
    lines::Lines,
};

/// Reads `text` as one JSON document.
pub(crate) fn read(text: &str) -> Builder {
    let mut builder = Builder::default();
    let outcome = match serde_json::from_str::<IgnoredAny>(text) {
        Ok(IgnoredAny) => walk(text, &mut builder),
        Err(error) => {
            let (at, message) = place(text, &error);
            let problem = builder.problem("syntax", at, message);
            let problem = match help(text, &error) {
                Some(help) => problem.help(help),
                None => problem,
            };
            builder.report(problem)
        }
    };
    // What stops the walk is reported in the builder.
    drop(outcome);
    builder
}

/// Walks over text that is known to be JSON.
fn walk(text: &str, builder: &mut Builder) -> Result<(), Halt> {
    let mut cursor = Cursor {
        rest: text,
        at: Position { line: 1, column: 1 },
    };
    while let Some(first) = cursor.rest.bytes().next() {
        let at = cursor.at;
        match first {
            b'{' => builder.open_map(at, NO_ANCHOR)?,
            b'[' => builder.open_list(at, NO_ANCHOR)?,
            b'}' | b']' => builder.close()?,
            b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => {}
            _ => {
                let token = cursor.take(token_len(cursor.rest));
                scalar(token, at, builder)?;
                continue;
            }
        }
        cursor.take(1);
    }
    Ok(())
}

fn scalar(token: &str, at: Position, builder: &mut Builder) -> Result<(), Halt> {
    let value = match serde_json::from_str::<Value>(token) {
        Ok(value) if value.is_f64() && is_integer(token) && token != "-0" => None,
        Ok(value) => Some(value),
        Err(_) if token.starts_with('"') => {
            let message = "the string has an escape that stands for no character";
            let problem = builder.problem("syntax", at, message);
            builder.report(problem)?;
            Some(Value::from(""))
        }
        Err(_) => None,
    };
    if value.is_none() {
        let message = if is_integer(token) {
            "the integer does not fit into 64 bits"
        } else {
            "the number is too large"
        };
        let problem = builder
            .problem("invalid_number", at, message)
            .help("put it in quotes to make it a string");
        builder.report(problem)?;
    }
    builder.scalar(at, NO_ANCHOR, value.unwrap_or_default())
}

fn is_integer(token: &str) -> bool {
    let digits = token.strip_prefix('-').unwrap_or(token);
    digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// The bytes of the string, number or word at the start of `text`.
fn token_len(text: &str) -> usize {
    if !text.starts_with('"') {
        let end = text.find([',', ':', ']', '}', ' ', '\t', '\n', '\r']);
        return end.unwrap_or(text.len());
    }
    let mut escaped = false;
    for (idx, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return idx + 1,
            _ => {}
        }
    }
    text.len()
}

struct Cursor<'a> {
    rest: &'a str,
    at: Position,
}

impl<'a> Cursor<'a> {
    /// Moves over the next `len` bytes.
    fn take(&mut self, len: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(len);
        let mut chars = self.rest.chars();
        self.rest = rest;
        while chars.as_str().len() > rest.len()
            && let Some(c) = chars.next()
        {
            // Of `\r\n` the second ends the line.
            if c == '\n' || (c == '\r' && !chars.as_str().starts_with('\n')) {
                self.at.line += 1;
                self.at.column = 1;
            } else {
                self.at.column += 1;
            }
        }
        taken
    }
}

/// Where and what, from an error that counts bytes in lines that `\n` ends.
fn place(text: &str, error: &serde_json::Error) -> (Position, String) {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let wanted = (before + error.column().saturating_sub(1)).min(text.len());
    let offset = text.floor_char_boundary(wanted);
    let mut cursor = Cursor {
        rest: text,
        at: Position { line: 1, column: 1 },
    };
    cursor.take(offset);
    let at = Lines::new(text).back_to_text(cursor.at);
    let message = error.to_string();
    let message = match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    };
    (at, message)
}

fn help(text: &str, error: &serde_json::Error) -> Option<&'static str> {
    let line = text
        .split('\n')
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let wanted = error.column().saturating_sub(1).min(line.len());
    let (before, rest) = line.split_at(line.floor_char_boundary(wanted));
    let message = error.to_string();
    let unexpected = ["expected", "key must", "trailing"];
    if !unexpected.iter().any(|words| message.starts_with(words)) {
        return None;
    }
    match rest.chars().next()? {
        '}' | ']' if before.trim_end().ends_with(',') => {
            Some("remove the comma before the closing bracket")
        }
        '#' | '/' => Some("JSON has no comments; name the file `.yaml` to use YAML"),
        '\'' => Some("JSON strings stand in double quotes"),
        c if c.is_alphabetic() || matches!(c, '&' | '*' | '-' | '!') => {
            Some("this is not JSON; name the file `.yaml` if it is YAML")
        }
        _ => None,
    }
}
