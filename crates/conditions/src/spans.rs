//! The text of a part of an expression.
//!
//! The parser keeps one place for a node: its operator, bracket or point. The text of a node reaches
//! from its first node to its last, and on to the brackets that belong to it.

use std::{collections::BTreeMap, ops::Range};

use cel_interpreter::IdedExpr;

use crate::{
    bounds::{Token, Tokens},
    shape,
};

/// Where the nodes and tokens of one source are.
#[derive(Debug)]
pub(crate) struct Spans<'a> {
    source: &'a str,
    tokens: Vec<(usize, Token)>,
    places: &'a BTreeMap<u64, usize>,
}

impl<'a> Spans<'a> {
    pub(crate) fn new(source: &'a str, places: &'a BTreeMap<u64, usize>) -> Self {
        Self {
            source,
            tokens: Tokens::new(source).collect(),
            places,
        }
    }

    /// The byte at which the parser has the node.
    pub(crate) fn place(&self, node: &IdedExpr) -> usize {
        self.places.get(&node.id).copied().unwrap_or(0)
    }

    /// The bytes of the node's text.
    pub(crate) fn span(&self, node: &IdedExpr) -> Range<usize> {
        let mut bytes: Option<(usize, usize)> = None;
        self.reach(node, &mut bytes);
        let (first, last) = bytes.unwrap_or((0, 0));
        let (mut first, mut last) = (self.token(first), self.token(last));
        // A field stands behind its point.
        if self.text(last) == "." {
            last += 1;
        }
        self.balance(&mut first, &mut last);
        // A function stands in front of its bracket.
        if self.text(first) == "(" && first > 0 && self.is_word(first - 1) {
            first -= 1;
        }
        self.bytes(first).start..self.bytes(last).end.max(self.bytes(first).start)
    }

    fn reach(&self, node: &IdedExpr, bytes: &mut Option<(usize, usize)>) {
        if let Some(place) = self.places.get(&node.id).copied() {
            let (first, last) = bytes.unwrap_or((place, place));
            *bytes = Some((first.min(place), last.max(place)));
        }
        for child in shape::children(node) {
            self.reach(child, bytes);
        }
    }

    /// The token that the byte is in.
    fn token(&self, byte: usize) -> usize {
        let after = self.tokens.partition_point(|(start, _)| *start <= byte);
        after.saturating_sub(1)
    }

    fn bytes(&self, token: usize) -> Range<usize> {
        let start = self
            .tokens
            .get(token)
            .map_or(self.source.len(), |(start, _)| *start);
        let next = self
            .tokens
            .get(token + 1)
            .map_or(self.source.len(), |(next, _)| *next);
        let text = self.source.get(start..next).unwrap_or_default();
        // A comment may follow the last token of a line.
        let end = match self.tokens.get(token) {
            Some(_) => start + Tokens::new(text).length().min(text.len()),
            None => start,
        };
        start..end
    }

    fn text(&self, token: usize) -> &'a str {
        self.source.get(self.bytes(token)).unwrap_or_default()
    }

    fn is_word(&self, token: usize) -> bool {
        let text = self.text(token);
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text != "in"
    }

    /// Moves the ends outwards until no bracket between them is without the other.
    fn balance(&self, first: &mut usize, last: &mut usize) {
        let mut open = 0_usize;
        let mut at = *first;
        while at <= *last || (open > 0 && at < self.tokens.len()) {
            match self.tokens.get(at) {
                Some((_, Token::Open)) => open += 1,
                Some((_, Token::Close)) if open > 0 => open -= 1,
                Some((_, Token::Close)) => self.back(first),
                Some((_, Token::Other)) => {}
                None => break,
            }
            *last = (*last).max(at);
            at += 1;
        }
    }

    /// The bracket that is open in front of `first`.
    fn back(&self, first: &mut usize) {
        let mut closed = 0_usize;
        for at in (0..*first).rev() {
            match self.tokens.get(at) {
                Some((_, Token::Close)) => closed += 1,
                Some((_, Token::Open)) if closed > 0 => closed -= 1,
                Some((_, Token::Open)) => {
                    *first = at;
                    return;
                }
                _ => {}
            }
        }
    }
}
