//! Drafts: written and edited in turn, checked at every look, published when complete.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use signoff_core::{
    id::{PersonId, Subject, WorkflowKey},
    limits::{Name, check_plain},
    pointer::Pointer,
    problem::Problem,
    refusal::{Refusal, RefusalCode},
    schemas::FieldError,
    text::Text,
};
use signoff_definition::{
    Format,
    draft::{Draft, Edit, Outline, Strategy},
    limits::MAX_TEXT_BYTES,
    parse, to_yaml,
};
use signoff_store::{DraftRow, WorkflowRow};

use crate::{
    call::Who,
    engine::{PublishedDefinition, Workflows},
    error::{Error, ErrorKind, NotDone},
};

/// The draft of a workflow with what a check of it says.
#[derive(Clone, Debug)]
pub struct DraftView {
    /// The workflow.
    pub workflow: WorkflowRow,
    /// Which writing this is; edits name it, so that nobody overwrites what they have not seen.
    pub revision: u64,
    /// What the source is written in.
    pub format: Format,
    /// The text: as its author wrote it, until an edit of a part rewrites it.
    pub source: String,
    /// What the text says.
    pub document: Value,
    /// Who wrote it; `None` for the host.
    pub changed_by: Option<PersonId>,
    /// When.
    pub changed_at: Timestamp,
    /// What it has and lacks.
    pub report: DraftReport,
}

/// What a draft has and lacks.
#[derive(Clone, Debug)]
pub struct DraftReport {
    /// Its parts, and the first thing that is missing.
    pub outline: Outline,
    /// Everything that publishing would find, with places; warnings too.
    pub problems: Vec<Problem>,
    /// The names of the departments that pipelines refer to, as far as the directory knows them.
    pub departments: BTreeMap<Subject, Text>,
    /// Whether new instances of the workflow may start now, on what is published.
    pub is_active: bool,
    /// Whether to activate the workflow would be accepted: it is not active, and a version is published
    /// or the draft complete.
    pub can_be_activated: bool,
}

impl DraftReport {
    /// Whether the draft can be published.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.outline.first.is_none()
    }

    /// The first thing that is missing or wrong.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.outline
            .first
            .as_ref()
            .map(|first| first.message.as_str())
    }
}

/// What is written into a draft.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A document; what is not given of `format`, `kind` and `key` is filled in.
    Document(Value),
    /// A text, kept as it is unless pipelines or stages must be put in order.
    Text {
        /// The text.
        source: String,
        /// What it is written in.
        format: Format,
    },
}

impl Workflows {
    /// The draft of a workflow.
    ///
    /// # Errors
    /// When the store or the directory fails.
    pub async fn draft(&self, key: &WorkflowKey) -> Result<Option<DraftView>, Error> {
        let Some(workflow) = self.row(key).await? else {
            return Ok(None);
        };
        match self.load(key).await? {
            Some((row, draft)) => Ok(Some(self.view(workflow, row, draft).await?)),
            None => Ok(None),
        }
    }

    /// Writes a draft whole. Without a revision it begins one, of a new workflow too; with one it
    /// replaces that. Without a strategy it keeps the one that it has, and begins with that of its shape.
    ///
    /// # Errors
    /// Refused: `not_permitted`, `conflict` when the draft is not of that revision, `definition_invalid`
    /// when it is no document of that strategy, `limit_exceeded`. Failed: store or directory.
    pub async fn write(
        &self,
        key: &WorkflowKey,
        revision: Option<u64>,
        content: Content,
        strategy: Option<Strategy>,
    ) -> Result<DraftView, NotDone> {
        self.may_edit().await?;
        Name::Workflow.check("/key", key.as_str())?;
        if let Content::Text { source, .. } = &content {
            check_plain("source", "/source", source)?;
        }
        let workflow = self.row(key).await?;
        let last = workflow.filter(|row| row.has_draft).map(|row| row.edits);
        if last != revision {
            return Err(stale(key, revision, last));
        }
        let (known, format) = match (revision, self.load(key).await?) {
            (Some(_), Some((row, draft))) => (draft.strategy, Format::of_word(&row.format)),
            _ => (None, None),
        };
        let (value, format, source) = match content {
            Content::Document(mut document) => {
                fill_in(&mut document, key);
                (document, format.unwrap_or(Format::Yaml), None)
            }
            Content::Text { source, format } => {
                let parsed = parse(&source, format).map_err(invalid)?;
                (parsed.value, format, Some(source))
            }
        };
        check_key(key, &value)?;
        let draft = Draft::new(value.clone(), strategy.or(known)).map_err(invalid)?;
        let source = source.filter(|_| draft.document == value);
        let last = match last {
            Some(last) => last,
            None => {
                let store = &self.engine.inner().store;
                store.draft_edits(&self.tenant, key).await?
            }
        };
        self.keep(key, last + 1, format, source, draft).await
    }

