//! Elements become nodes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use signoff_core::{document::keys, problem::shown as cut};

use super::{
    extension,
    links::Links,
    names::{self, Names},
    outline::Outline,
    report::Report,
    shown,
};
use crate::bpmn::{
    SET,
    exact::{self, Keys},
    xml::Element,
};

/// Keys of a node that fit most kinds.
const SHARED: &[&str] = &[
    "actions",
    "artifact",
    "cancels",
    "data",
    "description",
    "mutex",
    "result",
    "seed",
    "summary",
    "title",
];

/// Keys that elements of BPMN say, whatever stands beside them.
const STRUCTURE: &[&str] = &[
    "compensate_with",
    "default",
    "else",
    "next",
    "on_error",
    "on_escalation",
    "on_timeout",
    "symbol",
    "then",
];

/// A process on its way to a flow.
#[derive(Debug)]
pub(super) struct Flow<'a, 'x, 't> {
    pub(super) outline: &'a Outline<'x>,
    pub(super) links: Links<'x>,
    pub(super) names: Names,
    /// Messages, signals, errors and escalations by id.
    pub(super) named: BTreeMap<&'x str, &'x Element>,
    /// The nodes that take back, by the boundary that leads there.
    pub(super) handlers: BTreeMap<&'x str, &'x str>,
    /// Those nodes.
    pub(super) taking_back: BTreeSet<&'x str>,
    pub(super) elements: BTreeMap<&'x str, &'x Element>,
    pub(super) report: &'a mut Report<'t>,
    /// What was made so far.
    pub(super) made: Keys,
}

/// A node that is made of an element.
#[derive(Debug)]
pub(super) struct Draft<'x> {
    pub(super) element: &'x Element,
    pub(super) id: &'x str,
    pub(super) key: String,
    /// The kind that the extension was written for.
    pub(super) hint: Option<&'x str>,
    /// What the extension says.
    pub(super) rest: Keys,
}

/// What a node does, and where it leads.
pub(super) struct Body {
    pub(super) kind: &'static str,
    pub(super) does: Value,
    /// What a call of code stands for.
    pub(super) symbol: Option<&'static str>,
    pub(super) ways: Vec<(&'static str, Value)>,
}

impl Body {
    pub(super) fn new(kind: &'static str, does: impl Into<Value>) -> Self {
        Self {
            kind,
            does: does.into(),
            symbol: None,
            ways: Vec::new(),
        }
    }

    pub(super) fn way(mut self, key: &'static str, way: Option<Value>) -> Self {
        self.ways.extend(way.map(|way| (key, way)));
        self
    }
}

impl<'x> Draft<'x> {
    /// The mapping of the extension under the kind, if it was written for that.
    pub(super) fn inside(&mut self, kind: &str) -> Keys {
        match self.rest.shift_remove(kind) {
            Some(Value::Object(keys)) if self.hint == Some(kind) => keys,
            _ => Keys::new(),
        }
    }
}

impl<'a, 'x, 't> Flow<'a, 'x, 't> {
    pub(super) fn new(
        outline: &'a Outline<'x>,
        links: Links<'x>,
        names: Names,
        named: BTreeMap<&'x str, &'x Element>,
        report: &'a mut Report<'t>,
    ) -> Self {
        let elements: BTreeMap<&str, &Element> = outline.nodes.iter().copied().collect();
        let mut boundaries = BTreeSet::new();
        for (host, list) in &outline.boundaries {
            for boundary in list {
                if !elements.contains_key(host) {
                    report.dangling(boundary, "node", host);
                }
                if boundary.first("compensateEventDefinition").is_some() {
                    boundaries.extend(boundary.get("id"));
                }
            }
        }
        let lines = outline.associations.iter();
        let handlers: BTreeMap<&str, &str> = lines
            .filter_map(|line| Some((line.get("sourceRef")?, line.get("targetRef")?)))
            .filter(|(source, target)| boundaries.contains(source) && elements.contains_key(target))
            .collect();
        Self {
            outline,
            links,
            names,
            named,
            taking_back: handlers.values().copied().collect(),
            handlers,
            elements,
            report,
            made: Keys::new(),
        }
    }

    /// All nodes, in the order of the text.
    pub(super) fn nodes(mut self) -> Keys {
        for (id, element) in &self.outline.nodes {
            if !self.links.is_passed(id) {
                self.node(id, element);
            }
        }
        self.made
    }

    fn node(&mut self, id: &'x str, element: &'x Element) {
        let (hint, rest) = extension::read(element, keys::NODE_KIND, self.report);
        let mut draft = Draft {
            element,
            id,
            key: self.links.key(id).unwrap_or_default().to_owned(),
            hint,
            rest,
        };
        // Its place is before what is added after it.
        self.made.insert(draft.key.clone(), Value::Null);
        let Some(body) = self.body(&mut draft) else {
            return;
        };
        let Draft {
            key,
            hint,
            mut rest,
            ..
        } = draft;
        let fits = hint == Some(body.kind);
        rest.retain(|name, _| {
            let name = name.as_str();
            let taken = STRUCTURE.contains(&name) || keys::NODE_KIND.contains(&name);
            !taken && (fits || SHARED.contains(&name))
        });
        let mut node = Keys::new();
        node.insert(body.kind.to_owned(), body.does);
        shown::labels(element, &key, &mut rest, &mut node);
        node.extend(rest);
        if let Some(symbol) = body.symbol {
            node.insert("symbol".to_owned(), Value::from(symbol));
        }
        let ways = body.ways.into_iter();
        node.extend(ways.map(|(name, way)| (name.to_owned(), way)));
        self.boundaries(id, &key, &mut node);
        self.made.insert(key, Value::Object(node));
    }

