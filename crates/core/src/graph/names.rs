//! What a graph expects its host to have.

use std::collections::BTreeSet;

use crate::graph::{ActionKind, ActionSpec, Graph, NodeKind};

impl Graph {
    fn action_specs(&self) -> impl Iterator<Item = &ActionSpec> {
        let nodes = self.nodes.values().map(|node| &node.actions);
        let groups = self.groups.values().map(|group| &group.actions);
        nodes
            .chain(groups)
            .chain([&self.actions])
            .flat_map(|table| table.values().flat_map(|specs| specs.iter()))
    }

    /// The functions that run after the commit, of actions and jobs, each once.
    pub fn action_names(&self) -> impl Iterator<Item = &str> {
        let jobs = self.nodes.values().filter_map(|node| match &node.kind {
            NodeKind::Job(job) => Some(job.name.as_str()),
            _ => None,
        });
        let names: BTreeSet<&str> = self
            .action_specs()
            .filter_map(|spec| match &spec.kind {
                ActionKind::Run(run) => Some(run.name.as_str()),
                ActionKind::Mail(_) => None,
            })
            .chain(jobs)
            .collect();
        names.into_iter()
    }

    /// The mail templates that actions name, each once.
    pub fn template_names(&self) -> impl Iterator<Item = &str> {
        let names: BTreeSet<&str> = self
            .action_specs()
            .filter_map(|spec| match &spec.kind {
                ActionKind::Mail(mail) => Some(mail.template.as_str()),
                ActionKind::Run(_) => None,
            })
            .collect();
        names.into_iter()
    }

    /// The functions that nodes and transitions call, each once.
    pub fn function_names(&self) -> impl Iterator<Item = &str> {
        let mut names = BTreeSet::new();
        for node in self.nodes.values() {
            match &node.kind {
                NodeKind::Function(function) => {
                    names.insert(function.name.as_str());
                }
                NodeKind::Step(step) => {
                    let validate = step
                        .transitions
                        .iter()
                        .filter_map(|way| way.validate.as_deref());
                    names.extend(validate);
                }
                _ => {}
            }
        }
        names.into_iter()
    }
}
