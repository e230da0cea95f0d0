//! Set data: keys of the data are set by hand.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | set_data | instance running | manager; the data fit their schema | `data_set` | data changed |

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    event::Event,
    instance::Instance,
    machine::{
        context::{Context, Halt},
        data,
        draft::Draft,
        rights,
    },
    refusal::{Refusal, RefusalCode},
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    values: &Map<String, Value>,
) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    rights::manages(cx)?;
    check(cx, draft.instance()?, values)?;
    draft.emit(Event::DataSet {
        values: values.clone(),
    });
    // A join may wait for what the data say now.
    let scopes: Vec<_> = draft.instance()?.scopes().keys().copied().collect();
    draft.dirty.extend(scopes);
    Ok(())
}

/// Refuses what does not fit, together with the data that are there.
pub(super) fn check(
    cx: &Context<'_>,
    instance: &Instance,
    values: &Map<String, Value>,
) -> Result<(), Halt> {
    for value in values.values() {
        data::shallow("the data", value)
            .map_err(|failure| Halt::refuse(failure.code, failure.message))?;
    }
    let before = Arc::clone(instance.data());
    let mut after = before.as_object().cloned().unwrap_or_default();
    after.extend(values.clone());
    let after = Value::Object(after);
    if let Some(schema) = cx.graph.data() {
        let wrong = schema.schema.check(&after);
        if !wrong.is_empty() {
            let refusal = Refusal::new(
                RefusalCode::FormInvalid,
                "the data would not fit their schema",
            );
            return Err(Halt::Refuse(refusal.fields(wrong)));
        }
    }
    data::within(cx, &Value::Null, &after)
        .map_err(|failure| Halt::refuse(failure.code, failure.message))?;
    Ok(())
}
