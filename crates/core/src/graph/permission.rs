//! Permissions that a definition asks for: one for each node that is done by permission, and for each
//! transition that is taken by permission.

use crate::{
    graph::{Graph, Node, NodeKind, Taker},
    id::{NodeKey, RoleId, WorkflowKey},
    text::Text,
};

/// The right to do the tasks of a node, or to take a transition between steps: a role that is called
/// after the workflow and the node or the transition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Permission {
    /// The role, `WORKFLOW.NODE` or `WORKFLOW.FROM_to_TO`.
    pub role: RoleId,
    /// The node; the step that the transition leaves.
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
    /// The permissions that its nodes and transitions ask for by `permission: true`, in the order of
    /// the nodes.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> + '_ {
        self.nodes().flat_map(|node| {
            let own = self.permitted.contains(&node.key);
            let role = role_of(&self.key, node.key.as_str());
            let own = own.then(|| self.permission(node, role, &node.title));
            own.into_iter().chain(self.of_transitions(node))
        })
    }

    /// The permissions of the transitions that leave a step, each once.
    fn of_transitions(&self, node: &Node) -> Vec<Permission> {
        let NodeKind::Step(step) = &node.kind else {
            return Vec::new();
        };
        let mut found: Vec<Permission> = Vec::new();
        for way in &step.transitions {
            let role = way.by.iter().find_map(|taker| match taker {
                Taker::Permission(role) => Some(role),
                _ => None,
            });
            let Some(role) = role.filter(|role| found.iter().all(|known| known.role != **role))
            else {
                continue;
            };
            let to = self.nodes.get(&way.to);
            let to = to.map(|to| to.title.clone()).unwrap_or_default();
            found.push(self.permission(node, role.clone(), &node.title.beside(&to)));
        }
        found
    }

    fn permission(&self, node: &Node, role: RoleId, what: &Text) -> Permission {
        Permission {
            role,
            node: node.key.clone(),
            title: self.title.beside(what),
            text: self.title.with(what, |locale, workflow, what| {
                match locale.split(['-', '_']).next() {
                    Some("ar") => format!("يجوز له تنفيذ «{what}» في «{workflow}»"),
                    _ => format!("May do “{what}” of “{workflow}”"),
                }
            }),
        }
    }
}
