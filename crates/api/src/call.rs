//! What a host asks the engine to do.

mod start;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use signoff_core::{
    change::SubscriptionKind,
    command::{
        Answer, Command, Delivery, Force, HandOver, OneOff, Place, Return, StatusChange, TaskRef,
    },
    facts::FunctionFailure,
    id::{ActivationId, InstanceId, NodeKey, PersonId, TaskId, TenantId},
    instance::ChildEnd,
};

pub(crate) use self::start::Made;
pub use self::start::Start;
use crate::{migration::Migration, once::Once};

/// What somebody asks the engine to do with a task or an instance.
///
/// Without [`by`](Self::by) it is the host itself that acts; the host may do all, audited.
///
/// # Example
/// ```
/// # let task = signoff::TaskId::new("01900000-0000-7000-8000-000000000001".parse()?);
/// use signoff::Call;
///
/// let call = Call::approve(task).by("rita").comment("fine").form(serde_json::json!({"code": "B-1"}));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) tenant: TenantId,
    pub(crate) by: Who,
    pub(crate) target: CallTarget,
    pub(crate) verb: Verb,
    pub(crate) answer: Answer,
    pub(crate) to: Option<String>,
    pub(crate) context: Arc<Map<String, Value>>,
    pub(crate) metadata: Arc<Map<String, Value>>,
    pub(crate) once: Option<Once>,
}

/// Who calls.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Who {
    Engine,
    Host,
    Person(PersonId),
}

/// What a call is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CallTarget {
    Activation(InstanceId, ActivationId),
    Instance(InstanceId),
    Task(TaskId),
}

/// What is to happen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verb {
    AddApprover,
    AddBranch(NodeKey, Arc<Value>),
    Answer,
    Approve,
    Assign,
    Begin,
    Cancel(Force),
    CancelTask(Place),
    ChildRaised(InstanceId, String),
    Claim,
    Comment,
    Complete,
    Delegate,
    Deliver(Place, Delivery),
    EndChild(InstanceId, ChildEnd),
    Escalate,
    FinishJob(Result<Value, FunctionFailure>),
    FollowMembers,
    Hold,
    Jump(Option<Place>),
    Migrate(Arc<Migration>),
    PersonLeft(PersonId),
    Receive(Place),
    Reject,
    Release,
    RemoveApprover,
    RequestInfo,
    Resubmit,
    Resume,
    ResumeTask,
    Retry(Place),
    Return,
    Revive(Place),
    Ring,
    RunAction(OneOff),
    SaveDraft,
    SetData(Map<String, Value>),
    SetStatus(String),
    SetMetadata(Map<String, Value>),
    Skip(Place),
    Transfer,
    Snooze(Option<Timestamp>),
    StartWork,
    Suspend,
    Undo(Place),
    Unsnooze,
    Wake,
    Withdraw,
}

