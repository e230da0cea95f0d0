//! Workflows as things that people edit: what there is, whether it may start, copies, the end.

use serde_json::Value;
use signoff_core::{
    id::{PersonId, Subject, TenantId, WorkflowKey},
    limits::Name,
    refusal::{Refusal, RefusalCode},
    text::Text,
};
use signoff_definition::draft::{Draft, Strategy};
use signoff_store::{WorkflowChange, WorkflowRow, WorkflowStatus};

use crate::{
    call::Who,
    engine::{Content, DraftView, Engine, door},
    error::{Error, ErrorKind, NotDone},
};

/// The workflows of a tenant, to look at and to edit.
///
/// Whoever edits is an admin; without [`by`](Self::by) it is the host itself.
///
/// # Example: from nothing to a published version
/// ```
/// use signoff::{Content, Engine, MemoryDirectory, TenantId, definition::draft::Edit, store::MemoryStore};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = Engine::builder()
///     .store(MemoryStore::new())
///     .directory(MemoryDirectory::default())
///     .build()?;
/// let workflows = engine.workflows(&TenantId::default());
/// let empty = Content::Document(json!({"title": "Leave request"}));
/// let draft = workflows.write(&"leave".into(), None, empty, None).await?;
/// let edits: Vec<Edit> = serde_json::from_value(json!([
///     {"edit": "add_pipeline", "pipeline": {"key": "hr"}},
///     {"edit": "add_stage", "pipeline": "hr", "stage": {"key": "review", "approvals": [{"user": "rita"}]}},
/// ]))?;
/// let draft = workflows.edit(&"leave".into(), draft.revision, &edits).await?;
/// assert!(draft.report.is_complete());
/// let published = workflows.publish(&"leave".into(), draft.revision).await?;
/// assert_eq!(published.id.version, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Workflows {
    pub(super) engine: Engine,
    pub(super) tenant: TenantId,
    pub(super) by: Who,
}

/// A workflow as a selection list shows it.
#[derive(Clone, Debug)]
pub struct WorkflowItem {
    /// Key, status, owner and versions.
    pub row: WorkflowRow,
    /// The title of the newest version, else that of the draft.
    pub title: Text,
    /// The description, of the same.
    pub description: Option<Text>,
    /// Which of the three shapes an approval has.
    pub strategy: Option<Strategy>,
    /// How many pipelines it has.
    pub pipelines: usize,
}

impl Engine {
    /// The workflows of a tenant, to look at and to edit.
    #[must_use]
    pub fn workflows(&self, tenant: &TenantId) -> Workflows {
        Workflows {
            engine: self.clone(),
            tenant: tenant.clone(),
            by: Who::Host,
        }
    }

    /// The name of a department, or of whatever else a pipeline refers to, as the directory knows it.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    pub async fn department_name(
        &self,
        tenant: &TenantId,
        department: &Subject,
    ) -> Result<Option<Text>, Error> {
        let directory = &self.inner().directory;
        let name = directory.department_name(tenant, department).await;
        name.map_err(Error::directory)
    }

    /// Why a workflow that is not active takes no instances: the first thing that its draft lacks, when
    /// nothing is published.
    pub(super) async fn why_inactive(
        &self,
        tenant: &TenantId,
        row: &WorkflowRow,
    ) -> Result<Refusal, Error> {
        let mut message = match row.status {
            WorkflowStatus::Inactive => format!("the workflow `{}` is inactive", row.key),
            _ => format!("the workflow `{}` is a draft", row.key),
        };
        if row.latest == 0 {
            let draft = self.workflows(tenant).draft(&row.key).await?;
            let lacks = match draft.and_then(|draft| draft.report.outline.first) {
                Some(first) => first.message,
                None => "nothing is published".to_owned(),
            };
            message = format!("{message}: {lacks}");
        }
        Ok(Refusal::new(RefusalCode::DefinitionInactive, message))
    }
}

