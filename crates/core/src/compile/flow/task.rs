//! Tasks of a flow.

use indexmap::IndexMap;

use super::fields::Extra;
use crate::{
    compile::Compiler,
    document::{EntryDoc, EntryKeys, FormDoc, NodeDoc, SelectDoc, TaskDoc, WhenDueDoc, WhoDoc},
    graph::{EntrySpec, Fills, FormSpec, NodeKind, TaskNode, WhenDue, Who},
    pointer::Pointer,
    problem::Problem,
};

impl Compiler<'_> {
    pub(super) fn task(
        &mut self,
        doc: &NodeDoc,
        task: &TaskDoc,
        forms: &IndexMap<String, FormSpec>,
    ) -> NodeKind {
        if !task.approvals.is_empty() {
            let inherited = task.keys.over(&self.document.defaults);
            let node = self.approval_node(&task.approvals, &inherited, forms);
            return NodeKind::Approval(Box::new(node));
        }
        let path = doc.path.key("task");
        let (entry, fills) =
            self.person_task(task.who.as_ref(), &task.keys, &task.form, &path, forms);
        NodeKind::Task(Box::new(TaskNode {
            entry,
            fills,
            goes_back: false,
        }))
    }

    /// The entry of a task that one person does, and what its form fills.
    pub(in crate::compile) fn person_task(
        &mut self,
        who: Option<&WhoDoc>,
        keys: &EntryKeys,
        form: &FormDoc,
        path: &Pointer,
        forms: &IndexMap<String, FormSpec>,
    ) -> (EntrySpec, Fills) {
        let entry = EntryDoc {
            // Nobody is excluded by being anyone: the stand-in never clashes with an exclusion.
            who: Some(who.cloned().unwrap_or_else(|| WhoDoc::Role(String::new()))),
            keys: keys.clone(),
            path: path.clone(),
        };
        let inherited = keys.over(&of_tasks(&self.document.defaults));
        let inherited_rule = inherited.when_due.clone();
        let mut entry: EntrySpec = self.entry(&entry, &inherited, forms);
        if who.is_none() {
            entry.who = Who::Anyone;
        }
        let fills = match form {
            FormDoc::Fields(fields) => {
                entry.form = self.fields(fields, Extra::Refused, path);
                Fills::Data
            }
            FormDoc::Key(key) => {
                entry.form = self.form_named(key, forms);
                Fills::Form
            }
        };
        if let (Some(rule), Some(WhenDue::Approve | WhenDue::Reject)) =
            (&inherited_rule, &entry.when_due)
        {
            self.problems.push(
                Problem::error(
                    "invalid_when_due",
                    rule.path.clone(),
                    "the task is completed, not voted on",
                )
                .help("write `on_timeout` on the node, or `when_due: escalate`"),
            );
        }
        (entry, fills)
    }
}

/// What `defaults` say of a task that one person does; the rest is said of approvals.
fn of_tasks(defaults: &EntryKeys) -> EntryKeys {
    EntryKeys {
        select: defaults
            .select
            .clone()
            .filter(|select| matches!(select.value, SelectDoc::Anyone | SelectDoc::RoundRobin)),
        behaviour: None,
        form: None,
        parallel: None,
        on_reject: None,
        reject_tolerance: None,
        when_due: defaults
            .when_due
            .clone()
            .filter(|rule| !matches!(rule.value, WhenDueDoc::Approve | WhenDueDoc::Reject)),
        ..defaults.clone()
    }
}
