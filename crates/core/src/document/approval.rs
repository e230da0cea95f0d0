//! `kind: approval`: the three shapes.

use serde_json::Value;

use crate::{
    document::{
        action::{self, Actions},
        entry::{self, EntryDoc, EntryKeys},
        expression::Expression,
        keys,
        reader::{Fields, Sink},
        texts::TextsDoc,
    },
    id::Subject,
    pointer::Pointer,
    problem::Problem,
    text::Text,
};

/// The three shapes of `kind: approval`.
#[derive(Clone, Debug)]
pub enum ApprovalShape {
    /// One node with these entries.
    Approvals(Vec<EntryDoc>),
    /// Pipelines, each with stages or with approvals; the same for all.
    Pipelines(Vec<PipelineDoc>),
}

/// A pipeline.
#[derive(Clone, Debug)]
pub struct PipelineDoc {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Option<Text>,
    /// What people read beside it.
    pub texts: TextsDoc,
    /// The department that owns it.
    pub department: Option<Subject>,
    /// When it is skipped.
    pub when: Option<Expression>,
    /// Its actions.
    pub actions: Actions,
    /// Entry keys that its entries inherit.
    pub keys: EntryKeys,
    /// What it holds.
    pub content: PipelineContent,
    /// The keys that it had in earlier versions.
    pub was: Vec<String>,
    /// Where it stands.
    pub path: Pointer,
}

/// What a pipeline holds.
#[derive(Clone, Debug)]
pub enum PipelineContent {
    /// Approvals.
    Approvals(Vec<EntryDoc>),
    /// Stages.
    Stages(Vec<StageDoc>),
}

/// A stage.
#[derive(Clone, Debug)]
pub struct StageDoc {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Option<Text>,
    /// What people read beside it.
    pub texts: TextsDoc,
    /// Its color.
    pub color: Option<String>,
    /// When it is skipped.
    pub when: Option<Expression>,
    /// Its actions.
    pub actions: Actions,
    /// Entry keys that its entries inherit.
    pub keys: EntryKeys,
    /// Its approvals.
    pub approvals: Vec<EntryDoc>,
    /// The keys that it had in earlier versions.
    pub was: Vec<String>,
    /// Where it stands.
    pub path: Pointer,
}

pub(super) fn read(fields: &Fields<'_>) -> Option<ApprovalShape> {
    for key in ["steps", "transitions", "nodes"] {
        if fields.get(key).is_some() {
            fields.sink().push(
                Problem::error(
                    "invalid_shape",
                    fields.at(key),
                    format!("`kind: approval` has no `{key}`"),
                )
                .help("an approval has `pipelines` or `approvals`"),
            );
        }
    }
    match (fields.get("pipelines"), fields.get("approvals")) {
        (Some(_), None) => pipelines(fields),
        (None, Some(_)) => {
            let entries = entry::read_list(fields, "approvals");
            fields.not_empty("approvals");
            Some(ApprovalShape::Approvals(entries))
        }
        (Some(_), Some(_)) => {
            fields.sink().push(
                Problem::error(
                    "invalid_shape",
                    fields.at("approvals"),
                    "a workflow with `pipelines` has no `approvals` of its own",
                )
                .help("move them into a pipeline, or remove the pipelines"),
            );
            None
        }
        (None, None) => {
            fields.sink().push(
                Problem::error(
                    "invalid_shape",
                    fields.path().clone(),
                    "nothing to approve: the workflow is empty",
                )
                .help("give it `pipelines` or `approvals`"),
            );
            None
        }
    }
}

fn pipelines(fields: &Fields<'_>) -> Option<ApprovalShape> {
    fields.not_empty("pipelines");
    let pipelines: Vec<PipelineDoc> = fields
        .list("pipelines")
        .into_iter()
        .filter_map(|(value, path)| pipeline(value, &path, fields.sink()))
        .collect();
    let staged = |pipeline: &PipelineDoc| matches!(pipeline.content, PipelineContent::Stages(_));
    if let Some(first) = pipelines.first() {
        for other in pipelines
            .iter()
            .filter(|other| staged(other) != staged(first))
        {
            let (has, key) = if staged(first) {
                ("stages", "stages")
            } else {
                ("approvals", "approvals")
            };
            fields.sink().push(
                Problem::error(
                    "invalid_shape",
                    other.path.clone(),
                    format!(
                        "the pipeline `{}` is of another shape than `{}`, which has {has}",
                        other.key, first.key
                    ),
                )
                .help(format!("give every pipeline `{key}`")),
            );
        }
    }
    Some(ApprovalShape::Pipelines(pipelines))
}

fn pipeline(value: &Value, path: &Pointer, sink: &Sink) -> Option<PipelineDoc> {
    let fields = Fields::read(value, path, &[keys::PIPELINE, keys::ENTRY], sink)?;
    fields.not_yet(&["number_of_stages"]);
    let content = match (fields.get("stages"), fields.get("approvals")) {
        (Some(_), None) => {
            fields.not_empty("stages");
            let stages = fields
                .list("stages")
                .into_iter()
                .filter_map(|(value, path)| stage(value, &path, sink))
                .collect();
            PipelineContent::Stages(stages)
        }
        (None, Some(_)) => {
            fields.not_empty("approvals");
            PipelineContent::Approvals(entry::read_list(&fields, "approvals"))
        }
        (Some(_), Some(_)) => {
            sink.push(
                Problem::error(
                    "invalid_shape",
                    fields.at("approvals"),
                    "a pipeline has `stages` or `approvals`, not both",
                )
                .help("move the approvals into a stage"),
            );
            return None;
        }
        (None, None) => {
            sink.push(
                Problem::error("invalid_shape", path.clone(), "the pipeline is empty")
                    .help("give it `stages` or `approvals`"),
            );
            return None;
        }
    };
    Some(PipelineDoc {
        title: fields.text("title"),
        texts: TextsDoc::read(&fields),
        department: department(&fields),
        when: fields.expression("when"),
        actions: action::read_table(&fields),
        keys: EntryKeys::read(&fields),
        was: fields.names("was"),
        key: fields.name("key")?.to_owned(),
        content,
        path: path.clone(),
    })
}

/// A department: its id, or the host's type and id of whatever it is.
fn department(fields: &Fields<'_>) -> Option<Subject> {
    let path = fields.at("department");
    match fields.get("department")? {
        Value::String(id) => Some(Subject {
            kind: "department".to_owned(),
            id: id.clone(),
        }),
        value => {
            let inner = Fields::read(value, &path, &[keys::DEPARTMENT], fields.sink())?;
            let (kind, id) = (inner.required("type"), inner.required("id"));
            kind.and(id)?;
            Some(Subject {
                kind: inner.string("type")?.to_owned(),
                id: inner.string("id")?.to_owned(),
            })
        }
    }
}

fn stage(value: &Value, path: &Pointer, sink: &Sink) -> Option<StageDoc> {
    let fields = Fields::read(value, path, &[keys::STAGE, keys::ENTRY], sink)?;
    fields.required("approvals");
    fields.not_empty("approvals");
    Some(StageDoc {
        title: fields.text("title"),
        texts: TextsDoc::read(&fields),
        color: fields.color("color"),
        when: fields.expression("when"),
        actions: action::read_table(&fields),
        keys: EntryKeys::read(&fields),
        was: fields.names("was"),
        approvals: entry::read_list(&fields, "approvals"),
        key: fields.name("key")?.to_owned(),
        path: path.clone(),
    })
}
