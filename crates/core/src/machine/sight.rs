//! Who may look at an instance, and who manages it.

use crate::{
    actor::Person,
    graph::Graph,
    id::PersonId,
    instance::{Instance, Task},
    machine::rights,
};

/// Whether a person manages the instances of a definition: named under `managers`, and admins.
#[must_use]
pub fn may_manage(graph: &Graph, person: &Person) -> bool {
    let named = graph.managers().iter().any(|manager| person.is(manager));
    person.active && (named || person.admin)
}

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
        let ended = results.flat_map(|it| [&it.actors, &it.principals, &it.givers]);
        let under_way = live.flat_map(|it| [&it.actors, &it.principals, &it.givers]);
        ended.chain(under_way).flatten().any(|other| other == id)
    };
    let candidate = |task: &Task| {
        task.assignee.as_ref() == Some(&person.id)
            || task.was_delegated_by(&person.id)
            || task.candidates.iter().any(|candidate| person.is(candidate))
            || rights::higher(instance, task)
                .iter()
                .any(|role| person.roles.contains(role))
    };
    person.admin
        || named
        || instance.requester() == Some(&person.id)
        || acted(&person.id)
        || instance.tasks().any(candidate)
}
