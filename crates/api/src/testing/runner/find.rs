//! Whom and what a step means.

use signoff_core::{graph::NodeKind, id::InstanceId, instance::Task};
use signoff_store::{InstanceFilter, InstanceSummary, PageRequest, TaskFilter, Whose};

use super::{Failure, World, say};
use crate::{
    engine::InstanceView,
    testing::{
        read::{invalid, unknown},
        verbs::Words,
    },
};

impl World {
    /// Every instance of the scenario, oldest first.
    pub(super) async fn all(
        &self,
        filter: &InstanceFilter,
    ) -> Result<Vec<InstanceSummary>, Failure> {
        let mut all = Vec::new();
        let mut page = PageRequest {
            limit: 500,
            after: None,
        };
        loop {
            let found = self
                .engine
                .store()
                .instances(&self.tenant, filter, &page)
                .await
                .map_err(|error| error.to_string())?;
            all.extend(found.items);
            match found.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        all.sort_by_key(|row| row.id);
        Ok(all)
    }

    /// The children of an instance and theirs, oldest first.
    pub(super) async fn descendants(&self, id: InstanceId) -> Result<Vec<InstanceId>, Failure> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(parent) = open.pop() {
            let filter = InstanceFilter {
                parent: Some(parent),
                ..InstanceFilter::default()
            };
            let children = self.all(&filter).await?;
            open.extend(children.iter().map(|child| child.id));
            found.extend(children.into_iter().map(|child| child.id));
        }
        found.sort();
        Ok(found)
    }

    /// Where no step starts anything, what began by itself is what the steps are about.
    pub(super) async fn adopt(&mut self) -> Result<(), Failure> {
        if self.started {
            return Ok(());
        }
        for row in self.all(&InstanceFilter::default()).await? {
            if row.parent.is_none() && !self.instances.contains(&row.id) {
                self.instances.push(row.id);
            }
        }
        Ok(())
    }

    pub(super) async fn view(&self, id: InstanceId) -> Result<InstanceView, Failure> {
        let view = self
            .engine
            .instance(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        view.ok_or_else(|| format!("the instance {id} is gone"))
    }

    /// The instance whose node is meant: a node that its definition lacks is one of its children's,
    /// the oldest that has an open task there, else the oldest.
    pub(super) async fn owner(&self, words: &Words, id: InstanceId) -> Result<InstanceId, Failure> {
        let Some(node) = &words.node else {
            return Ok(id);
        };
        let has = |view: &InstanceView| {
            let graph = &view.definition.graph;
            graph.node(&node.as_str().into()).is_some() || graph.start_named(node).is_some()
        };
        if has(&self.view(id).await?) {
            return Ok(id);
        }
        let mut first = None;
        let mut nth = words.task.unwrap_or(1);
        for child in self.descendants(id).await? {
            let view = self.view(child).await?;
            if !has(&view) {
                continue;
            }
            let open = view.instance.tasks();
            let open = open.filter(|task| task.node.as_str() == node).count() as u64;
            if open >= nth {
                return Ok(child);
            }
            nth -= open;
            first.get_or_insert(child);
        }
        Ok(first.unwrap_or(id))
    }

    /// Whether the node waits for the host.
    pub(super) async fn receives(&self, id: InstanceId, node: &str) -> Result<bool, Failure> {
        let view = self.view(id).await?;
        let node = view.definition.graph.node(&node.into());
        Ok(node.is_some_and(|node| matches!(node.kind, NodeKind::Receive(_))))
    }

    /// The open task that `by` may act on, else the first open one, else the last closed one.
    pub(super) async fn find_task(
        &self,
        words: &Words,
        id: InstanceId,
    ) -> Result<Option<Task>, Failure> {
        self.find(words, id, false).await
    }

    /// The same, questions first where they are `asked` for, else last.
    pub(super) async fn find(
        &self,
        words: &Words,
        id: InstanceId,
        asked: bool,
    ) -> Result<Option<Task>, Failure> {
        let Some(node) = &words.node else {
            return Err(invalid(&words.path, "name the node whose task is meant").to_string());
        };
        let view = self
            .engine
            .instance(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        // A node that is gone may still be stood on.
        let live = view.iter().flat_map(|view| view.instance.activations());
        let live = live.map(|found| found.node.as_str().to_owned());
        let keys: Vec<String> = view
            .iter()
            .flat_map(|view| view.definition.graph.nodes())
            .map(|node| node.key.as_str().to_owned())
            .chain(live)
            .collect();
        if !keys.contains(node) {
            let known: Vec<&str> = keys.iter().map(String::as_str).collect();
            return Err(say(&unknown(&words.path, "node", node, &known)));
        }
        let mut tasks = self.tasks(id).await?;
        tasks.retain(|task| task.node.as_str() == node);
        tasks.sort_by_key(|task| task.number);
        let mut open: Vec<&Task> = tasks.iter().filter(|task| task.is_open()).collect();
        if open.iter().any(|task| task.question.is_some() == asked) {
            open.retain(|task| task.question.is_some() == asked);
        }
        if let Some(n) = words.task {
            let index = usize::try_from(n).unwrap_or(usize::MAX).checked_sub(1);
            return match index.and_then(|index| open.get(index)) {
                Some(task) => Ok(Some((*task).clone())),
                None => Err(format!(
                    "`{node}` has {} open tasks, there is no task {n}",
                    open.len()
                )),
            };
        }
        let person = match &words.by {
            Some(by) => self
                .engine
                .person(&self.tenant, &by.as_str().into())
                .await
                .map_err(|e| e.to_string())?,
            None => None,
        };
        let own = open.iter().find(|task| {
            person.as_ref().is_some_and(|person| match &task.assignee {
                Some(assignee) => *assignee == person.id,
                None => task.candidates.iter().any(|candidate| person.is(candidate)),
            })
        });
        Ok(own
            .or_else(|| open.first())
            .copied()
            .or_else(|| tasks.last())
            .cloned())
    }

    pub(super) async fn tasks(&self, id: InstanceId) -> Result<Vec<Task>, Failure> {
        let filter = TaskFilter {
            whose: Whose::All,
            instance: Some(id),
            ..TaskFilter::default()
        };
        let mut tasks = Vec::new();
        let mut page = PageRequest {
            limit: 500,
            after: None,
        };
        loop {
            let found = self
                .engine
                .store()
                .tasks(&self.tenant, &filter, &page)
                .await
                .map_err(|e| e.to_string())?;
            for item in &found.items {
                tasks.push(item.task.task().map_err(|error| error.to_string())?);
            }
            match found.next {
                Some(next) => page.after = Some(next),
                None => return Ok(tasks),
            }
        }
    }
}
