//! What is compared after a step.

use serde_json::{Value, json};
use signoff_core::{
    graph::NodeKind,
    id::InstanceId,
    instance::{ActivationState, Instance, Task},
};
use signoff_store::{IncidentFilter, InstanceFilter, PageRequest};

use super::{Failure, Went, World};
use crate::testing::{
    expect::{Expect, Found},
    laws,
    scenario::Step,
};

impl World {
    pub(super) async fn check_laws(&self) -> Result<(), Failure> {
        if let Some(broken) = self.engine.take_broken_law() {
            return Err(format!("law: {broken}"));
        }
        if !self.engine.keeps_tidy() {
            return Err("law: something is left of what is not kept any more".to_owned());
        }
        for row in self.all(&InstanceFilter::default()).await? {
            let id = row.id;
            let history = self
                .engine
                .history(&self.tenant, id)
                .await
                .map_err(|error| error.to_string())?;
            let Some(stored) = self.snapshot(Some(id)).await? else {
                return Err(format!("law: the instance {id} is gone"));
            };
            laws::check_fold(&history, &stored).map_err(|broken| format!("law: {broken}"))?;
            let kept = self.engine.kept(&self.tenant, id);
            if kept.is_some_and(|kept| !kept.is_part_of(&stored)) {
                return Err(format!("law: what is kept of {id} is not what is stored"));
            }
        }
        Ok(())
    }

    pub(super) async fn check(
        &self,
        step: &Step,
        subject: Option<InstanceId>,
        version: u64,
        went: Went,
    ) -> Result<(), Failure> {
        let notices = match (went, &step.expect.refused) {
            (Went::Accepted(notices), None) => notices,
            (Went::Accepted(_), Some(code)) => {
                return Err(format!(
                    "expected to be refused with `{code}`, but it was accepted"
                ));
            }
            (Went::Refused(refusal), None) => return Err(format!("refused: {refusal}")),
            (Went::Refused(refusal), Some(code)) if refusal.code.as_str() == code => Vec::new(),
            (Went::Refused(refusal), Some(code)) => {
                return Err(format!(
                    "expected to be refused with `{code}`, but it was refused with {refusal}"
                ));
            }
        };
        let Some(id) = subject.or_else(|| self.instances.last().copied()) else {
            return self.check_nothing(&step.expect);
        };
        let found = self.found(id, version, notices).await?;
        let wrong = step.expect.compare(&found);
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    }

    /// After a refused first start there is nothing to compare with.
    pub(super) fn check_nothing(&self, expect: &Expect) -> Result<(), Failure> {
        let compares = expect.status.is_some() || expect.at.is_some() || expect.tasks.is_some();
        if compares {
            return Err("there is no instance to compare with".to_owned());
        }
        Ok(())
    }

    pub(super) async fn found(
        &self,
        id: InstanceId,
        version: u64,
        notices: Vec<&str>,
    ) -> Result<Found, Failure> {
        let view = self
            .engine
            .instance(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        let Some(view) = view else {
            return Err(format!("the instance {id} is gone"));
        };
        let history = self
            .engine
            .history(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        let events = history
            .iter()
            .filter(|entry| entry.version > version)
            .flat_map(|entry| &entry.events);
        let executed = self.engine.take_executed();
        let filter = IncidentFilter {
            instance: Some(id),
            ..IncidentFilter::default()
        };
        let incidents = self
            .engine
            .store()
            .incidents(&self.tenant, &filter, &PageRequest::default())
            .await
            .map_err(|error| error.to_string())?;
        let mut codes: Vec<String> = incidents
            .items
            .into_iter()
            .map(|incident| incident.code)
            .collect();
        codes.reverse();
        Ok(Found {
            status: view.instance.status().as_str().to_owned(),
            status_of: view
                .instance
                .step()
                .map_or_else(String::new, |(_, status)| status.key.clone()),
            outcome: view.instance.outcome().unwrap_or_default().to_owned(),
            children: {
                let filter = InstanceFilter {
                    parent: Some(id),
                    ..InstanceFilter::default()
                };
                let children = self.all(&filter).await?.into_iter();
                children
                    .map(|row| json!({"workflow": row.workflow, "status": row.status}))
                    .collect()
            },
            at: at(&view.instance, &view.definition.graph),
            tasks: view.instance.tasks().map(shown).collect(),
            data: Value::clone(view.instance.data()),
            notices: notices.into_iter().map(str::to_owned).collect(),
            events: events.map(|event| event.name().to_owned()).collect(),
            actions: executed
                .into_iter()
                .filter(|action| action.instance == id)
                .map(|action| json!({"event": action.event.as_str(), "run": action.run}))
                .collect(),
            mail: self
                .mailer
                .take()
                .into_iter()
                .map(|mail| json!({"to": mail.to.address, "template": mail.template, "subject": mail.subject}))
                .collect(),
            incidents: codes,
            progress: u64::from(view.progress()),
        })
    }
}

/// The nodes of activations that wait, run or failed: once per open task, once where there is none.
fn at(instance: &Instance, graph: &signoff_core::graph::Graph) -> Vec<String> {
    let mut nodes = Vec::new();
    for activation in instance.activations() {
        let join = graph
            .node(&activation.node)
            .is_some_and(|node| matches!(node.kind, NodeKind::Join(_)));
        if join || activation.state == ActivationState::Ended {
            continue;
        }
        let open = instance.tasks_of(activation.id).count().max(1);
        nodes.extend(std::iter::repeat_n(
            activation.node.as_str().to_owned(),
            open,
        ));
    }
    nodes.sort();
    nodes
}

fn shown(task: &Task) -> Value {
    let candidates: Vec<String> = task.candidates.iter().map(ToString::to_string).collect();
    json!({
        "node": task.node.as_str(),
        "state": task.state().as_str(),
        "assignee": task.assignee.as_ref().map(|id| id.as_str()),
        "candidates": candidates,
    })
}
