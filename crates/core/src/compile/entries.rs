//! Approval entries.

use indexmap::IndexMap;

use crate::{
    calendar::Period,
    compile::Compiler,
    document::{
        At, EntryDoc, EntryKeys, LedDoc, OnRejectDoc, SelectDoc, WhenDueDoc, WhoDoc, missing_who,
    },
    graph::{
        ApprovalNode, Behaviour, Duty, EntrySpec, Escalate, Exclusion, FormSpec, Led, Need,
        OnReject, Opening, WhenDue, Who, role_of,
    },
    id::NodeKey,
    pointer::Pointer,
    principal::Principal,
    problem::{Problem, nearest, shown},
};

impl Compiler<'_> {
    pub(super) fn approval_node(
        &mut self,
        entries: &[EntryDoc],
        inherited: &EntryKeys,
        forms: &IndexMap<String, FormSpec>,
    ) -> ApprovalNode {
        ApprovalNode {
            entries: entries
                .iter()
                .map(|entry| self.entry(entry, &entry.keys.over(inherited), forms))
                .collect(),
            opening: match inherited.parallel {
                Some(true) => Opening::Together,
                _ => Opening::InOrder,
            },
        }
    }

    pub(super) fn entry(
        &mut self,
        entry: &EntryDoc,
        keys: &EntryKeys,
        forms: &IndexMap<String, FormSpec>,
    ) -> EntrySpec {
        let who = self.asked(entry, keys);
        self.check_exclusion(entry, keys, &who);
        EntrySpec {
            duty: self.duty(keys.select.as_ref(), &who, &entry.path),
            who,
            behaviour: keys.behaviour.unwrap_or_default(),
            form: self.form(entry, keys, forms),
            exclude: keys
                .exclude
                .iter()
                .flatten()
                .map(|rule| self.exclusion(rule.as_ref()))
                .collect(),
            live: keys.live == Some(true),
            allow_higher_level: keys.allow_higher_level == Some(true),
            reject_tolerance: keys.reject_tolerance.unwrap_or(0),
            on_reject: match &keys.on_reject {
                None | Some(OnRejectDoc::Reject) => OnReject::Reject,
                Some(OnRejectDoc::Resubmit) => OnReject::Resubmit,
                Some(OnRejectDoc::To(node)) => OnReject::GoTo(self.node(node)),
            },
            due: keys.due,
            remind: self.reminders(entry, keys),
            escalate: self.escalate(entry, keys),
            when_due: self.when_due(entry, keys),
            meta: keys.meta.clone(),
        }
    }

    pub(super) fn node(&mut self, node: &At<String>) -> NodeKey {
        if !self.nodes.contains(&node.value) {
            self.dangling(&node.value, &node.path);
        }
        NodeKey::from(node.value.as_str())
    }

    /// Whom an entry names; with a hierarchy, above whom.
    fn asked(&mut self, entry: &EntryDoc, keys: &EntryKeys) -> Who {
        let select = keys.select.as_ref().map(|select| &select.value);
        let Some(SelectDoc::Hierarchy(_, of)) = select else {
            let Some(who) = &entry.who else {
                self.problems.push(missing_who(&entry.path));
                // The problem is told; nothing is published.
                return Who::Anyone;
            };
            return self.named(who, &entry.path);
        };
        match (of.as_deref(), &entry.who) {
            (Some(of), _) => self.named(of, &entry.path),
            // The managers of somebody are above that person, not above the managers.
            (None, Some(WhoDoc::ManagerOf(led, levels))) => match (self.led(led), *levels) {
                (Led::ActorOf(node), 1) => Who::ActorOf(node),
                (Led::Assignee | Led::Requester, 1) => Who::Requester,
                (led, levels) => Who::ManagerOf(led, levels - 1),
            },
            (None, Some(who)) => self.named(who, &entry.path),
            (None, None) => Who::Requester,
        }
    }

    /// Whom `who` means; persons and roles that it names are looked up when it is published.
    fn named(&mut self, who: &WhoDoc, path: &Pointer) -> Who {
        let is_permission = matches!(who, WhoDoc::Permission);
        let who = self.who(who);
        match &who {
            // Nobody has it before it is published.
            Who::Role(role) if !role.as_str().is_empty() && !is_permission => {
                let place = path.key("role");
                self.named.push((Principal::Role(role.clone()), place));
            }
            Who::User(user) => {
                let place = path.key("user");
                self.named.push((Principal::User(user.clone()), place));
            }
            _ => {}
        }
        who
    }

    fn led(&mut self, led: &LedDoc) -> Led {
        match led {
            LedDoc::ActorOf(node) => Led::ActorOf(self.node(node)),
            LedDoc::Assignee => Led::Assignee,
            LedDoc::Requester => Led::Requester,
        }
    }

    pub(super) fn who(&mut self, who: &WhoDoc) -> Who {
        match who {
            WhoDoc::ActorOf(node) => Who::ActorOf(self.node(node)),
            WhoDoc::From(source) => match self.condition(source) {
                Some(condition) => Who::From(condition),
                // The problem is told; nothing is published.
                None => Who::Anyone,
            },
            WhoDoc::HeadOf(unit) => Who::HeadOf(*unit),
            WhoDoc::ManagerOf(led, levels) => Who::ManagerOf(self.led(led), *levels),
            WhoDoc::Permission => {
                self.permitted.insert(NodeKey::from(self.here.as_str()));
                Who::Role(role_of(&self.document.key, &self.here))
            }
            WhoDoc::Requester => Who::Requester,
            WhoDoc::Role(role) => Who::Role(role.as_str().into()),
            WhoDoc::User(user) => Who::User(user.as_str().into()),
        }
    }

    fn exclusion(&mut self, rule: Option<&At<String>>) -> Exclusion {
        match rule {
            None => Exclusion::Requester,
            Some(node) => Exclusion::ActorOf(self.node(node)),
        }
    }

    /// Separation of duties that nobody can meet.
    fn check_exclusion(&mut self, entry: &EntryDoc, keys: &EntryKeys, who: &Who) {
        let select = keys.select.as_ref().map(|select| &select.value);
        if matches!(select, Some(SelectDoc::Hierarchy(..))) {
            // Those above are asked, not whoever is named.
            return;
        }
        let rules = keys.exclude.as_deref().unwrap_or_default();
        let impossible = rules.iter().any(|rule| match (rule, who) {
            (None, Who::Requester) => true,
            (Some(node), Who::ActorOf(actor)) => node.value == actor.as_str(),
            _ => false,
        });
        if impossible {
            self.problems.push(
                Problem::error(
                    "impossible_separation",
                    entry.path.clone(),
                    "whoever is asked here is excluded",
                )
                .help("write `exclude: []` here, or ask somebody else"),
            );
        }
    }

    fn duty(&mut self, select: Option<&At<SelectDoc>>, who: &Who, entry: &Pointer) -> Duty {
        let Some(select) = select else {
            return Duty::Offer;
        };
        if let (SelectDoc::Quorum(n @ 2..), false) = (
            &select.value,
            matches!(who, Who::Anyone | Who::From(_) | Who::Role(_)),
        ) {
            self.problems.push(
                Problem::error(
                    "no_approver",
                    entry.clone(),
                    format!("one person is asked, {n} must agree"),
                )
                .help("ask a role"),
            );
        }
        match &select.value {
            SelectDoc::Anyone => Duty::Offer,
            SelectDoc::Consensus => Duty::Each(Need::All),
            SelectDoc::Hierarchy(hierarchy, _) => Duty::Hierarchy(*hierarchy),
            SelectDoc::Majority => Duty::Each(Need::Majority),
            SelectDoc::Percent(p) => Duty::Each(Need::Percent(*p)),
            SelectDoc::Quorum(n) => Duty::Each(Need::Quorum(*n)),
            SelectDoc::RoundRobin => Duty::RoundRobin,
        }
    }

    fn form(
        &mut self,
        entry: &EntryDoc,
        keys: &EntryKeys,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<FormSpec> {
        let behaviour = keys.behaviour.unwrap_or_default();
        let Some(form) = &keys.form else {
            if behaviour == Behaviour::Submit {
                self.problems.push(
                    Problem::error(
                        "missing_form",
                        entry.path.clone(),
                        "`behaviour: submit` needs a form",
                    )
                    .help("name one of `forms` with `form:`"),
                );
            }
            return None;
        };
        if behaviour == Behaviour::Move {
            self.problems.push(Problem::error(
                "form_not_allowed",
                form.path.clone(),
                "`behaviour: move` takes no form",
            ));
        }
        self.form_named(form, forms)
    }

    /// The form that is declared under that name.
    pub(super) fn form_named(
        &mut self,
        form: &At<String>,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<FormSpec> {
        let declared = &self.document.forms;
        if !declared.contains_key(&form.value) {
            let shown = shown(&form.value);
            let problem = Problem::error(
                "unknown_form",
                form.path.clone(),
                format!("there is no form `{shown}`"),
            );
            let near = nearest(&form.value, declared.keys().map(String::as_str));
            self.problems.push(match near {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("declare it under `forms`"),
            });
        }
        forms.get(&form.value).cloned()
    }

    fn reminders(&mut self, entry: &EntryDoc, keys: &EntryKeys) -> Vec<Period> {
        let Some(remind) = &keys.remind else {
            return Vec::new();
        };
        match keys.due {
            None if !remind.value.is_empty() => self.problems.push(
                Problem::error(
                    "missing_due",
                    entry.path.clone(),
                    "`remind` counts back from `due`, which is missing",
                )
                .help("give `due` too"),
            ),
            Some(due) if remind.value.iter().any(|before| *before >= due) => {
                self.problems.push(Problem::error(
                    "invalid_duration",
                    remind.path.clone(),
                    "a reminder comes before the task opens: it is not shorter than `due`",
                ))
            }
            _ => {}
        }
        remind.value.clone()
    }

    fn escalate(&mut self, entry: &EntryDoc, keys: &EntryKeys) -> Option<Escalate> {
        let At { value, path } = keys.escalate.as_ref()?;
        let at_due = keys
            .when_due
            .as_ref()
            .is_some_and(|rule| rule.value == WhenDueDoc::Escalate);
        if value.after.is_none() && !at_due {
            self.problems.push(
                Problem::error("missing_key", path.clone(), "`after` is missing")
                    .help("give `after`, or `due` with `when_due: escalate`"),
            );
        }
        Some(Escalate {
            after: value.after,
            to: self.named(&value.to, &entry.path.key("escalate").key("to")),
            levels: value.levels,
        })
    }

    fn when_due(&mut self, entry: &EntryDoc, keys: &EntryKeys) -> Option<WhenDue> {
        let At { value, path } = keys.when_due.as_ref()?;
        if keys.due.is_none() {
            self.problems.push(
                Problem::error(
                    "missing_due",
                    entry.path.clone(),
                    "`when_due` says what happens at `due`, which is missing",
                )
                .help("give `due` too"),
            );
        }
        Some(match value {
            WhenDueDoc::Approve => {
                self.check_unfilled(keys, path);
                WhenDue::Approve
            }
            WhenDueDoc::Delegate(who) => {
                if matches!(who, WhoDoc::Permission | WhoDoc::Role(_)) {
                    self.problems.push(
                        Problem::error(
                            "invalid_when_due",
                            path.clone(),
                            "a task is delegated to one person, not to a role",
                        )
                        .help("name a person, or write `when_due: escalate`"),
                    );
                }
                WhenDue::Delegate(self.named(who, &path.key("delegate")))
            }
            WhenDueDoc::Escalate => {
                if keys.escalate.is_none() {
                    self.problems.push(
                        Problem::error(
                            "missing_key",
                            entry.path.clone(),
                            "`when_due: escalate` goes to whom `escalate` names, which is missing",
                        )
                        .help("write `escalate: {to: {manager_of: assignee}}`"),
                    );
                }
                WhenDue::Escalate
            }
            WhenDueDoc::Reject => WhenDue::Reject,
        })
    }

    /// What the engine approves by itself, nobody fills.
    fn check_unfilled(&mut self, keys: &EntryKeys, path: &Pointer) {
        let required = keys.form.as_ref().is_some_and(|form| {
            let form = self.document.forms.get(&form.value);
            let required = form.and_then(|form| form.value.get("required"));
            required
                .and_then(serde_json::Value::as_array)
                .is_some_and(|required| !required.is_empty())
        });
        if required || keys.behaviour == Some(Behaviour::Submit) {
            self.problems.push(
                Problem::error(
                    "invalid_when_due",
                    path.clone(),
                    "the engine approves when the task is due, and nobody fills the form",
                )
                .help("make the form optional, or write `when_due: reject`"),
            );
        }
    }
}
