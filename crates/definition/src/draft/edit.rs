//! Edits of a draft.

use serde::Deserialize;
use serde_json::{Map, Value};
use signoff_core::{pointer::Pointer, problem::Problem};

use super::{
    order::{keys, put_in_order},
    sizes::sizes,
    strategy::{Strategy, is_approval},
};

/// A document that may be incomplete, and what it is to become.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The document.
    pub document: Value,
    /// Which shape an approval is to have; the first when nobody says and nothing is there yet.
    pub strategy: Option<Strategy>,
}

/// One change of a draft. Mappings under `with` are merged as RFC 7396 says: mappings key by key,
/// `null` removes, everything else replaces.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(tag = "edit", rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// Adds a pipeline at a place from 1, else at the end.
    AddPipeline {
        /// The pipeline; `key` may be missing, `number_of_stages` makes empty stages.
        pipeline: Map<String, Value>,
        /// Its place.
        #[serde(default)]
        order: Option<usize>,
    },
    /// Adds a stage to a pipeline at a place from 1, else at the end.
    AddStage {
        /// The key of the pipeline.
        pipeline: String,
        /// The stage; `key` may be missing.
        stage: Map<String, Value>,
        /// Its place.
        #[serde(default)]
        order: Option<usize>,
    },
    /// Merges into a pipeline.
    ChangePipeline {
        /// Its key.
        pipeline: String,
        /// What changes.
        with: Map<String, Value>,
    },
    /// Merges into a stage.
    ChangeStage {
        /// Its key.
        stage: String,
        /// What changes.
        with: Map<String, Value>,
    },
    /// Merges into the top of the document.
    Merge {
        /// What changes.
        with: Map<String, Value>,
    },
    /// Moves a pipeline to a place from 1.
    MovePipeline {
        /// Its key.
        pipeline: String,
        /// Its new place; beyond the last means the last.
        order: usize,
    },
    /// Moves a stage to a place from 1, in its own or another pipeline.
    MoveStage {
        /// Its key.
        stage: String,
        /// Its new place; beyond the last means the last.
        order: usize,
        /// The pipeline that it goes to; its own when not given.
        #[serde(default)]
        pipeline: Option<String>,
    },
    /// Removes a pipeline with its stages.
    RemovePipeline {
        /// Its key.
        pipeline: String,
    },
    /// Removes a stage.
    RemoveStage {
        /// Its key.
        stage: String,
    },
    /// Says which shape the approval is to have; what is there must fit.
    SetStrategy {
        /// 1, 2 or 3.
        strategy: u8,
    },
}

impl Draft {
    /// A draft, put in order. Without a strategy it has that of its shape.
    ///
    /// # Errors
    /// Everything that it cannot be kept with: a shape of another strategy, two of one order, parts
    /// that are too large, a document that is no mapping.
    pub fn new(document: Value, strategy: Option<Strategy>) -> Result<Self, Vec<Problem>> {
        let strategy = strategy.or_else(|| Strategy::of_document(&document));
        let mut draft = Self { document, strategy };
        draft.settle()?;
        Ok(draft)
    }

    /// Carries out all edits, one after the other, or none.
    ///
    /// # Errors
    /// What the first edit that cannot be carried out would do; the draft is as it was.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<(), Vec<Problem>> {
        let mut edited = self.clone();
        for edit in edits {
            edited.apply(edit).map_err(|problem| vec![problem])?;
            edited.settle()?;
        }
        *self = edited;
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Vec<Problem>> {
        if !self.document.is_object() {
            let root = Pointer::root();
            let problem = Problem::error("wrong_type", root, "a document is a mapping");
            return Err(vec![problem]);
        }
        if is_approval(&self.document) {
            let strategy = *self.strategy.get_or_insert_default();
            let problems = strategy.check(&self.document);
            if !problems.is_empty() {
                return Err(problems);
            }
        } else {
            self.strategy = None;
        }
        let mut problems = put_in_order(&mut self.document);
        problems.extend(sizes(&self.document));
        if problems.is_empty() {
            return Ok(());
        }
        Err(problems)
    }