    fn body(&mut self, draft: &mut Draft<'x>) -> Option<Body> {
        let name = draft.element.name.as_str();
        if name.ends_with("Gateway") {
            return self.gateway(draft);
        }
        if name.ends_with("Event") {
            return self.event(draft);
        }
        let body = match name {
            "businessRuleTask" => service(draft, Some("rule")),
            "sendTask" => service(draft, Some("send")),
            "serviceTask" => service(draft, None),
            "scriptTask" => self.script(draft)?,
            "receiveTask" => {
                let message = match draft.element.get("messageRef") {
                    Some(id) => Some(self.name(draft.element, "message", id)?),
                    None => None,
                };
                receive(draft, message)
            }
            "callActivity" => self.call(draft)?,
            _ => Body::new("task", draft.inside("task")),
        };
        let next = self.next(draft.id, &draft.key);
        Some(body.way("next", next))
    }

    fn script(&mut self, draft: &Draft<'x>) -> Option<Body> {
        let format = draft.element.get("scriptFormat").unwrap_or_default();
        if format != SET {
            let format = cut(format);
            let what = format!("a script in `{format}`");
            self.report.not_yet(draft.element, &what);
            return None;
        }
        let Some(script) = draft.element.first("script") else {
            let message = "`scriptTask` has no `script`";
            self.report.push("missing_key", draft.element, message);
            return None;
        };
        Some(Body::new("set", extension::json(script, self.report)))
    }

    fn call(&mut self, draft: &mut Draft<'x>) -> Option<Body> {
        let called = self.report.required(draft.element, "calledElement")?;
        let called = called.rsplit(':').next().unwrap_or(called);
        let mut child = draft.inside("subprocess");
        child.insert("workflow".to_owned(), Value::from(names::key(called)));
        if let Some(each) = draft.element.first("multiInstanceLoopCharacteristics") {
            let source = each
                .first("loopCardinality")
                .map(|element| shown::expression(element, self.report));
            let items = source
                .as_deref()
                .and_then(|source| source.strip_prefix("size(")?.strip_suffix(')'));
            let others = ["completionCondition", "complexBehaviorDefinition"];
            let other = others.iter().find_map(|name| each.first(name));
            let (Some(items), None) = (items, other) else {
                let what = "a loop over anything but `size(LIST)`";
                self.report.not_yet(other.unwrap_or(each), what);
                return None;
            };
            let items = exact::give(&mut child, "for_each", items);
            child.insert("for_each".to_owned(), items);
            if each.get("isSequential") == Some("true") {
                child.insert("mode".to_owned(), Value::from("sequence"));
            }
        } else {
            child.retain(|name, _| name != "for_each" && name != "as");
        }
        Some(Body::new("subprocess", child))
    }

    /// The name of the message, signal, error or escalation `id`.
    pub(super) fn name(&mut self, at: &Element, kind: &str, id: &str) -> Option<String> {
        self.code(at, kind, id).map(|name| names::key(&name))
    }

    /// The same as it is written.
    pub(super) fn code(&mut self, at: &Element, kind: &str, id: &str) -> Option<String> {
        let local = id.rsplit(':').next().unwrap_or(id);
        let found = self.named.get(id).or_else(|| self.named.get(local));
        let Some(found) = found.filter(|found| found.is(kind)) else {
            self.report.dangling(at, kind, id);
            return None;
        };
        let code = found.get(&format!("{kind}Code"));
        let code = code.or_else(|| found.get("name")).unwrap_or(local);
        Some(code.to_owned())
    }
}

fn service(draft: &Draft<'_>, symbol: Option<&'static str>) -> Body {
    let name = draft.element.get("implementation").unwrap_or_default();
    let name = if name.is_empty() || name.starts_with("##") {
        draft.key.clone()
    } else {
        names::key(name)
    };
    call(draft, name, symbol)
}

/// A call of the host's code: a job where the extension was written for one.
pub(super) fn call(draft: &Draft<'_>, name: String, symbol: Option<&'static str>) -> Body {
    let kind = match draft.hint {
        Some("job") => "job",
        _ => "function",
    };
    Body {
        symbol,
        ..Body::new(kind, name)
    }
}

/// Waits for the message, or for the host.
pub(super) fn receive(draft: &mut Draft<'_>, message: Option<String>) -> Body {
    let mut inner = draft.inside("receive");
    match message {
        Some(message) => inner.insert("message".to_owned(), Value::from(message)),
        None => {
            inner = Keys::new();
            inner.insert("code".to_owned(), json!(true))
        }
    };
    Body::new("receive", inner)
}
