//! Every transition of the machine, as data: what the tables of the commands say.
//!
//! The tables in the command files are for readers, this list is for tests and diagrams; a test
//! compares the two, and another sees the events of every row.

/// One row: a command on something that stands so, where that is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Transition {
    /// The command's stable name.
    pub command: &'static str,
    /// What it is done to.
    pub from: &'static str,
    /// When it is allowed, besides `from`.
    pub guard: &'static str,
    /// The events that it leads to, by their stable names in backticks; those followed by `…` come
    /// any number of times.
    pub events: &'static str,
    /// How things stand after it.
    pub to: &'static str,
}

/// Every transition, in the order of the commands' names.
pub const TRANSITIONS: &[Transition] = &[
    Transition {
        command: "add_branch",
        from: "a split with a branch to the node is open",
        guard: "manager",
        events: "`branch_added` `node_entered`",
        to: "one more token",
    },
    Transition {
        command: "add_branch",
        from: "a subprocess with `for_each` waits",
        guard: "manager",
        events: "`child_added` `child_ordered`",
        to: "one more child",
    },
    Transition {
        command: "answer",
        from: "question open",
        guard: "whoever was asked; some text",
        events: "`info_answered`",
        to: "task completed, the clock of the one that asked goes on",
    },
    Transition {
        command: "begin",
        from: "instance pending",
        guard: "named in `start.by`, or manager",
        events: "`instance_begun` `node_entered` …",
        to: "instance running",
    },
    Transition {
        command: "cancel",
        from: "instance not over",
        guard: "manager, or the requester where no managers are named; a reason; `force` while somebody else works on a task",
        events: "`task_cancelled`… `node_cancelled`… `instance_cancelled`",
        to: "instance cancelled",
    },
    Transition {
        command: "cancel_task",
        from: "activation lives",
        guard: "manager",
        events: "`task_cancelled`… `node_cancelled` `token_parked` `branch_ended`",
        to: "activation cancelled, its token parked",
    },
    Transition {
        command: "child_raised",
        from: "activation waits for the child, a boundary for the code",
        guard: "the engine or the host",
        events: "`side_opened` `node_entered`",
        to: "activation as it is",
    },
    Transition {
        command: "child_raised",
        from: "instance on hold, the same",
        guard: "the engine or the host",
        events: "`news_kept`",
        to: "the same",
    },
    Transition {
        command: "claim",
        from: "task ready",
        guard: "candidate, not excluded",
        events: "`task_claimed`",
        to: "task assigned",
    },
    Transition {
        command: "comment",
        from: "instance not ended",
        guard: "who may look at it; some text",
        events: "`commented`",
        to: "as it is",
    },
    Transition {
        command: "complete",
        from: "task ready or assigned",
        guard: "candidate or assignee, not excluded, the fields of its form fit",
        events: "`decision_made` `data_set` `task_cancelled`… `entry_closed` `node_completed`",
        to: "task completed",
    },
    Transition {
        command: "approve",
        from: "task ready or assigned",
        guard: "candidate or assignee, not excluded, form fits",
        events: "`decision_made`, and when enough agreed `task_cancelled`… `entry_closed` `node_completed`",
        to: "task completed",
    },
    Transition {
        command: "approve",
        from: "the same, `check_in_verify`, not checked in",
        guard: "the same",
        events: "`checked_in`",
        to: "task assigned",
    },
    Transition {
        command: "reject",
        from: "task ready or assigned",
        guard: "candidate or assignee, not excluded, a reason",
        events: "`decision_made`, and when too many said no `entry_closed`, then what `on_reject` says",
        to: "task completed",
    },
    Transition {
        command: "delegate",
        from: "task ready or assigned",
        guard: "candidate or assignee, not excluded, a reason, an active person who is no link of the chain and not excluded",
        events: "`task_delegated`",
        to: "task assigned",
    },
    Transition {
        command: "deliver",
        from: "activation waits for it",
        guard: "manager, the engine or the host",
        events: "`message_received` `node_completed`",
        to: "activation completed",
    },
    Transition {
        command: "end_child",
        from: "activation waits for the child",
        guard: "the engine or the host",
        events: "`child_ended`, then `child_ordered`, `node_completed` or `node_failed`",
        to: "activation as it is, completed or failed",
    },
    Transition {
        command: "end_child",
        from: "instance on hold, activation waits for the child",
        guard: "the engine or the host",
        events: "`news_kept`",
        to: "the same",
    },
    Transition {
        command: "escalate",
        from: "task ready or assigned",
        guard: "candidate or assignee, not excluded, somebody active above who is not excluded, a level left",
        events: "`task_escalated`",
        to: "task assigned",
    },
    Transition {
        command: "finish_job",
        from: "activation runs a job",
        guard: "the engine or the host",
        events: "`function_returned` `node_completed`, or `incident_opened` `node_failed`",
        to: "activation completed or failed",
    },
    Transition {
        command: "finish_job",
        from: "instance on hold, activation runs a job",
        guard: "the engine or the host",
        events: "`news_kept`",
        to: "the same",
    },
    Transition {
        command: "hold",
        from: "instance running",
        guard: "whoever may act there, or manager",
        events: "`instance_held`",
        to: "instance on hold",
    },
    Transition {
        command: "jump",
        from: "activation lives, the target is in its scope",
        guard: "manager; a reason",
        events: "`task_cancelled`… `node_cancelled` `node_entered`",
        to: "the token on the target",
    },
    Transition {
        command: "jump",
        from: "instance running or ended, the target is outside every scope",
        guard: "manager; a reason",
        events: "`node_cancelled`… `instance_reopened` `node_entered`",
        to: "one token, on the target",
    },
    Transition {
        command: "migrate",
        from: "instance running, every token can stand in the new version",
        guard: "manager; the data fit their schema",
        events: "`instance_migrated`, then for what differs `timers_armed`… `task_retimed`…",
        to: "visits as they are",
    },
    Transition {
        command: "migrate",
        from: "the same, a visit that cannot go on as it is",
        guard: "manager; the data fit their schema",
        events: "`instance_migrated` `node_revived` `node_entered`",
        to: "a new activation",
    },
    Transition {
        command: "migrate",
        from: "the same, a node is gone",
        guard: "manager; the data fit their schema",
        events: "`instance_migrated` `incident_opened` `node_obsolete`, or `instance_migrated` `node_cancelled` `branch_ended`",
        to: "activation obsolete or cancelled",
    },
    Transition {
        command: "release",
        from: "task assigned and offered before",
        guard: "assignee or manager",
        events: "`task_released`",
        to: "task ready",
    },
    Transition {
        command: "request_info",
        from: "task ready or assigned",
        guard: "candidate or assignee, not excluded, some text, an active person who is not asked yet",
        events: "`task_opened`",
        to: "a question open, the clock of the task stands still",
    },
    Transition {
        command: "resubmit",
        from: "task ready or assigned",
        guard: "candidate or assignee, not excluded, a reason, a stage that was visited",
        events: "`decision_made` `task_cancelled`… `node_resubmitted` `node_entered`",
        to: "task completed",
    },
    Transition {
        command: "resume",
        from: "instance on hold",
        guard: "whoever may act there, or manager",
        events: "`instance_resumed` and what it was told meanwhile",
        to: "instance running, every moment later by the time held",
    },
    Transition {
        command: "resume_task",
        from: "task suspended",
        guard: "manager",
        events: "`task_resumed`",
        to: "task as it was, every moment later by the time that it stood still",
    },
    Transition {
        command: "retry",
        from: "approval failed",
        guard: "manager",
        events: "`incident_resolved` `node_retried` `entry_opened`…",
        to: "activation runs",
    },
    Transition {
        command: "retry",
        from: "activation failed",
        guard: "manager",
        events: "`incident_resolved` `node_revived` `node_entered`",
        to: "a new activation",
    },
    Transition {
        command: "revive",
        from: "activation failed, or its token is parked in a scope that is open",
        guard: "manager",
        events: "`node_revived` or `token_unparked`, `node_entered`",
        to: "a new activation",
    },
    Transition {
        command: "ring",
        from: "activation waits for a moment that has come",
        guard: "the engine or the host",
        events: "`timer_fired` `node_completed`",
        to: "activation completed",
    },
    Transition {
        command: "ring",
        from: "activation waits, a boundary due",
        guard: "the engine or the host",
        events: "`timer_fired` `side_opened`, or `timer_fired` `task_cancelled`… `node_cancelled`",
        to: "activation as it is, or cancelled",
    },
    Transition {
        command: "save_draft",
        from: "task open and not suspended",
        guard: "candidate or assignee, not excluded; the task has a form",
        events: "`task_drafted`, and by a candidate `task_claimed`",
        to: "task assigned",
    },
    Transition {
        command: "set_data",
        from: "instance running",
        guard: "manager; the data fit their schema",
        events: "`data_set`",
        to: "data changed",
    },
    Transition {
        command: "set_metadata",
        from: "instance not over",
        guard: "manager",
        events: "`metadata_set`",
        to: "metadata changed",
    },
    Transition {
        command: "set_status",
        from: "step open, the status is only itself",
        guard: "whoever may act there, or manager",
        events: "`status_set`",
        to: "the step as it is",
    },
    Transition {
        command: "set_status",
        from: "step open, the status is a completion",
        guard: "the same; the form fits",
        events: "`status_set` `decision_made` `transition_taken` `entry_closed` `node_completed`",
        to: "the next step, or the approval before it",
    },
    Transition {
        command: "set_status",
        from: "the same, no transition can be taken",
        guard: "the same",
        events: "`status_set` `transition_failed`…",
        to: "the step as it is",
    },
    Transition {
        command: "skip",
        from: "activation lives, its node has a `next`",
        guard: "manager; a reason",
        events: "`task_cancelled`… `node_skipped`",
        to: "activation skipped",
    },
    Transition {
        command: "snooze",
        from: "task open and not suspended",
        guard: "candidate or assignee, not excluded; a moment to come",
        events: "`task_snoozed`, and by a candidate `task_claimed`",
        to: "task snoozed",
    },
    Transition {
        command: "unsnooze",
        from: "task snoozed",
        guard: "assignee",
        events: "`task_woken`",
        to: "task as it was",
    },
    Transition {
        command: "start",
        from: "nothing",
        guard: "named in `start.by`, data fit the schema, no other instance runs for the subject where that matters",
        events: "`instance_started` `node_entered` …",
        to: "instance running",
    },
    Transition {
        command: "start",
        from: "nothing",
        guard: "the same, to begin later",
        events: "`instance_attached`",
        to: "instance pending",
    },
    Transition {
        command: "start_work",
        from: "task ready, assigned or snoozed",
        guard: "candidate or assignee, not excluded",
        events: "`task_started`, and by a candidate `task_claimed`",
        to: "task in progress",
    },
    Transition {
        command: "suspend",
        from: "task open and not suspended",
        guard: "manager",
        events: "`task_suspended`",
        to: "task suspended",
    },
    Transition {
        command: "transfer",
        from: "task ready or assigned",
        guard: "candidate or assignee, not excluded, an active person who has not got it and is not excluded",
        events: "`task_transferred`",
        to: "task assigned",
    },
    Transition {
        command: "assign",
        from: "task ready or assigned",
        guard: "manager; an active person who has not got it and is not excluded",
        events: "`task_transferred`",
        to: "task assigned",
    },
    Transition {
        command: "undo",
        from: "visit completed, all that came of it undone or taken out",
        guard: "manager",
        events: "`token_unparked`… `node_undone` `token_parked`",
        to: "token parked",
    },
    Transition {
        command: "undo",
        from: "the same, a split",
        guard: "manager",
        events: "`scope_closed` `branch_ended` `node_undone` `token_parked`",
        to: "token parked",
    },
    Transition {
        command: "undo",
        from: "the same, a join",
        guard: "manager",
        events: "`scope_reopened` `node_undone` `token_parked`…",
        to: "the tokens of its branches parked",
    },
    Transition {
        command: "undo",
        from: "the last node of a completed instance",
        guard: "manager",
        events: "`instance_reopened` `node_undone` `token_parked`",
        to: "instance running, token parked",
    },
    Transition {
        command: "undo",
        from: "the start, all that came of it undone or taken out",
        guard: "manager",
        events: "`instance_cancelled`",
        to: "instance cancelled",
    },
    Transition {
        command: "wake",
        from: "task open, a timer due",
        guard: "the engine or the host",
        events: "`timer_fired`, and for an escalation `task_escalated` or `escalation_failed` `incident_opened`",
        to: "task as it is, or with somebody else",
    },
    Transition {
        command: "withdraw",
        from: "instance running",
        guard: "the requester; a reason",
        events: "`task_cancelled`… `node_cancelled`… `outcome_set` `instance_cancelled`",
        to: "instance cancelled, its outcome `withdrawn`",
    },
];

impl Transition {
    /// The events that it names, by their stable names, in order.
    pub fn event_names(&self) -> impl Iterator<Item = &'static str> {
        self.events
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| !matches!(*name, "on_reject" | "withdrawn"))
    }
}
