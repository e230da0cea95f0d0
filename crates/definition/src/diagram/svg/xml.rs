//! A writer of XML: elements that are closed in order, text that is escaped.

use std::fmt::{self, Write as _};

/// XML so far.
#[derive(Debug, Default)]
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

/// The name and value of an attribute.
pub(super) type Attribute<'a> = (&'static str, &'a dyn fmt::Display);

impl Xml {
    /// Opens an element.
    pub(super) fn open(&mut self, tag: &'static str, attributes: &[Attribute<'_>]) {
        self.begin(tag, attributes);
        self.text.push_str(">\n");
        self.open.push(tag);
    }

    /// Closes the element that was opened last.
    pub(super) fn close(&mut self) {
        if let Some(tag) = self.open.pop() {
            self.end(tag);
        }
    }

    /// Writes an element without content.
    pub(super) fn empty(&mut self, tag: &'static str, attributes: &[Attribute<'_>]) {
        self.begin(tag, attributes);
        self.text.push_str("/>\n");
    }

    /// Writes an element with a text.
    pub(super) fn leaf(&mut self, tag: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.begin(tag, attributes);
        self.text.push('>');
        self.escaped(text);
        self.end(tag);
    }

    /// The XML, with everything closed.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn begin(&mut self, tag: &str, attributes: &[Attribute<'_>]) {
        self.text.push('<');
        self.text.push_str(tag);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            self.escaped(&value.to_string());
            self.text.push('"');
        }
    }

    fn end(&mut self, tag: &str) {
        // Writing to a string never fails.
        let _ = writeln!(self.text, "</{tag}>");
    }

    fn escaped(&mut self, text: &str) {
        for char in text.chars() {
            match char {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\n' => self.text.push('\n'),
                // XML has no place for them, not even escaped.
                '\u{fffe}' | '\u{ffff}' => self.text.push('\u{fffd}'),
                char if char.is_control() => self.text.push('\u{fffd}'),
                char => self.text.push(char),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_escaped() {
        let mut xml = Xml::default();
        xml.open("a", &[("b", &"\"<'&\u{0}")]);
        xml.leaf("c", &[], "]]> & \u{ffff}");
        assert_eq!(
            xml.finish(),
            "<a b=\"&quot;&lt;'&amp;\u{fffd}\">\n<c>]]&gt; &amp; \u{fffd}</c>\n</a>\n"
        );
    }
}