impl Call {
    fn new(target: CallTarget, verb: Verb) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            target,
            verb,
            answer: Answer::default(),
            to: None,
            context: Arc::default(),
            metadata: Arc::default(),
            once: None,
        }
    }

    /// A call about an activation of an instance: itself, or the latest on a node.
    fn at(instance: InstanceId, place: Place, verb: impl FnOnce(Place) -> Verb) -> Self {
        let target = match place {
            Place::Activation(activation) => CallTarget::Activation(instance, activation),
            Place::Node(_) => CallTarget::Instance(instance),
        };
        Self::new(target, verb(place))
    }

    /// Says yes to a task.
    #[must_use]
    pub fn approve(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Approve)
    }

    /// Says no to a task; needs a [`reason`](Self::reason).
    #[must_use]
    pub fn reject(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Reject)
    }

    /// Sends the instance back to a stage, [`to`](Self::to) which it goes; the task's own stage when
    /// not given. Needs a [`reason`](Self::reason).
    #[must_use]
    pub fn resubmit(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Resubmit)
    }

    /// Gives a stage back to the requester, who corrects what was asked for in the task `revise`;
    /// completing it opens the stage anew. Needs a [`reason`](Self::reason).
    #[must_use]
    pub fn return_to_requester(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Return)
    }

    /// Hands a task over [`to`](Self::to) somebody; needs a [`reason`](Self::reason).
    #[must_use]
    pub fn delegate(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Delegate)
    }

    /// Hands a task over [`to`](Self::to) somebody for good: the vote goes along.
    #[must_use]
    pub fn transfer(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Transfer)
    }

    /// Gives a task [`to`](Self::to) somebody, as one of its managers.
    #[must_use]
    pub fn assign(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Assign)
    }

    /// Gives a task to whoever leads the person who has it.
    #[must_use]
    pub fn escalate(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Escalate)
    }

    /// Asks somebody something before a task is decided; the requester where [`to`](Self::to) is not
    /// given. The [`comment`](Self::comment) is the question.
    #[must_use]
    pub fn request_info(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::RequestInfo)
    }

    /// Answers a question, which is a task of its own; the [`comment`](Self::comment) is the answer.
    #[must_use]
    pub fn answer(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Answer)
    }

    /// Says something about a task; what is said is the [`comment`](Self::comment).
    #[must_use]
    pub fn comment_task(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Comment)
    }

    /// Says something about an instance; what is said is the [`comment`](Self::comment).
    #[must_use]
    pub fn comment_instance(instance: InstanceId) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::Comment)
    }

    /// Takes the request back, as its requester; needs a [`reason`](Self::reason).
    #[must_use]
    pub fn withdraw(instance: InstanceId) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::Withdraw)
    }

    /// Asks one person more, [`to`](Self::to): of an offer one candidate more, else one more who must
    /// agree; for managers.
    #[must_use]
    pub fn add_approver(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::AddApprover)
    }

    /// Asks one person less, [`to`](Self::to); whoever has the task when not given. For managers.
    #[must_use]
    pub fn remove_approver(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::RemoveApprover)
    }

    /// Gives the task of somebody who has left to the substitute, else to a manager above, else it is
    /// an incident; for managers. [`Engine::person_left`](crate::Engine::person_left) does all.
    #[must_use]
    pub fn person_left(task: TaskId, person: impl Into<PersonId>) -> Self {
        Self::new(CallTarget::Task(task), Verb::PersonLeft(person.into()))
    }

    /// Asks the directory again whom an entry with `members: live` asks: tasks for who came, none for
    /// who went. For managers; votes do it by themselves.
    #[must_use]
    pub fn follow_members(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::FollowMembers)
    }

    /// Does a task of a flow, with the fields of its form.
    #[must_use]
    pub fn complete(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Complete)
    }

    /// Takes an offered task.
    #[must_use]
    pub fn claim(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Claim)
    }

    /// Gives a claimed task back.
    #[must_use]
    pub fn release(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Release)
    }

    /// Gives the step of a task another status; a completion status leaves it by the first transition
    /// that holds, or by the one that leads [`to`](Self::to) the step that is named.
    ///
    /// [`notices`](crate::Done::notices) tell `condition_failed` for each condition that failed, and
    /// `no_transition` when none could be taken: the status is stored, and may be set again.
    #[must_use]
    pub fn set_status(task: TaskId, status: impl Into<String>) -> Self {
        Self::new(CallTarget::Task(task), Verb::SetStatus(status.into()))
    }

    /// Begins to work on a task: from then on the instance is cancelled with force only.
    #[must_use]
    pub fn start_work(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::StartWork)
    }

    /// Keeps what is filled of a task's form, the [`form`](Self::form), without completing the task;
    /// without a form, what was kept is dropped.
    #[must_use]
    pub fn save_draft(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::SaveDraft)
    }

    /// Puts a task out of its holder's sight until a moment; its clock goes on.
    #[must_use]
    pub fn snooze(task: TaskId, until: Timestamp) -> Self {
        Self::new(CallTarget::Task(task), Verb::Snooze(Some(until)))
    }

    /// The same with a moment that may be missing, which is refused.
    #[must_use]
    pub fn snooze_until(task: TaskId, until: Option<Timestamp>) -> Self {
        Self::new(CallTarget::Task(task), Verb::Snooze(until))
    }

    /// Puts a snoozed task in sight before its moment.
    #[must_use]
    pub fn unsnooze(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Unsnooze)
    }

    /// Stops the clock of a task, on which nobody may act until it is resumed.
    #[must_use]
    pub fn suspend(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Suspend)
    }

    /// Lets a suspended task go on; its moments are later by the time that it stood still.
    #[must_use]
    pub fn resume_task(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::ResumeTask)
    }

    /// Begins an instance that was attached before, [`later`](Start::later).
    #[must_use]
    pub fn begin(instance: InstanceId) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::Begin)
    }

    /// Puts an instance on hold: nothing moves and nothing fires until it is resumed.
    #[must_use]
    pub fn hold(instance: InstanceId) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::Hold)
    }

    /// Lets an instance on hold go on; every moment that it waits for is later by the time held.
    #[must_use]
    pub fn resume(instance: InstanceId) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::Resume)
    }

    /// Stops an instance; needs a [`reason`](Self::reason), and [`force`](Self::force) while somebody
    /// else works on a task of it.
    #[must_use]
    pub fn cancel(instance: InstanceId) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::Cancel(Force::No))
    }

    /// Also while somebody works on a task: of [`cancel`](Self::cancel) only.
    #[must_use]
    pub fn force(mut self) -> Self {
        if let Verb::Cancel(force) = &mut self.verb {
            *force = Force::Yes;
        }
        self
    }

    /// Withdraws one activation; the instance goes on.
    ///
    /// A place is an activation's id, or a node's key for the latest one there.
    #[must_use]
    pub fn cancel_task(instance: InstanceId, place: impl Into<Place>) -> Self {
        Self::at(instance, place.into(), Verb::CancelTask)
    }

    /// Leaves an activation out: its token goes on as if it had completed. Needs a
    /// [`reason`](Self::reason).
    #[must_use]
    pub fn skip(instance: InstanceId, place: impl Into<Place>) -> Self {
        Self::at(instance, place.into(), Verb::Skip)
    }

    /// Tries a failed activation again.
    #[must_use]
    pub fn retry(instance: InstanceId, place: impl Into<Place>) -> Self {
        Self::at(instance, place.into(), Verb::Retry)
    }

    /// Puts the token of an activation that failed, was cancelled or undone on its node anew.
    #[must_use]
    pub fn revive(instance: InstanceId, place: impl Into<Place>) -> Self {
        Self::at(instance, place.into(), Verb::Revive)
    }

    /// Takes a completed visit back; its token is parked on it.
    #[must_use]
    pub fn undo(instance: InstanceId, place: impl Into<Place>) -> Self {
        Self::at(instance, place.into(), Verb::Undo)
    }

    /// Moves one token [`to`](Self::to) another node of its scope. Needs a [`reason`](Self::reason).
    #[must_use]
    pub fn jump(instance: InstanceId, place: impl Into<Place>) -> Self {
        Self::at(instance, place.into(), |place| Verb::Jump(Some(place)))
    }

    /// Withdraws everything and goes on from a node, [`to`](Self::to) which the instance goes, also
    /// when it has ended. Needs a [`reason`](Self::reason).
    #[must_use]
    pub fn jump_whole(instance: InstanceId) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::Jump(None))
    }

    /// Goes on by another version of the definition.
    #[must_use]
    pub fn migrate(instance: InstanceId, plan: Migration) -> Self {
        let verb = Verb::Migrate(Arc::new(plan));
        Self::new(CallTarget::Instance(instance), verb)
    }

    /// Sets keys of the data, checked against their schema.
    #[must_use]
    pub fn set_data(instance: InstanceId, values: Map<String, Value>) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::SetData(values))
    }

    /// Runs an action once, beside what the definition says.
    pub(crate) fn run_action(instance: InstanceId, action: OneOff) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::RunAction(action))
    }

    /// Merges keys into what the host notes; those that are null go.
    #[must_use]
    pub fn set_metadata(instance: InstanceId, values: Map<String, Value>) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::SetMetadata(values))
    }

    /// One more branch of the open split that leads to `node`, or one more child of the subprocess
    /// `node`; `item` is what `for_each` would have given it.
    #[must_use]
    pub fn add_branch(instance: InstanceId, node: impl Into<NodeKey>, item: Value) -> Self {
        let verb = Verb::AddBranch(node.into(), Arc::new(item));
        Self::new(CallTarget::Instance(instance), verb)
    }

    /// Completes a node that waits for the host (`receive: {code: true}`); the
    /// [`form`](Self::form) is what it receives.
    #[must_use]
    pub fn receive(instance: InstanceId, place: impl Into<Place>) -> Self {
        Self::at(instance, place.into(), Verb::Receive)
    }

    pub(crate) fn deliver(
        instance: InstanceId,
        activation: ActivationId,
        delivery: Delivery,
    ) -> Self {
        Self::at(instance, activation.into(), |place| {
            Verb::Deliver(place, delivery)
        })
    }

    pub(crate) fn by_engine(
        tenant: TenantId,
        instance: InstanceId,
        activation: ActivationId,
        verb: Verb,
    ) -> Self {
        Self {
            tenant,
            by: Who::Engine,
            ..Self::new(CallTarget::Activation(instance, activation), verb)
        }
    }

    pub(crate) fn wake(tenant: TenantId, task: TaskId) -> Self {
        Self {
            tenant,
            by: Who::Engine,
            ..Self::new(CallTarget::Task(task), Verb::Wake)
        }
    }

    /// The tenant; `default` when not given.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            tenant: tenant.into(),
            ..self
        }
    }

    /// The person who acts.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// The name of this request: however often it is sent, it is done once.
    #[must_use]
    pub fn once(self, once: Once) -> Self {
        Self {
            once: Some(once),
            ..self
        }
    }

    /// A remark.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.answer.comment = Some(comment.into());
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.answer.reason = Some(reason.into());
        self
    }

    /// The filled form, a JSON object.
    #[must_use]
    pub fn form(mut self, form: Value) -> Self {
        self.answer.form = Some(Arc::new(form));
        self
    }

    /// What conditions see in place of the data's keys of the same name, for this call only; at most
    /// 64 KiB of JSON. It is not stored.
    #[must_use]
    pub fn context(self, context: Map<String, Value>) -> Self {
        Self {
            context: Arc::new(context),
            ..self
        }
    }

    /// What is noted in the instance's metadata with a status: keys that a transition of the step
    /// requires.
    #[must_use]
    pub fn metadata(self, metadata: Map<String, Value>) -> Self {
        Self {
            metadata: Arc::new(metadata),
            ..self
        }
    }

    /// Where it goes: a person for a hand-over, a node for a resubmission, a step for a status, the
    /// chosen one of several for a no.
    #[must_use]
    pub fn to(self, to: impl Into<String>) -> Self {
        Self {
            to: Some(to.into()),
            ..self
        }
    }

    /// The command, with the task that it is about.
    pub(crate) fn command(&self, task: Option<TaskRef>) -> Option<Command> {
        let activation = match self.target {
            CallTarget::Activation(_, activation) => Some(activation),
            _ => None,
        };
        let reason = || self.answer.reason.clone().unwrap_or_default();
        Some(match &self.verb {
            Verb::AddApprover => Command::AddApprover(task?, self.hand_over()),
            Verb::AddBranch(node, item) => Command::AddBranch(node.clone(), Arc::clone(item)),
            Verb::Answer => Command::Answer(task?, self.text()),
            Verb::Approve => Command::Approve(task?, self.answer.clone()),
            Verb::Assign => Command::Assign(task?, self.hand_over()),
            Verb::Begin => Command::Begin,
            Verb::Cancel(force) => Command::Cancel {
                reason: reason(),
                force: *force,
            },
            Verb::CancelTask(place) => {
                Command::CancelTask(place.clone(), self.answer.reason.clone())
            }
            Verb::ChildRaised(child, code) => {
                Command::ChildRaised(activation?, *child, code.clone())
            }
            Verb::Claim => Command::Claim(task?),
            Verb::Comment => Command::Comment(task, self.text()),
            Verb::Complete => Command::Complete(task?, self.answer.clone()),
            Verb::Delegate => Command::Delegate(task?, self.hand_over()),
            Verb::Deliver(place, delivery) => Command::Deliver(place.clone(), delivery.clone()),
            Verb::EndChild(child, end) => Command::EndChild(activation?, *child, end.clone()),
            Verb::Escalate => Command::Escalate(task?, reason()),
            Verb::FinishJob(result) => Command::FinishJob(activation?, result.clone()),
            Verb::Hold => Command::Hold(self.answer.reason.clone()),
            Verb::FollowMembers => Command::FollowMembers(task?),
            Verb::Jump(place) => Command::Jump(place.clone(), self.back()),
            // It needs both definitions: the engine makes it.
            Verb::Migrate(_) => return None,
            Verb::PersonLeft(person) => Command::PersonLeft(task?, person.clone()),
            Verb::RemoveApprover => Command::RemoveApprover(task?, self.hand_over()),
            Verb::Receive(place) => Command::Deliver(place.clone(), self.received()),
            Verb::Reject => Command::Reject(
                task?,
                Answer {
                    to: self.to.as_deref().map(NodeKey::from),
                    ..self.answer.clone()
                },
            ),
            Verb::Release => Command::Release(task?),
            Verb::RequestInfo => Command::RequestInfo(
                task?,
                HandOver {
                    reason: self.text(),
                    ..self.hand_over()
                },
            ),
            Verb::Resubmit => Command::Resubmit(task?, self.back()),
            Verb::Resume => Command::Resume,
            Verb::ResumeTask => Command::ResumeTask(task?),
            Verb::Return => Command::Return(task?, reason()),
            Verb::Retry(place) => Command::Retry(place.clone()),
            Verb::Revive(place) => Command::Revive(place.clone()),
            Verb::Ring => Command::Ring(activation?),
            Verb::SaveDraft => Command::SaveDraft(task?, self.answer.form.clone()),
            Verb::RunAction(action) => Command::RunAction(action.clone()),
            Verb::SetMetadata(values) => Command::SetMetadata(values.clone()),
            Verb::SetData(values) => Command::SetData(values.clone()),
            Verb::SetStatus(status) => Command::SetStatus(task?, self.status(status)),
            Verb::Skip(place) => Command::Skip(place.clone(), reason()),
            Verb::Transfer => Command::Transfer(task?, self.hand_over()),
            Verb::Snooze(until) => Command::Snooze(task?, *until),
            Verb::StartWork => Command::StartWork(task?),
            Verb::Suspend => Command::Suspend(task?, self.answer.reason.clone()),
            Verb::Unsnooze => Command::Unsnooze(task?),
            Verb::Undo(place) => Command::Undo(place.clone()),
            Verb::Wake => Command::Wake(task?),
            Verb::Withdraw => Command::Withdraw { reason: reason() },
        })
    }

    fn status(&self, status: &str) -> StatusChange {
        StatusChange {
            status: status.to_owned(),
            to: self.to.as_deref().map(NodeKey::from),
            metadata: Map::clone(&self.metadata),
            answer: self.answer.clone(),
        }
    }

    /// What the host gives to a node that waits for it.
    fn received(&self) -> Delivery {
        let form = self.answer.form.as_deref();
        Delivery {
            kind: SubscriptionKind::Message,
            name: String::new(),
            message: None,
            payload: form.cloned().unwrap_or_default(),
        }
    }

    /// What is said; the reason where no comment is given.
    fn text(&self) -> String {
        let said = self.answer.comment.as_ref().or(self.answer.reason.as_ref());
        said.cloned().unwrap_or_default()
    }

    pub(crate) fn hand_over(&self) -> HandOver {
        HandOver {
            to: self.to.as_deref().map(PersonId::from),
            reason: self.answer.reason.clone().unwrap_or_default(),
        }
    }

    pub(crate) fn back(&self) -> Return {
        Return {
            to: self.to.as_deref().map(NodeKey::from),
            reason: self.answer.reason.clone().unwrap_or_default(),
        }
    }
}