    fn apply(&mut self, edit: &Edit) -> Result<(), Problem> {
        match edit {
            Edit::AddPipeline { pipeline, order } => {
                self.free(pipeline, &Pointer::root().key("pipelines"))?;
                let pipelines = list_of(&mut self.document, "pipelines")?;
                insert(pipelines, *order, pipeline.clone());
            }
            Edit::AddStage {
                pipeline,
                stage,
                order,
            } => {
                self.takes_stages()?;
                let at = self.pipeline(pipeline)?;
                self.free(stage, &pointer(&[at]).key("stages"))?;
                insert(self.stages(at)?, *order, stage.clone());
            }
            Edit::ChangePipeline { pipeline, with } => {
                let at = self.pipeline(pipeline)?;
                self.renamed(pipeline, with, &pointer(&[at]))?;
                self.change(&pointer(&[at]), with);
            }
            Edit::ChangeStage { stage, with } => {
                let (pipeline, at) = self.stage(stage)?;
                let path = pointer(&[pipeline, at]);
                self.renamed(stage, with, &path)?;
                self.change(&path, with);
            }
            Edit::Merge { with } => {
                if let Some(key) = ["format", "key", "kind"]
                    .iter()
                    .find(|key| with.contains_key(**key))
                {
                    let message = format!("`{key}` of a workflow does not change");
                    return Err(
                        Problem::error("misplaced_key", Pointer::root().key(key), message)
                            .help("copy the workflow under another key"),
                    );
                }
                merge(&mut self.document, with);
            }
            Edit::MovePipeline { pipeline, order } => {
                let at = self.pipeline(pipeline)?;
                let pipelines = list_of(&mut self.document, "pipelines")?;
                let moved = pipelines.remove(at);
                insert_value(pipelines, Some(*order), moved);
            }
            Edit::MoveStage {
                stage,
                order,
                pipeline,
            } => {
                let (from, at) = self.stage(stage)?;
                let to = pipeline
                    .as_deref()
                    .map_or(Ok(from), |key| self.pipeline(key))?;
                let moved = self.stages(from)?.remove(at);
                insert_value(self.stages(to)?, Some(*order), moved);
            }
            Edit::RemovePipeline { pipeline } => {
                let at = self.pipeline(pipeline)?;
                list_of(&mut self.document, "pipelines")?.remove(at);
            }
            Edit::RemoveStage { stage } => {
                let (pipeline, at) = self.stage(stage)?;
                self.stages(pipeline)?.remove(at);
            }
            Edit::SetStrategy { strategy } => {
                let found = Strategy::of_number(*strategy).ok_or_else(|| {
                    let message = format!("`{strategy}` is not a known strategy");
                    Problem::error("unknown_value", Pointer::root(), message).help(
                        "1: pipelines with stages, 2: pipelines with approvals, 3: approvals alone",
                    )
                })?;
                self.strategy = Some(found);
            }
        }
        Ok(())
    }

    /// A strategy without stages says so before anything else is asked.
    fn takes_stages(&self) -> Result<(), Problem> {
        match self.strategy {
            Some(strategy @ (Strategy::Approvals | Strategy::Pipelines)) => Err(Problem::error(
                "invalid_shape",
                Pointer::root().key("pipelines"),
                format!("{strategy} takes no stages"),
            )
            .help("set strategy 1 first")),
            _ => Ok(()),
        }
    }

    fn pipeline(&self, key: &str) -> Result<usize, Problem> {
        let pipelines = super::strategy::list(&self.document, "pipelines");
        let found = pipelines.iter().position(|pipeline| has_key(pipeline, key));
        found.ok_or_else(|| missing("pipeline", key))
    }