    /// Edits parts of a draft: all edits, or none.
    ///
    /// # Errors
    /// Refused: `not_permitted`, `not_found`, `conflict` when the draft is not of that revision,
    /// `definition_invalid` with the reason, `limit_exceeded`. Failed: store or directory.
    pub async fn edit(
        &self,
        key: &WorkflowKey,
        revision: u64,
        edits: &[Edit],
    ) -> Result<DraftView, NotDone> {
        self.may_edit().await?;
        let (row, mut draft) = self.at_revision(key, revision).await?;
        let before = draft.document.clone();
        draft.edit(edits).map_err(invalid)?;
        check_key(key, &draft.document)?;
        let format = Format::of_word(&row.format).unwrap_or(Format::Yaml);
        let source = (draft.document == before).then_some(row.source);
        self.keep(key, revision + 1, format, source, draft).await
    }

    /// Begins a draft of what is published, to edit it: the newest version, or one of them.
    ///
    /// # Errors
    /// Refused: `not_permitted`, `not_found`, `conflict` when there is a draft. Failed: store or
    /// directory.
    pub async fn open(
        &self,
        key: &WorkflowKey,
        version: Option<u32>,
    ) -> Result<DraftView, NotDone> {
        self.may_edit().await?;
        let row = self.known(key).await?;
        if row.has_draft {
            return Err(stale(key, None, Some(row.edits)));
        }
        let (document, strategy) = self.content(key, version).await?;
        let content = Content::Document(document);
        self.write(key, None, content, strategy).await
    }

    /// Throws a draft away. What is published, and what runs, stays.
    ///
    /// # Errors
    /// Refused: `not_permitted`, `not_found`, `conflict` when the draft is not of that revision. Failed:
    /// store or directory.
    pub async fn discard(&self, key: &WorkflowKey, revision: u64) -> Result<(), NotDone> {
        self.may_edit().await?;
        self.at_revision(key, revision).await?;
        let store = &self.engine.inner().store;
        if store.draft_drop(&self.tenant, key, revision).await? {
            return Ok(());
        }
        Err(self.overtaken(key, revision).await?)
    }

    /// Publishes a draft: it becomes the next version, which never changes, and the draft is gone. A
    /// workflow in status draft becomes active.
    ///
    /// # Errors
    /// Refused: `not_permitted`, `not_found`, `conflict` when the draft is not of that revision,
    /// `definition_invalid` with the first thing that is missing, and all problems. Failed: store or
    /// directory.
    pub async fn publish(
        &self,
        key: &WorkflowKey,
        revision: u64,
    ) -> Result<PublishedDefinition, NotDone> {
        self.may_edit().await?;
        let workflow = self.known(key).await?;
        let (row, draft) = self.at_revision(key, revision).await?;
        let view = self.view(workflow, row, draft).await?;
        if let Some(first) = &view.report.outline.first {
            let fields = fields(&view.report.problems);
            let refusal = Refusal::new(RefusalCode::DefinitionInvalid, first.message.as_str());
            return Err(refusal.fields(fields).into());
        }
        let source = (view.source.as_str(), view.format);
        match self
            .engine
            .publish_draft(&self.tenant, source, revision)
            .await?
        {
            Some(published) => Ok(published),
            None => Err(self.overtaken(key, revision).await?),
        }
    }

