//! The syntax: every key that each part of a document takes.
//!
//! A key that a later version of the format takes is listed too, so that it is "not supported yet"
//! rather than unknown.

/// The top of a document of any kind.
pub const TOP: &[&str] = &[
    "format",
    "kind",
    "key",
    "title",
    "description",
    "summary",
    "result",
    "subject",
    "data",
    "indexed",
    "start",
    "defaults",
    "managers",
    "viewers",
    "forms",
    "actions",
    "calendar",
    "time_zone",
    "unique",
    "if_running",
    "tests",
    "was",
    "extends",
    "pipelines",
    "approvals",
    "steps",
    "transitions",
    "nodes",
];
/// `extends` as a mapping.
pub const EXTENDS: &[&str] = &["workflow", "version", "without"];
/// `kind`.
pub const KINDS: &[&str] = &["approval", "flow", "steps"];
/// `start` at the top.
pub const START: &[&str] = &["by", "auto", "form"];
/// The keys of a form that is named by a mapping.
pub const FORM: &[&str] = &["val"];
/// The keys that say who; exactly one in an entry.
pub const WHO: &[&str] = &[
    "user",
    "role",
    "permission",
    "requester",
    "manager_of",
    "head_of",
    "actor_of",
    "from",
];
/// What stands beside `manager_of`.
pub const LEVELS: &[&str] = &["levels"];
/// The keys of an entry besides who; stages, pipelines and `defaults` take them too.
pub const ENTRY: &[&str] = &[
    "select",
    "behaviour",
    "form",
    "mode",
    "members",
    "allow_higher_level",
    "exclude",
    "due",
    "remind",
    "escalate",
    "when_due",
    "on_reject",
    "reject_tolerance",
    "meta",
];
/// `select` as a word.
pub const SELECT: &[&str] = &["anyone", "consensus", "round_robin", "majority"];
/// `select` as a mapping.
pub const SELECT_MAP: &[&str] = &["quorum", "percent", "hierarchy", "order", "of", "via"];
/// `order` of a hierarchy.
pub const ORDER: &[&str] = &["together", "one_by_one"];
/// `via` of a hierarchy.
pub const VIA: &[&str] = &["manager", "role"];
/// `head_of`.
pub const HEAD_OF: &[&str] = &["department", "team"];
/// `members`.
pub const MEMBERS: &[&str] = &["frozen", "live"];
/// `behaviour`.
pub const BEHAVIOUR: &[&str] = &["approve", "submit", "check_in_verify", "move"];
/// `when_due`.
pub const WHEN_DUE: &[&str] = &["approve", "reject", "escalate"];
/// Working time.
pub const WORKING: &[&str] = &["working_days", "working_hours"];
/// `calendar`.
pub const CALENDAR: &[&str] = &["working_days", "hours", "holidays"];
/// Working hours, and ranges of holidays.
pub const HOURS: &[&str] = &["from", "to"];
/// The days of the week.
pub const WEEKDAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// `escalate`.
pub const ESCALATE: &[&str] = &["after", "to", "levels"];
/// A pipeline, besides the entry keys.
pub const PIPELINE: &[&str] = &[
    "key",
    "title",
    "description",
    "summary",
    "result",
    "department",
    "when",
    "number_of_stages",
    "actions",
    "stages",
    "approvals",
    "was",
];
/// `department` as a mapping.
pub const DEPARTMENT: &[&str] = &["type", "id"];
/// A stage, besides the entry keys.
pub const STAGE: &[&str] = &[
    "key",
    "title",
    "description",
    "summary",
    "result",
    "color",
    "when",
    "approvals",
    "actions",
    "was",
];
/// The keys that say what an action does; exactly one.
pub const ACTION_KIND: &[&str] = &[
    "run", "mail", "webhook", "set", "status", "start", "send", "log",
];
/// An action, besides what it does.
pub const ACTION: &[&str] = &[
    "to",
    "cc",
    "subject",
    "with",
    "when",
    "order",
    "on_failure",
    "in_transaction",
    "retry",
    "active",
];
/// `retry`.
pub const RETRY: &[&str] = &["max", "backoff"];
/// `unique`.
pub const UNIQUE: &[&str] = &["business_key"];
/// `if_running`.
pub const IF_RUNNING: &[&str] = &["refuse", "return", "replace", "allow"];
/// Recipients by word; the others are `role:…`, `user:…` and addresses.
pub const RECIPIENTS: &[&str] = &[
    "creator",
    "requester",
    "current_approvers",
    "next_approvers",
    "delegate",
    "delegator",
    "workflow_starter",
    "participants",
];
/// The keys that say what a node does; exactly one.
pub const NODE_KIND: &[&str] = &[
    "start",
    "task",
    "function",
    "job",
    "set",
    "receive",
    "timer",
    "wait",
    "if",
    "switch",
    "split",
    "first",
    "join",
    "subprocess",
    "signal",
    "raise",
    "compensate",
    "end",
    "terminate",
    "fail",
];
/// A node, besides what it does.
pub const NODE: &[&str] = &[
    "next",
    "title",
    "description",
    "summary",
    "result",
    "data",
    "seed",
    "artifact",
    "actions",
    "mutex",
    "enabled_when",
    "cancels",
    "was",
];
/// What only some nodes take beside their kind.
pub const NODE_EXTRA: &[&str] = &[
    "with", "into", "symbol", "retry", "delay", "at", "timeout", "then", "else", "default", "rest",
];
/// `symbol` of a function or a job.
pub const SYMBOL: &[&str] = &["send", "rule", "message"];
/// `end` and `terminate`.
pub const END: &[&str] = &["outcome"];
/// Boundaries of a node that waits.
pub const BOUNDARY: &[&str] = &["on_timeout", "on_error", "on_escalation", "compensate_with"];
/// `start` of a flow.
pub const START_NODE: &[&str] = &["form", "by", "code", "every", "cron", "message", "signal"];
/// A way on that gives the activation it leads to data or a seed.
pub const WAY: &[&str] = &["to", "data", "seed"];
/// A branch of a split.
pub const BRANCH: &[&str] = &["to", "when", "for_each", "as", "data", "seed"];
/// A case of a switch.
pub const CASE: &[&str] = &["to", "when", "data", "seed"];
/// `join` as a word.
pub const JOIN: &[&str] = &["all", "any"];
/// `join` as a mapping.
pub const JOIN_MAP: &[&str] = &["count", "percent", "when"];
/// `rest` of a join.
pub const REST: &[&str] = &["cancel", "absorb", "block"];
/// `receive`.
pub const RECEIVE: &[&str] = &["message", "key", "code"];
/// `timer`.
pub const TIMER: &[&str] = &["after", "at"];
/// `subprocess`.
pub const SUBPROCESS: &[&str] = &[
    "workflow", "version", "for_each", "as", "mode", "await", "data", "seed", "into",
];
/// `mode` of a subprocess.
pub const MODE: &[&str] = &["parallel", "sequence"];
/// `version` of a subprocess, besides a number.
pub const VERSION: &[&str] = &["pinned", "latest"];
/// `signal`.
pub const SIGNAL: &[&str] = &["throw", "catch"];
/// `fail`.
pub const FAIL: &[&str] = &["code"];
/// `mutex` as a mapping.
pub const MUTEX: &[&str] = &["name", "key"];
/// `on_error` and `on_escalation`.
pub const CATCH: &[&str] = &["code", "next"];
/// `on_timeout`.
pub const TIMEOUT: &[&str] = &["after", "at", "interrupting", "next"];
/// A step, besides the keys that say who.
pub const STEP: &[&str] = &[
    "key",
    "title",
    "description",
    "summary",
    "result",
    "initial",
    "final",
    "form",
    "approvals",
    "actions",
    "statuses",
    "was",
];
/// A status of a step.
pub const STATUS: &[&str] = &[
    "key",
    "title",
    "default",
    "completion",
    "hold",
    "cancellation",
    "category",
    "color",
    "icon",
    "meta",
];
/// A transition between steps.
pub const TRANSITION: &[&str] = &[
    "from",
    "to",
    "when",
    "reason",
    "priority",
    "by",
    "approvals",
    "on_reject",
    "required",
    "validate",
    "meta",
    "description",
];
/// Who may take a transition, besides the keys that say who.
pub const TAKER: &[&str] = &["assignee", "department", "participant", "team"];
/// `on_reject` of a transition as a word.
pub const TRANSITION_REJECT: &[&str] = &["stay", "request_changes", "cancel"];
/// `on_reject` of a transition as a mapping.
pub const MOVE: &[&str] = &["move"];
/// Words of the expression language: a field of the data is never called so.
pub const RESERVED: &[&str] = &["in", "true", "false", "null"];
