//! What a draft has, and the first thing that it lacks.

use serde_json::Value;
use signoff_core::{id::Subject, pointer::Pointer, problem::Problem, text::Text};

use super::{
    edit::{Draft, pointer},
    strategy::{Strategy, list, name},
};

pub use signoff_core::reading::DEFAULT_COLOR;

/// What a draft has, and the first thing that it lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// The shape of an approval; `None` for other kinds.
    pub strategy: Option<Strategy>,
    /// The pipelines in order.
    pub pipelines: Vec<PipelineOutline>,
    /// How many approvals the workflow itself has.
    pub approvals: usize,
    /// The first thing that is missing or wrong; `None` when the draft is complete.
    pub first: Option<Element>,
}

/// A pipeline of a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct PipelineOutline {
    /// Its key.
    pub key: String,
    /// Its title; made from the key when not given.
    pub title: Text,
    /// Its place, from 1.
    pub order: usize,
    /// The department that it refers to.
    pub department: Option<Subject>,
    /// How many approvals it has itself.
    pub approvals: usize,
    /// Whether nothing of it is missing.
    pub is_complete: bool,
    /// Its stages in order.
    pub stages: Vec<StageOutline>,
    /// Where it stands.
    pub path: Pointer,
}

/// A stage of a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct StageOutline {
    /// Its key.
    pub key: String,
    /// Its title; made from the key when not given.
    pub title: Text,
    /// Its place, from 1.
    pub order: usize,
    /// Its color.
    pub color: String,
    /// How many approvals it has.
    pub approvals: usize,
    /// Whether it has approvals, and nothing in it is wrong.
    pub is_active: bool,
    /// Where it stands.
    pub path: Pointer,
}

/// What a draft lacks, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Element {
    /// What it is.
    pub kind: ElementKind,
    /// Its key.
    pub key: String,
    /// Where it stands.
    pub path: Pointer,
    /// What is missing or wrong, as a lowercase fragment that names it.
    pub message: String,
}

/// What an [`Element`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ElementKind {
    /// A node of a flow.
    Node,
    /// A pipeline.
    Pipeline,
    /// A stage.
    Stage,
    /// The workflow itself.
    Workflow,
}

impl ElementKind {
    /// The word as shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Pipeline => "pipeline",
            Self::Stage => "stage",
            Self::Workflow => "workflow",
        }
    }
}

impl Draft {
    /// What the draft has and lacks, given what a check of the whole document found.
    #[must_use]
    pub fn outline(&self, problems: &[Problem]) -> Outline {
        let errors: Vec<&Problem> = problems.iter().filter(|found| found.is_error()).collect();
        let pipelines = list(&self.document, "pipelines").iter().enumerate();
        let mut outline = Outline {
            strategy: self.strategy,
            pipelines: pipelines
                .map(|(place, found)| pipeline(self.strategy, place, found, &errors))
                .collect(),
            approvals: list(&self.document, "approvals").len(),
            first: None,
        };
        let key = self.document.get("key").and_then(Value::as_str);
        outline.first = outline
            .lacks(key.unwrap_or_default())
            .or_else(|| errors.first().map(|error| outline.about(error, key)));
        outline
    }
}

impl Outline {
    /// The first part that its strategy needs and that is not there.
    fn lacks(&self, workflow: &str) -> Option<Element> {
        let strategy = self.strategy?;
        let of_workflow = |message: String| Element {
            kind: ElementKind::Workflow,
            key: workflow.to_owned(),
            path: Pointer::root(),
            message,
        };
        if strategy == Strategy::Approvals {
            let message = || format!("the workflow `{workflow}` has no approvals");
            return (self.approvals == 0).then(|| of_workflow(message()));
        }
        if self.pipelines.is_empty() {
            let message = format!("the workflow `{workflow}` has no pipelines");
            return Some(of_workflow(message));
        }
        self.pipelines
            .iter()
            .find_map(|pipeline| pipeline.lacks(strategy))
    }

