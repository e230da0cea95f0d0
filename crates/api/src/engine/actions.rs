//! Actions that are kept beside the definitions of a workflow, and change without publishing.
//!
//! A command is decided on the definition with the stored actions written into its document: at one
//! level, those of the document and the stored ones are one list, and are read and checked alike.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use signoff_core::{
    id::{ActionId, PersonId, TenantId, WorkflowKey},
    limits::Name,
    pointer::Pointer,
    problem::Problem,
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{ActionRow, ActionScope};
use uuid::Uuid;

use crate::{
    engine::{Definition, Engine, definitions::check_value, door},
    error::{Error, ErrorKind, NotDone},
};

/// How long what was read holds: another engine's changes are seen after it.
pub(super) const HOLDS: SignedDuration = SignedDuration::from_secs(1);

/// An action to be kept beside the definitions of a workflow.
///
/// # Example
/// ```
/// use signoff::NewAction;
///
/// let action = serde_json::json!({"run": "archive", "when": "amount > 1000"});
/// let new = NewAction::of("expense", "after_approve", action).at_node("finance");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NewAction {
    /// The workflow.
    pub workflow: WorkflowKey,
    /// Where it belongs.
    pub scope: ActionScope,
    /// The event that it reacts to, such as `after_approve`.
    pub event: String,
    /// What it does, as in a document.
    pub action: Value,
}

impl NewAction {
    /// An action of the whole workflow.
    #[must_use]
    pub fn of(workflow: impl Into<WorkflowKey>, event: impl Into<String>, action: Value) -> Self {
        Self {
            workflow: workflow.into(),
            scope: ActionScope::Workflow,
            event: event.into(),
            action,
        }
    }

    /// The same for a node: a stage, a step, a node of a flow.
    #[must_use]
    pub fn at_node(self, key: impl Into<String>) -> Self {
        Self {
            scope: ActionScope::Node(key.into()),
            ..self
        }
    }

    /// The same for a group of nodes: a pipeline.
    #[must_use]
    pub fn at_group(self, key: impl Into<String>) -> Self {
        Self {
            scope: ActionScope::Group(key.into()),
            ..self
        }
    }
}

/// An action that is kept beside the definitions of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAction {
    /// Its id.
    pub id: ActionId,
    /// What it is.
    pub action: NewAction,
    /// Who wrote it; `None` for the host.
    pub changed_by: Option<PersonId>,
    /// When.
    pub changed_at: Timestamp,
}

/// What is known of the stored actions of each workflow.
#[derive(Debug, Default)]
pub(crate) struct Reactions(Mutex<HashMap<(TenantId, WorkflowKey), Known>>);

#[derive(Debug)]
struct Known {
    read_at: Timestamp,
    rows: Arc<[ActionRow]>,
    /// The versions with these rows written into them.
    merged: HashMap<u32, Arc<Definition>>,
}

impl Reactions {
    fn known(&self) -> MutexGuard<'_, HashMap<(TenantId, WorkflowKey), Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// The actions that are kept beside the definitions of a workflow, the oldest first.
    ///
    /// # Errors
    /// When the store fails, or holds what was never written.
    pub async fn stored_actions(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
    ) -> Result<Vec<StoredAction>, Error> {
        let rows = self.inner().store.actions(tenant, workflow).await?;
        rows.into_iter().map(stored).collect()
    }

    /// Keeps an action beside the definitions of a workflow: it holds for every version that has its
    /// node or group, for running instances too, from the next command on; for other engines on the same
    /// database within a second.
    ///
    /// At one level, the document's actions of an event and the stored ones are one list, by `order`;
    /// with equal order, those of the document come first. `active: false` keeps one that does not run.
    ///
    /// # Errors
    /// Refused: `not_found` when there is no such workflow, `target_invalid` when its newest version
    /// has no such node or group. Failed: of kind `Definition` when the action cannot be read,
    /// or names what nobody registered; the store.
    pub async fn add_action(
        &self,
        tenant: &TenantId,
        new: NewAction,
        by: Option<&PersonId>,
    ) -> Result<StoredAction, NotDone> {
        let id = ActionId::new(Uuid::now_v7());
        self.put_action(tenant, id, new, by).await
    }

    /// Writes another action in place of a stored one, in the same scope and for the same event.
    ///
    /// # Errors
    /// Refused: `not_found` when there is none. Otherwise as [`add_action`](Self::add_action).
    pub async fn change_action(
        &self,
        tenant: &TenantId,
        id: ActionId,
        action: Value,
        by: Option<&PersonId>,
    ) -> Result<StoredAction, NotDone> {
        let Some(row) = self.inner().store.action(tenant, id).await? else {
            return Err(not_found("there is no such action"));
        };
        let new = NewAction {
            workflow: row.workflow,
            scope: row.scope,
            event: row.event,
            action,
        };
        self.put_action(tenant, id, new, by).await
    }