    /// The stored draft and what it says.
    pub(super) async fn load(&self, key: &WorkflowKey) -> Result<Option<(DraftRow, Draft)>, Error> {
        let store = &self.engine.inner().store;
        let Some(row) = store.draft(&self.tenant, key).await? else {
            return Ok(None);
        };
        let format = Format::of_word(&row.format);
        let parsed = format.and_then(|format| parse(&row.source, format).ok());
        let Some(parsed) = parsed else {
            let message = format!("cannot read the draft of `{key}`");
            return Err(Error::new(ErrorKind::Store, message));
        };
        let draft = Draft {
            document: parsed.value,
            strategy: row.strategy.and_then(Strategy::of_number),
        };
        Ok(Some((row, draft)))
    }

    async fn at_revision(
        &self,
        key: &WorkflowKey,
        revision: u64,
    ) -> Result<(DraftRow, Draft), NotDone> {
        let found = self.load(key).await?.ok_or_else(|| no_draft(key))?;
        if found.0.revision != revision {
            return Err(stale(key, Some(revision), Some(found.0.revision)));
        }
        Ok(found)
    }

    /// The refusal of who was not fast enough.
    async fn overtaken(&self, key: &WorkflowKey, revision: u64) -> Result<NotDone, Error> {
        let row = self.engine.inner().store.draft(&self.tenant, key).await?;
        Ok(stale(key, Some(revision), row.map(|row| row.revision)))
    }

    async fn keep(
        &self,
        key: &WorkflowKey,
        revision: u64,
        format: Format,
        source: Option<String>,
        draft: Draft,
    ) -> Result<DraftView, NotDone> {
        let source = source.unwrap_or_else(|| written(&draft.document, format));
        if source.len() > MAX_TEXT_BYTES {
            let message = format!(
                "the draft takes {} bytes where {MAX_TEXT_BYTES} are allowed",
                source.len()
            );
            return Err(Refusal::new(RefusalCode::LimitExceeded, message).into());
        }
        // What is kept must be readable: a document may be deeper than a text may be.
        parse(&source, format).map_err(invalid)?;
        let row = DraftRow {
            workflow: key.clone(),
            revision,
            strategy: draft.strategy.map(Strategy::number),
            format: format.as_str().to_owned(),
            source,
            changed_by: match &self.by {
                Who::Person(person) => Some(person.clone()),
                _ => None,
            },
            changed_at: self.engine.inner().clock.now(),
        };
        let title = draft.document.get("title").cloned();
        let title = title.unwrap_or_else(|| Text::from_key(key.as_str()).into());
        let store = &self.engine.inner().store;
        if !store
            .draft_save(&self.tenant, &row, &title.to_string())
            .await?
        {
            return Err(self.overtaken(key, revision.saturating_sub(1)).await?);
        }
        let workflow = self.known(key).await?;
        Ok(self.view(workflow, row, draft).await?)
    }

    async fn view(
        &self,
        workflow: WorkflowRow,
        row: DraftRow,
        draft: Draft,
    ) -> Result<DraftView, Error> {
        let format = Format::of_word(&row.format).unwrap_or(Format::Yaml);
        let problems = self.engine.check(&self.tenant, &row.source, format).await?;
        let outline = match self.engine.inherited(&self.tenant, &draft.document).await? {
            Some(document) => Draft {
                strategy: Strategy::of_document(&document),
                document,
            }
            .outline(&problems),
            None => draft.outline(&problems),
        };
        let mut departments = BTreeMap::new();
        for department in outline
            .pipelines
            .iter()
            .filter_map(|found| found.department.as_ref())
        {
            let name = self.engine.department_name(&self.tenant, department);
            if let Some(name) = name.await? {
                departments.insert(department.clone(), name);
            }
        }
        let is_active = workflow.is_active();
        Ok(DraftView {
            revision: row.revision,
            format,
            source: row.source,
            document: draft.document,
            changed_by: row.changed_by,
            changed_at: row.changed_at,
            report: DraftReport {
                is_active,
                can_be_activated: !is_active && (workflow.latest > 0 || outline.first.is_none()),
                outline,
                problems,
                departments,
            },
            workflow,
        })
    }
}

