//! Who may look at an instance.

use crate::{
    actor::Person,
    graph::Graph,
    id::PersonId,
    instance::{Instance, Task},
};

/// Whether a person may look at an instance of which everything is known: whoever asked for it, has
/// or had something to do in it, may do it now, is named under `managers` or `viewers`, and admins.
#[must_use]
pub fn may_see(graph: &Graph, instance: &Instance, person: &Person) -> bool {
    if !person.active {
        return false;
    }
    let named = graph
        .managers()
        .iter()
        .chain(graph.viewers())
        .any(|principal| person.is(principal));
    let acted = |id: &PersonId| {
        let results = instance.results().values();
        let live = instance.activations();
        results
            .flat_map(|result| result.actors.iter().chain(&result.principals))
            .any(|actor| actor == id)
            || live
                .flat_map(|found| found.actors.iter().chain(&found.principals))
                .any(|actor| actor == id)
    };
    let candidate = |task: &Task| {
        task.assignee.as_ref() == Some(&person.id)
            || task.was_delegated_by(&person.id)
            || task.candidates.iter().any(|candidate| person.is(candidate))
    };
    person.admin
        || named
        || instance.requester() == Some(&person.id)
        || acted(&person.id)
        || instance.tasks().any(candidate)
}
