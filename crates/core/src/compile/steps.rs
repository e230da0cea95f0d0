//! Steps become nodes; a transition that must be approved becomes an approval node between them.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::{
    compile::{
        Compiler,
        approval::{repeated, title},
    },
    document::{
        At, EntryDoc, StatusDoc, StepDoc, StepsShape, TakerDoc, TransitionDoc, TransitionRejectDoc,
        WhoDoc,
    },
    graph::{
        FormSpec, GraphBuilder, Node, NodeKind, OnReject, StartRule, Status, StatusRole, StepNode,
        Taker, Transition, role_of,
    },
    id::NodeKey,
    pointer::Pointer,
    problem::Problem,
    text::Text,
};

/// Characters of a gate's key, which is made of two keys.
const KEY: usize = 60;

/// Whether a status is of some kind.
type Has = fn(&StatusDoc) -> bool;

/// An approval between steps.
pub(super) struct Gate<'a> {
    pub(super) key: String,
    from: &'a StepDoc,
    /// The transition that it guards; none after a last step.
    transition: Option<&'a TransitionDoc>,
    entries: &'a [EntryDoc],
    pub(super) path: Pointer,
}

impl<'a> Compiler<'a> {
    pub(super) fn steps(
        &mut self,
        mut builder: GraphBuilder,
        shape: &'a StepsShape,
        forms: &IndexMap<String, FormSpec>,
        start: StartRule,
    ) -> Option<GraphBuilder> {
        self.check_steps(shape);
        self.check_transitions(shape);
        let gates = gates(shape);
        let steps = shape.steps.iter().map(|step| step.key.clone());
        let between = gates.iter().map(|gate| gate.key.clone());
        self.nodes = steps.chain(between).collect();
        let first = shape.steps.iter().find(|step| step.initial)?;
        builder = builder.start(StartRule {
            first: Some(NodeKey::from(first.key.as_str())),
            ..start
        });
        for step in &shape.steps {
            builder = builder.node(self.step(step, shape, &gates, forms));
            // Whoever reads the nodes in order finds an approval after the step that it is about.
            for gate in gates.iter().filter(|gate| std::ptr::eq(gate.from, step)) {
                builder = builder.node(self.gate(gate, shape, forms));
            }
        }
        Some(builder)
    }