fn written(document: &Value, format: Format) -> String {
    match format {
        Format::Json => format!("{document:#}"),
        _ => to_yaml(document),
    }
}

/// A document begins with what every document has.
fn fill_in(document: &mut Value, key: &WorkflowKey) {
    let Value::Object(fields) = document else {
        return;
    };
    let kind = match (fields.contains_key("nodes"), fields.contains_key("steps")) {
        (true, _) => "flow",
        (_, true) => "steps",
        _ => "approval",
    };
    for (place, (name, value)) in [
        ("format", "signoff/v1"),
        ("kind", kind),
        ("key", key.as_str()),
    ]
    .into_iter()
    .enumerate()
    {
        // What a document extends says the kind.
        let inherits = name == "kind" && fields.contains_key("extends");
        if !fields.contains_key(name) && !inherits {
            fields.shift_insert(place.min(fields.len()), name.to_owned(), value.into());
        }
    }
}

/// The draft of a workflow is a document of that workflow.
fn check_key(key: &WorkflowKey, document: &Value) -> Result<(), NotDone> {
    let path = Pointer::root().key("key");
    let found = document.get("key").and_then(Value::as_str);
    if found.is_some_and(|found| found != key.as_str()) {
        let message = format!("the document is of another workflow than `{key}`");
        return Err(invalid(vec![Problem::error(
            "misplaced_key",
            path,
            message,
        )]));
    }
    let mut chars = key.as_str().chars();
    let is_key = key.as_str().len() <= 64
        && chars.next().is_some_and(|first| first.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_key {
        return Ok(());
    }
    let message = format!("`{key}` is not a key");
    Err(invalid([Problem::error("invalid_key", path, message)]))
}

fn fields(problems: &[Problem]) -> Vec<FieldError> {
    let errors = problems.iter().filter(|problem| problem.is_error());
    errors
        .map(|problem| FieldError {
            pointer: problem.path.clone(),
            code: problem.code.to_owned(),
            message: match &problem.help {
                Some(help) => format!("{}; {help}", problem.message),
                None => problem.message.clone(),
            },
        })
        .collect()
}

/// The refusal of what cannot be kept.
fn invalid(problems: impl AsRef<[Problem]>) -> NotDone {
    let problems = problems.as_ref();
    let too_large = |problem: &Problem| problem.code == "limit_exceeded";
    let code = match problems.iter().all(too_large) {
        true => RefusalCode::LimitExceeded,
        false => RefusalCode::DefinitionInvalid,
    };
    let message = problems.first().map(|problem| problem.message.as_str());
    let message = message.unwrap_or("the draft cannot be kept");
    Refusal::new(code, message).fields(fields(problems)).into()
}

fn stale(key: &WorkflowKey, yours: Option<u64>, stored: Option<u64>) -> NotDone {
    let message = match (yours, stored) {
        (None, _) => format!("the workflow `{key}` has a draft already"),
        (Some(yours), None) => format!("the draft {yours} of `{key}` is gone"),
        (Some(yours), Some(stored)) => format!(
            "somebody else changed the draft of `{key}`: it is at revision {stored}, not {yours}"
        ),
    };
    Refusal::new(RefusalCode::Conflict, message).into()
}

fn no_draft(key: &WorkflowKey) -> NotDone {
    let message = format!("the workflow `{key}` has no draft");
    Refusal::new(RefusalCode::NotFound, message).into()
}
