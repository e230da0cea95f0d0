//! Boundaries: what happens on the border of a node that waits.

use jiff::Timestamp;
use serde_json::Value;

use super::read;
use crate::{
    calendar::Period,
    document::{
        At, duration,
        expression::Expression,
        keys,
        reader::{Fields, Sink},
    },
    pointer::Pointer,
    problem::Problem,
};

/// A moment.
#[derive(Clone, Debug)]
pub enum MomentDoc {
    /// So long from entry.
    After(Period),
    /// What the expression gives: an RFC 3339 text or a timestamp.
    At(Expression),
    /// That moment.
    Fixed(Timestamp),
}

/// What happens when a node waits too long.
#[derive(Clone, Debug)]
pub struct TimeoutDoc {
    /// When.
    pub when: MomentDoc,
    /// Whether the node is left.
    pub interrupting: bool,
    /// Where the token goes.
    pub next: At<String>,
}

/// Where a token goes when a code comes.
#[derive(Clone, Debug)]
pub struct CatchDoc {
    /// The code; any when not given.
    pub code: Option<String>,
    /// Where the token goes.
    pub next: At<String>,
}

/// The moment under one of the two keys.
pub(super) fn moment(fields: &Fields<'_>, after: &str, at: &str) -> Option<MomentDoc> {
    let sink = fields.sink();
    match (fields.get(after), fields.get(at)) {
        (Some(value), None) => {
            duration::period(value, &fields.at(after), sink).map(MomentDoc::After)
        }
        (None, Some(value)) => {
            let fixed = value.as_str().and_then(|text| text.parse().ok());
            match fixed {
                Some(moment) => Some(MomentDoc::Fixed(moment)),
                None => fields.expression(at).map(MomentDoc::At),
            }
        }
        (Some(_), Some(_)) => {
            sink.push(Problem::error(
                "unknown_key",
                fields.at(at),
                format!("`{after}` says when already"),
            ));
            None
        }
        (None, None) => None,
    }
}

/// The moment under one of the two keys; one of them must be there.
pub(super) fn required_moment(fields: &Fields<'_>, after: &str, at: &str) -> Option<MomentDoc> {
    if fields.get(after).is_none() && fields.get(at).is_none() {
        fields.sink().push(Problem::error(
            "missing_key",
            fields.path().clone(),
            format!("`{after}` or `{at}` is missing"),
        ));
    }
    moment(fields, after, at)
}

pub(super) fn timeouts(fields: &Fields<'_>) -> Vec<TimeoutDoc> {
    one_or_many(fields, "on_timeout", |value, path, sink| {
        let inner = Fields::read(value, path, &[keys::TIMEOUT], sink)?;
        let interrupting = inner.flag("interrupting", true)?;
        Some(TimeoutDoc {
            when: required_moment(&inner, "after", "at")?,
            interrupting,
            next: read::required_target(&inner, "next")?,
        })
    })
}

pub(super) fn catches(fields: &Fields<'_>, key: &str) -> Vec<CatchDoc> {
    one_or_many(fields, key, |value, path, sink| {
        let inner = Fields::read(value, path, &[keys::CATCH], sink)?;
        Some(CatchDoc {
            code: inner.string("code").map(str::to_owned),
            next: read::required_target(&inner, "next")?,
        })
    })
}

fn one_or_many<T>(
    fields: &Fields<'_>,
    key: &str,
    read: impl Fn(&Value, &Pointer, &Sink) -> Option<T>,
) -> Vec<T> {
    let sink = fields.sink();
    match fields.get(key) {
        None => Vec::new(),
        Some(Value::Array(_)) => {
            let items = fields.list(key);
            items
                .into_iter()
                .filter_map(|(value, path)| read(value, &path, sink))
                .collect()
        }
        Some(value) => read(value, &fields.at(key), sink).into_iter().collect(),
    }
}
