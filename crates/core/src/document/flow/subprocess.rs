//! `subprocess`: instances of another workflow.

use serde_json::Value;

use super::{
    read,
    way::{self, ForEachDoc, GiftDoc},
};
use crate::document::{At, keys, reader::Fields};

/// Instances of another workflow.
#[derive(Clone, Debug)]
pub struct SubprocessDoc {
    /// The key of the workflow.
    pub workflow: String,
    /// Which version.
    pub version: VersionDoc,
    /// One for each of these; else one.
    pub each: Option<ForEachDoc>,
    /// Whether one runs after another.
    pub sequence: bool,
    /// Whether the node waits for them.
    pub awaits: bool,
    /// What they are given.
    pub gift: GiftDoc,
    /// The place in the data that takes what they came to.
    pub into: Option<At<String>>,
}

/// Which version of a workflow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VersionDoc {
    /// That one.
    Exact(u32),
    /// The newest when it starts.
    Latest,
    /// The newest when the definition that names it was published.
    Pinned,
}

pub(super) fn subprocess(fields: &Fields<'_>) -> Option<SubprocessDoc> {
    let path = fields.at("subprocess");
    let value = fields.get("subprocess")?;
    let inner = Fields::read(value, &path, &[keys::SUBPROCESS], fields.sink())?;
    let awaits = inner.flag("await", true)?;
    if !awaits {
        inner.unknown("into", "what is not awaited gives nothing");
    }
    let each = way::each(&inner);
    if each.is_none() {
        inner.unknown("mode", "`mode` says how the items of `for_each` run");
    }
    Some(SubprocessDoc {
        workflow: inner.name("workflow")?.to_owned(),
        version: version(&inner)?,
        each,
        sequence: inner
            .word("mode", "mode", keys::MODE, |word| Some(word == "sequence"))
            .unwrap_or(false),
        awaits,
        gift: way::gift(&inner),
        into: read::data_path(&inner, "into"),
    })
}

fn version(fields: &Fields<'_>) -> Option<VersionDoc> {
    match fields.get("version") {
        None => Some(VersionDoc::Pinned),
        Some(Value::Number(_)) => fields.number("version", 1, u32::MAX).map(VersionDoc::Exact),
        Some(_) => fields.word("version", "version", keys::VERSION, |word| {
            Some(match word {
                "latest" => VersionDoc::Latest,
                _ => VersionDoc::Pinned,
            })
        }),
    }
}
