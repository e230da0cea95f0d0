//! What people were asked in an instance, and what they answered.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use signoff_core::{
    event::{Decision, Event, HistoryEntry, InstanceStarted},
    graph::Graph,
    id::{DefinitionId, InstanceId, NodeKey, PersonId, TaskId, TenantId},
    instance::Outcome,
    reading::FieldAnswer,
    text::Text,
};

use crate::{engine::Engine, error::Error};

/// A form as it was when it was filled, with what was answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FilledForm {
    /// The task; `None` when the instance was started with it.
    pub task: Option<TaskId>,
    /// The node, or the start, by the key that it had then.
    pub node: NodeKey,
    /// Its title.
    pub title: Text,
    /// The key of the form.
    pub form_key: String,
    /// The version of the definition whose form it is.
    pub workflow_version: u32,
    /// Which person filled it; `None` for the host.
    pub by: Option<PersonId>,
    /// For whom, where that is somebody else.
    pub on_behalf_of: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// What was decided with it; `None` for a start.
    pub outcome: Option<Outcome>,
    /// What was asked: the form's JSON Schema.
    pub schema: Value,
    /// What was answered.
    pub answers: Value,
    /// Both, field by field.
    pub fields: Vec<FieldAnswer>,
}

impl Engine {
    /// Every form that was filled in an instance, from the first, each as it was then: a later version of
    /// the definition changes neither what was asked nor what was answered. Empty when there is no such
    /// instance.
    ///
    /// # Errors
    /// When the store fails, or holds what was never written.
    pub async fn filled_forms(
        &self,
        tenant: &TenantId,
        id: InstanceId,
    ) -> Result<Vec<FilledForm>, Error> {
        let mut forms = Vec::new();
        let mut version: Option<DefinitionId> = None;
        for entry in self.history(tenant, id).await? {
            for event in &entry.events {
                match event {
                    Event::InstanceAttached(started) | Event::InstanceStarted(started) => {
                        version = Some(started.definition.clone());
                        let graph = self.graph_of(tenant, version.as_ref()).await?;
                        forms.extend(
                            graph.and_then(|graph| at_start(&graph.graph, started, &entry)),
                        );
                    }
                    Event::InstanceMigrated { definition, .. } => {
                        version = Some(definition.clone());
                    }
                    Event::DecisionMade(decision) if decision.form.is_some() => {
                        let graph = self.graph_of(tenant, version.as_ref()).await?;
                        forms.extend(graph.and_then(|graph| {
                            decided(&graph.graph, graph.id.version, decision, &entry)
                        }));
                    }
                    _ => {}
                }
            }
        }
        Ok(forms)
    }

    async fn graph_of(
        &self,
        tenant: &TenantId,
        id: Option<&DefinitionId>,
    ) -> Result<Option<std::sync::Arc<crate::engine::Definition>>, Error> {
        match id {
            Some(id) => {
                self.definition(tenant, &id.workflow, Some(id.version))
                    .await
            }
            None => Ok(None),
        }
    }
}

/// What an instance was started with, where a form says what is asked.
fn at_start(graph: &Graph, started: &InstanceStarted, entry: &HistoryEntry) -> Option<FilledForm> {
    let rule = match &started.start {
        Some(key) => graph.start_named(key.as_str())?,
        None => graph.start(),
    };
    let form = rule.form.as_ref()?;
    let shown = form.source.get("properties").and_then(Value::as_object);
    let data = started.data.as_object();
    let answers: Map<String, Value> = data
        .into_iter()
        .flatten()
        .filter(|(key, _)| shown.is_some_and(|shown| shown.contains_key(*key)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let answers = Value::Object(answers);
    Some(FilledForm {
        task: None,
        node: rule.key.clone(),
        title: rule.title.clone(),
        workflow_version: started.definition.version,
        by: entry.by.person().cloned(),
        on_behalf_of: None,
        at: entry.at,
        outcome: None,
        form_key: form.key.clone(),
        schema: Value::clone(&form.source),
        fields: FieldAnswer::of(&form.source, &answers),
        answers,
    })
}

fn decided(
    graph: &Graph,
    version: u32,
    decision: &Decision,
    entry: &HistoryEntry,
) -> Option<FilledForm> {
    let node = graph.node(&decision.node)?;
    let form = node.entry(decision.entry)?.form.as_ref()?;
    let answers = decision.form.as_deref()?;
    Some(FilledForm {
        task: Some(decision.task),
        node: decision.node.clone(),
        title: node.title.clone(),
        workflow_version: version,
        by: decision.by.person().cloned(),
        on_behalf_of: decision.on_behalf_of.clone(),
        at: entry.at,
        outcome: Some(decision.outcome),
        form_key: form.key.clone(),
        schema: Value::clone(&form.source),
        fields: FieldAnswer::of(&form.source, answers),
        answers: answers.clone(),
    })
}
