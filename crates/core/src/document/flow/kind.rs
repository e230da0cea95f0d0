//! What a node does.

use jiff::SignedDuration;
use serde_json::Value;

use super::{
    boundary::MomentDoc,
    subprocess::SubprocessDoc,
    way::{BranchDoc, WayDoc},
};
use crate::{
    document::{
        At,
        entry::{EntryDoc, EntryKeys, WhoDoc},
        expression::Expression,
    },
    graph::{Rest, Retry, Symbol},
    principal::Principal,
};

/// What a node does.
#[derive(Clone, Debug)]
pub enum NodeKindDoc {
    /// Takes back what was done: by all nodes when none is named.
    Compensate(Vec<At<String>>),
    /// Ends its branch.
    End(Option<String>),
    /// Ends the whole instance as failed, with a code.
    Fail(String),
    /// One token offered on several nodes.
    First(Vec<At<String>>),
    /// Calls the host's function within the command.
    Function(CallDoc),
    /// One of two ways.
    If {
        /// The condition.
        when: Expression,
        /// Where it goes when the condition holds.
        then: WayDoc,
        /// Where it goes otherwise.
        otherwise: WayDoc,
    },
    /// Runs the host's function after the commit.
    Job {
        /// The call.
        call: CallDoc,
        /// How often and when it is tried again.
        retry: Retry,
        /// When it runs; at once when not given.
        when: Option<MomentDoc>,
        /// How long one attempt may take.
        timeout: Option<SignedDuration>,
    },
    /// Waits for branches of a split.
    Join(JoinDoc),
    /// Tells the parent.
    Raise(String),
    /// Waits for a message or for the host.
    Receive(ReceiveDoc),
    /// Sets values of the data.
    Set(SetDoc),
    /// Throws or catches a signal.
    Signal(SignalDoc),
    /// Runs branches side by side.
    Split(Vec<BranchDoc>),
    /// Begins an instance.
    Start(Box<StartDoc>),
    /// Runs other workflows.
    Subprocess(Box<SubprocessDoc>),
    /// The first way whose condition holds.
    Switch {
        /// Tried in order.
        cases: Vec<BranchDoc>,
        /// Taken when none holds.
        default: Option<WayDoc>,
    },
    /// A person does something.
    Task(Box<TaskDoc>),
    /// Ends the whole instance.
    Terminate(Option<String>),
    /// Waits for a moment.
    Timer(MomentDoc),
    /// Waits until a condition holds.
    Wait(Expression),
}

/// A person does something.
#[derive(Clone, Debug)]
pub struct TaskDoc {
    /// What is filled.
    pub form: FormDoc,
    /// Who; nobody named is any active person.
    pub who: Option<WhoDoc>,
    /// The rest of an entry.
    pub keys: EntryKeys,
    /// Approvals in place of a plain task.
    pub approvals: Vec<EntryDoc>,
}

/// What a task fills.
#[derive(Clone, Debug)]
pub enum FormDoc {
    /// Fields of the data.
    Fields(Vec<FieldDoc>),
    /// A form of its own.
    Key(At<String>),
}

/// A field of the data that a form fills: `name`, or `name?` where it is optional.
#[derive(Clone, Debug)]
pub struct FieldDoc {
    /// The top-level key of the data.
    pub name: At<String>,
    /// Whether it may be left out.
    pub optional: bool,
}

/// How instances begin at a start node.
#[derive(Clone, Debug)]
pub struct StartDoc {
    /// What is filled.
    pub form: FormDoc,
    /// Who may; empty is any active person.
    pub by: Vec<Principal>,
    /// What begins it.
    pub trigger: TriggerDoc,
}

/// What begins an instance.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TriggerDoc {
    /// The host's code, nobody else.
    Code,
    /// A schedule.
    Cron(At<String>),
    /// Again and again.
    Every(SignedDuration),
    /// A message of that name.
    Message(String),
    /// A person, or the host's code.
    Person,
    /// A signal of that name.
    Signal(String),
}

/// A call of the host's function.
#[derive(Clone, Debug)]
pub struct CallDoc {
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Option<At<Value>>,
    /// The place in the data that takes the result.
    pub into: Option<At<String>>,
    /// How a diagram shows it.
    pub symbol: Option<Symbol>,
}

/// Values of the data, by path, in file order.
#[derive(Clone, Debug, Default)]
pub struct SetDoc(pub Vec<(At<String>, Expression)>);

/// Waits for branches of a split.
#[derive(Clone, Debug)]
pub struct JoinDoc {
    /// What it waits for.
    pub need: JoinNeedDoc,
    /// What becomes of the others.
    pub rest: Option<Rest>,
}

/// What a join waits for.
#[derive(Clone, Debug)]
pub enum JoinNeedDoc {
    /// All.
    All,
    /// One.
    Any,
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u8),
    /// That this holds.
    When(Expression),
}

/// Waits for a message or for the host.
#[derive(Clone, Debug)]
pub struct ReceiveDoc {
    /// The name of the message; the host itself completes it when not given.
    pub message: Option<String>,
    /// Which message of that name.
    pub key: Option<Expression>,
    /// The place in the data that takes what it says.
    pub into: Option<At<String>>,
}

/// Throws or catches a signal.
#[derive(Clone, Debug)]
pub enum SignalDoc {
    /// Waits for it.
    Catch {
        /// Its name.
        name: String,
        /// The place in the data that takes what it says.
        into: Option<At<String>>,
    },
    /// Tells all who wait.
    Throw {
        /// Its name.
        name: String,
        /// What it says.
        with: Option<At<Value>>,
    },
}

/// What never runs at the same time.
#[derive(Clone, Debug)]
pub struct MutexDoc {
    /// Its name.
    pub name: String,
    /// Which of that name.
    pub key: Option<Expression>,
}
