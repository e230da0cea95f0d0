//! Set metadata: keys of what the host notes are set, or removed by `null`.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | set_metadata | instance not over | manager | `metadata_set` | metadata changed |

use serde_json::{Map, Value};

use crate::{
    event::Event,
    machine::{
        context::{Context, Halt},
        data,
        draft::Draft,
        rights,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    values: &Map<String, Value>,
) -> Result<(), Halt> {
    rights::lives(draft.instance()?)?;
    rights::manages(cx)?;
    put(cx, draft, values)
}

/// Sets keys of the metadata.
pub(super) fn put(
    cx: &Context<'_>,
    draft: &mut Draft,
    values: &Map<String, Value>,
) -> Result<(), Halt> {
    for value in values.values() {
        data::shallow("the metadata", value)
            .map_err(|failure| Halt::refuse(failure.code, failure.message))?;
    }
    draft.emit(Event::MetadataSet {
        values: values.clone(),
    });
    let size = draft.instance()?.metadata().to_string().len();
    let limit = cx.facts.settings.limits.metadata_bytes;
    if size <= limit {
        return Ok(());
    }
    Err(Halt::refuse(
        RefusalCode::LimitExceeded,
        format!("the metadata would be {size} bytes long, {limit} are allowed"),
    ))
}
