//! Lists of what is found and ordered by its data: `data.customer.id=17`, `data.sum[gte]=10`.

use axum::{
    extract::{FromRequestParts, Query},
    http::{Uri, request::Parts},
};
use serde::de::DeserializeOwned;
use signoff::{
    WorkflowKey,
    store::{FieldFilter, FieldTest, InstanceOrder},
};

use crate::{auth::Cx, fault::Fault};

/// The query of a list, with what is asked of the data apart.
#[derive(Debug)]
pub(super) struct ByData<T> {
    pub(super) query: T,
    pub(super) fields: Vec<FieldFilter>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ByData<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)?;
        let asked = pairs
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("data.")?, value)));
        let fields = asked
            .map(|(key, value)| field(key, value))
            .collect::<Result<Vec<_>, _>>()?;
        let others = parts.uri.query().unwrap_or_default().split('&');
        let others: Vec<&str> = others.filter(|pair| !pair.starts_with("data.")).collect();
        let uri: Uri = format!("/?{}", others.join("&"))
            .parse()
            .map_err(|_| Fault::malformed("the query cannot be read"))?;
        let Query(query) = Query::try_from_uri(&uri)?;
        Ok(Self { query, fields })
    }
}

fn field(key: &str, value: &str) -> Result<FieldFilter, Fault> {
    let (name, word) = match key.strip_suffix(']').and_then(|key| key.split_once('[')) {
        Some((name, word)) => (name, word),
        None => (key, "eq"),
    };
    let one = || value.to_owned();
    let test = match word {
        "eq" => FieldTest::AnyOf(vec![one()]),
        "ne" => FieldTest::NoneOf(vec![one()]),
        "in" => FieldTest::AnyOf(value.split(',').map(str::to_owned).collect()),
        "lt" => FieldTest::Less(one()),
        "lte" => FieldTest::AtMost(one()),
        "gt" => FieldTest::Greater(one()),
        "gte" => FieldTest::AtLeast(one()),
        "like" => FieldTest::Contains(one()),
        "exists" => FieldTest::Exists(value.parse().map_err(|_| {
            Fault::malformed(format!("expected `true` or `false` for `data.{key}`"))
        })?),
        _ => {
            let words = "`eq`, `ne`, `in`, `lt`, `lte`, `gt`, `gte`, `like`, `exists`";
            let message = format!("expected one of {words}, found `{word}`");
            return Err(Fault::malformed(message));
        }
    };
    Ok(FieldFilter {
        name: name.to_owned(),
        test,
    })
}

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
