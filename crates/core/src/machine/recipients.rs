//! Who gets a mail, worked out at the end of the command.

use std::collections::BTreeSet;

use crate::{
    actor::By,
    change::Addressee,
    graph::Recipient,
    id::PersonId,
    instance::{Instance, Task},
    machine::{
        context::{Context, Halt, gather},
        draft::{Draft, Fired},
    },
    principal::Principal,
};

/// Everybody whom `recipients` mean, each once, in order.
pub(super) fn resolve(
    cx: &Context<'_>,
    draft: &mut Draft,
    fired: &Fired,
    recipients: &[Recipient],
) -> Result<Vec<Addressee>, Halt> {
    if recipients.contains(&Recipient::CurrentApprovers) {
        draft.load_all(cx.facts)?;
    }
    let instance = draft.instance()?;
    let found = gather(
        recipients
            .iter()
            .map(|recipient| one(cx, instance, fired, recipient)),
    )?;
    let mut seen = BTreeSet::new();
    Ok(found
        .into_iter()
        .flatten()
        .filter(|addressee| seen.insert(addressee.clone()))
        .collect())
}

fn one(
    cx: &Context<'_>,
    instance: &Instance,
    fired: &Fired,
    recipient: &Recipient,
) -> Result<Vec<Addressee>, Halt> {
    let person =
        |person: Option<&PersonId>| person.cloned().map(Addressee::Person).into_iter().collect();
    Ok(match recipient {
        // Everybody is nobody in particular.
        Recipient::Principal(Principal::Anyone) => Vec::new(),
        Recipient::Address(address) => vec![Addressee::Address(address.clone())],
        Recipient::Creator | Recipient::Requester => person(instance.requester()),
        Recipient::CurrentApprovers => {
            let asked = instance.tasks().filter(|task| task.question.is_none());
            let holders = gather(asked.map(|task| holders(cx, instance, task)))?;
            holders
                .into_iter()
                .flatten()
                .map(Addressee::Person)
                .collect()
        }
        Recipient::Delegate => person(fired.delegate.as_ref()),
        Recipient::Delegator => person(fired.delegator.as_ref()),
        Recipient::Participants => {
            let acted = instance
                .results()
                .values()
                .flat_map(|result| &result.actors);
            instance
                .requester()
                .into_iter()
                .chain(acted)
                .cloned()
                .map(Addressee::Person)
                .collect()
        }
        Recipient::Principal(Principal::Role(role)) => cx
            .members(role)?
            .iter()
            .cloned()
            .map(Addressee::Person)
            .collect(),
        Recipient::Principal(Principal::User(user)) => person(Some(user)),
        Recipient::TaskHolders => match fired.task.and_then(|task| instance.task(task)) {
            Some(task) => holders(cx, instance, task)?
                .into_iter()
                .map(Addressee::Person)
                .collect(),
            None => Vec::new(),
        },
        Recipient::WorkflowStarter => match instance.started_by() {
            By::Person(starter) => person(Some(starter)),
            By::Engine | By::Host => Vec::new(),
        },
    })
}

/// Who can act on a task: its assignee, else the candidates who may.
fn holders(cx: &Context<'_>, instance: &Instance, task: &Task) -> Result<Vec<PersonId>, Halt> {
    if let Some(assignee) = &task.assignee {
        return Ok(vec![assignee.clone()]);
    }
    let candidates = cx.candidates(&task.candidates)?;
    let excluded = instance
        .activation(task.activation)
        .and_then(|activation| activation.open_entry(task.entry))
        .map(|entry| entry.excluded.as_slice())
        .unwrap_or_default();
    Ok(candidates
        .into_iter()
        .filter(|person| !excluded.contains(person) && !task.was_delegated_by(person))
        .collect())
}
