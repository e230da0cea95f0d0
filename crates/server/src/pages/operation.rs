//! What people do with a task or an instance besides deciding: one table for buttons, fields and calls.
//!
//! The controls of an operation are called `OPERATION_to` and `OPERATION_reason`, so that one form can
//! hold all of them.

use signoff::{Call, InstanceId, TaskId};

use super::{did::Did, form::Sent, message};
use crate::{
    fault::Fault,
    text::{Locale, Words},
};

/// An operation as it is written down, on what is called by an `Id`.
pub(super) struct Spec<Id: 'static> {
    /// The value of its button.
    pub(super) key: &'static str,
    /// The command that must be possible for it to be shown.
    command: &'static str,
    title: fn(&Words) -> &'static str,
    why: fn(&Words) -> &'static str,
    button: fn(&Words) -> &'static str,
    to: To,
    says: Says,
    danger: bool,
    call: fn(Id) -> Call,
    pub(super) did: Did,
}

/// Whom or what it goes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum To {
    Nobody,
    Person,
    /// A stage that a no may lead to, where the document lets one be chosen.
    Rejection,
    /// Whoever has the task where nobody is chosen.
    PersonOrHolder,
    /// The requester where nobody is chosen.
    PersonOrRequester,
    Stage,
}

/// What is said with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Says {
    Comment,
    Question,
    Reason,
    ReasonIfAny,
}

/// What can be done with a task.
pub(super) const WITH_TASK: &[Spec<TaskId>] = &[
    Spec {
        danger: true,
        title: |w| w.reject,
        why: |w| w.reject_why,
        button: |w| w.reject,
        to: To::Rejection,
        ..spec("reject", Call::reject, Did::Reject)
    },
    Spec {
        title: |w| w.resubmit,
        why: |w| w.resubmit_why,
        button: |w| w.send_back,
        to: To::Stage,
        ..spec("resubmit", Call::resubmit, Did::Resubmit)
    },
    Spec {
        title: |w| w.give_back,
        why: |w| w.give_back_why,
        button: |w| w.give_back,
        ..spec("return", Call::return_to_requester, Did::Return)
    },
    Spec {
        title: |w| w.delegate,
        why: |w| w.delegate_why,
        button: |w| w.hand_over,
        to: To::Person,
        ..spec("delegate", Call::delegate, Did::Delegate)
    },
    Spec {
        title: |w| w.transfer,
        why: |w| w.transfer_why,
        button: |w| w.transfer,
        to: To::Person,
        says: Says::ReasonIfAny,
        ..spec("transfer", Call::transfer, Did::Transfer)
    },
    Spec {
        title: |w| w.escalate,
        why: |w| w.escalate_why,
        button: |w| w.escalate,
        says: Says::ReasonIfAny,
        ..spec("escalate", Call::escalate, Did::Escalate)
    },
    Spec {
        title: |w| w.assign,
        why: |w| w.assign_why,
        button: |w| w.assign,
        to: To::Person,
        says: Says::ReasonIfAny,
        ..spec("assign", Call::assign, Did::Assign)
    },
    Spec {
        title: |w| w.add_approver,
        why: |w| w.add_approver_why,
        button: |w| w.add_approver,
        to: To::Person,
        says: Says::ReasonIfAny,
        ..spec("add_approver", Call::add_approver, Did::AddApprover)
    },
    Spec {
        danger: true,
        title: |w| w.remove_approver,
        why: |w| w.remove_approver_why,
        button: |w| w.remove_approver,
        to: To::PersonOrHolder,
        says: Says::ReasonIfAny,
        ..spec(
            "remove_approver",
            Call::remove_approver,
            Did::RemoveApprover,
        )
    },
    Spec {
        command: "request_info",
        title: |w| w.ask,
        why: |w| w.ask_why,
        button: |w| w.ask,
        to: To::PersonOrRequester,
        says: Says::Question,
        ..spec("ask", Call::request_info, Did::RequestInfo)
    },
    Spec {
        title: |w| w.suspend,
        why: |w| w.suspend_why,
        button: |w| w.suspend,
        says: Says::ReasonIfAny,
        ..spec("suspend", Call::suspend, Did::Suspend)
    },
];

/// What can be done with an instance.
pub(super) const WITH_INSTANCE: &[Spec<InstanceId>] = &[
    Spec {
        title: |w| w.say_something,
        why: |w| w.say_something_why,
        button: |w| w.say_something,
        says: Says::Comment,
        ..spec("comment", Call::comment_instance, Did::Comment)
    },
    Spec {
        title: |w| w.hold,
        why: |w| w.hold_why,
        button: |w| w.hold,
        says: Says::ReasonIfAny,
        ..spec("hold", Call::hold, Did::Hold)
    },
    Spec {
        danger: true,
        title: |w| w.withdraw,
        why: |w| w.withdraw_why,
        button: |w| w.withdraw,
        ..spec("withdraw", Call::withdraw, Did::Withdraw)
    },
    Spec {
        danger: true,
        title: |w| w.cancel,
        why: |w| w.cancel_why,
        button: |w| w.cancel,
        ..spec("cancel", Call::cancel, Did::Cancel)
    },
];

