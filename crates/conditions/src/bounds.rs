//! The bounds that a source must keep before a parser sees it.
//!
//! The parser recurses with the brackets and takes time and memory per token, so both are counted
//! by a scanner that knows just enough of CEL: strings, comments, words, numbers, operators.

use signoff_core::conditions::ConditionError;

use crate::error;

/// The longest source, in bytes.
pub(crate) const SOURCE_BYTES: usize = 2048;
/// The deepest nesting of `(`, `[` and `{`.
pub(crate) const BRACKETS: usize = 16;
/// The most tokens: words, numbers, strings, operators, brackets.
pub(crate) const TOKENS: usize = 256;

/// Refuses a source that is beyond a bound, at the byte where it is.
pub(crate) fn check(source: &str) -> Result<(), ConditionError> {
    if source.len() > SOURCE_BYTES {
        let message = format!(
            "the expression is longer than {SOURCE_BYTES} bytes: {}",
            source.len()
        );
        return Err(error::limit(message).at(SOURCE_BYTES));
    }
    let mut depth = 0_usize;
    for (n_tokens, (offset, kind)) in Tokens::new(source).enumerate() {
        if n_tokens == TOKENS {
            let message = format!("the expression has more than {TOKENS} tokens");
            return Err(error::limit(message).at(offset));
        }
        match kind {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Other => {}
        }
        if depth > BRACKETS {
            let message = format!("brackets are nested deeper than {BRACKETS}");
            return Err(error::limit(message).at(offset));
        }
    }
    Ok(())
}

/// What the bounds ask of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Token {
    Open,
    Close,
    Other,
}

/// The tokens of a source with the bytes that they begin at.
#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self { source, at: 0 }
    }

    /// The bytes up to the end of the first token.
    pub(crate) fn length(mut self) -> usize {
        self.next();
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        self.source.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with(b"//") {
                self.at += rest
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .unwrap_or(rest.len());
            } else if rest.first().is_some_and(u8::is_ascii_whitespace) {
                self.at += 1;
            } else {
                return;
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (usize, Token);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_blanks();
        let start = self.at;
        let rest = self.rest();
        let first = *rest.first()?;
        let (length, token) = match first {
            b'(' | b'[' | b'{' => (1, Token::Open),
            b')' | b']' | b'}' => (1, Token::Close),
            b'"' | b'\'' => (string_length(rest, Escapes::Backslash), Token::Other),
            byte if is_word(byte) => {
                let word = word_length(rest);
                let (word_bytes, after) = rest.split_at(word);
                let string = match after.first() {
                    Some(b'"' | b'\'') => prefix(word_bytes),
                    _ => None,
                };
                let tail = string.map_or(0, |escapes| string_length(after, escapes));
                (word + tail, Token::Other)
            }
            _ => {
                let pair = matches!(
                    rest,
                    [b'&', b'&', ..] | [b'|', b'|', ..] | [b'=' | b'!' | b'<' | b'>', b'=', ..]
                );
                (if pair { 2 } else { 1 }, Token::Other)
            }
        };
        self.at += length;
        Some((start, token))
    }
}

#[derive(Clone, Copy, Debug)]
enum Escapes {
    Backslash,
    Raw,
}

/// What the letters before a quote make of the string; `None` when they are a word of their own.
fn prefix(word: &[u8]) -> Option<Escapes> {
    match word {
        b"r" | b"R" | b"br" | b"bR" | b"Br" | b"BR" | b"rb" | b"rB" | b"Rb" | b"RB" => {
            Some(Escapes::Raw)
        }
        b"b" | b"B" => Some(Escapes::Backslash),
        _ => None,
    }
}

/// The bytes of the string that `rest` starts with; an open one ends with its line or the source.
fn string_length(rest: &[u8], escapes: Escapes) -> usize {
    let quote = rest[0];
    let triple = [quote; 3];
    let close: &[u8] = if rest.starts_with(&triple) {
        &triple
    } else {
        &triple[..1]
    };
    let mut at = close.len();
    while at < rest.len() {
        if rest[at..].starts_with(close) {
            return at + close.len();
        }
        if rest[at] == b'\n' && close.len() == 1 {
            return at;
        }
        let escaped = rest[at] == b'\\' && matches!(escapes, Escapes::Backslash);
        at += if escaped { 2 } else { 1 };
    }
    rest.len()
}

/// The bytes of a word, or of a number with its point.
fn word_length(rest: &[u8]) -> usize {
    let length = |rest: &[u8]| rest.iter().take_while(|byte| is_word(**byte)).count();
    let whole = length(rest);
    match &rest[whole..] {
        [b'.', digit, ..] if rest[0].is_ascii_digit() && digit.is_ascii_digit() => {
            whole + 1 + length(&rest[whole + 1..])
        }
        _ => whole,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_as_the_language_sees_them() {
        for (source, expected) in [
            ("", 0),
            ("a && b", 3),
            ("a.b[0] >= 1.5", 8),
            ("'(((' + \"]]\" // ((( \n + c", 5),
            (r#"'it\'s (' + r'\' + b"x(""#, 5),
            ("'''a ' ( b''' == x", 3),
            ("\"open (((", 1),
            ("!a||b!=c", 6),
        ] {
            assert_eq!(Tokens::new(source).count(), expected, "{source}");
        }
    }

    #[test]
    fn brackets_inside_strings_and_comments_do_not_count() {
        let source = format!("'{}' + 'x' // {}", "(".repeat(40), "[".repeat(40));
        assert_eq!(check(&source), Ok(()));
    }

    #[test]
    fn each_bound_names_itself_and_the_byte() {
        let long = format!("'{}'", "x".repeat(SOURCE_BYTES));
        let deep = format!("{}1{}", "(".repeat(17), ")".repeat(17));
        let many = format!("1{}", " + 1".repeat(128));
        for (source, words, offset) in [
            (long, "2048 bytes", SOURCE_BYTES),
            (deep, "deeper than 16", 16),
            (many, "256 tokens", 1 + 4 * 127 + 3),
        ] {
            let error = check(&source).unwrap_err();
            assert_eq!(error.offset, Some(offset), "{error}");
            assert!(error.message.contains(words), "{error}");
        }
    }
}