    /// Drops a stored action; `false` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drop_action(&self, tenant: &TenantId, id: ActionId) -> Result<bool, Error> {
        let store = &self.inner().store;
        let row = store.action(tenant, id).await?;
        let dropped = store.action_drop(tenant, id).await?;
        if let Some(row) = row {
            self.forget_actions(tenant, &row.workflow);
        }
        Ok(dropped)
    }

    /// As [`add_action`](Self::add_action), under an id of the caller's: in place of the action that
    /// has it, if any.
    ///
    /// # Errors
    /// As [`add_action`](Self::add_action).
    pub async fn put_action(
        &self,
        tenant: &TenantId,
        id: ActionId,
        new: NewAction,
        by: Option<&PersonId>,
    ) -> Result<StoredAction, NotDone> {
        door::tenant(tenant)?;
        Name::Workflow.check("/workflow", new.workflow.as_str())?;
        if let Some(by) = by {
            door::person("/by", by)?;
        }
        let definition = self.definition(tenant, &new.workflow, None).await?;
        let Some(definition) = definition else {
            let message = format!("there is no published workflow `{}`", new.workflow);
            return Err(not_found(&message));
        };
        self.check_action(&definition, &new)?;
        let row = ActionRow {
            id,
            workflow: new.workflow.clone(),
            scope: new.scope.clone(),
            event: new.event.clone(),
            body: new.action.to_string(),
            changed_by: by.cloned(),
            changed_at: self.inner().clock.now(),
        };
        self.inner().store.action_put(tenant, &row).await?;
        self.forget_actions(tenant, &new.workflow);
        Ok(StoredAction {
            id,
            action: new,
            changed_by: row.changed_by,
            changed_at: row.changed_at,
        })
    }

    /// Whether the action can be read at its place in the definition.
    fn check_action(&self, definition: &Definition, new: &NewAction) -> Result<(), NotDone> {
        let mut document = definition.document.clone();
        let Some((level, place)) = level(&mut document, &new.scope) else {
            let (kind, key) = new.scope.stored();
            let message = format!("`{}` has no {kind} `{key}`", definition.id);
            return Err(Refusal::new(RefusalCode::TargetInvalid, message).into());
        };
        // Alone at its place, so that what is told of it is told of it.
        level.insert(
            "actions".to_owned(),
            of_event(&new.event, new.action.clone()),
        );
        let (mut problems, graph) = match check_value(&document) {
            Ok(compiled) => (compiled.warnings, Some(compiled.graph)),
            Err(problems) => (problems, None),
        };
        if let Some(graph) = graph {
            problems.extend(self.unknown_functions(&graph));
        }
        problems.retain(Problem::is_error);
        if problems.is_empty() {
            return Ok(());
        }
        let here = place.key("actions").key(&new.event);
        for problem in &mut problems {
            let inside = problem.path.as_str().strip_prefix(here.index(0).as_str());
            let inside = inside.map(|path| Pointer::from_encoded(path.to_owned()));
            problem.path = inside.unwrap_or_else(Pointer::root);
        }
        Err(Error::definition(problems).into())
    }

    pub(super) fn forget_actions(&self, tenant: &TenantId, workflow: &WorkflowKey) {
        let key = (tenant.clone(), workflow.clone());
        self.inner().reactions.known().remove(&key);
    }

    /// The definition with the stored actions of its workflow, for deciding.
    pub(super) async fn reacting(
        &self,
        tenant: &TenantId,
        definition: Arc<Definition>,
    ) -> Result<Arc<Definition>, Error> {
        let now = self.inner().clock.now();
        let key = (tenant.clone(), definition.id.workflow.clone());
        let fresh = |known: &Known| {
            let age = now.duration_since(known.read_at);
            !age.is_negative() && age < HOLDS
        };
        let rows = {
            let known = self.inner().reactions.known();
            let found = known.get(&key).filter(|known| fresh(known));
            match found {
                Some(found) if found.rows.is_empty() => return Ok(definition),
                Some(found) => match found.merged.get(&definition.id.version) {
                    Some(merged) => return Ok(Arc::clone(merged)),
                    None => Some(Arc::clone(&found.rows)),
                },
                None => None,
            }
        };
        let rows = match rows {
            Some(rows) => rows,
            None => self.read_actions(&key, now).await?,
        };
        if rows.is_empty() {
            return Ok(definition);
        }
        let merged = match merge(&definition, &rows) {
            Ok(merged) => Arc::new(merged),
            Err(problem) => {
                // A version that the action was not checked on: its own actions hold.
                tracing::error!(definition = %definition.id, %problem, "stored actions are left out");
                definition
            }
        };
        if let Some(known) = self.inner().reactions.known().get_mut(&key)
            && Arc::ptr_eq(&known.rows, &rows)
        {
            known.merged.insert(merged.id.version, Arc::clone(&merged));
        }
        Ok(merged)
    }

    /// Reads the stored actions of a workflow; what was made of the same ones before stays.
    async fn read_actions(
        &self,
        key: &(TenantId, WorkflowKey),
        now: Timestamp,
    ) -> Result<Arc<[ActionRow]>, Error> {
        let rows = self.inner().store.actions(&key.0, &key.1).await?;
        let mut known = self.inner().reactions.known();
        match known.get_mut(key) {
            Some(found) if *found.rows == *rows => {
                found.read_at = now;
                Ok(Arc::clone(&found.rows))
            }
            _ => {
                let rows: Arc<[ActionRow]> = rows.into();
                let found = Known {
                    read_at: now,
                    rows: Arc::clone(&rows),
                    merged: HashMap::new(),
                };
                known.insert(key.clone(), found);
                Ok(rows)
            }
        }
    }
}