/// An operation with a reason.
const fn spec<Id>(key: &'static str, call: fn(Id) -> Call, did: Did) -> Spec<Id> {
    Spec {
        key,
        command: key,
        title: |_| "",
        why: |_| "",
        button: |_| "",
        to: To::Nobody,
        says: Says::Reason,
        danger: false,
        call,
        did,
    }
}

impl<Id> Spec<Id> {
    /// The call with what was sent.
    pub(super) fn call(&self, id: Id, sent: &Sent) -> Call {
        let mut call = (self.call)(id);
        let typed = |part: &str| {
            let text = sent.get(&format!("{}_{part}", self.key));
            (!text.is_empty()).then(|| text.to_owned())
        };
        if let Some(to) = typed("to") {
            call = call.to(to);
        }
        match (typed("reason"), self.says) {
            (Some(text), Says::Comment | Says::Question) => call = call.comment(text),
            (Some(text), Says::Reason | Says::ReasonIfAny) => call = call.reason(text),
            (None, _) => {}
        }
        match sent.get("comment") {
            "" => call,
            comment if self.says == Says::Reason => call.comment(comment),
            _ => call,
        }
    }
}

/// What can be chosen: the value, its title.
pub(super) type Choices = Vec<(String, String)>;

/// An operation as a page shows it.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) why: &'static str,
    pub(super) button: &'static str,
    pub(super) danger: bool,
    pub(super) open: bool,
    pub(super) to: Option<Choice>,
    pub(super) text: Text,
}

/// Whom or what it goes to: one of the choices, or free text where there are none.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) label: &'static str,
    /// What it means to choose none; `None` where one is always chosen.
    pub(super) none: Option<&'static str>,
    pub(super) required: bool,
    pub(super) choices: Choices,
    pub(super) value: String,
    pub(super) wrong: Option<String>,
}

/// What is said with it.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) label: &'static str,
    pub(super) required: bool,
    pub(super) value: String,
    pub(super) wrong: Option<String>,
}

/// What pages know when they show operations.
pub(super) struct Shown<'a> {
    pub(super) possible: &'a [&'static str],
    /// What was sent and refused.
    pub(super) refused: Option<(&'a Sent, &'a Fault)>,
    pub(super) people: &'a Choices,
    pub(super) stages: &'a Choices,
    pub(super) rejections: &'a Choices,
    pub(super) locale: Locale,
}

impl Shown<'_> {
    /// Those of the operations that are possible.
    pub(super) fn of<Id>(&self, specs: &[Spec<Id>]) -> Vec<Operation> {
        let possible = |spec: &&Spec<Id>| self.possible.contains(&spec.command);
        let shown = specs.iter().filter(possible);
        shown.map(|spec| self.operation(spec)).collect()
    }

    fn operation<Id>(&self, spec: &Spec<Id>) -> Operation {
        let words = self.locale.words();
        let name = format!("{}_reason", spec.key);
        Operation {
            key: spec.key,
            title: (spec.title)(words),
            why: (spec.why)(words),
            button: (spec.button)(words),
            danger: spec.danger,
            open: self.typed("outcome") == spec.key,
            to: self.choice(spec),
            text: Text {
                label: match spec.says {
                    Says::Comment => words.comment,
                    Says::Question => words.question_label,
                    Says::Reason | Says::ReasonIfAny => words.reason,
                },
                required: spec.says != Says::ReasonIfAny,
                value: self.typed(&name),
                wrong: self.wrong(spec.key, "reason"),
                name,
            },
        }
    }

    fn choice<Id>(&self, spec: &Spec<Id>) -> Option<Choice> {
        let words = self.locale.words();
        let (label, none, required, choices) = match spec.to {
            To::Nobody => return None,
            To::Person => (words.delegate_to, Some(words.choose), true, self.people),
            To::PersonOrHolder => (words.ask_whom, Some(words.the_holder), false, self.people),
            To::PersonOrRequester => (
                words.ask_whom,
                Some(words.the_requester),
                false,
                self.people,
            ),
            To::Rejection if self.rejections.is_empty() => return None,
            To::Rejection => (words.resubmit_to, Some(words.choose), true, self.rejections),
            To::Stage => (words.resubmit_to, None, false, self.stages),
        };
        let name = format!("{}_to", spec.key);
        Some(Choice {
            label,
            none,
            required,
            choices: choices.clone(),
            value: self.typed(&name),
            wrong: self.wrong(spec.key, "to"),
            name,
        })
    }

    fn typed(&self, name: &str) -> String {
        let sent = self.refused.map(|(sent, _)| sent.get(name));
        sent.unwrap_or_default().to_owned()
    }

    /// Why that control of the operation is wrong.
    fn wrong(&self, key: &str, part: &str) -> Option<String> {
        let (_, fault) = self
            .refused
            .filter(|(sent, _)| sent.get("outcome") == key)?;
        let meant = match fault.code {
            "reason_required" => "reason",
            "self_approval"
            | "separation_of_duties"
            | "target_invalid"
            | "target_required"
            | "unknown_user" => "to",
            _ => return None,
        };
        (meant == part).then(|| message::sentence(fault, self.locale))
    }
}
