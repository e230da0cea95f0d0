//! What goes into a template and what comes out.

/// The three parts of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// The subject line; white space is collapsed when it is rendered.
    pub subject: String,
    /// The HTML body; values are escaped.
    pub html: String,
    /// The plain-text body.
    pub text: String,
}

/// A rendered template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// The subject: one line without control characters.
    pub subject: String,
    /// The HTML body.
    pub html: String,
    /// The plain-text body.
    pub text: String,
    /// The locale of the template that was found, lowercase.
    pub locale: String,
}
