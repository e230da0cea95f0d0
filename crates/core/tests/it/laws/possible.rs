//! What is listed as possible is what is not refused for the state or the person.

use signoff_core::{
    command::{Command, Place, TaskRef},
    facts::Facts,
    graph::Graph,
    instance::Instance,
    machine::{Step, With, possible, possible_with},
    refusal::RefusalCode,
};

/// Checks the list against what became of a command: whatever is accepted was listed, and what was
/// listed is not refused for the state or the person.
#[track_caller]
pub(crate) fn lists_what_is_possible(
    graph: &Graph,
    before: &Instance,
    command: &Command,
    facts: &Facts,
    step: &Step,
) {
    let Some(with) = with(before, command) else {
        return;
    };
    let listed = possible_with(graph, before, &with, &facts.actor, facts.now);
    // The whole list costs more: now and then is enough.
    if before.version().is_multiple_of(8) && before.live_activations() < 10 {
        let all = possible(graph, before, &facts.actor, facts.now);
        let same = all.iter().filter(|found| found.with == with);
        let known = same.clone().next().is_some() || listed.is_empty();
        assert!(known, "{with:?} is not in {all:?}");
        assert!(same.map(|found| found.command).eq(listed.iter().copied()));
    }
    let found = listed.contains(&command.name());
    match step {
        Step::Accept(_) => assert!(found, "accepted and not listed: {command:?} in {listed:?}"),
        Step::Refuse(refusal) => assert!(
            !(found && is_of_state_or_person(before, command, refusal.code)),
            "listed and refused: {command:?}: {refusal}"
        ),
        Step::Ask(_) => unreachable!("every question was answered"),
    }
}

/// What the command is about; nothing where it is not listed, or is about nothing that there is.
fn with(before: &Instance, command: &Command) -> Option<With> {
    if let Some(target) = command.task() {
        let skipped = matches!(
            command,
            Command::Comment(..) | Command::PersonLeft(..) | Command::Wake(_)
        );
        let task = before.task(target.task).map(TaskRef::from);
        return (!skipped && task == Some(target)).then_some(With::Task(target));
    }
    match command {
        Command::Begin
        | Command::Cancel { .. }
        | Command::Comment(None, _)
        | Command::Hold(_)
        | Command::Jump(None, _)
        | Command::Resume
        | Command::SetData(_)
        | Command::SetMetadata(_)
        | Command::Undo(_)
        | Command::Withdraw { .. } => Some(With::Instance),
        Command::AddBranch(node, _) => Some(With::Node(node.clone())),
        Command::CancelTask(place, _)
        | Command::Deliver(place, _)
        | Command::Jump(Some(place), _)
        | Command::Retry(place)
        | Command::Revive(place)
        | Command::Skip(place, _) => place_of(before, place, command),
        _ => None,
    }
}

fn place_of(before: &Instance, place: &Place, command: &Command) -> Option<With> {
    let revives = matches!(command, Command::Revive(_));
    let id = match place {
        Place::Activation(id) => *id,
        Place::Node(node) => {
            let live = before.activations().filter(|found| found.node == *node);
            let live = live
                .last()
                .filter(|found| !revives || found.incident().is_some());
            let parked = before.parked().iter().rev();
            let mut parked = parked.filter(|(_, token)| revives && token.node == *node);
            live.map(|found| found.id)
                .or_else(|| Some(*parked.next()?.0))?
        }
    };
    Some(With::Activation(id))
}

/// Codes that do not depend on what is said with the command.
fn is_of_state_or_person(before: &Instance, command: &Command, code: RefusalCode) -> bool {
    let open = command.task().and_then(|task| {
        let here = before.activation(task.activation)?;
        here.open_entry(task.entry)
    });
    let follows = open.is_some_and(|open| open.followed.is_some());
    let hands_over = matches!(
        command,
        Command::AddApprover(..)
            | Command::Assign(..)
            | Command::Delegate(..)
            | Command::Escalate(..)
            | Command::Transfer(..)
    );
    match code {
        // The person who would get it.
        RefusalCode::SelfApproval | RefusalCode::SeparationOfDuties => !hands_over,
        // Whoever the directory says is not asked any more.
        RefusalCode::NotPermitted if follows => false,
        // The transition that the status would take.
        RefusalCode::NotPermitted => !matches!(command, Command::SetStatus(..)),
        code => code < RefusalCode::UnknownOutcome,
    }
}
