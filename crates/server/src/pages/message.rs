//! Why something was not done, as people read it.

use crate::{
    fault::Fault,
    text::{Locale, Words},
};

/// One sentence about a refusal.
pub(super) fn sentence(fault: &Fault, locale: Locale) -> String {
    let words = locale.words();
    if !fault.fields.is_empty() {
        return words.check_fields.to_owned();
    }
    known(fault.code, words).map_or_else(|| words.no_other.to_owned(), ToOwned::to_owned)
}

fn known(code: &str, words: &Words) -> Option<&'static str> {
    Some(match code {
        "already_claimed" => words.no_already_claimed,
        "already_decided" => words.no_already_decided,
        "already_started" => words.no_already_started,
        "conflict" => words.no_conflict,
        "definition_inactive" => words.no_inactive,
        "form_invalid" => words.check_fields,
        "form_required" => words.no_form,
        "limit_exceeded" => words.no_limit,
        "no_approver" => words.no_approver,
        "not_unique" => words.no_unique,
        "node_failed" => words.no_node_failed,
        "not_cancellable" => words.no_not_cancellable,
        "not_on_hold" => words.no_not_on_hold,
        "not_open" => words.no_not_open,
        "not_permitted" => words.no_not_permitted,
        "not_running" => words.no_not_running,
        "on_hold" => words.no_on_hold,
        "reason_required" => words.no_reason,
        "self_approval" => words.no_self_approval,
        "separation_of_duties" => words.no_separation,
        "target_invalid" => words.no_target_invalid,
        "target_required" => words.no_target,
        "unknown_user" => words.no_unknown_user,
        _ => return None,
    })
}