fn not_found(message: &str) -> NotDone {
    Refusal::new(RefusalCode::NotFound, message).into()
}

fn stored(row: ActionRow) -> Result<StoredAction, Error> {
    let action = serde_json::from_str(&row.body).map_err(|error| {
        let message = format!("cannot read the stored action `{}`", row.id);
        Error::new(ErrorKind::Store, message).caused_by(error)
    })?;
    Ok(StoredAction {
        id: row.id,
        action: NewAction {
            workflow: row.workflow,
            scope: row.scope,
            event: row.event,
            action,
        },
        changed_by: row.changed_by,
        changed_at: row.changed_at,
    })
}

/// The definition with what is stored written into its document; what belongs to a node or a group
/// that this version does not have is left out.
fn merge(definition: &Definition, rows: &[ActionRow]) -> Result<Definition, String> {
    let mut document = definition.document.clone();
    for row in rows {
        let Some((level, _)) = level(&mut document, &row.scope) else {
            continue;
        };
        let action = serde_json::from_str(&row.body).map_err(|error| error.to_string())?;
        let actions = level.entry("actions").or_insert_with(|| Map::new().into());
        let Some(events) = actions.as_object_mut() else {
            continue;
        };
        let list = events
            .entry(row.event.as_str())
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(action);
        }
    }
    let compiled = check_value(&document).map_err(|problems| {
        let first = problems.iter().find(|problem| problem.is_error());
        first.map(ToString::to_string).unwrap_or_default()
    })?;
    Ok(Definition {
        id: definition.id.clone(),
        graph: compiled.graph,
        document: definition.document.clone(),
    })
}

fn of_event(event: &str, action: Value) -> Value {
    let mut events = Map::new();
    events.insert(event.to_owned(), Value::Array(vec![action]));
    events.into()
}

/// The part of a document that a scope means, and where it stands.
fn level<'a>(
    document: &'a mut Value,
    scope: &ActionScope,
) -> Option<(&'a mut Map<String, Value>, Pointer)> {
    let place = match scope {
        ActionScope::Workflow => Pointer::root(),
        ActionScope::Group(key) => listed(document, "pipelines", key)?,
        ActionScope::Node(key) => node(document, key)?,
    };
    let found = document.pointer_mut(place.as_str())?.as_object_mut()?;
    Some((found, place))
}

/// Where the item of that key stands in a list.
fn listed(document: &Value, list: &str, key: &str) -> Option<Pointer> {
    let items = document.get(list)?.as_array()?;
    let index = items.iter().position(|item| is_called(item, key))?;
    Some(Pointer::root().key(list).index(index))
}

/// Where the node of that key stands: in a flow, among the steps, or as a stage; the node of a pipeline
/// without stages, and of an approval without either, bears the key of what it stands for.
fn node(document: &Value, key: &str) -> Option<Pointer> {
    if document
        .get("nodes")
        .and_then(|nodes| nodes.get(key))
        .is_some()
    {
        return Some(Pointer::root().key("nodes").key(key));
    }
    if let Some(step) = listed(document, "steps", key) {
        return Some(step);
    }
    let pipelines = document.get("pipelines").and_then(Value::as_array);
    for (index, pipeline) in pipelines.into_iter().flatten().enumerate() {
        let place = Pointer::root().key("pipelines").index(index);
        if let Some(stage) = listed(pipeline, "stages", key) {
            return Some(place.join(&stage));
        }
        if is_called(pipeline, key) && pipeline.get("stages").is_none() {
            return Some(place);
        }
    }
    let is_one = document.get("approvals").is_some() && is_called(document, key);
    is_one.then(Pointer::root)
}

fn is_called(item: &Value, key: &str) -> bool {
    item.get("key").and_then(Value::as_str) == Some(key)
}
