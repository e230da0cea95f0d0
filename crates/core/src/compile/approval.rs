//! The three shapes of an approval become nodes in a row, pipelines become groups.

use indexmap::IndexMap;
use serde_json::Value;

use crate::{
    compile::Compiler,
    document::{ApprovalShape, EntryDoc, EntryKeys, PipelineContent, PipelineDoc, StageDoc},
    graph::{FormSpec, GraphBuilder, Group, Node, NodeKind, REVISE},
    id::{GroupKey, NodeKey},
    pointer::Pointer,
    problem::Problem,
    text::Text,
};

/// A stage of any shape, before it is a node.
pub(super) struct Stage<'a> {
    pub(super) key: &'a str,
    group: Option<&'a PipelineDoc>,
    doc: Option<&'a StageDoc>,
    entries: &'a [EntryDoc],
    was: &'a [String],
    keys: EntryKeys,
    pub(super) path: Pointer,
}

impl<'a> Compiler<'a> {
    pub(super) fn approval(
        &mut self,
        mut builder: GraphBuilder,
        shape: &'a ApprovalShape,
        forms: &IndexMap<String, FormSpec>,
    ) -> GraphBuilder {
        let stages = self.stages(shape);
        self.check_keys(shape, &stages);
        self.nodes = stages.iter().map(|stage| stage.key.to_owned()).collect();
        if let ApprovalShape::Pipelines(pipelines) = shape {
            for pipeline in pipelines {
                let next = after(&stages, pipeline);
                builder = builder.group(self.group(pipeline, next));
            }
        }
        for (index, stage) in stages.iter().enumerate() {
            let next = stages.get(index + 1).map(|next| NodeKey::from(next.key));
            builder = builder.node(self.stage(stage, next, forms));
        }
        builder
    }

    pub(super) fn stages(&self, shape: &'a ApprovalShape) -> Vec<Stage<'a>> {
        let defaults = &self.document.defaults;
        match shape {
            ApprovalShape::Approvals(entries) => vec![Stage {
                key: self.document.key.as_str(),
                group: None,
                doc: None,
                entries,
                was: &[],
                keys: defaults.clone(),
                path: Pointer::root(),
            }],
            ApprovalShape::Pipelines(pipelines) => pipelines
                .iter()
                .flat_map(|pipeline| {
                    let outer = pipeline.keys.over(defaults);
                    match &pipeline.content {
                        PipelineContent::Approvals(entries) => vec![Stage {
                            key: &pipeline.key,
                            group: Some(pipeline),
                            doc: None,
                            entries,
                            was: &pipeline.was,
                            keys: outer,
                            path: pipeline.path.clone(),
                        }],
                        PipelineContent::Stages(stages) => stages
                            .iter()
                            .map(|stage| Stage {
                                key: &stage.key,
                                group: Some(pipeline),
                                doc: Some(stage),
                                entries: &stage.approvals,
                                was: &stage.was,
                                keys: stage.keys.over(&outer),
                                path: stage.path.clone(),
                            })
                            .collect(),
                    }
                })
                .collect(),
        }
    }

    /// Keys are unique: of nodes among all nodes, of groups among all groups.
    fn check_keys(&mut self, shape: &ApprovalShape, stages: &[Stage<'_>]) {
        let reserved = stages.iter().filter(|stage| stage.key == REVISE);
        self.problems.extend(reserved.map(|stage| {
            Problem::warning(
                "invalid_key",
                stage.path.key("key"),
                format!("no stage can be returned to the requester: `{REVISE}` is their task"),
            )
            .help("give the stage another key")
        }));
        let nodes = stages.iter().map(|stage| (stage.key, &stage.path));
        let ApprovalShape::Pipelines(pipelines) = shape else {
            return;
        };
        let groups = pipelines
            .iter()
            .map(|pipeline| (pipeline.key.as_str(), &pipeline.path));
        let repeated: Vec<Problem> = repeated(nodes)
            .chain(repeated(
                groups.filter(|_| stages.iter().any(|stage| stage.doc.is_some())),
            ))
            .collect();
        self.problems.extend(repeated);
    }

    /// The title of the workflow; made from its key where the title is one for each instance.
    fn workflow_title(&self) -> Text {
        let title = &self.document.title;
        match Value::from(title.clone()).to_string().contains("${") {
            true => Text::from_key(self.document.key.as_str()),
            false => title.clone(),
        }
    }

    fn group(&mut self, pipeline: &PipelineDoc, next: Option<NodeKey>) -> Group {
        Group {
            key: GroupKey::from(pipeline.key.as_str()),
            title: title(pipeline.title.as_ref(), &pipeline.key),
            texts: self.texts(&pipeline.texts),
            department: pipeline.department.clone(),
            when: pipeline.when.as_ref().and_then(|when| self.guard(when)),
            next,
            actions: self.actions(&pipeline.actions),
        }
    }

    fn stage(
        &mut self,
        stage: &Stage<'_>,
        next: Option<NodeKey>,
        forms: &IndexMap<String, FormSpec>,
    ) -> Node {
        stage.key.clone_into(&mut self.here);
        let approval = self.approval_node(stage.entries, &stage.keys, forms);
        let own = stage.doc.and_then(|doc| doc.title.as_ref());
        let inherited = stage
            .group
            .filter(|_| stage.doc.is_none())
            .and_then(|group| group.title.as_ref());
        let mut node = Node::new(stage.key, NodeKind::Approval(Box::new(approval)));
        node.title = match stage.group {
            None => self.workflow_title(),
            Some(_) => title(own.or(inherited), stage.key),
        };
        node.texts = self.texts(match (stage.doc, stage.group) {
            (Some(stage), _) => &stage.texts,
            (None, Some(group)) => &group.texts,
            (None, None) => &self.document.texts,
        });
        node.color = stage.doc.and_then(|doc| doc.color.clone());
        node.group = stage.group.map(|group| GroupKey::from(group.key.as_str()));
        node.next = next;
        let was = stage.was.iter();
        node.was = was.map(|key| key.as_str().into()).collect();
        if let Some(doc) = stage.doc {
            node.when = doc.when.as_ref().and_then(|when| self.guard(when));
            node.actions = self.actions(&doc.actions);
        }
        node
    }
}

/// The first stage after a pipeline.
fn after(stages: &[Stage<'_>], pipeline: &PipelineDoc) -> Option<NodeKey> {
    let inside = |stage: &Stage<'_>| {
        stage
            .group
            .is_some_and(|group| std::ptr::eq(group, pipeline))
    };
    let last = stages.iter().rposition(inside)?;
    stages.get(last + 1).map(|next| NodeKey::from(next.key))
}

/// Keys that others of the list have already.
pub(super) fn repeated<'a>(
    keys: impl Iterator<Item = (&'a str, &'a Pointer)>,
) -> impl Iterator<Item = Problem> {
    let mut seen: IndexMap<&str, &Pointer> = IndexMap::new();
    let mut problems = Vec::new();
    for (key, path) in keys {
        match seen.get(key) {
            Some(first) => problems.push(Problem::error(
                "duplicate_key",
                path.key("key"),
                format!("the key `{key}` is taken by {first}"),
            )),
            None => {
                seen.insert(key, path);
            }
        }
    }
    problems.into_iter()
}

pub(super) fn title(title: Option<&Text>, key: &str) -> Text {
    title.map_or_else(|| Text::from_key(key), Text::clone)
}
