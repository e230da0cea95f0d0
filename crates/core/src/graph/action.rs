//! Actions: what reacts to events.

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{conditions::Condition, principal::Principal, template::Template};

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// What an action can react to.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ActionEvent {
            $($(#[$doc])* $variant,)*
            /// Somebody asked for an action; no definition names it.
            OnDemand,
        }

        impl ActionEvent {
            /// Every event that definitions may name.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name as written in definitions.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::OnDemand => "on_demand",
                }
            }

            /// The event of that name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|event| event.as_str() == name)
            }
        }
    };
}

events! {
    /// An instance has started and its first approvals exist.
    OnWorkflowStart = "on_workflow_start",
    /// An entry completed with a yes.
    AfterApprove = "after_approve",
    /// An entry rejected.
    AfterReject = "after_reject",
    /// A task of a flow was done.
    AfterComplete = "after_complete",
    /// A stage was opened anew.
    AfterResubmission = "after_resubmission",
    /// A task was delegated.
    AfterDelegate = "after_delegate",
    /// The next approval node opened.
    AfterMoveStage = "after_move_stage",
    /// The next approval node opened in another group.
    AfterMovePipeline = "after_move_pipeline",
    /// An instance completed.
    OnWorkflowComplete = "on_workflow_complete",
    /// A task was opened.
    OnTaskOpened = "on_task_opened",
    /// Somebody took a task, or was given it by transfer.
    OnTaskAssigned = "on_task_assigned",
    /// A step has another status.
    OnStatus = "on_status",
    /// A step was left by a transition.
    AfterTransition = "after_transition",
    /// A task will be due soon.
    OnReminder = "on_reminder",
    /// A task is overdue.
    OnOverdue = "on_overdue",
    /// A task went to somebody else because nobody answered.
    AfterEscalate = "after_escalate",
    /// A completed visit was taken back.
    OnUndo = "on_undo",
    /// An instance was put on hold.
    OnHold = "on_hold",
    /// An instance on hold goes on.
    OnResume = "on_resume",
    /// An instance was cancelled.
    OnCancel = "on_cancel",
    /// Something needs an operator.
    OnIncident = "on_incident",
}

/// The actions that one level names, by event.
///
/// An event that is present with an empty list is named: it stops the lookup and runs nothing.
pub type ActionTable = IndexMap<ActionEvent, Arc<[ActionSpec]>>;

/// One action.
#[derive(Clone, Debug)]
pub struct ActionSpec {
    /// What it does.
    pub kind: ActionKind,
    /// When false at the end of the command, it is skipped.
    pub when: Option<Arc<dyn Condition>>,
    /// Actions of one event run by ascending order, then file order; 0.
    pub order: i64,
    /// What a final failure means for the actions after it.
    pub on_failure: OnFailure,
    /// How often and when it is tried again.
    pub retry: Retry,
}

/// What an action does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ActionKind {
    /// Sends mail.
    Mail(MailSpec),
    /// Runs the host's function.
    Run(RunSpec),
}

/// A mail to send.
#[derive(Clone, Debug)]
pub struct MailSpec {
    /// The template's name.
    pub template: String,
    /// A subject in place of the template's.
    pub subject: Option<Template>,
    /// Who gets it.
    pub to: Vec<Recipient>,
    /// Who gets a copy.
    pub cc: Vec<Recipient>,
    /// More values for the template.
    pub with: Option<Template>,
}

/// A function of the host to run after the commit.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Option<Template>,
}

/// Who gets a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Recipient {
    /// A fixed address.
    Address(String),
    /// The subject's creator, else the requester.
    Creator,
    /// Everybody who may decide now.
    CurrentApprovers,
    /// Who was given the task by delegation.
    Delegate,
    /// Who gave the task away.
    Delegator,
    /// Everybody who took part so far.
    Participants,
    /// A person or whoever has a role.
    Principal(Principal),
    /// The person who asked for the instance.
    Requester,
    /// Whoever has the task, else its candidates.
    TaskHolders,
    /// The person who started the instance.
    WorkflowStarter,
}

/// What a final failure means for the actions after it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// They run.
    #[default]
    Continue,
    /// They do not run.
    Stop,
}

/// How often and when something is tried again: after backoff·2^k, up to one hour.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Retry {
    /// Attempts in all; 5.
    pub max: u32,
    /// The wait before the first retry, in seconds; 60.
    pub backoff_seconds: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max: 5,
            backoff_seconds: 60,
        }
    }
}

impl Retry {
    /// The wait after `failed` failed attempts, from 1; `None` when no attempt is left.
    #[must_use]
    pub fn wait_after(self, failed: u32) -> Option<SignedDuration> {
        const HOUR: u64 = 3_600;
        if failed >= self.max {
            return None;
        }
        let factor = 1_u64
            .checked_shl(failed.saturating_sub(1))
            .unwrap_or(u64::MAX);
        let seconds = self.backoff_seconds.saturating_mul(factor).min(HOUR);
        i64::try_from(seconds).ok().map(SignedDuration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_end_with_the_last_attempt() {
        let retry = Retry {
            max: 9,
            backoff_seconds: 60,
        };
        let waits: Vec<_> = (1..=9)
            .map(|failed| retry.wait_after(failed).map(|w| w.as_secs()))
            .collect();
        assert_eq!(
            waits,
            [60, 120, 240, 480, 960, 1920, 3600, 3600]
                .map(Some)
                .into_iter()
                .chain([None])
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn names_round_trip() {
        for event in ActionEvent::ALL {
            assert_eq!(ActionEvent::parse(event.as_str()), Some(*event));
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        }
    }
}
