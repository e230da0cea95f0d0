//! Permissions that a definition asks for, one for each node that is done by permission.

use crate::{
    graph::Graph,
    id::{NodeKey, RoleId, WorkflowKey},
    text::Text,
};

/// The right to do the tasks of a node: a role that is called after the workflow and the node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Permission {
    /// The role, `WORKFLOW.NODE`.
    pub role: RoleId,
    /// The node.
    pub node: NodeKey,
    /// What it is called: the title of the workflow and that of the node.
    pub title: Text,
    /// What it allows, in a sentence, in every language of the titles, at least in English.
    pub text: Text,
}

/// The role that a node asks for.
pub(crate) fn role_of(workflow: &WorkflowKey, node: &str) -> RoleId {
    RoleId::from(format!("{workflow}.{node}").as_str())
}

impl Graph {
    /// The permissions that its nodes ask for by `permission: true`, in the order of the nodes.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> + '_ {
        let nodes = self.nodes();
        let asking = nodes.filter(|node| self.permitted.contains(&node.key));
        asking.map(|node| Permission {
            role: role_of(&self.key, node.key.as_str()),
            node: node.key.clone(),
            title: self.title.beside(&node.title),
            text: self.title.with(&node.title, |locale, workflow, node| {
                match locale.split(['-', '_']).next() {
                    Some("ar") => format!("يجوز له تنفيذ «{node}» في «{workflow}»"),
                    _ => format!("May do “{node}” of “{workflow}”"),
                }
            }),
        })
    }
}