    /// The places of a stage's pipeline and of the stage in it.
    fn stage(&self, key: &str) -> Result<(usize, usize), Problem> {
        let pipelines = super::strategy::list(&self.document, "pipelines");
        let mut found = pipelines
            .iter()
            .enumerate()
            .filter_map(|(place, pipeline)| {
                let stages = super::strategy::list(pipeline, "stages");
                let at = stages.iter().position(|stage| has_key(stage, key))?;
                Some((place, at))
            });
        found.next().ok_or_else(|| missing("stage", key))
    }

    fn stages(&mut self, pipeline: usize) -> Result<&mut Vec<Value>, Problem> {
        let path = pointer(&[pipeline]);
        match self.document.pointer_mut(path.as_str()) {
            Some(found) => list_of(found, "stages"),
            None => Err(missing("pipeline", path.as_str())),
        }
    }

    /// The key of a new element is nobody's yet.
    fn free(&self, element: &Map<String, Value>, path: &Pointer) -> Result<(), Problem> {
        match element.get("key").and_then(Value::as_str) {
            Some(key) if keys(&self.document).contains(key) => Err(taken(key, path)),
            _ => Ok(()),
        }
    }

    fn renamed(&self, key: &str, with: &Map<String, Value>, path: &Pointer) -> Result<(), Problem> {
        match with.get("key").and_then(Value::as_str) {
            Some(new) if new != key && keys(&self.document).contains(new) => Err(taken(new, path)),
            _ => Ok(()),
        }
    }

    fn change(&mut self, path: &Pointer, with: &Map<String, Value>) {
        if let Some(found) = self.document.pointer_mut(path.as_str()) {
            merge(found, with);
        }
    }
}

/// `/pipelines/0`, or `/pipelines/0/stages/1`.
pub(super) fn pointer(places: &[usize]) -> Pointer {
    ["pipelines", "stages"]
        .iter()
        .zip(places)
        .fold(Pointer::root(), |path, (key, place)| {
            path.key(key).index(*place)
        })
}

fn has_key(value: &Value, key: &str) -> bool {
    value.get("key").and_then(Value::as_str) == Some(key)
}

fn missing(what: &str, key: &str) -> Problem {
    let path = Pointer::root().key("pipelines");
    Problem::error(
        "dangling_reference",
        path,
        format!("there is no {what} `{key}`"),
    )
}

fn taken(key: &str, path: &Pointer) -> Problem {
    Problem::error(
        "duplicate_key",
        path.clone(),
        format!("the key `{key}` is taken"),
    )
}

fn list_of<'a>(value: &'a mut Value, key: &str) -> Result<&'a mut Vec<Value>, Problem> {
    let wrong = || {
        let path = Pointer::root().key(key);
        Problem::error("wrong_type", path, format!("`{key}` is no list"))
    };
    let fields = value.as_object_mut().ok_or_else(wrong)?;
    let list = fields.entry(key).or_insert(Value::Null);
    if list.is_null() {
        *list = Value::Array(Vec::new());
    }
    list.as_array_mut().ok_or_else(wrong)
}

fn insert(list: &mut Vec<Value>, order: Option<usize>, mut element: Map<String, Value>) {
    let own = element
        .shift_remove("order")
        .and_then(|order| order.as_u64());
    let own = own.and_then(|order| usize::try_from(order).ok());
    insert_value(list, order.or(own), Value::Object(element));
}

fn insert_value(list: &mut Vec<Value>, order: Option<usize>, element: Value) {
    let place = match order {
        None | Some(0) => list.len(),
        Some(order) => (order - 1).min(list.len()),
    };
    list.insert(place, element);
}

/// RFC 7396.
fn merge(target: &mut Value, with: &Map<String, Value>) {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(fields) = target.as_object_mut() else {
        return;
    };
    for (key, value) in with {
        match value {
            Value::Null => {
                fields.shift_remove(key);
            }
            Value::Object(inner) => merge(fields.entry(key).or_insert(Value::Null), inner),
            other => {
                fields.insert(key.clone(), other.clone());
            }
        }
    }
}
