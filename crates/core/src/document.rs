//! The document model: what a definition file says, read from a JSON value with all problems at once.
//!
//! Text becomes a JSON value in `signoff-definition`, which also knows positions; here every problem
//! has the path of its place. The lists of keys in [`keys`] are the syntax: nothing else is accepted.

mod action;
mod approval;
mod calendar;
mod duration;
mod entry;
mod expression;
mod flow;
mod hierarchy;
pub mod keys;
mod principals;
mod reader;
mod steps;
mod texts;
mod top;

use indexmap::IndexMap;
use serde_json::Value;

pub(crate) use self::entry::missing_who;
pub use self::{
    action::{ActionDoc, ActionDocKind, Actions},
    approval::{ApprovalShape, PipelineContent, PipelineDoc, StageDoc},
    entry::{EntryDoc, EntryKeys, EscalateDoc, LedDoc, OnRejectDoc, SelectDoc, WhenDueDoc, WhoDoc},
    expression::Expression,
    flow::{
        BranchDoc, CallDoc, CatchDoc, FieldDoc, FlowShape, ForEachDoc, FormDoc, GiftDoc, JoinDoc,
        JoinNeedDoc, MomentDoc, MutexDoc, NodeDoc, NodeKindDoc, ReceiveDoc, SetDoc, SignalDoc,
        StartDoc, SubprocessDoc, TaskDoc, TimeoutDoc, TriggerDoc, VersionDoc, WayDoc,
    },
    steps::{StatusDoc, StepDoc, StepsShape, TakerDoc, TransitionDoc, TransitionRejectDoc},
    texts::TextsDoc,
};
use crate::{
    calendar::Week, id::WorkflowKey, pointer::Pointer, principal::Principal, problem::Problem,
    text::Text,
};

/// A value with its place in the document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub path: Pointer,
}

/// What a definition file says.
#[derive(Clone, Debug)]
pub struct Document {
    /// The key of the workflow.
    pub key: WorkflowKey,
    /// The title; made from the key when not given.
    pub title: Text,
    /// What people read beside it.
    pub texts: TextsDoc,
    /// The type of subject.
    pub subject: Option<String>,
    /// The JSON Schema of the data.
    pub data: Option<At<Value>>,
    /// The places in the data that instances are found by.
    pub indexed: Vec<At<String>>,
    /// Who may start.
    pub start_by: Vec<Principal>,
    /// When a bound subject starts by itself.
    pub start_auto: Option<Expression>,
    /// What is filled to start; of a flow, its start nodes say it.
    pub start_form: Option<At<FormDoc>>,
    /// What a start does while another instance runs for the subject.
    pub if_running: Option<IfRunningDoc>,
    /// Whether no two instances may have one business key.
    pub unique: bool,
    /// Who may manage instances.
    pub managers: Vec<Principal>,
    /// Who may look at instances.
    pub viewers: Vec<Principal>,
    /// By whose clocks days, months and years are counted; UTC when not given.
    pub time_zone: Option<At<String>>,
    /// When people work.
    pub calendar: Option<Week>,
    /// Entry keys that every entry inherits.
    pub defaults: EntryKeys,
    /// Forms by key: JSON Schemas.
    pub forms: IndexMap<String, At<Value>>,
    /// Actions of the whole workflow.
    pub actions: Actions,
    /// What the instance goes through.
    pub shape: Shape,
}

/// What a start does while another instance runs for the subject.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IfRunningDoc {
    /// Starts another.
    Allow,
    /// Refuses.
    Refuse,
    /// Gives the running one.
    Return,
}

/// What the instance goes through.
#[derive(Clone, Debug)]
pub enum Shape {
    /// `kind: approval`.
    Approval(ApprovalShape),
    /// `kind: flow`.
    Flow(FlowShape),
    /// `kind: steps`.
    Steps(StepsShape),
}

impl Document {
    /// Reads a document; `Err` holds every problem that stops it.
    ///
    /// # Errors
    /// All problems, in document order.
    pub fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        top::read(value)
    }

    /// Brings a document into the form that is stored: the words of the format, which may be written
    /// in any case, in lower case.
    pub fn normalize(value: &mut Value) {
        top::normalize(value);
    }
}