impl Workflows {
    /// The same for a person, who must be an admin to edit.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// The workflows that lists show, by key; the hidden ones too when `hidden`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, hidden: bool) -> Result<Vec<WorkflowItem>, Error> {
        let rows = self.engine.inner().store.workflows(&self.tenant).await?;
        let mut items = Vec::new();
        for row in rows.into_iter().filter(|row| hidden || !row.hidden) {
            items.push(self.item(row).await?);
        }
        Ok(items)
    }

    /// One workflow as lists show it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn one(&self, key: &WorkflowKey) -> Result<Option<WorkflowItem>, Error> {
        match self.row(key).await? {
            Some(row) => Ok(Some(self.item(row).await?)),
            None => Ok(None),
        }
    }

    async fn item(&self, row: WorkflowRow) -> Result<WorkflowItem, Error> {
        let engine = &self.engine;
        let published = match row.latest {
            0 => None,
            latest => {
                engine
                    .definition(&self.tenant, &row.key, Some(latest))
                    .await?
            }
        };
        let draft = match &published {
            Some(_) => None,
            None => self.load(&row.key).await?,
        };
        let document = published
            .as_ref()
            .map(|found| &found.document)
            .or_else(|| draft.as_ref().map(|(_, found)| &found.document));
        let text = |key| document.and_then(|document| Some(Text::from(document.get(key)?.clone())));
        let pipelines = document.and_then(|document| document.get("pipelines")?.as_array());
        Ok(WorkflowItem {
            title: text("title").unwrap_or_else(|| Text::from_key(row.key.as_str())),
            description: text("description"),
            strategy: match &draft {
                Some((_, draft)) => draft.strategy,
                None => document.and_then(Strategy::of_document),
            },
            pipelines: pipelines.map_or(0, Vec::len),
            row,
        })
    }

    /// Changes the status, whether lists leave it out, and whose it is. To activate a workflow of which
    /// nothing is published publishes its draft.
    ///
    /// # Errors
    /// Refused: `not_permitted`, `not_found`, `definition_invalid` with what the draft lacks. Failed:
    /// store or directory.
    pub async fn change(
        &self,
        key: &WorkflowKey,
        change: &WorkflowChange,
    ) -> Result<WorkflowItem, NotDone> {
        self.may_edit().await?;
        if let Some(Some(owner)) = &change.owner {
            Name::Person.check("/owner", owner)?;
        }
        let row = self.known(key).await?;
        if change.status == Some(WorkflowStatus::Active) && row.latest == 0 {
            let Some(draft) = self.draft(key).await? else {
                let message =
                    format!("nothing of the workflow `{key}` is published, and it has no draft");
                return Err(Refusal::new(RefusalCode::DefinitionInvalid, message).into());
            };
            self.publish(key, draft.revision).await?;
        }
        let store = &self.engine.inner().store;
        if !store.workflow_change(&self.tenant, key, change).await? {
            return Err(no_workflow(key));
        }
        let row = self.known(key).await?;
        Ok(self.item(row).await?)
    }

    /// Begins a workflow as a copy of another one: its newest version, or one of them, else its draft,
    /// with everything that stands in the document.
    ///
    /// # Errors
    /// Refused: `not_permitted`, `not_found`, `conflict` when there is a workflow of that key,
    /// `definition_invalid` when the key is none. Failed: store or directory.
    pub async fn copy(
        &self,
        from: &WorkflowKey,
        version: Option<u32>,
        to: &WorkflowKey,
        title: Option<Text>,
    ) -> Result<DraftView, NotDone> {
        self.may_edit().await?;
        Name::Workflow.check("/key", to.as_str())?;
        let (mut document, strategy) = self.content(from, version).await?;
        if self.row(to).await?.is_some() {
            let message = format!("there is a workflow `{to}` already");
            return Err(Refusal::new(RefusalCode::Conflict, message).into());
        }
        if let Value::Object(fields) = &mut document {
            fields.insert("key".to_owned(), Value::from(to.as_str()));
            if let Some(title) = title {
                fields.insert("title".to_owned(), title.into());
            }
        }
        let content = Content::Document(document);
        self.write(to, None, content, strategy).await
    }

    /// Drops a workflow that nobody has started, with its versions and its draft. One that was started
    /// is kept for its instances: switch it off and hide it.
    ///
    /// # Errors
    /// Refused: `not_permitted`, `not_found`, `in_use`. Failed: store or directory.
    pub async fn delete(&self, key: &WorkflowKey) -> Result<(), NotDone> {
        self.may_edit().await?;
        self.known(key).await?;
        if self
            .engine
            .inner()
            .store
            .workflow_drop(&self.tenant, key)
            .await?
        {
            return Ok(());
        }
        let message = format!(
            "the workflow `{key}` has instances, which need it: switch it off and hide it instead"
        );
        Err(Refusal::new(RefusalCode::InUse, message).into())
    }

    /// What is to be copied or edited further.
    pub(super) async fn content(
        &self,
        key: &WorkflowKey,
        version: Option<u32>,
    ) -> Result<(Value, Option<Strategy>), NotDone> {
        let row = self.known(key).await?;
        if row.latest == 0 && version.is_none() {
            let draft = self.load(key).await?;
            let Some((_, Draft { document, strategy })) = draft else {
                let message = format!("the workflow `{key}` is empty");
                return Err(Refusal::new(RefusalCode::NotFound, message).into());
            };
            return Ok((document, strategy));
        }
        let version = version.unwrap_or(row.latest);
        let store = &self.engine.inner().store;
        let found = store.definition(&self.tenant, key, Some(version)).await?;
        let found = found.ok_or_else(|| {
            let message = format!("there is no version {version} of the workflow `{key}`");
            Refusal::new(RefusalCode::NotFound, message)
        })?;
        let document = serde_json::from_str(&found.document).map_err(|error| {
            let message = format!("cannot read the definition `{key}`");
            Error::new(ErrorKind::Store, message).caused_by(error)
        })?;
        Ok((document, None))
    }

    pub(super) async fn row(&self, key: &WorkflowKey) -> Result<Option<WorkflowRow>, Error> {
        let store = &self.engine.inner().store;
        Ok(store.workflow(&self.tenant, key).await?)
    }

    pub(super) async fn known(&self, key: &WorkflowKey) -> Result<WorkflowRow, NotDone> {
        Name::Workflow.check("/key", key.as_str())?;
        self.row(key).await?.ok_or_else(|| no_workflow(key))
    }

    /// Only admins and the host edit.
    pub(super) async fn may_edit(&self) -> Result<(), NotDone> {
        door::tenant(&self.tenant)?;
        door::by(&self.by)?;
        let Who::Person(id) = &self.by else {
            return Ok(());
        };
        let person = self.engine.person(&self.tenant, id).await?;
        if person.is_some_and(|person| person.active && person.admin) {
            return Ok(());
        }
        let message = "only admins may edit workflows";
        Err(Refusal::new(RefusalCode::NotPermitted, message).into())
    }
}

fn no_workflow(key: &WorkflowKey) -> NotDone {
    Refusal::new(
        RefusalCode::NotFound,
        format!("there is no workflow `{key}`"),
    )
    .into()
}
