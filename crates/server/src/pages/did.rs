//! What was just done, told once on the next page.

use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::{app::App, text::Words};

/// The name of the cookie; it holds a word of the list below, never text.
pub(super) const DID_COOKIE: &str = "signoff_did";

macro_rules! did {
    ($($name:ident: $word:literal, $text:ident;)*) => {
        /// What was just done.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(super) enum Did { $($name,)* }

        impl Did {
            /// What a cookie says was done.
            pub(super) fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$name),)*
                    _ => None,
                }
            }

            const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The same for people.
            pub(super) const fn text(self, words: &Words) -> &'static str {
                match self { $(Self::$name => words.$text,)* }
            }
        }
    };
}

did! {
    AddApprover: "add_approver", did_add_approver;
    Answer: "answer", did_answer;
    Approve: "approve", did_approve;
    Assign: "assign", did_assign;
    Begin: "begin", did_start;
    Cancel: "cancel", did_cancel;
    CheckIn: "check_in", did_check_in;
    Claim: "claim", did_claim;
    Complete: "complete", did_complete;
    Comment: "comment", did_comment;
    CompleteNext: "complete_next", did_complete_next;
    Delegate: "delegate", did_delegate;
    Escalate: "escalate", did_escalate;
    Hold: "hold", did_hold;
    Reject: "reject", did_reject;
    Release: "release", did_release;
    RemoveApprover: "remove_approver", did_remove_approver;
    Resubmit: "resubmit", did_resubmit;
    RequestInfo: "request_info", did_request_info;
    Resume: "resume", did_resume;
    ResumeTask: "resume_task", did_resume_task;
    Return: "return", did_resubmit;
    SaveDraft: "save_draft", did_save_draft;
    SetStatus: "set_status", did_set_status;
    Snooze: "snooze", did_snooze;
    Start: "start", did_start;
    StartWork: "start_work", did_start_work;
    Suspend: "suspend", did_suspend;
    Transfer: "transfer", did_transfer;
    Unsnooze: "unsnooze", did_unsnooze;
    Withdraw: "withdraw", did_withdraw;
}

impl Did {
    /// Tells the next page.
    pub(super) fn cookie(self, app: &App) -> Cookie<'static> {
        Cookie::build((DID_COOKIE, self.word()))
            .path(app.base.cookie_path().to_owned())
            .http_only(true)
            .same_site(SameSite::Lax)
            .build()
    }
}