    fn step(
        &mut self,
        doc: &StepDoc,
        shape: &StepsShape,
        gates: &[Gate<'_>],
        forms: &IndexMap<String, FormSpec>,
    ) -> Node {
        let none = crate::document::EntryKeys::default();
        doc.key.clone_into(&mut self.here);
        let (entry, fills) = self.person_task(doc.who.as_ref(), &none, &doc.form, &doc.path, forms);
        let own = shape
            .transitions
            .iter()
            .filter(|way| way.from.value == doc.key);
        let mut transitions: Vec<Transition> = own.map(|way| self.transition(way, gates)).collect();
        // A stable sort: of one priority, the first in the file is tried first.
        transitions.sort_by_key(|way| std::cmp::Reverse(way.priority));
        let gate = gates
            .iter()
            .find(|gate| gate.transition.is_none() && std::ptr::eq(gate.from, doc));
        let kind = StepNode {
            entry,
            fills,
            statuses: doc.statuses.iter().map(status).collect(),
            last: doc.last,
            transitions,
            gate: gate.map(|gate| NodeKey::from(gate.key.as_str())),
        };
        let mut node = Node::new(doc.key.as_str(), NodeKind::Step(Box::new(kind)));
        node.title = title_of(doc);
        node.texts = self.texts(&doc.texts);
        node.actions = self.actions(&doc.actions);
        node.was = doc.was.iter().map(|key| key.as_str().into()).collect();
        node
    }

    fn transition(&mut self, doc: &TransitionDoc, gates: &[Gate<'_>]) -> Transition {
        let guards = |gate: &&Gate<'_>| {
            gate.transition
                .is_some_and(|guarded| std::ptr::eq(guarded, doc))
        };
        let gate = gates.iter().find(guards);
        Transition {
            to: self.node(&doc.to),
            gate: gate.map(|gate| NodeKey::from(gate.key.as_str())),
            when: doc.when.as_ref().and_then(|when| self.guard(when)),
            reason: doc.reason.clone(),
            priority: doc.priority,
            by: doc.by.iter().map(|by| self.taker(by, doc)).collect(),
            required: doc.required.clone(),
            validate: doc.validate.clone(),
            meta: doc.meta.clone(),
        }
    }

    fn taker(&mut self, doc: &TakerDoc, of: &TransitionDoc) -> Taker {
        match doc {
            TakerDoc::Assignee => Taker::Assignee,
            TakerDoc::Member(unit, name) => Taker::Member(*unit, name.clone()),
            TakerDoc::Participant => Taker::Participant,
            TakerDoc::Principal(principal) => Taker::Principal(principal.clone()),
            TakerDoc::Who(WhoDoc::Permission) => {
                let way = base(&of.from.value, Some(&of.to.value));
                Taker::Permission(role_of(&self.document.key, &way))
            }
            TakerDoc::Who(who) => Taker::Who(self.who(who)),
        }
    }

    fn gate(
        &mut self,
        gate: &Gate<'_>,
        shape: &StepsShape,
        forms: &IndexMap<String, FormSpec>,
    ) -> Node {
        gate.key.clone_into(&mut self.here);
        let mut approval = self.approval_node(gate.entries, &self.document.defaults, forms);
        let on_reject = self.on_reject_of(gate);
        for (entry, doc) in approval.entries.iter_mut().zip(gate.entries) {
            if doc.keys.on_reject.is_none() {
                entry.on_reject = on_reject.clone();
            }
        }
        let mut node = Node::new(gate.key.as_str(), NodeKind::Approval(Box::new(approval)));
        node.title = title_of(gate.from);
        if let Some(transition) = gate.transition {
            let to = &transition.to.value;
            let to = shape.steps.iter().find(|step| step.key == *to);
            let beside = to.map(title_of).unwrap_or_default();
            node.title = node.title.beside(&beside);
            node.next = Some(NodeKey::from(transition.to.value.as_str()));
        }
        node.was = earlier(gate, shape);
        node
    }

    fn on_reject_of(&mut self, gate: &Gate<'_>) -> OnReject {
        let from = NodeKey::from(gate.from.key.as_str());
        match gate.transition.map(|transition| &transition.on_reject) {
            None | Some(TransitionRejectDoc::Stay) => OnReject::Stay(from),
            Some(TransitionRejectDoc::RequestChanges) => OnReject::GoTo(from),
            Some(TransitionRejectDoc::Cancel) => OnReject::Cancel,
            Some(TransitionRejectDoc::Move(to)) => match to.as_slice() {
                [to] => OnReject::GoTo(self.node(to)),
                several => OnReject::Choose(several.iter().map(|to| self.node(to)).collect()),
            },
        }
    }

    fn check_steps(&mut self, shape: &StepsShape) {
        let path = Pointer::root().key("steps");
        let keys = shape.steps.iter();
        let keys = keys.map(|step| (step.key.as_str(), &step.path));
        self.problems.extend(repeated(keys));
        let mut initial = shape.steps.iter().filter(|step| step.initial);
        if initial.next().is_none() && !shape.steps.is_empty() {
            let message = "no step is the one that instances begin at";
            let problem = Problem::error("invalid_shape", path.clone(), message);
            self.problems
                .push(problem.help("write `initial: true` on one step"));
        }
        for other in initial {
            let message = "another step is the initial one already";
            let place = other.path.key("initial");
            self.problems
                .push(Problem::error("invalid_shape", place, message));
        }
        if !shape.steps.iter().any(|step| step.last) && !shape.steps.is_empty() {
            let message = "no step is final: no instance would ever complete";
            let problem = Problem::error("no_way_to_end", path, message);
            self.problems
                .push(problem.help("write `final: true` on the last step"));
        }
        for step in &shape.steps {
            self.check_statuses(step, shape);
        }
    }

    fn check_statuses(&mut self, step: &StepDoc, shape: &StepsShape) {
        let place = step.path.key("statuses");
        let keys = step.statuses.iter();
        let keys = keys.map(|status| (status.key.as_str(), &status.path));
        self.problems.extend(repeated(keys));
        let roles: [(&str, Has); 3] = [
            ("default", |status| status.default),
            ("hold", |status| status.role == StatusRole::Hold),
            ("cancellation", |status| {
                status.role == StatusRole::Cancellation
            }),
        ];
        for (word, has) in roles {
            for other in step.statuses.iter().filter(|status| has(status)).skip(1) {
                let message = format!("a step has at most one `{word}` status");
                let place = other.path.key(word);
                self.problems
                    .push(Problem::error("invalid_shape", place, message));
            }
        }
        let begins = |status: &&StatusDoc| status.default;
        match step.statuses.iter().find(begins) {
            None => {
                let message = format!("the step `{}` has no status to begin with", step.key);
                let problem = Problem::error("invalid_shape", place.clone(), message);
                let help = "write `default: true` on one of its statuses";
                self.problems.push(problem.help(help));
            }
            Some(status) if matches!(status.role, StatusRole::Open | StatusRole::Completion) => {}
            Some(status) => {
                let message = "a step does not begin on hold or cancelled";
                let place = status.path.key("default");
                self.problems
                    .push(Problem::error("invalid_shape", place, message));
            }
        }
        let completes = step
            .statuses
            .iter()
            .any(|status| status.role == StatusRole::Completion);
        let leads = shape
            .transitions
            .iter()
            .any(|transition| transition.from.value == step.key);
        if !completes {
            let message = format!("no status leaves the step `{}`", step.key);
            let problem = Problem::error("no_way_to_end", place, message);
            let help = "write `completion: true` on one of its statuses";
            self.problems.push(problem.help(help));
        } else if !leads && !step.last {
            let message = format!("no transition leaves the step `{}`", step.key);
            let problem = Problem::error("no_way_to_end", step.path.clone(), message);
            let help = "write a transition from it, or `final: true`";
            self.problems.push(problem.help(help));
        }
    }

    fn check_transitions(&mut self, shape: &StepsShape) {
        let known: BTreeSet<&str> = shape.steps.iter().map(|step| step.key.as_str()).collect();
        let mut seen = BTreeSet::new();
        let steps = shape.steps.iter().map(|step| step.key.clone());
        self.nodes = steps.collect();
        for way in &shape.transitions {
            let back = match &way.on_reject {
                TransitionRejectDoc::Move(to) => to.as_slice(),
                _ => &[],
            };
            let ends: Vec<&At<String>> = [&way.from, &way.to].into_iter().chain(back).collect();
            for end in ends {
                if !known.contains(end.value.as_str()) {
                    self.dangling(&end.value, &end.path);
                }
            }
            if !seen.insert((&way.from.value, &way.to.value, way.priority)) {
                let message = "another transition has the same steps and the same priority";
                let problem = Problem::error("duplicate_key", way.path.clone(), message);
                let help =
                    "give one of them another `priority`, or join their conditions with `||`";
                self.problems.push(problem.help(help));
            }
            let from = shape.steps.iter().find(|step| step.key == way.from.value);
            if from.is_some_and(|step| step.last) {
                let message = format!("`{}` is final: nothing comes after it", way.from.value);
                let problem = Problem::error("invalid_shape", way.path.clone(), message);
                self.problems.push(problem);
            }
        }
    }
}

/// The approvals between steps: those of a transition, else those of the step that it leaves.
/// The key of the approval between two steps; `to` is none after a last step.
fn base(from: &str, to: Option<&str>) -> String {
    let key = match to {
        Some(to) => format!("{from}_to_{to}"),
        None => format!("{from}_approval"),
    };
    key.chars().take(KEY).collect()
}

/// The keys that a gate had when its steps had others.
fn earlier(gate: &Gate<'_>, shape: &StepsShape) -> Vec<NodeKey> {
    let keys = |step: &StepDoc| -> Vec<String> {
        let now = std::iter::once(&step.key);
        now.chain(&step.was).cloned().collect()
    };
    let to = gate.transition.and_then(|transition| {
        let key = &transition.to.value;
        shape.steps.iter().find(|step| step.key == *key)
    });
    let to: Vec<Option<String>> = match to {
        Some(step) => keys(step).into_iter().map(Some).collect(),
        None => vec![None],
    };
    let from = keys(gate.from);
    let pairs = from
        .iter()
        .flat_map(|from| to.iter().map(move |to| base(from, to.as_deref())));
    let others = pairs.filter(|key| *key != gate.key);
    others.map(|key| NodeKey::from(key.as_str())).collect()
}

pub(super) fn gates(shape: &StepsShape) -> Vec<Gate<'_>> {
    let mut taken: BTreeSet<String> = shape.steps.iter().map(|step| step.key.clone()).collect();
    let mut key = |base: String| {
        let numbered = (2_u32..).map(|n| format!("{base}_{n}"));
        let mut free = std::iter::once(base.clone()).chain(numbered);
        let found = free.find(|key| !taken.contains(key)).unwrap_or(base);
        taken.insert(found.clone());
        found
    };
    let mut gates = Vec::new();
    for way in &shape.transitions {
        let step = shape.steps.iter().find(|step| step.key == way.from.value);
        let Some(from) = step else { continue };
        let entries = match way.approvals.is_empty() {
            true => &from.approvals,
            false => &way.approvals,
        };
        if !entries.is_empty() {
            gates.push(Gate {
                key: key(base(&way.from.value, Some(&way.to.value))),
                from,
                transition: Some(way),
                entries,
                path: way.path.clone(),
            });
        }
    }
    for from in &shape.steps {
        if from.last && !from.approvals.is_empty() {
            gates.push(Gate {
                key: key(base(&from.key, None)),
                from,
                transition: None,
                entries: &from.approvals,
                path: from.path.clone(),
            });
        }
    }
    gates
}

fn title_of(step: &StepDoc) -> Text {
    title(step.title.as_ref(), &step.key)
}

fn status(doc: &StatusDoc) -> (String, Status) {
    let status = Status {
        title: title(doc.title.as_ref(), &doc.key),
        role: doc.role,
        default: doc.default,
        category: doc.category.clone(),
        color: doc.color.clone(),
        icon: doc.icon.clone(),
        meta: doc.meta.clone(),
    };
    (doc.key.clone(), status)
}
