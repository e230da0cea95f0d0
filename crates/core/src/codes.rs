//! Every stable code that core gives; each has a page in `docs/errors`.

use crate::refusal::RefusalCode;

/// Codes of problems in definitions and scenarios.
pub const PROBLEMS: &[&str] = &[
    "base_of_other_kind",
    "check_incomplete",
    "condition_type",
    "dangling_reference",
    "dead_node",
    "duplicate_key",
    "empty_list",
    "endless_loop",
    "extends_cycle",
    "first_of_automatic",
    "form_not_allowed",
    "impossible_separation",
    "intersecting_scopes",
    "invalid_calendar",
    "invalid_color",
    "invalid_condition",
    "invalid_cron",
    "invalid_duration",
    "invalid_key",
    "invalid_number",
    "invalid_principal",
    "invalid_schema",
    "invalid_shape",
    "invalid_tag",
    "invalid_wait",
    "invalid_when_due",
    "invalid_who",
    "join_never_completes",
    "limit_exceeded",
    "missing_action",
    "missing_calendar",
    "missing_due",
    "missing_form",
    "missing_key",
    "missing_kind",
    "misplaced_key",
    "missing_who",
    "multiple_documents",
    "no_approver",
    "no_way_to_end",
    "not_inherited",
    "not_supported_yet",
    "optional_field",
    "scenario_invalid",
    "syntax",
    "tokens_left_over",
    "unbounded_scopes",
    "unknown_base",
    "unknown_field",
    "unknown_form",
    "unknown_function",
    "unknown_key",
    "unknown_role",
    "unknown_template",
    "unknown_time_zone",
    "unknown_user",
    "unknown_value",
    "unreachable_node",
    "wrong_type",
];

/// Codes of incidents: matters for an operator.
pub const INCIDENTS: &[&str] = &[
    "action_failed",
    "child_failed",
    "dangling_reference",
    "no_approver",
    "no_escalation",
    "node_failed",
    "person_left",
    "timer_refused",
];

/// Codes of notices: beside a command that was accepted.
pub const NOTICES: &[&str] = &["condition_failed", "follow_latest", "no_transition"];

/// Every code, each once, in order.
#[must_use]
pub fn all() -> Vec<&'static str> {
    let refusals = RefusalCode::ALL.iter().map(|code| code.as_str());
    let mut codes: Vec<&str> = refusals
        .chain(PROBLEMS.iter().copied())
        .chain(INCIDENTS.iter().copied())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
