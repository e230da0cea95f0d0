//! A "no": a value with a stable code, not an error.

use std::fmt;

use crate::{
    id::{InstanceId, WorkflowKey},
    schemas::FieldError,
};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable code as stored and shown.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// Why a command was refused, in the order in which the checks are made.
    RefusalCode {
        /// There is no such thing, or it belongs to another tenant.
        NotFound = "not_found",
        /// The instance is not running.
        NotRunning = "not_running",
        /// The instance is on hold, or the task is suspended.
        OnHold = "on_hold",
        /// What is to be resumed stands still neither as an instance nor as a task.
        NotOnHold = "not_on_hold",
        /// The task is closed.
        NotOpen = "not_open",
        /// This person has already voted on this opening of the entry.
        AlreadyDecided = "already_decided",
        /// Somebody else has the task.
        AlreadyClaimed = "already_claimed",
        /// This person may not do this.
        NotPermitted = "not_permitted",
        /// The requester may not decide on the own request.
        SelfApproval = "self_approval",
        /// Somebody who acted before may not act here.
        SeparationOfDuties = "separation_of_duties",
        /// This cannot be said of such a task.
        UnknownOutcome = "unknown_outcome",
        /// The step has no such status, or not for this command.
        UnknownStatus = "unknown_status",
        /// No such message or signal is waited for here.
        UnknownMessage = "unknown_message",
        /// The directory does not know the person, or the person is not active.
        UnknownUser = "unknown_user",
        /// A reason must be given.
        ReasonRequired = "reason_required",
        /// A target must be given.
        TargetRequired = "target_required",
        /// The target does not exist or may not be taken.
        TargetInvalid = "target_invalid",
        /// A form must be filled.
        FormRequired = "form_required",
        /// No form or data may be sent here.
        FormNotAllowed = "form_not_allowed",
        /// The form or the data do not fit their schema.
        FormInvalid = "form_invalid",
        /// Nobody can be found to act.
        NoApprover = "no_approver",
        /// The subject already has a running instance of the workflow, or what is to be started was.
        AlreadyStarted = "already_started",
        /// Another instance of the workflow has the business key.
        NotUnique = "not_unique",
        /// The definition has errors.
        DefinitionInvalid = "definition_invalid",
        /// The workflow is not active.
        DefinitionInactive = "definition_inactive",
        /// Something still refers to it.
        InUse = "in_use",
        /// A request of this id was answered before, and asked something else.
        RequestReused = "request_reused",
        /// Another command won the race more often than retries are allowed.
        Conflict = "conflict",
        /// Something is larger than its limit.
        LimitExceeded = "limit_exceeded",
        /// A name, a key or an id has a character that not every database keeps.
        TextInvalid = "text_invalid",
        /// What is to be undone is not completed, or something came of it.
        NotUndoable = "not_undoable",
        /// What is to be withdrawn does not live, or somebody works on it.
        NotCancellable = "not_cancellable",
        /// What is to be revived has not failed and is not parked.
        NotRevivable = "not_revivable",
        /// What is to be left out does not live, or nothing comes after it.
        NotSkippable = "not_skippable",
        /// A workflow or a node that is named does not exist.
        DanglingReference = "dangling_reference",
        /// A node failed while the command ran.
        NodeFailed = "node_failed",
    }
}

/// A "no": the command was understood and may not happen. Nothing was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// A sentence fragment for people.
    pub message: String,
    /// The fields that are wrong, when the code is about a form or data.
    pub fields: Vec<FieldError>,
}

impl Refusal {
    /// A refusal without field errors.
    #[must_use]
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Vec::new(),
        }
    }

    /// An instance of the workflow runs for the subject already.
    #[must_use]
    pub fn already_runs(workflow: &WorkflowKey, running: InstanceId) -> Self {
        let message = format!("`{workflow}` already runs for this subject as {running}");
        Self::new(RefusalCode::AlreadyStarted, message)
    }

    /// Another instance of the workflow has the business key.
    #[must_use]
    pub fn not_unique(workflow: &WorkflowKey, key: &str, other: InstanceId) -> Self {
        let message = format!("the instance {other} of `{workflow}` has the business key `{key}`");
        Self::new(RefusalCode::NotUnique, message)
    }

    /// The same refusal with the fields that are wrong.
    #[must_use]
    pub fn fields(self, fields: Vec<FieldError>) -> Self {
        Self { fields, ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        for field in &self.fields {
            write!(f, "; {}: {}", field.pointer, field.message)?;
        }
        Ok(())
    }
}
