//! Lists that are found and ordered by data.

use signoff::{
    WorkflowKey,
    store::{FieldFilter, InstanceOrder},
};

use crate::{auth::Cx, fault::Fault};

/// `started_at`, the latest first, or a field of the data; `-` puts the greatest first.
pub(super) fn order(sort: Option<&str>) -> Result<InstanceOrder, Fault> {
    let Some(sort) = sort else {
        return Ok(InstanceOrder::Started);
    };
    let name = sort.strip_prefix('-').unwrap_or(sort);
    match name.strip_prefix("data.") {
        Some(name) => Ok(InstanceOrder::Field {
            name: name.to_owned(),
            descending: sort.starts_with('-'),
        }),
        None if sort == "-started_at" => Ok(InstanceOrder::Started),
        None => Err(Fault::malformed(format!(
            "expected `-started_at`, `data.…` or `-data.…`, found `{sort}`"
        ))),
    }
}

/// A field that the newest version of the workflow does not keep for finding is a mistake of the reader.
pub(super) async fn check_indexed(
    cx: &Cx,
    workflow: &str,
    fields: &[FieldFilter],
    order: &InstanceOrder,
) -> Result<(), Fault> {
    let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    if let InstanceOrder::Field { name, .. } = order {
        names.push(name);
    }
    if names.is_empty() {
        return Ok(());
    }
    let key = WorkflowKey::from(workflow);
    let found = cx.app.engine.definition(&cx.app.tenant, &key, None).await?;
    let Some(definition) = found else {
        return Ok(());
    };
    let indexed = definition.graph.indexed().iter();
    let indexed: Vec<String> = indexed.map(|field| field.path.to_string()).collect();
    let unknown = names
        .into_iter()
        .find(|name| indexed.iter().all(|one| one != name));
    unknown.map_or(Ok(()), |name| {
        Err(Fault::malformed(format!(
            "`{name}` is not among the `indexed` fields of `{workflow}`"
        )))
    })
}
