//! The set of templates: built-in ones and those of the host.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::{Map, Value};

use super::bounded::Bounded;
use super::builtin::{self, BUILTIN_NAMES, LOCALES};
use super::source::{Rendered, Source};
use super::view;
use crate::error::{Error, ErrorKind};
use crate::name::{check_name, normalize_locale, split_language};

/// Each part of a source may have this many bytes.
const MAX_SOURCE: usize = 64 * 1024;

/// Each rendered part may have this many bytes.
const MAX_OUTPUT: usize = 1024 * 1024;

/// Instructions that rendering one part may take.
const FUEL: u64 = 100_000;

/// How deep includes, blocks and macros may nest.
const MAX_DEPTH: usize = 100;

/// Filters that make as much out of nothing as a number says, in a single instruction.
const UNBOUNDED_FILTERS: [&str; 4] = ["batch", "format", "indent", "slice"];

/// The locale that every other falls back to.
const FALLBACK: &str = "en";

/// Mail templates by name and locale.
///
/// A set starts with the built-in ones, [`BUILTIN_NAMES`], and is extended by [`Templates::add`].
/// A template cannot read files, runs at most 100,000 instructions per part and writes at most
/// 1 MiB per part; the filters `batch`, `format`, `indent` and `slice` are missing. The memory of a
/// single expression is not bounded, so sources should come from people who may configure the
/// system, never from a request; values are only ever printed.
///
#[doc = include_str!("../docs/templates.md")]
#[derive(Clone, Debug)]
pub struct Templates {
    environment: Environment<'static>,
    /// The locales of each name.
    locales: BTreeMap<String, Vec<String>>,
}

impl Templates {
    /// The built-in templates.
    #[must_use]
    pub fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_auto_escape_callback(|path| {
            if path.ends_with(".html") {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(MAX_DEPTH);
        for filter in UNBOUNDED_FILTERS {
            environment.remove_filter(filter);
        }
        environment.set_loader(|path| Ok(builtin::source(path)));
        let locales = LOCALES.map(ToOwned::to_owned).to_vec();
        Self {
            environment,
            locales: BUILTIN_NAMES
                .iter()
                .map(|name| ((*name).to_owned(), locales.clone()))
                .collect(),
        }
    }

    /// Adds a template or replaces the one of that name and locale.
    ///
    /// `name` is `[a-z][a-z0-9_]*`; `locale` is a language with optional parts, as `ar` or
    /// `pt-BR`, in any case.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidName`] for the name or locale, [`ErrorKind::InvalidTemplate`] for a
    /// syntax error (the message has part and line) or a part above 64 KiB. Nothing is changed then.
    pub fn add(&mut self, name: &str, locale: &str, source: Source) -> Result<(), Error> {
        check_name("template", name)?;
        let locale = normalize_locale(locale).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidName,
                format!("locale `{}` is not a language tag", locale.escape_debug()),
            )
        })?;
        let parts = [
            (Part::Subject, source.subject),
            (Part::Html, source.html),
            (Part::Text, source.text),
        ]
        .map(|(part, text)| (path(name, &locale, part), text));
        for (path, text) in &parts {
            self.check(path, text)?;
        }
        for (path, text) in parts {
            self.environment
                .add_template_owned(path.clone(), text)
                .map_err(|error| invalid(&path, &error))?;
        }
        let locales = self.locales.entry(name.to_owned()).or_default();
        if !locales.contains(&locale) {
            locales.push(locale);
        }
        Ok(())
    }

    /// Renders a template in the locale asked for, else in its language, else in English.
    ///
    /// The context is an object in which everything is optional, see [`Templates`]; anything but
    /// an object counts as empty.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TemplateNotFound`] when no template of that name has one of these locales,
    /// [`ErrorKind::RenderFailed`] when it fails or hits a limit. The built-in ones do neither.
    pub fn render(&self, name: &str, locale: &str, context: &Value) -> Result<Rendered, Error> {
        let locale = self.find_locale(name, locale)?;
        let mut view = view::prepare(context, locale);
        let subject = one_line(&self.render_part(name, locale, Part::Subject, &view)?);
        view::set_subject(&mut view, &subject);
        Ok(Rendered {
            html: self.render_part(name, locale, Part::Html, &view)?,
            text: tidy(&self.render_part(name, locale, Part::Text, &view)?),
            locale: locale.to_owned(),
            subject,
        })
    }

    /// The names of all templates in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.locales.keys().map(String::as_str)
    }

    fn find_locale(&self, name: &str, locale: &str) -> Result<&str, Error> {
        let known = self.locales.get(name).map_or(&[][..], Vec::as_slice);
        let wanted = normalize_locale(locale).unwrap_or_else(|| FALLBACK.to_owned());
        let (language, _) = split_language(&wanted);
        [wanted.as_str(), language, FALLBACK]
            .iter()
            .find_map(|candidate| known.iter().find(|locale| locale == candidate))
            .map(String::as_str)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::TemplateNotFound,
                    format!(
                        "no template `{}` for locale `{wanted}` or `{FALLBACK}`",
                        name.escape_debug()
                    ),
                )
            })
    }

    fn check(&self, path: &str, source: &str) -> Result<(), Error> {
        if source.len() > MAX_SOURCE {
            return Err(Error::new(
                ErrorKind::InvalidTemplate,
                format!(
                    "template `{path}` has {} bytes, at most {MAX_SOURCE} are allowed",
                    source.len()
                ),
            ));
        }
        self.environment
            .template_from_named_str(path, source)
            .map(drop)
            .map_err(|error| invalid(path, &error))
    }

    fn render_part(
        &self,
        name: &str,
        locale: &str,
        part: Part,
        view: &Map<String, Value>,
    ) -> Result<String, Error> {
        let path = path(name, locale, part);
        let mut output = Bounded::new(MAX_OUTPUT);
        self.environment
            .get_template(&path)
            .and_then(|template| {
                let view = minijinja::Value::from(Serde(view));
                template.render_captured_to(view, &mut output).map(drop)
            })
            .map_err(|error| {
                Error::new(ErrorKind::RenderFailed, describe("render", &path, &error))
            })?;
        Ok(output.into_text())
    }
}

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Clone, Copy)]
enum Part {
    Html,
    Subject,
    Text,
}

fn path(name: &str, locale: &str, part: Part) -> String {
    let extension = match part {
        Part::Html => "html",
        Part::Subject => "subject",
        Part::Text => "txt",
    };
    format!("{locale}/{name}.{extension}")
}

fn invalid(path: &str, error: &minijinja::Error) -> Error {
    Error::new(ErrorKind::InvalidTemplate, describe("read", path, error))
}

fn describe(verb: &str, path: &str, error: &minijinja::Error) -> String {
    let line = error
        .line()
        .map_or_else(String::new, |line| format!(" at line {line}"));
    // The place of the error may be in an included template.
    let path = error.name().unwrap_or(path);
    let detail = error
        .detail()
        .map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
    let cause =
        std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    format!("cannot {verb} template `{path}`{line}: {detail}{cause}")
}

/// A subject is a single header line, whatever the values hold.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Parts left out of a text leave no gap of empty lines behind.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut n_blank = 0;
    for line in text.trim().lines().map(str::trim_end) {
        n_blank = if line.is_empty() { n_blank + 1 } else { 0 };
        if n_blank < 2 {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    tidied
}
