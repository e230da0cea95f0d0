//! The laws, checked after every command.

use signoff_core::{
    command::{Command, Migration},
    facts::{Answers, Facts},
    graph::Graph,
    instance::Instance,
    machine::{Accepted, Run, Step},
};

/// Restarting from scratch, and answering one question at a time, give the same change.
///
/// # Errors
/// What differs.
pub(crate) fn check_run(
    graph: &Graph,
    before: Option<&Instance>,
    (command, follow): (&Command, Option<&Migration>),
    facts: &Facts,
    accepted: &Accepted,
) -> Result<(), String> {
    let new = || {
        let run = Run::new(graph, before, command);
        match follow {
            Some(plan) => run.following(plan),
            None => run,
        }
    };
    let again = new().poll(facts);
    compare("restarted from scratch", &again, accepted)?;
    let mut partial = Facts {
        answers: Answers::default(),
        ..facts.clone()
    };
    let mut run = new();
    loop {
        match run.poll(&partial) {
            Step::Ask(questions) => {
                let Some(last) = questions.last() else {
                    return Err("the machine asked nothing".to_owned());
                };
                if !partial.answers.copy(last, &facts.answers) {
                    return Err(format!(
                        "the machine asked what it had not asked before: {last:?}"
                    ));
                }
            }
            step => return compare("answered one question at a time", &step, accepted),
        }
    }
}

fn compare(how: &str, step: &Step, accepted: &Accepted) -> Result<(), String> {
    match step {
        Step::Accept(again) if **again == *accepted => Ok(()),
        other => Err(format!(
            "{how}, the machine says {other:?}\ninstead of {accepted:?}"
        )),
    }
}

/// The fold of the history equals the stored state.
///
/// # Errors
/// What differs.
pub(super) fn check_fold(
    history: &[signoff_core::event::HistoryEntry],
    stored: &Instance,
) -> Result<(), String> {
    let folded = signoff_core::instance::fold(history);
    if folded.as_ref() == Some(stored) {
        return Ok(());
    }
    Err(format!(
        "the fold of the history is {folded:?}\nbut the stored state is {stored:?}"
    ))
}