    /// The part of the document that a problem is about.
    fn about(&self, problem: &Problem, workflow: Option<&str>) -> Element {
        let within = |path: &Pointer| inside(&problem.path, path);
        let message = problem.message.clone();
        let element = |kind, key: &str, path: Pointer, message: String| Element {
            kind,
            key: key.to_owned(),
            path,
            message,
        };
        if let Some(pipeline) = self.pipelines.iter().find(|found| within(&found.path)) {
            if let Some(stage) = pipeline.stages.iter().find(|stage| within(&stage.path)) {
                let message = format!("the stage `{}` is not valid: {message}", stage.key);
                return element(
                    ElementKind::Stage,
                    &stage.key,
                    problem.path.clone(),
                    message,
                );
            }
            let message = format!("the pipeline `{}` is not valid: {message}", pipeline.key);
            let path = problem.path.clone();
            return element(ElementKind::Pipeline, &pipeline.key, path, message);
        }
        let mut segments = problem.path.as_str().split('/').skip(1);
        if let (Some("nodes"), Some(node)) = (segments.next(), segments.next()) {
            let message = format!("the node `{node}` is not valid: {message}");
            return element(ElementKind::Node, node, problem.path.clone(), message);
        }
        let key = workflow.unwrap_or_default();
        element(ElementKind::Workflow, key, problem.path.clone(), message)
    }
}

impl PipelineOutline {
    fn lacks(&self, strategy: Strategy) -> Option<Element> {
        let key = &self.key;
        let element = |message| Element {
            kind: ElementKind::Pipeline,
            key: key.clone(),
            path: self.path.clone(),
            message,
        };
        if strategy == Strategy::Pipelines {
            let message = format!("the pipeline `{key}` has no approvals");
            return (self.approvals == 0).then(|| element(message));
        }
        if self.stages.is_empty() {
            return Some(element(format!("the pipeline `{key}` has no stages")));
        }
        let empty = self.stages.iter().find(|stage| stage.approvals == 0)?;
        Some(Element {
            kind: ElementKind::Stage,
            key: empty.key.clone(),
            path: empty.path.clone(),
            message: format!(
                "the stage `{}` of the pipeline `{key}` is not active: it has no approvals",
                empty.key
            ),
        })
    }
}

fn pipeline(
    strategy: Option<Strategy>,
    place: usize,
    value: &Value,
    errors: &[&Problem],
) -> PipelineOutline {
    let path = pointer(&[place]);
    let stages = list(value, "stages").iter().enumerate();
    let mut outline = PipelineOutline {
        key: name(value, place),
        title: title(value, place),
        order: place + 1,
        department: department(value),
        approvals: list(value, "approvals").len(),
        is_complete: false,
        stages: stages
            .map(|(at, found)| stage(&pointer(&[place, at]), at, found, errors))
            .collect(),
        path,
    };
    let lacks = strategy.and_then(|strategy| outline.lacks(strategy));
    outline.is_complete = lacks.is_none() && !wrong(&outline.path, errors);
    outline
}

fn stage(path: &Pointer, place: usize, value: &Value, errors: &[&Problem]) -> StageOutline {
    let approvals = list(value, "approvals").len();
    let color = value.get("color").and_then(Value::as_str);
    StageOutline {
        key: name(value, place),
        title: title(value, place),
        order: place + 1,
        color: color.unwrap_or(DEFAULT_COLOR).to_owned(),
        approvals,
        is_active: approvals > 0 && !wrong(path, errors),
        path: path.clone(),
    }
}

fn title(value: &Value, place: usize) -> Text {
    match value.get("title") {
        Some(title @ (Value::String(_) | Value::Object(_))) => Text::from(title.clone()),
        _ => Text::from_key(&name(value, place)),
    }
}

/// A department: an id, or a type and an id.
fn department(value: &Value) -> Option<Subject> {
    let department = value.get("department")?;
    let text = |key| {
        department
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    match department {
        Value::String(id) => Some(Subject {
            kind: "department".to_owned(),
            id: id.clone(),
        }),
        _ => Some(Subject {
            kind: text("type")?,
            id: text("id")?,
        }),
    }
}

fn wrong(path: &Pointer, errors: &[&Problem]) -> bool {
    errors.iter().any(|error| inside(&error.path, path))
}

fn inside(path: &Pointer, outer: &Pointer) -> bool {
    let rest = path.as_str().strip_prefix(outer.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
