//! Diagrams as SVG: of a workflow, and of an instance with how far it is.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher as _},
};

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use signoff::{
    Definition, NodeKey, WorkflowKey,
    definition::diagram::{Diagram, Direction, Mark, SvgOptions, Theme},
};

use super::body::Params;
use crate::{auth::Cx, fault::Fault, text::Locale};

/// No script, nothing from elsewhere: a picture has its own style sheet, and that is all.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/// How a workflow is drawn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkflowQuery {
    /// The newest when not given.
    version: Option<u32>,
    dir: Option<Dir>,
    #[serde(default)]
    theme: Colors,
    locale: Option<Language>,
    /// The language of the reader, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// How an instance is drawn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceQuery {
    dir: Option<Dir>,
    #[serde(default)]
    theme: Colors,
    locale: Option<Language>,
    /// The language of the reader, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Hash)]
#[serde(rename_all = "snake_case")]
enum Dir {
    Ltr,
    Rtl,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Hash)]
#[serde(rename_all = "snake_case")]
enum Colors {
    #[default]
    Auto,
    Dark,
    Light,
}

/// The tag of a language, such as `ar` or `de-CH`: definitions may have texts in any.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Language(String);

impl TryFrom<String> for Language {
    type Error = &'static str;

    fn try_from(tag: String) -> Result<Self, Self::Error> {
        let valid = |c: char| c.is_ascii_alphanumeric() || c == '-';
        match (1..=35).contains(&tag.len()) && tag.chars().all(valid) {
            true => Ok(Self(tag)),
            false => Err("expected a language such as `ar` or `de-CH`"),
        }
    }
}

/// The diagram of a workflow.
pub(super) async fn of_workflow(
    cx: Cx,
    Path(key): Path<String>,
    Params(query): Params<WorkflowQuery>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let found = cx
        .app
        .engine
        .definition(&cx.app.tenant, &WorkflowKey::from(key), query.version)
        .await?;
    let definition = found.ok_or_else(Fault::not_found)?;
    let look = Look::new(query.dir, query.theme, query.locale, &cx);
    let tag = tag(&definition, None, &look);
    Ok(answer(&headers, tag, || {
        look.draw(&definition, BTreeMap::new())
    }))
}

/// The diagram of an instance, with what became of its nodes.
pub(super) async fn of_instance(
    cx: Cx,
    Path(id): Path<String>,
    Params(query): Params<InstanceQuery>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let view = cx.instance(&id).await?;
    let look = Look::new(query.dir, query.theme, query.locale, &cx);
    let tag = tag(&view.definition, Some(view.instance.version()), &look);
    Ok(answer(&headers, tag, || {
        look.draw(&view.definition, view.marks())
    }))
}

/// How the reader wants it.
#[derive(Debug, Hash)]
struct Look {
    dir: Dir,
    colors: Colors,
    locale: String,
}

impl Look {
    /// What is not given follows from the reader's language.
    fn new(dir: Option<Dir>, colors: Colors, locale: Option<Language>, cx: &Cx) -> Self {
        let locale = locale.map_or_else(|| cx.locale.tag().to_owned(), |Language(tag)| tag);
        let own = match Locale::parse(&locale).map(Locale::direction) {
            Some("rtl") => Dir::Rtl,
            _ => Dir::Ltr,
        };
        Self {
            dir: dir.unwrap_or(own),
            colors,
            locale,
        }
    }

    fn draw(&self, definition: &Definition, marks: BTreeMap<NodeKey, Mark>) -> String {
        Diagram::of(&definition.graph).svg(&SvgOptions {
            direction: match self.dir {
                Dir::Ltr => Direction::Ltr,
                Dir::Rtl => Direction::Rtl,
            },
            theme: match self.colors {
                Colors::Auto => Theme::Auto,
                Colors::Dark => Theme::Dark,
                Colors::Light => Theme::Light,
            },
            locale: self.locale.clone(),
            marks,
        })
    }
}

/// Names the picture by all that it is made from, so that nothing is drawn to find out that the reader
/// has it. The document is in it because a database may begin again with version 1.
fn tag(definition: &Definition, version: Option<u64>, look: &Look) -> String {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    definition.document.hash(&mut hasher);
    version.hash(&mut hasher);
    look.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// The picture, unless the reader has it. It may be kept but not used unasked: rights and instances
/// change.
fn answer(headers: &HeaderMap, tag: String, draw: impl FnOnce() -> String) -> Response {
    let is_known = is_known(headers, &tag);
    let both = [
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::ETAG, tag),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, both).into_response();
    }
    (both, [(header::CONTENT_TYPE, "image/svg+xml")], draw()).into_response()
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let sent = headers.get_all(header::IF_NONE_MATCH).iter();
    sent.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        // A proxy that compresses makes a weak tag of a strong one.
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
