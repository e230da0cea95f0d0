//! Actions that no document names: by configuration, and those that a new workflow begins with.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use signoff_core::{
    graph::{ActionEvent, ActionSpec, ActionTable, Graph, NodeKind},
    id::{ActionId, TenantId, WorkflowKey},
    pointer::Pointer,
    problem::Problem,
};
use signoff_store::{ActionRow, ActionScope};

use crate::{
    engine::{Engine, definitions::check_value, schedules::derived},
    error::{Error, ErrorKind},
};

/// What a new workflow begins with: the event, the template, and who gets the mail.
const FIRST: [(ActionEvent, &str, &[&str]); 6] = [
    (ActionEvent::AfterApprove, "approved", &["creator"]),
    (ActionEvent::AfterReject, "rejected", &["creator"]),
    (
        ActionEvent::AfterResubmission,
        "resubmission_required",
        &["creator", "current_approvers"],
    ),
    (
        ActionEvent::AfterDelegate,
        "delegated",
        &["delegate", "creator"],
    ),
    (ActionEvent::AfterMoveStage, "progress", &["creator"]),
    (
        ActionEvent::AfterMoveStage,
        "action_required",
        &["current_approvers"],
    ),
];

/// Actions by configuration, by type of subject.
#[derive(Debug, Default)]
pub(super) struct Configured {
    pub(super) tables: BTreeMap<String, ActionTable>,
    /// What they are read as, to know what they name.
    graphs: Vec<(String, Graph)>,
}

impl Configured {
    /// Reads them.
    pub(super) fn read(actions: &BTreeMap<String, Value>) -> Result<Self, Error> {
        let mut configured = Self::default();
        for (kind, actions) in actions {
            let graph = graph(actions).map_err(|problems| invalid(kind, &problems))?;
            let mut table = graph.actions().clone();
            if actions.as_array().is_some_and(Vec::is_empty) {
                let events = ActionEvent::ALL.iter();
                table = events.map(|event| (*event, [].into())).collect();
            }
            configured.tables.insert(kind.clone(), table);
            configured.graphs.push((kind.clone(), graph));
        }
        Ok(configured)
    }

    /// Whether the engine has everything that they name.
    pub(super) fn check(&self, engine: &Engine) -> Result<(), Error> {
        for (kind, graph) in &self.graphs {
            let problems = engine.unknown_functions(graph);
            if problems.iter().any(Problem::is_error) {
                return Err(invalid(kind, &problems));
            }
        }
        Ok(())
    }
}

/// The smallest definition with these actions.
fn graph(actions: &Value) -> Result<Graph, Vec<Problem>> {
    let mut document = json!({
        "format": "signoff/v1",
        "kind": "approval",
        "key": "configured",
        "approvals": [{"requester": true}],
    });
    if !actions.as_array().is_some_and(Vec::is_empty) {
        document["actions"] = actions.clone();
    }
    check_value(&document).map(|compiled| compiled.graph)
}

/// One action, and what it is read as; problems are told by place inside it.
pub(super) fn one(action: &Value) -> Result<(ActionSpec, Graph), Vec<Problem>> {
    let event = ActionEvent::OnWorkflowStart;
    let place = Pointer::root().key("actions").key(event.as_str()).index(0);
    let inside = |mut problem: Problem| {
        let inside = problem.path.as_str().strip_prefix(place.as_str());
        let inside = inside.map(|path| Pointer::from_encoded(path.to_owned()));
        problem.path = inside.unwrap_or_else(Pointer::root);
        problem
    };
    let graph = graph(&json!({event.as_str(): [action]})).map_err(|problems| {
        let errors = problems.into_iter().filter(Problem::is_error);
        errors.map(inside).collect::<Vec<_>>()
    })?;
    let spec = graph.actions().get(&event).and_then(|specs| specs.first());
    let inactive = || {
        let message = "the action is not active";
        vec![Problem::error("unknown_value", Pointer::root(), message)]
    };
    let spec = spec.cloned().ok_or_else(inactive)?;
    Ok((spec, graph))
}

fn invalid(kind: &str, problems: &[Problem]) -> Error {
    let first = problems.iter().find(|problem| problem.is_error());
    let first = first.map(ToString::to_string).unwrap_or_default();
    let message = format!("the actions of `{kind}` cannot be used: {first}");
    Error::new(ErrorKind::Configuration, message)
}

impl Engine {
    /// Keeps the first actions of a workflow that is new, unless its document has some for the whole of
    /// it. Done twice, it comes to the same.
    pub(super) async fn begin_actions(
        &self,
        tenant: &TenantId,
        key: &WorkflowKey,
        document: &Value,
        graph: &Graph,
    ) -> Result<(), Error> {
        let wanted = self.inner().begins_with_mail && self.inner().settings.mail;
        if !wanted || document.get("actions").is_some() || !has_approvals(graph) {
            return Ok(());
        }
        let store = &self.inner().store;
        let known = store.workflow(tenant, key).await?;
        if known.is_some_and(|row| row.latest > 0) {
            return Ok(());
        }
        for (order, (event, template, to)) in FIRST.into_iter().enumerate() {
            let id = derived(&[
                "action",
                tenant.as_str(),
                key.as_str(),
                event.as_str(),
                template,
            ]);
            let row = ActionRow {
                id: ActionId::new(id.uuid()),
                workflow: key.clone(),
                scope: ActionScope::Workflow,
                event: event.as_str().to_owned(),
                body: json!({"mail": template, "to": to, "order": order}).to_string(),
                changed_by: None,
                changed_at: self.inner().clock.now(),
            };
            store.action_put(tenant, &row).await?;
        }
        self.forget_actions(tenant, key);
        Ok(())
    }
}

fn has_approvals(graph: &Graph) -> bool {
    graph
        .nodes()
        .any(|node| matches!(node.kind, NodeKind::Approval(_)))
}
