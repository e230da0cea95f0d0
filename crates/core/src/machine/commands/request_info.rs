//! Request info: whoever has a task asks somebody something before deciding it.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | request_info | task ready or assigned | candidate or assignee, not excluded, some text, an active person who is not asked yet | `task_opened` | a question open, the clock of the task stands still |
//!
//! The requester is asked where nobody is named. The task can be decided without the answer, and the
//! question is withdrawn then.

use crate::{
    command::{HandOver, TaskRef},
    event::{Event, TaskOpened},
    graph::ActionEvent,
    id::{PersonId, TaskId},
    instance::{Question, Task, Timers},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        hand_over,
        rights::{self, For},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    over: &HandOver,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::HandingOver)?;
    if task.question.is_some() {
        return Err(Halt::refuse(
            RefusalCode::UnknownOutcome,
            "the task is a question: it is answered",
        ));
    }
    let to = over.to.as_ref().or(draft.instance()?.requester()).cloned();
    if let Some(to) = &to
        && cx.person(to)?.is_none()
    {
        return Err(Halt::refuse(
            RefusalCode::UnknownUser,
            format!("nobody is called `{to}`"),
        ));
    }
    let text = rights::reason(cx, Some(&over.reason))?;
    let to = asked(cx, draft, &task, to)?;
    rights::within(cx, "question", &text)?;
    open(cx, draft, &task, to, text)
}

/// The person who is asked: an active one, not who asks, not twice at a time.
fn asked(
    cx: &Context<'_>,
    draft: &Draft,
    task: &Task,
    to: Option<PersonId>,
) -> Result<PersonId, Halt> {
    let acting = cx.facts.actor.person().map(|person| &person.id);
    let over = HandOver {
        to,
        reason: String::new(),
    };
    let to = hand_over::receiver(cx, task.assignee.as_ref(), &over)?;
    if acting == Some(&to) {
        return Err(hand_over::invalid(&to, "would ask themselves"));
    }
    let mut open = draft.instance()?.tasks_of(task.activation);
    let twice = open.any(|other| {
        let question = other.question.as_ref();
        question.is_some_and(|question| question.about == task.id)
            && other.assignee.as_ref() == Some(&to)
    });
    if twice {
        return Err(hand_over::invalid(&to, "is asked already"));
    }
    Ok(to)
}

fn open(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    to: PersonId,
    text: String,
) -> Result<(), Halt> {
    let id = TaskId::new(draft.id());
    let number = draft.instance()?.next_number();
    draft.emit(Event::TaskOpened(Box::new(TaskOpened {
        task: id,
        activation: task.activation,
        node: task.node.clone(),
        entry: task.entry,
        number,
        duty: None,
        assignee: Some(to),
        candidates: Vec::new(),
        timers: Timers::default(),
        question: Some(Question {
            about: task.id,
            by: cx.facts.actor.by(),
            text,
        }),
    })));
    draft
        .fired
        .push(Fired::new(ActionEvent::OnTaskOpened, Some(&task.node)).task(id));
    Ok(())
}
