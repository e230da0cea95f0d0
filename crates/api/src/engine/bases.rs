//! The definitions that others extend: published ones, and those that are published together with them.

use std::collections::BTreeMap;

use serde_json::Value;
use signoff_core::id::{TenantId, WorkflowKey};
use signoff_definition::extends::{Base, BaseRef, resolve};

use crate::{
    engine::Engine,
    error::{Error, ErrorKind},
};

/// Bases, by what names them.
#[derive(Debug, Default)]
pub(super) struct Bases(BTreeMap<BaseRef, Base>);

impl Bases {
    /// Documents that may extend each other.
    pub(super) fn among<'a>(documents: impl IntoIterator<Item = &'a Value>) -> Self {
        let documents = documents.into_iter().filter_map(|document| {
            let workflow = document.get("key")?.as_str()?.to_owned();
            let document = document.clone();
            let (version, by) = (
                None,
                BaseRef {
                    workflow,
                    version: None,
                },
            );
            Some((by, Base { version, document }))
        });
        Self(documents.collect())
    }

    pub(super) fn get(&self, by: &BaseRef) -> Option<Base> {
        self.0.get(by).cloned()
    }
}

impl Engine {
    /// What documents extend, and what that extends.
    pub(super) async fn bases(
        &self,
        tenant: &TenantId,
        documents: &[&Value],
    ) -> Result<Bases, Error> {
        let of = BaseRef::of;
        let mut open: Vec<BaseRef> = documents.iter().filter_map(|found| of(found)).collect();
        if open.is_empty() {
            return Ok(Bases::default());
        }
        let mut bases = Bases::among(documents.iter().copied());
        while let Some(by) = open.pop() {
            if bases.0.contains_key(&by) {
                continue;
            }
            let workflow = WorkflowKey::from(by.workflow.as_str());
            let found = self.inner().store.definition(tenant, &workflow, by.version);
            let Some(row) = found.await? else {
                continue;
            };
            let document: Value = serde_json::from_str(&row.document).map_err(|error| {
                let message = format!("cannot read the definition `{workflow}`");
                Error::new(ErrorKind::Store, message).caused_by(error)
            })?;
            open.extend(of(&document));
            let version = Some(row.version);
            bases.0.insert(by, Base { version, document });
        }
        Ok(bases)
    }

    /// A document with what it inherits, as far as that is known; `None` when it extends nothing.
    pub(super) async fn inherited(
        &self,
        tenant: &TenantId,
        document: &Value,
    ) -> Result<Option<Value>, Error> {
        if BaseRef::of(document).is_none() {
            return Ok(None);
        }
        let bases = self.bases(tenant, &[document]).await?;
        let whole = resolve(document.clone(), &|base| bases.get(base));
        Ok(Some(
            whole.map_or_else(|_| document.clone(), |whole| whole.document),
        ))
    }
}
