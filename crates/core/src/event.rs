//! What happened: the closed list of events in an instance's history.
//!
//! Each keeps its stored form, in `testdata/records`, for ever: what means something else is a new event.

mod names;
mod parts;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::parts::{
    Decision, HistoryEntry, InstanceStarted, NodeEntered, ScopeReopened, TaskOpened, TokenParked,
};
use crate::{
    actor::By,
    change::{JobRow, SubscriptionKind},
    id::{
        ActivationId, DefinitionId, GroupKey, IncidentId, InstanceId, JobId, MessageId, NodeKey,
        PersonId, RoleId, ScopeId, TaskId,
    },
    instance::{ChildEnd, Compensation, Given, News, Outcome, Timer, Timers},
    principal::Principal,
};

/// Something that happened.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// Somebody has an action run that the definition does not name.
    ActionRequested {
        /// The name of the function, or `mail`.
        run: String,
    },
    /// Somebody said something.
    Commented {
        /// The task that it is about, if it is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<TaskId>,
        /// What was said.
        text: String,
    },
    /// An open scope has one branch more.
    BranchAdded {
        /// The scope.
        scope: ScopeId,
    },
    /// A branch ended without arriving at a join.
    BranchEnded {
        /// Its scope; `None` outside every split.
        scope: Option<ScopeId>,
        /// Whether its token had strayed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stray: bool,
    },
    /// A child of a subprocess node ended.
    ChildEnded {
        /// The activation that waits.
        activation: ActivationId,
        /// The child.
        child: InstanceId,
        /// How.
        end: ChildEnd,
    },
    /// A child of a subprocess node was ordered: it starts after the commit.
    ChildOrdered {
        /// The activation.
        activation: ActivationId,
        /// The child.
        child: InstanceId,
        /// Its place in the list of items, from 0.
        place: u32,
    },
    /// A subprocess node has one child more.
    ChildAdded {
        /// The activation.
        activation: ActivationId,
        /// What it is given.
        given: Given,
    },
    /// A subprocess node knows its children.
    ChildrenPlanned {
        /// The activation.
        activation: ActivationId,
        /// What they run.
        definition: DefinitionId,
        /// What each is given, in the order of the items.
        children: Vec<Given>,
    },
    /// A code was raised for the parent.
    CodeRaised {
        /// The activation.
        activation: ActivationId,
        /// The code.
        code: String,
    },
    /// A node takes back what others did.
    CompensationBegun {
        /// Its activation.
        activation: ActivationId,
        /// The scope of the handlers.
        scope: ScopeId,
        /// What is taken back, newest first.
        left: Vec<Compensation>,
    },
    /// A completed node can be taken back.
    CompensationNoted(Compensation),
    /// The next handler of a compensation begins.
    CompensationRun {
        /// The activation that waits.
        activation: ActivationId,
        /// The scope of the handlers.
        scope: ScopeId,
    },
    /// An activation waits for a condition on the instance.
    ConditionWatched {
        /// The activation.
        activation: ActivationId,
    },
    /// The first of two decisions was recorded.
    CheckedIn {
        /// The task.
        task: TaskId,
        /// Who.
        by: By,
        /// What was said with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
    /// Fields of the data were filled.
    DataSet {
        /// The fields, by top-level key.
        values: Map<String, Value>,
    },
    /// A person decided.
    DecisionMade(Decision),
    /// People were asked.
    EntryOpened {
        /// The activation.
        activation: ActivationId,
        /// The entry of its node, from 0.
        entry: u16,
        /// Whose votes count; empty for an offer.
        members: Vec<PersonId>,
        /// Those of them who are asked later, level by level.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        later: Vec<Vec<PersonId>>,
        /// Approvals that complete it.
        needed: u32,
        /// Who may not decide.
        excluded: Vec<PersonId>,
        /// The roles above the one that is asked, where whoever has one of them may decide instead.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        higher: Vec<RoleId>,
        /// Whom the directory named, where the members change with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        followed: Option<Vec<PersonId>>,
    },
    /// Others are asked than before: somebody came or went, or the next level is asked.
    EntryChanged {
        /// The activation.
        activation: ActivationId,
        /// The entry of its node, from 0.
        entry: u16,
        /// Whose votes count now.
        members: Vec<PersonId>,
        /// Those of them who are asked later, level by level.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        later: Vec<Vec<PersonId>>,
        /// Approvals that complete it now.
        needed: u32,
        /// Whom the directory names now, when it was asked again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        followed: Option<Vec<PersonId>>,
        /// Why, when somebody said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// An entry has been decided.
    EntryClosed {
        /// The activation.
        activation: ActivationId,
        /// The entry of its node, from 0.
        entry: u16,
        /// How.
        outcome: Outcome,
    },
    /// Nobody was found to escalate to.
    EscalationFailed {
        /// The task, which stays.
        task: TaskId,
        /// The level that fired.
        level: u32,
    },
    /// A failure was caught by a boundary of the node, and its token leaves by it.
    ErrorCaught {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
        /// The code.
        code: String,
        /// What failed.
        message: String,
    },
    /// A function of the host returned.
    FunctionReturned {
        /// The activation that called it.
        activation: ActivationId,
        /// The key of the data that took the result.
        into: Option<String>,
        /// The result.
        value: Value,
    },
    /// A group was passed by because its guard was false.
    GroupSkipped {
        /// The group.
        group: GroupKey,
        /// Its nodes.
        nodes: Vec<NodeKey>,
    },
    /// Something needs an operator.
    IncidentOpened {
        /// The incident.
        incident: IncidentId,
        /// Its stable code.
        code: String,
        /// What it is about.
        message: String,
        /// The activation that cannot go on, if one cannot.
        activation: Option<ActivationId>,
        /// The task that it is about, if it is about one.
        task: Option<TaskId>,
    },
    /// An incident is settled.
    IncidentResolved {
        /// The incident.
        incident: IncidentId,
    },
    /// A question was answered.
    InfoAnswered {
        /// The task that asked it.
        task: TaskId,
        /// Who.
        by: By,
        /// What.
        text: String,
    },
    /// The instance was made, to be started later.
    InstanceAttached(Box<InstanceStarted>),
    /// An instance that was attached before began.
    InstanceBegun {
        /// Who asked for it, where nobody had before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requester: Option<PersonId>,
    },
    /// The instance was stopped.
    InstanceCancelled {
        /// Why.
        reason: String,
    },
    /// The instance came to its end.
    InstanceCompleted,
    /// The instance came to a failing end.
    InstanceFailed {
        /// Its code.
        code: String,
    },
    /// The instance goes on by another version of its definition.
    InstanceMigrated {
        /// The version.
        definition: DefinitionId,
        /// The nodes that have another key in it, by the key that they had.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        nodes: BTreeMap<NodeKey, NodeKey>,
    },
    /// The instance stands still until it is resumed.
    InstanceHeld {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The jobs of its job nodes, which are put aside.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        jobs: Vec<JobRow>,
    },
    /// People said no.
    InstanceRejected {
        /// Who said the last no.
        by: By,
        /// Why.
        reason: String,
    },
    /// The instance goes on with so many tokens outside every scope; what it had is gone.
    InstanceReopened {
        /// How many.
        tokens: u32,
    },
    /// The instance goes on; every moment that it waits for moved by the time that it was held.
    InstanceResumed,
    /// The instance began.
    InstanceStarted(Box<InstanceStarted>),
    /// A token arrived at a join.
    JoinArrived {
        /// The join.
        join: NodeKey,
        /// The scope of the token.
        scope: ScopeId,
        /// The last approval node on the token's way.
        from: Option<NodeKey>,
        /// The activation that it came from.
        after: Option<ActivationId>,
    },
    /// A join fired while tokens of its scope were left, and they go on.
    JoinFired {
        /// The join.
        join: NodeKey,
        /// The scope.
        scope: ScopeId,
    },
    /// A job of the host was ordered; it has the id of the activation.
    JobOrdered {
        /// The activation that waits for it.
        activation: ActivationId,
        /// When it runs, if later than at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
    },
    /// An activation waits for a lock that another one has.
    LockAwaited {
        /// The activation.
        activation: ActivationId,
        /// The lock.
        lock: String,
    },
    /// An activation has a lock.
    LockTaken {
        /// The activation.
        activation: ActivationId,
        /// The lock.
        lock: String,
    },
    /// A message or a signal came that was waited for.
    MessageReceived {
        /// The activation that waited.
        activation: ActivationId,
        /// The message; none for a signal, and where the host itself completes the node.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
        /// The key of the data that took what it says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        into: Option<String>,
        /// What it says.
        value: Value,
    },
    /// Keys of the metadata were set; those that are null are gone.
    MetadataSet {
        /// The keys.
        values: Map<String, Value>,
    },
    /// The instance was told something while it was on hold.
    NewsKept(News),
    /// An activation was withdrawn.
    NodeCancelled {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
    },
    /// An activation ended as planned.
    NodeCompleted {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
        /// What it has produced.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        artifact: Option<Arc<Value>>,
    },
    /// A node can not be done for now: its condition does not hold, and its tasks are withdrawn.
    NodeDisabled {
        /// The activation.
        activation: ActivationId,
    },
    /// A node can be done: its condition holds.
    NodeEnabled {
        /// The activation.
        activation: ActivationId,
    },
    /// A token came to a node.
    NodeEntered(Box<NodeEntered>),
    /// An activation cannot go on.
    NodeFailed {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
        /// What an operator sees.
        incident: IncidentId,
    },
    /// The definition has no such node any more: its visit can only be withdrawn or moved.
    NodeObsolete {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
        /// What an operator sees.
        incident: IncidentId,
    },
    /// People said no at a node, and the token leaves it.
    NodeRejected {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
    },
    /// A node was sent back from, and its token goes to the target.
    NodeResubmitted {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
        /// Where the token goes.
        to: NodeKey,
    },
    /// People gave a node back to the requester, and its token goes there.
    NodeReturned {
        /// The activation.
        activation: ActivationId,
        /// Its node, which opens anew once the requester is done.
        node: NodeKey,
    },
    /// A failed activation is tried again.
    NodeRetried {
        /// The activation.
        activation: ActivationId,
    },
    /// A failed activation is over; its token enters the node anew.
    NodeRevived {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
    },
    /// A node was passed by because its guard was false, or left out by an operator.
    NodeSkipped {
        /// The node.
        node: NodeKey,
        /// The activation that was left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        activation: Option<ActivationId>,
    },
    /// A completed visit was undone; its token is parked on it.
    NodeUndone {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
    },
    /// An end named the outcome.
    OutcomeSet {
        /// The outcome.
        outcome: String,
    },
    /// One token was offered on several nodes.
    RaceOpened {
        /// The activation of the `first`.
        race: ActivationId,
    },
    /// One of the nodes keeps the token.
    RaceWon {
        /// The activation of the `first`.
        race: ActivationId,
        /// The activation that keeps it.
        activation: ActivationId,
    },
    /// All branches that are left have arrived; the scope is over and its token goes on.
    ScopeClosed {
        /// The scope.
        scope: ScopeId,
    },
    /// A split gave each branch a token.
    ScopeOpened {
        /// The new scope.
        scope: ScopeId,
        /// The activation of the split.
        activation: ActivationId,
        /// How many branches.
        branches: u32,
    },
    /// A scope is open again, with no token in it that moves: its join was undone.
    ScopeReopened(Box<ScopeReopened>),
    /// A token runs beside its node, which stays: a boundary that does not interrupt.
    SideOpened {
        /// The scope of that token, which no join counts.
        scope: ScopeId,
        /// The activation that stays.
        activation: ActivationId,
    },
    /// A signal was thrown.
    SignalThrown {
        /// The activation.
        activation: ActivationId,
        /// Its name.
        name: String,
    },
    /// A step has another status.
    StatusSet {
        /// The activation.
        activation: ActivationId,
        /// The step.
        node: NodeKey,
        /// The status.
        status: String,
        /// The status before; none as the step begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// What was said with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
    /// An activation waits for a message, a signal, or the host.
    SubscriptionOpened {
        /// The activation.
        activation: ActivationId,
        /// Which of them.
        kind: SubscriptionKind,
        /// The name; empty for the host.
        name: String,
        /// Which one of that name.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        key: String,
    },
    /// A task was withdrawn.
    TaskCancelled {
        /// The task.
        task: TaskId,
    },
    /// Somebody took an offered task.
    TaskClaimed {
        /// The task.
        task: TaskId,
        /// Who.
        by: PersonId,
    },
    /// What was filled of the form of a task was kept, or dropped.
    TaskDrafted {
        /// The task.
        task: TaskId,
        /// What was filled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<Arc<Value>>,
    },
    /// A task was handed over; vote and separation of duties stay the delegator's too.
    TaskDelegated {
        /// The task.
        task: TaskId,
        /// Who gave it.
        from: PersonId,
        /// Who has it now.
        to: PersonId,
        /// Why.
        reason: String,
    },
    /// A task went up: because nobody answered, or because somebody gave it to whoever leads them.
    TaskEscalated {
        /// The task.
        task: TaskId,
        /// The level, from 1.
        level: u32,
        /// Who has it now; `None` when it is offered.
        assignee: Option<PersonId>,
        /// Who may take it now.
        candidates: Vec<Principal>,
        /// Why, where a person said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Others may take a task now: somebody was added to them, or is not asked any more.
    TaskOffered {
        /// The task.
        task: TaskId,
        /// Who may take it now.
        candidates: Vec<Principal>,
        /// Why, when somebody said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A person has something to do.
    TaskOpened(Box<TaskOpened>),
    /// Somebody gave a claimed task back.
    TaskReleased {
        /// The task.
        task: TaskId,
    },
    /// A task was handed over for good: vote and duty went along.
    TaskTransferred {
        /// The task.
        task: TaskId,
        /// Who had it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<PersonId>,
        /// Who has it now.
        to: PersonId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A task that was suspended goes on; its moments moved by the time that it stood still.
    TaskResumed {
        /// The task.
        task: TaskId,
    },
    /// Whoever has a task does not want to see it for a while.
    TaskSnoozed {
        /// The task.
        task: TaskId,
        /// Until when.
        until: Timestamp,
    },
    /// Whoever has a task began to work on it.
    TaskStarted {
        /// The task.
        task: TaskId,
    },
    /// Nobody may act on a task until it is resumed.
    TaskSuspended {
        /// The task.
        task: TaskId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A snoozed task is to be seen again, before its moment.
    TaskWoken {
        /// The task.
        task: TaskId,
    },
    /// An activation waits for moments: its own, and those of its boundaries.
    TimersArmed {
        /// The activation.
        activation: ActivationId,
        /// The job that wakes it at the earliest.
        job: JobId,
        /// When, and what then; earliest first.
        due: Vec<(Timestamp, Timer)>,
    },
    /// What happens when nobody does a task was worked out anew.
    TaskRetimed {
        /// The task.
        task: TaskId,
        /// What happens when nobody answers.
        timers: Timers,
    },
    /// A token of a scope came to where no way leads to a join any more.
    TokenStrayed {
        /// The scope.
        scope: ScopeId,
    },
    /// A token was taken out of its way.
    TokenParked(Box<TokenParked>),
    /// A parked token is put back, or gone for good.
    TokenUnparked {
        /// The activation that it was parked from.
        activation: ActivationId,
        /// Whether it is put back where it was.
        back: bool,
    },
    /// The condition of a transition failed, and the next transition was tried.
    TransitionFailed {
        /// The activation.
        activation: ActivationId,
        /// The step.
        node: NodeKey,
        /// The step that the transition leads to.
        to: NodeKey,
        /// What failed.
        message: String,
    },
    /// A step was left by a transition.
    TransitionTaken {
        /// The activation that is left.
        activation: ActivationId,
        /// The step.
        node: NodeKey,
        /// The step that the transition leads to, perhaps past an approval.
        to: NodeKey,
        /// Its priority.
        priority: i64,
    },
    /// A moment came that was waited for.
    TimerFired {
        /// The activation that waits.
        activation: ActivationId,
        /// The task that waits; none for a boundary.
        task: Option<TaskId>,
        /// Which of the timers.
        timer: Timer,
    },
}

#[cfg(test)]
mod tests;
