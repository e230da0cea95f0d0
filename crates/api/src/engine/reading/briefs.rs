//! What tasks and instances are about, or what came of them, in brief.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use signoff_core::{
    event::{Event, HistoryEntry, NodeEntered},
    id::{InstanceId, TenantId},
    instance::{Closing, Instance, Task},
    reading::{Phase, Visited, brief_of_instance, brief_of_node, brief_of_visit, reads_visit},
    text::Text,
};
use signoff_store::TaskSummary;

use crate::{
    engine::{Engine, InstanceView},
    error::Error,
};

impl InstanceView {
    /// What it is about or what came of it, in brief: see
    /// [`brief_of_instance`](signoff_core::reading::brief_of_instance).
    #[must_use]
    pub fn brief(&self, now: Timestamp) -> Text {
        brief_of_instance(&self.definition.graph, &self.instance, now)
    }
}

impl Engine {
    /// What these tasks are about, or what came of them, in brief and in their order: a node's `result`
    /// once somebody completed the task, else its `summary`, its description, its title.
    ///
    /// One question to the store at most for all of them, where a text is made from data; one more for
    /// each instance where a text of a task that is over reads what only its visit had, such as `item`.
    ///
    /// # Errors
    /// When the store fails, or holds what was never written.
    pub async fn briefs(
        &self,
        tenant: &TenantId,
        tasks: &[TaskSummary],
    ) -> Result<Vec<Text>, Error> {
        let mut found = Vec::with_capacity(tasks.len());
        let mut made = BTreeSet::new();
        for summary in tasks {
            let task = summary.task.task()?;
            let workflow = summary.workflow.as_str().into();
            let definition = self
                .definition(tenant, &workflow, Some(summary.definition))
                .await?;
            let node = definition
                .as_ref()
                .and_then(|found| found.graph.node(&task.node));
            if node.is_some_and(|node| node.texts.is_made()) {
                made.insert(summary.task.instance);
            }
            let plain = match node {
                Some(node) => brief_of_node(node),
                None => Text::from_key(task.node.as_str()),
            };
            found.push((task, summary.task.instance, plain));
        }
        let ids: Vec<InstanceId> = made.into_iter().collect();
        let views = match ids.is_empty() {
            true => Vec::new(),
            false => self.instances_of(tenant, &ids).await?,
        };
        let histories = self.histories_for(tenant, &found, &views).await?;
        let now = self.clock().now();
        let made = |task: &Task, of: InstanceId| {
            let view = views.iter().find(|view| view.instance.id() == of)?;
            let node = view.definition.graph.node(&task.node)?;
            let visited = visited_by(&view.instance, task, histories.get(&of));
            let phase = phase_of(task);
            Some(brief_of_visit(&view.instance, node, visited, phase, now))
        };
        let briefs = found.into_iter();
        Ok(briefs
            .map(|(task, of, plain)| made(&task, of).unwrap_or(plain))
            .collect())
    }

    /// The histories of the instances where a visit that is over is read.
    async fn histories_for(
        &self,
        tenant: &TenantId,
        tasks: &[(Task, InstanceId, Text)],
        views: &[InstanceView],
    ) -> Result<BTreeMap<InstanceId, Vec<HistoryEntry>>, Error> {
        let mut histories = BTreeMap::new();
        for view in views {
            let (id, graph) = (view.instance.id(), &view.definition.graph);
            let needs = |task: &Task| {
                let node = graph.node(&task.node);
                view.instance.activation(task.activation).is_none()
                    && node.is_some_and(|node| reads_visit(graph, node))
            };
            if tasks.iter().any(|(task, of, _)| *of == id && needs(task)) {
                histories.insert(id, self.history(tenant, id).await?);
            }
        }
        Ok(histories)
    }
}

/// What a visit had of its own, as the event of its beginning tells it.
pub(super) fn visited(entered: &NodeEntered) -> Visited<'_> {
    Visited {
        items: &entered.items,
        given: &entered.given,
    }
}

/// How far a task has come.
pub(super) const fn phase_of(task: &Task) -> Phase {
    match &task.closing {
        Some(Closing::Completed { .. }) => Phase::Finished,
        Some(Closing::Cancelled { .. }) | None => Phase::Open,
    }
}

fn visited_by<'a>(
    instance: &'a Instance,
    task: &Task,
    history: Option<&'a Vec<HistoryEntry>>,
) -> Option<Visited<'a>> {
    let live = instance.activation(task.activation).map(|found| Visited {
        items: &found.items,
        given: &found.given,
    });
    live.or_else(|| {
        let events = history?.iter().flat_map(|entry| &entry.events);
        events
            .filter_map(|event| match event {
                Event::NodeEntered(entered) => Some(entered),
                _ => None,
            })
            .find(|entered| entered.activation == task.activation)
            .map(|entered| visited(entered))
    })
}
